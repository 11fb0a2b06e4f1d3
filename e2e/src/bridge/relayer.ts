/** `openledger-relayer`: processes that run for ever, and single steps as a user takes them. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, HDAccount, Hex } from "viem";
import { freePort } from "../node.js";
import { secretOf } from "./ethereum.js";
import { programme, Service } from "./service.js";

/** Where a relayer finds both sides. */
export interface Sides {
  node: string;
  ethereum: string;
  beacon: string;
  client: Address;
  vault: Address;
}

/** Who pays its fees. */
export interface Keys {
  /** A development URI such as `//Alice`. */
  substrate: string;
  ethereum: HDAccount;
}

const ONCE_SECONDS = 180;

/** Faster than they are: blocks are, too. */
const PACE = ["--poll", "2", "--replace-after", "8"];

function relayer(): string {
  return programme("openledger-relayer", "OPENLEDGER_RELAYER");
}

/** Its keys as files, which nobody else may read. */
class KeyFiles {
  readonly folder = mkdtempSync(join(tmpdir(), "openledger-e2e-relayer-keys-"));

  constructor({ substrate, ethereum }: Keys) {
    writeFileSync(join(this.folder, "substrate"), substrate, { mode: 0o600 });
    writeFileSync(join(this.folder, "ethereum"), secretOf(ethereum), { mode: 0o600 });
  }

  get options(): string[] {
    return [
      ["--substrate-key-file", join(this.folder, "substrate")],
      ["--ethereum-key-file", join(this.folder, "ethereum")],
    ].flat();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function sidesOf({ node, ethereum, beacon, client, vault }: Sides): string[] {
  return [
    ["--node", node],
    ["--ethereum", ethereum],
    ["--beacon", beacon],
    ["--client", client],
    ["--vault", vault],
    PACE,
  ].flat();
}

/** A relayer that runs until it is ended. */
export class Relayer {
  private constructor(
    readonly service: Service,
    private readonly files: KeyFiles,
    private readonly metricsUrl: string,
  ) {}

  static async start(name: string, sides: Sides, keys: Keys, more: string[] = []): Promise<Relayer> {
    const files = new KeyFiles(keys);
    const port = await freePort();
    const metricsUrl = `http://127.0.0.1:${port}/metrics`;
    const args = ["run", ...sidesOf(sides), ...files.options, "--metrics", `127.0.0.1:${port}`, ...more];
    try {
      const ready = async (): Promise<boolean> => (await fetch(metricsUrl)).ok;
      return new Relayer(await Service.start({ name, command: relayer(), args, ready }), files, metricsUrl);
    } catch (error) {
      files.remove();
      throw error;
    }
  }

  async metrics(): Promise<string> {
    return (await fetch(this.metricsUrl)).text();
  }

  async dispose(): Promise<void> {
    await this.service.dispose();
    this.files.remove();
  }
}

/** Runs one of its commands to the end, which must be a good one, and returns what it prints. */
export async function runOnce(sides: Sides, keys: Keys, command: string, ...words: string[]): Promise<string> {
  const files = new KeyFiles(keys);
  try {
    return await printed(command, [...sidesOf(sides), ...files.options, ...words]);
  } finally {
    files.remove();
  }
}

/** The checkpoint of the last final block of a beacon chain, which takes neither keys nor other nodes. */
export async function checkpointOf(beacon: string): Promise<Hex> {
  return (await printed("checkpoint", ["--beacon", beacon])).trim() as Hex;
}

async function printed(command: string, options: string[]): Promise<string> {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  const child = spawn(relayer(), [command, ...options], { stdio, timeout: ONCE_SECONDS * 1_000 });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return stdout;
  throw new Error(`openledger-relayer ${command} ended with exit code ${code}.\n${stdout}${stderr}`);
}
