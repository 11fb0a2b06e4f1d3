/** A test that shows the logs of the nodes when it fails. */

import { test } from "node:test";
import { runningNodes } from "./node.js";

/** Whatever runs and has a log. */
export interface Logged {
  logTail(): string;
}

const sources: (() => Logged[])[] = [runningNodes];

/** Also shows the logs of these when something fails. */
export function showAlso(source: () => Logged[]): void {
  sources.push(source);
}

/** Registers a test with a deadline; scenarios of one file run one after the other. */
export function scenario(name: string, seconds: number, body: () => Promise<void>): void {
  void test(name, { timeout: seconds * 1_000 }, async (context) => {
    // A deadline ends the test without an error in its body: the logs are wanted then too.
    context.signal.addEventListener("abort", showLogs, { once: true });
    try {
      await body();
    } catch (error) {
      showLogs();
      throw error;
    } finally {
      context.signal.removeEventListener("abort", showLogs);
    }
  });
}

function showLogs(): void {
  for (const source of sources) for (const each of source()) console.error(each.logTail());
}
