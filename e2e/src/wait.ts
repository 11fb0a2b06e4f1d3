/** Waiting for a condition, never for a time alone. */

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLIS = 200;

/**
 * Asks `probe` until it answers with something other than `undefined` or `false`, and returns
 * that. After `seconds` it fails, saying what it waited for and how the last attempt went.
 */
export async function waitFor<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  let lastFailure = "";
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
      lastFailure = "";
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      lastFailure = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() >= deadline) {
      const because = lastFailure === "" ? "" : ` The last attempt failed: ${lastFailure}`;
      throw new Error(`Waited ${seconds} s in vain for ${what}.${because}`);
    }
    await sleep(POLL_MILLIS);
  }
}

/** Thrown by a probe when waiting longer cannot help. */
export class Hopeless extends Error {}

/** Fails unless `work` ends within `seconds`. */
export async function within<T>(what: string, seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Waited ${seconds} s in vain for ${what}.`)),
      seconds * 1_000,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
