/** `openledger-cli` as a child process, as people and scripts run it. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { binary, type ChainNode } from "./node.js";

type Child = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<Child>();

// A test process that ends in whatever way leaves no command behind.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The tool's binary: `OPENLEDGER_CLI`, or what the build of the node has left beside it. */
function tool(): string {
  const path = process.env["OPENLEDGER_CLI"] ?? join(dirname(binary()), "openledger-cli");
  if (!existsSync(path)) {
    throw new Error(
      `There is no openledger-cli at ${path}. Build it with scripts/run.sh --build-only, or set OPENLEDGER_CLI.`,
    );
  }
  return path;
}

/** How a command has ended. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that was started. */
export class Run {
  readonly outcome: Promise<Outcome>;

  constructor(private readonly child: Child) {
    const output = { stdout: "", stderr: "" };
    running.add(child);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    this.outcome = once(child, "close").then(([code]) => {
      running.delete(child);
      return { code: code as number | null, ...output };
    });
    // Reported to whoever waits for the outcome, now or later.
    this.outcome.catch(() => {});
  }

  /** The process id. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.outcome;
  }
}

/** The tool at a node, for one account or for none. */
export class Cli {
  constructor(
    private readonly node: ChainNode,
    private readonly uri?: string,
  ) {}

  /** The same for the account of a development URI such as `//Alice`. */
  as(uri: string): Cli {
    return new Cli(this.node, uri);
  }

  /** Starts a command, which asks nothing. */
  start(...words: string[]): Run {
    const key = this.uri === undefined ? [] : ["--suri", this.uri];
    const all = ["--url", this.node.wsUrl, "--yes", ...key, ...words];
    return new Run(spawn(tool(), all, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** Runs a command, which must succeed, and returns what it prints for people. */
  async text(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.start(...words).outcome;
    if (code === 0) return stdout;
    throw new Error(`openledger-cli ${words.join(" ")} ended with exit code ${code}.\n${stdout}${stderr}`);
  }

  /** Runs a command, which must succeed, and returns what it prints for programs. */
  async json<T = unknown>(...words: string[]): Promise<T> {
    return JSON.parse(await this.text("--json", ...words)) as T;
  }
}
