/** Ethereum's beacon chain: the kit, which makes one block for each of anvil's. */

import { spawnSync } from "node:child_process";
import type { Hex } from "viem";
import { freePort } from "../node.js";
import type { Ethereum } from "./ethereum.js";
import { programme, Service } from "./service.js";

/** Slots of a sync committee, as on Ethereum; a slot of the kit is a second. */
export const SLOTS_OF_PERIOD = 8_192;

/** The slot of the kit's first block, which the light client starts from. */
const FIRST_SLOT = 64;

/** Seconds from the first slot to anvil's first block. */
const HEAD_START = 10;

/** Blocks on top of one that is final. */
const FINALITY_LAG = 4;

const TIMEOUT_MILLIS = 60_000;

export interface KitStatus {
  head_slot: string;
  finalized_slot: string;
  period: string;
  stalled: "none" | "head" | "finality";
  error: string | null;
}

/** When the beacon chain began, for a beginning of anvil now. */
export function genesisTimeFor(now: number): number {
  return now - FIRST_SLOT - HEAD_START;
}

function kit(): string {
  return programme("beacon-kit", "OPENLEDGER_BEACON_KIT");
}

/** What a light client starts from, for chain specs. */
export function checkpoint(genesisTime: number): Hex {
  const args = ["checkpoint", "--genesis-time", String(genesisTime)];
  const { status, stdout, stderr } = spawnSync(kit(), args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`The kit gives no checkpoint: ${stderr}`);
  return stdout.trim() as Hex;
}

export class Beacon {
  private constructor(
    readonly service: Service,
    readonly url: string,
  ) {}

  static async start(ethereum: Ethereum, genesisTime: number): Promise<Beacon> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const args = [
      ["serve", "--execution", ethereum.url, "--listen", `127.0.0.1:${port}`],
      ["--genesis-time", String(genesisTime), "--finality-lag", String(FINALITY_LAG)],
    ].flat();
    const ready = async (): Promise<boolean> => (await fetch(`${url}/kit/status`)).ok;
    return new Beacon(await Service.start({ name: "beacon-kit", command: kit(), args, ready }), url);
  }

  status(): Promise<KitStatus> {
    return this.ask("status");
  }

  /** The period of the sync committee that signs now. */
  async period(): Promise<number> {
    return Number((await this.status()).period);
  }

  /** Lets time run ahead, with blocks enough to follow, by this many sync committees. */
  jump(periods: number): Promise<KitStatus> {
    return this.ask("jump", { periods });
  }

  /** Lets time run ahead by this many slots without a block: nobody can follow more than a sync committee's. */
  skip(slots: number): Promise<KitStatus> {
    return this.ask("skip", { slots });
  }

  /** Stops the beacon chain, or what is final of it, or neither. */
  stall(what: KitStatus["stalled"]): Promise<KitStatus> {
    return this.ask("stall", { what });
  }

  /** From now on only so many of the committee sign. */
  signers(signers: number): Promise<KitStatus> {
    return this.ask("participation", { signers });
  }

  private async ask(what: string, body?: object): Promise<KitStatus> {
    const signal = AbortSignal.timeout(TIMEOUT_MILLIS);
    const headers = { "content-type": "application/json" };
    const request: RequestInit = body ? { method: "POST", headers, body: JSON.stringify(body), signal } : { signal };
    const answer = await fetch(`${this.url}/kit/${what}`, request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The kit refuses ${what}: ${text}`);
    return JSON.parse(text) as KitStatus;
  }
}
