/** The record through `@polkadot/api`: contents and the names they go by, datanets, contributions, models. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import { bnToU8a, u8aConcat } from "@polkadot/util";
import { blake2AsHex, blake2AsU8a, randomAsHex } from "@polkadot/util-crypto";
import { open } from "./accounts.js";
import { bestBlock, type Extrinsic } from "./chain.js";
import { waitFor } from "./wait.js";

const CHUNK = 1_024;
const SOME_HASH = `0x${"11".repeat(32)}`;

/** The hash of the weights of an agent, which has none. */
export const NO_WEIGHTS = `0x${"00".repeat(32)}`;

/** What a datanet asks of contributions. */
export interface Policy {
  admission: "Open" | { Reviewed: { quorum: number; period: number } };
  bond: bigint;
  /** In millionths. */
  curatorShare: number;
}

/** Contributions come in by themselves. */
export const OPEN_POLICY: Policy = { admission: "Open", bond: open(0.1), curatorShare: 0 };

/** That many reviewers decide within so many blocks, and get a tenth. */
export function reviewedBy(quorum: number, period: number): Policy {
  return { admission: { Reviewed: { quorum, period } }, bond: open(0.1), curatorShare: 100_000 };
}

/** What a reveal says of a content. */
export interface Reveal {
  content: string;
  salt: string;
  size: number;
  kind: string;
  licence: string;
  uri: string;
  subject: { datanet: number; index: number } | null;
}

/** What is revealed of some bytes, under a salt that nobody can guess. */
export function revealOf(bytes: Uint8Array, changes: Partial<Reveal> = {}): Reveal {
  const work = { content: contentId(bytes), salt: randomAsHex(), size: bytes.length };
  return { ...work, kind: "Data", licence: "CcBy", uri: "", subject: null, ...changes };
}

/** The leaves of a content's tree, from its description: a reading of its own, so that a slip in the chain's shows. */
export function leavesOf(bytes: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const index = bnToU8a(leaves.length, { bitLength: 32, isLe: true });
    leaves.push(blake2AsU8a(u8aConcat([0], index, bytes.subarray(start, start + CHUNK))));
  }
  return leaves;
}

/** The name of a content, from the same description. */
export function contentId(bytes: Uint8Array): string {
  let level = leavesOf(bytes);
  while (level.length > 1) {
    const below = level;
    level = below.flatMap((left, position) => {
      const right = below[position + 1];
      if (position % 2 === 1) return [];
      return [right ? blake2AsU8a(u8aConcat([1], left, right)) : left];
    });
  }
  const [root] = level;
  if (!root) throw new Error("There is no empty content.");
  return blake2AsHex(u8aConcat(bnToU8a(bytes.length, { bitLength: 64, isLe: true }), root));
}

/** The hash that commits an account to what it will reveal. */
export function commitmentTo({ content, salt }: Reveal, owner: KeyringPair): string {
  return blake2AsHex(u8aConcat(content, salt, owner.publicKey));
}

/** Creates a datanet under CC-BY. */
export function createDatanet(api: ApiPromise, policy: Policy, name = "Letters"): Extrinsic {
  return api.tx.datanets.createDatanet("CcBy", policy, name, "", [], "");
}

/** Commits an account to contents. */
export function commit(api: ApiPromise, owner: KeyringPair, reveals: Reveal[]): Extrinsic {
  return api.tx.datanets.commit(reveals.map((reveal) => commitmentTo(reveal, owner)));
}

/** Says what was committed. */
export function reveal(api: ApiPromise, datanet: number, agreed: Policy, reveals: Reveal[]): Extrinsic {
  return api.tx.datanets.reveal(datanet, agreed, reveals);
}

/** Accepts what is mature. */
export function accept(api: ApiPromise, datanet: number, precedences: bigint[]): Extrinsic {
  return api.tx.datanets.accept(datanet, precedences);
}

/** The precedences of what was revealed, in the order of the batch. */
export function revealedIn(events: EventRecord[]): bigint[] {
  const revealed = events.filter(({ event }) => event.section === "datanets" && event.method === "Revealed");
  return revealed.map(({ event }) => BigInt(String(event.data[1])));
}

/** A precedence as JSON-RPC and people write it. */
export function blockPosition(precedence: bigint): string {
  return `${precedence >> 32n}-${precedence & 0xffff_ffffn}`;
}

/** Waits until the next block is too late to reveal what was committed in this one, and the first to accept it. */
export async function revealPeriodOver(api: ApiPromise, committed: number): Promise<void> {
  const last = committed + Number(api.consts.datanets.revealPeriod);
  await waitFor(`block ${last}, the last to reveal in`, 120, async () => (await bestBlock(api)) >= last);
}

/** What an account holds for a reason, such as `("datanets", "ContributionBond")`. */
export async function held(api: ApiPromise, { address }: KeyringPair, pallet: string, reason: string): Promise<bigint> {
  const holds = (await api.query.balances.holds(address)).toJSON() as unknown as Hold[];
  const [found] = holds.filter(({ id }) => id[pallet] === reason);
  return BigInt(found?.amount ?? 0);
}

interface Hold {
  id: Record<string, string>;
  amount: number | string;
}

/** What a model is registered with, beside its kind: shares in millionths, prices in nano-OPEN. */
export interface Registration {
  parents?: { model: number; atMost: number }[];
  terms?: { allowed: boolean; royalty: number };
  price?: { rateIn: number; rateOut: number };
}

/** Registers a model; unless it is said, anybody may make others from it, and tokens cost nothing. */
export function register(api: ApiPromise, kind: string, registration: Registration = {}): Extrinsic {
  const { parents = [], terms = { allowed: true, royalty: 0 }, price = { rateIn: 0, rateOut: 0 } } = registration;
  return api.tx.modelRegistry.register(kind, parents, terms, price, kind, "", "");
}

/** What a version is made from. */
export interface Ingredients {
  weights?: string;
  snapshots?: { datanet: number; length: number }[];
  /** The versions of the parents. */
  parents?: number[];
  /** How influence is calculated; by spans unless it is said. */
  method?: Record<string, unknown>;
}

/** Adds a version under CC-BY. */
export function addVersion(api: ApiPromise, model: number, ingredients: Ingredients): Extrinsic {
  const hashes = { weights: SOME_HASH, config: SOME_HASH, trainingLog: SOME_HASH };
  const rest = { licence: "CcBy", snapshots: [], parents: [], method: { Spans: { window: 32 } }, uri: "" };
  return api.tx.modelRegistry.addVersion(model, { ...hashes, ...rest, ...ingredients });
}
