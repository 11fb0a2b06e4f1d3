/** What a deployment needs to know of the chain, asked from a node of it. */

import { secp256k1 } from "@noble/curves/secp256k1";
import { concat, type Hex, hexToBytes, keccak256, size, slice } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { Failure } from "./forge.js";

export interface ValidatorSet {
  id: bigint;
  length: number;
  root: Hex;
}

/** What a client is deployed with. */
export interface ChainState {
  genesisHash: Hex;
  current: ValidatorSet;
  next: ValidatorSet;
  blockNumber: number;
  sessionSeconds: number;
}

const TIMEOUT_MILLIS = 30_000;
const FINALITY_SECONDS = 120;
const KEY_BYTES = 33;
/** A set that left office long ago must not be taken for the one in office. */
const MAX_AGE_SECONDS = 3_600;
/** `Timestamp.Now`: the two names, each hashed by twox128. */
const NOW = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
/** `Beefy.NextAuthorities`, the same way. */
const NEXT_AUTHORITIES = "0x08c41974a97dbf15cfbec28365bea2daaacf00b9b41fda7a9268821c2a2b3e4c";

class Node {
  private readonly url: string;

  /** Nodes answer HTTP where they answer WebSockets. */
  constructor(url: string) {
    this.url = url.replace(/^ws/, "http");
  }

  async ask<T>(method: string, ...params: unknown[]): Promise<T> {
    let answer: { result?: T; error?: { message: string } };
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MILLIS),
      });
      answer = (await response.json()) as typeof answer;
    } catch (error) {
      throw new Failure(`The node at ${this.url} does not answer: ${String(error)}.`, "Give another one with --node.");
    }
    if (answer.error) throw new Failure(`The node refused ${method}: ${answer.error.message}.`);
    return answer.result as T;
  }

  /** Calls the runtime in the state of a block. */
  call(api: string, block: Hex): Promise<Hex> {
    return this.ask<Hex>("state_call", api, "0x", block);
  }

  /** The newest block that BEEFY has made final; a node that has just started has none yet. */
  async signedHead(): Promise<Hex> {
    for (let second = 0; ; second += 1) {
      try {
        return await this.ask<Hex>("beefy_getFinalizedHead");
      } catch (error) {
        if (!(error instanceof Failure) || second >= FINALITY_SECONDS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }
}

/** An unsigned number of some bytes, the lowest first. */
function little(bytes: Hex, start: number, length: number): bigint {
  return hexToBytes(slice(bytes, start, start + length)).reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
}

/** A set as the runtime commits to it: u64, u32, hash. */
function decodeSet(bytes: Hex): ValidatorSet {
  return { id: little(bytes, 0, 8), length: Number(little(bytes, 8, 4)), root: slice(bytes, 12, 44) };
}

/** The addresses of a list of compressed keys. It starts with its length, in the compact form of numbers below 2¹⁴. */
function decodeKeys(bytes: Hex, start: number): Hex[] {
  const first = Number(little(bytes, start, 1));
  const wide = (first & 3) === 1;
  const count = (wide ? Number(little(bytes, start, 2)) : first) >> 2;
  const from = start + (wide ? 2 : 1);
  return Array.from({ length: count }, (_, i) => {
    const key = slice(bytes, from + i * KEY_BYTES, from + (i + 1) * KEY_BYTES);
    const point = secp256k1.ProjectivePoint.fromHex(key.slice(2));
    return publicKeyToAddress(`0x${point.toHex(false)}`);
  });
}

/** The root over the addresses of a set. */
export function setRoot(addresses: Hex[]): Hex {
  let layer = addresses.map((address) => keccak256(address));
  while (layer.length > 1) {
    const above: Hex[] = [];
    for (let i = 0; i < layer.length; i += 2) {
      const [left, right] = [layer[i] as Hex, layer[i + 1]];
      above.push(right ? keccak256(concat([left, right])) : left);
    }
    layer = above;
  }
  return layer[0] ?? "0x";
}

function checkRoot(name: string, set: ValidatorSet, addresses: Hex[]): void {
  if (set.length === addresses.length && set.root === setRoot(addresses)) return;
  throw new Failure(
    `The root of the ${name} validator set is not that of its ${addresses.length} keys.`,
    "Do not deploy: this node's runtime is not the one that the contracts are made for.",
  );
}

/** Reads what a client is to start from, and checks that the roots are those of the validators' keys. */
export async function readChain(url: string): Promise<ChainState> {
  const node = new Node(url);
  const genesisHash = await node.ask<Hex>("chain_getBlockHash", 0);
  const head = await node.signedHead();
  const header = await node.ask<{ number: Hex }>("chain_getHeader", head);
  const age = Date.now() / 1000 - Number(little(await node.ask<Hex>("state_getStorage", NOW, head), 0, 8)) / 1000;
  if (age > MAX_AGE_SECONDS) {
    throw new Failure(
      `The newest block that BEEFY has made final, ${Number(header.number)}, is ${Math.round(age / 60)} minutes old.`,
      "Wait until the node has caught up with the chain.",
    );
  }
  const current = decodeSet(await node.call("BeefyMmrApi_authority_set_proof", head));
  const next = decodeSet(await node.call("BeefyMmrApi_next_authority_set_proof", head));

  // An option of the list of keys and the set's id.
  const inOffice = await node.call("BeefyApi_validator_set", head);
  if (little(inOffice, 0, 1) !== 1n) throw new Failure("BEEFY has no validators on this chain.");
  const id = little(inOffice, size(inOffice) - 8, 8);
  checkRoot("current", current, id === current.id ? decodeKeys(inOffice, 1) : []);
  const following = await node.ask<Hex | null>("state_getStorage", NEXT_AUTHORITIES, head);
  checkRoot("next", next, following ? decodeKeys(following, 0) : []);

  // It starts with the length of a slot in milliseconds and of a session in slots.
  const babe = await node.call("BabeApi_configuration", head);
  const sessionSeconds = Number((little(babe, 0, 8) * little(babe, 8, 8)) / 1000n);
  return { genesisHash, current, next, blockNumber: Number(header.number), sessionSeconds };
}
