/** What the scripts share: where things are, forge, and how they fail. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Abi, Hex } from "viem";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** A failure that people are to read: what happened, and what to do. */
export class Failure extends Error {
  constructor(
    what: string,
    readonly advice?: string,
  ) {
    super(what);
  }
}

/** Runs a script's body; a `Failure` is printed without a trace. */
export async function main(body: () => Promise<void> | void): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`error: ${error.message}`);
    if (error.advice) console.error(`       ${error.advice}`);
    process.exitCode = 1;
  }
}

/** Runs forge in a folder with these contracts, and returns whether it succeeded and what it wrote. */
export function forge(args: string[], folder = ROOT): { ok: boolean; stdout: string; stderr: string } {
  const run = spawnSync(process.execPath, [join(ROOT, "bin", "forge.cjs"), ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (run.error) throw run.error;
  return { ok: run.status === 0, stdout: run.stdout, stderr: run.stderr };
}

/** Compiles what is deployed, or fails with what the compiler says. */
export function build(): void {
  const { ok, stdout, stderr } = forge(["build", "src", "test/OpenToken.sol"]);
  if (!ok) throw new Failure(`The contracts do not compile:\n${stdout}${stderr}`);
}

export interface Artifact {
  abi: Abi;
  bytecode: Hex;
}

/** What the compiler made of a contract. */
export function artifact(name: string): Artifact {
  const path = join(ROOT, "out", `${name}.sol`, `${name}.json`);
  const { abi, bytecode } = JSON.parse(readFileSync(path, "utf8")) as { abi: Abi; bytecode: { object: Hex } };
  return { abi, bytecode: bytecode.object };
}
