/** The bridge's side here: what it says of itself, what it did, and what it proves to Ethereum. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Enum } from "@polkadot/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import type { Codec } from "@polkadot/types/types";
import type { Address, Hex } from "viem";
import { awaitEvent, eventOf, type Included, send } from "../chain.js";
import type { ChainNode } from "../node.js";

/** What the bridge says of itself. */
export interface BridgeState {
  vault: { chainId: number; address: Address; token: Address } | null;
  domain: Hex | null;
  inboundHalted: boolean;
  outboundHalted: boolean;
  genesisIssuance: bigint;
  preLocked: bigint;
  minted: bigint;
  burned: bigint;
  parked: bigint;
  withdrawals: bigint;
  mintable: bigint;
}

/** What has become of a deposit here. */
export type DepositStatus = "Unknown" | "Executed" | "Parked";

/** A withdrawal and the way from it to the root of its block's messages. */
export interface MessageProof {
  recipient: Address;
  amount: bigint;
  block: number;
  root: Hex;
  proof: Hex[];
}

/** OPEN that waits for Ethereum. */
export interface Withdrawal {
  nonce: bigint;
  block: number;
  amount: bigint;
}

/** What the vault takes as proof of a withdrawal. */
export interface Unlock {
  nonce: bigint;
  recipient: Address;
  amount: bigint;
  proof: Hex[];
  leaf: MmrLeaf;
  blockNumber: number;
  leafProof: Hex[];
}

export interface MmrLeaf {
  version: number;
  parentNumber: number;
  parentHash: Hex;
  nextSetId: bigint;
  nextSetLength: number;
  nextSetRoot: Hex;
  extra: Hex;
}

/** What codecs are in JSON; numbers that are large are hexadecimal then. */
type Json = Record<string, string | number | null>;

/** Asks the runtime of the best block. */
function ask(api: ApiPromise, method: string, ...parameters: unknown[]): Promise<Codec> {
  const call = api.call["ethereumBridgeApi"]?.[method];
  if (!call) throw new Error(`The runtime does not answer ${method} of the bridge.`);
  return call(...parameters) as Promise<Codec>;
}

export async function bridgeState(api: ApiPromise): Promise<BridgeState> {
  const state = (await ask(api, "bridgeState")).toJSON() as unknown as BridgeState & Json;
  const amount = (name: keyof BridgeState): bigint => BigInt(state[name] as string | number);
  return {
    ...state,
    genesisIssuance: amount("genesisIssuance"),
    preLocked: amount("preLocked"),
    minted: amount("minted"),
    burned: amount("burned"),
    parked: amount("parked"),
    withdrawals: amount("withdrawals"),
    mintable: amount("mintable"),
  };
}

export async function depositStatus(api: ApiPromise, nonce: bigint): Promise<DepositStatus> {
  return ((await ask(api, "depositStatus", nonce)) as Enum).type as DepositStatus;
}

export async function messageProof(api: ApiPromise, nonce: bigint): Promise<MessageProof> {
  const proof = (await ask(api, "proveWithdrawal", nonce)).toJSON() as (Json & { proof: Hex[] }) | null;
  if (!proof) throw new Error(`There is no proof of withdrawal ${nonce}.`);
  return {
    recipient: proof["recipient"] as Address,
    amount: BigInt(proof["amount"] ?? 0),
    block: Number(proof["block"]),
    root: proof["root"] as Hex,
    proof: proof.proof,
  };
}

/** Withdraws to an address on Ethereum; returns once it is included. */
export async function withdraw(
  api: ApiPromise,
  who: KeyringPair,
  recipient: Address,
  amount: bigint,
): Promise<Withdrawal> {
  const { events, blockNumber } = await send(api, who, bridgeCalls(api).withdraw(recipient, amount));
  const nonce = fieldOf(eventOf(events, "ethereumBridge", "WithdrawalQueued"), "nonce");
  return { nonce, block: blockNumber, amount };
}

/** The bridge's calls. */
export function bridgeCalls(api: ApiPromise) {
  return api.tx["ethereumBridge"]!;
}

/** A number among the fields of an event. */
export function fieldOf({ data }: EventRecord["event"], name: string): bigint {
  const place = data.names?.indexOf(name) ?? -1;
  const field = data[place];
  if (!field) throw new Error(`The event has no field ${name}.`);
  return BigInt(field.toString());
}

/** Waits for what the bridge says of one deposit. */
export async function depositEvent(
  api: ApiPromise,
  method: "DepositMinted" | "PreLocked" | "DepositParked" | "ParkedClaimed",
  nonce: bigint,
  fromBlock: number,
  seconds: number,
): Promise<{ event: EventRecord["event"] } & Omit<Included, "events">> {
  const isIts = (event: EventRecord["event"]): boolean => fieldOf(event, "nonce") === nonce;
  return awaitEvent(api, "ethereumBridge", method, fromBlock, seconds, isIts);
}

/**
 * The proof of a withdrawal as anyone can make it by hand, against the root of a block that the contract on Ethereum has
 * accepted.
 */
export async function unlockOf(api: ApiPromise, node: ChainNode, nonce: bigint, at: number): Promise<Unlock> {
  const { recipient, amount, block, proof } = await messageProof(api, nonce);
  // The root of a block's messages is in the leaf of the next block.
  const answer = await node.rpc<{ leaves: Hex; proof: Hex }>("mmr_generateProof", [block + 1], at);
  const [leaf] = api.createType("Vec<Bytes>", answer.leaves) as unknown as [Codec];
  const [, , items] = api.createType("(Vec<u64>, u64, Vec<H256>)", answer.proof) as unknown as [Codec, Codec, Codec];
  return {
    nonce,
    recipient,
    amount,
    proof,
    leaf: readLeaf(api, (leaf as unknown as { toU8a(bare: true): Uint8Array }).toU8a(true)),
    blockNumber: at,
    leafProof: items.toJSON() as Hex[],
  };
}

function readLeaf(api: ApiPromise, bytes: Uint8Array): MmrLeaf {
  const fields = api.createType("(u8, (u32, H256), (u64, u32, H256), H256)", bytes).toJSON();
  const [version, [parentNumber, parentHash], [nextSetId, nextSetLength, nextSetRoot], extra] = fields as [
    number,
    [number, Hex],
    [number, number, Hex],
    Hex,
  ];
  return { version, parentNumber, parentHash, nextSetId: BigInt(nextSetId), nextSetLength, nextSetRoot, extra };
}

/** The slot of the last beacon header that the light client here knows to be final. */
export async function knownSlot(api: ApiPromise): Promise<number> {
  const client = api.query["ethereumBeaconClient"]!;
  const root = await client["latestFinalizedBlockRoot"]!();
  const state = (await client["finalizedBeaconState"]!(root)).toJSON() as { slot: number } | null;
  if (!state) throw new Error("The light client has no final header.");
  return state.slot;
}
