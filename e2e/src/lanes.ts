/** Lanes through JSON-RPC and `@polkadot/api`: entries, batches, vouchers files, and what blocks say of them. */

import { writeFileSync } from "node:fs";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { DispatchError, DispatchInfo } from "@polkadot/types/interfaces";
import { hexToU8a, u8aCmp, u8aToHex } from "@polkadot/util";
import { eventsAt, nameOf, send } from "./chain.js";
import type { ChainNode } from "./node.js";
import type { Market, Source } from "./sales.js";
import { type Bought, signVoucher } from "./voucher.js";
import { waitFor } from "./wait.js";

/** The smallest units of OPEN in a nano-OPEN. */
export const UNITS_PER_NANO = 10n ** 9n;

/** An amount of OPEN in nano-OPEN; exact to a thousandth. */
export function nano(amount: number): bigint {
  return BigInt(Math.round(amount * 1_000)) * 10n ** 6n;
}

/** A lane, and what an inference is sold under now; amounts are digits. */
export interface LaneInfo {
  next: number;
  open: number[];
  operator: string | null;
  bond: string;
  freeBond: string;
  epoch: number | null;
  rateIn: string;
  rateOut: string;
  terms: { number: number; platformFee: string; stakers: number; model: number; operator: number };
}

/** A batch that is not closed. */
export interface BatchInfo {
  operator: string;
  version: number;
  receipts: string;
  fees: string;
  stage: "pending" | "paying" | "paid";
  orphan: boolean;
  deadline: number;
  answered: number;
  signers: string[];
  draws: { steps: { step: number; receipt: number; answered: boolean }[]; until: number } | null;
  demands: { receipt: number; by: string; deposit: string; until: number }[];
  now: number;
}

/** What a payer has with a model. */
export interface PayerInfo {
  balance: string;
  leaving: string;
  leavesAt: number | null;
  count: string;
  cumulative: string;
  head: string;
  signer: string;
  formerSigner: string | null;
}

/** What an account can claim. */
export interface ClaimableInfo {
  account: string;
  contributions: { contribution: { datanet: number; index: number }; earner: string; curation: string }[];
  next: { datanet: number; index: number } | null;
}

/** Asks a node about lanes. */
export class Lanes {
  constructor(private readonly node: ChainNode) {}

  async lane(model: number): Promise<LaneInfo> {
    return existing(`model ${model}`, await this.node.rpc<LaneInfo | null>("openledger_lane", model));
  }

  /** A batch; nothing if it is closed, void, or was never submitted. */
  batch(model: number, batch: number): Promise<BatchInfo | null> {
    return this.node.rpc("openledger_batch", model, batch);
  }

  async open(model: number, batch: number): Promise<BatchInfo> {
    return existing(`batch ${batch} of model ${model}`, await this.batch(model, batch));
  }

  async entry(model: number, payer: string): Promise<PayerInfo> {
    const entry = await this.node.rpc<PayerInfo | null>("openledger_payer", model, payer);
    return existing(`entry of ${payer}`, entry);
  }

  /** What an entry says was bought. */
  async bought(model: number, payer: string): Promise<Bought> {
    const { count, cumulative, head } = await this.entry(model, payer);
    return { count: BigInt(count), cumulative: BigInt(cumulative), head: hexToU8a(head) };
  }

  /** All that an account can claim, page by page. */
  async claimable(account: string): Promise<Omit<ClaimableInfo, "next">> {
    const all: Omit<ClaimableInfo, "next"> = { account: "0", contributions: [] };
    let after: ClaimableInfo["next"] = null;
    do {
      const page: ClaimableInfo = await this.node.rpc("openledger_claimable", account, after);
      all.account = page.account;
      all.contributions.push(...page.contributions);
      after = page.next;
    } while (after);
    return all;
  }

  /** What a model is sold under now, to these payers, from these contributions. */
  async market(
    model: number,
    version: number,
    top: number,
    payers: readonly KeyringPair[],
    sources: readonly Source[],
  ): Promise<Market> {
    const { epoch, rateIn, rateOut, terms } = await this.lane(model);
    return {
      version,
      epoch: existing(`price of model ${model}`, epoch),
      price: { rateIn: BigInt(rateIn), rateOut: BigInt(rateOut) },
      platformFee: BigInt(terms.platformFee),
      top,
      payers: payers.map(({ publicKey }) => publicKey),
      sources,
    };
  }

  /** Waits until a batch may be final by time: its deadline is over, and nothing was published of late. */
  async deadline(api: ApiPromise, model: number, batch: number, seconds: number): Promise<void> {
    const quiet = Number(api.consts.attribution.quietTime);
    await waitFor(`the deadline of batch ${batch}`, seconds, async () => {
      const { now, deadline, answered } = await this.open(model, batch);
      return now >= Math.max(deadline, answered + quiet);
    });
  }
}

function existing<Value>(what: string, value: Value | null): Value {
  if (value === null) throw new Error(`There is no ${what}.`);
  return value;
}

/** Accounts by ascending public key, as batches have their payers. */
export function ascending(pairs: readonly KeyringPair[]): KeyringPair[] {
  return [...pairs].sort((a, b) => u8aCmp(a.publicKey, b.publicKey));
}

/** Opens entries with a model, all of the same amount; each payer signs by itself. */
export async function openEntries(
  api: ApiPromise,
  model: number,
  payers: readonly KeyringPair[],
  amount: bigint,
): Promise<void> {
  await Promise.all(payers.map((payer) => send(api, payer, api.tx.rewards.openEntry(model, amount, null))));
}

/** A voucher as files have it. */
export interface VoucherJson {
  payer: string;
  count: number;
  cumulative: string;
  head: string;
  signature: Record<string, string>;
}

/** What a payer or its hot key signs for all that was bought, as files have it. */
export function voucherOf(
  api: ApiPromise,
  model: number,
  payer: KeyringPair,
  bought: Bought,
  signer: KeyringPair = payer,
): VoucherJson {
  const place = { genesis: api.genesisHash.toU8a(), model, payer: payer.publicKey };
  const { signature } = signVoucher(signer, place, bought);
  return {
    payer: payer.address,
    count: Number(bought.count),
    cumulative: String(bought.cumulative),
    head: u8aToHex(bought.head),
    signature: { [signer.type]: u8aToHex(signature) },
  };
}

/** Writes a vouchers file. */
export function writeVouchers(path: string, vouchers: readonly VoucherJson[]): void {
  writeFileSync(path, JSON.stringify(vouchers));
}

/** An extrinsic in a block, and what became of it. */
export interface Executed {
  hex: string;
  bytes: number;
  /** Who signed it; nobody has if it is the block author's. */
  signer: string | undefined;
  /** Such as `attribution.submitBatch`. */
  call: string;
  /** Why it failed, such as `Staking.AlreadyBonded`. */
  error: string | undefined;
  /** In picoseconds, with the extrinsic around the call. */
  refTime: bigint;
}

/** OPEN that went from one account to another. */
export interface Transfer {
  from: string;
  to: string;
  amount: bigint;
}

/** What a block has. */
export interface Body {
  number: number;
  extrinsics: Executed[];
  transfers: Transfer[];
}

/** The blocks from one height to another, both included. */
export async function bodies(api: ApiPromise, from: number, to: number): Promise<Body[]> {
  const all: Body[] = [];
  for (let number = from; number <= to; number += 1) all.push(await body(api, number));
  return all;
}

async function body(api: ApiPromise, number: number): Promise<Body> {
  const hash = (await api.rpc.chain.getBlockHash(number)).toHex();
  const [{ block }, events] = await Promise.all([api.rpc.chain.getBlock(hash), eventsAt(api, hash)]);
  const extrinsics = block.extrinsics.map((extrinsic, index): Executed => {
    const own = events.filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.toNumber() === index);
    const end = own.map(({ event }) => event).find(({ section, method }) => {
      return section === "system" && (method === "ExtrinsicSuccess" || method === "ExtrinsicFailed");
    });
    if (!end) throw new Error(`Extrinsic ${index} of block ${number} has not ended.`);
    const failed = end.method === "ExtrinsicFailed";
    const { weight } = end.data[failed ? 1 : 0] as DispatchInfo;
    return {
      hex: extrinsic.toHex(),
      bytes: extrinsic.encodedLength,
      signer: extrinsic.isSigned ? extrinsic.signer.toString() : undefined,
      call: `${extrinsic.method.section}.${extrinsic.method.method}`,
      error: failed ? nameOf(api, end.data[0] as DispatchError) : undefined,
      refTime: weight.refTime.toBigInt(),
    };
  });
  const moved = events.filter(({ event }) => event.section === "balances" && event.method === "Transfer");
  const transfers = moved.map(({ event: { data } }) => {
    return { from: String(data[0]), to: String(data[1]), amount: BigInt(String(data[2])) };
  });
  return { number, extrinsics, transfers };
}
