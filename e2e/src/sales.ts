/**
 * Sales files: what an operator keeps of what a model has sold. They are made out of nothing here, for tests and
 * benchmarks; the same seed gives the same sales.
 */

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { hexToU8a, stringToU8a, u8aEq } from "@polkadot/util";
import { blake2AsU8a } from "@polkadot/util-crypto";
import { contentId } from "./record.js";
import type { Core } from "./voucher.js";

const FILE_TAG = stringToU8a("olsales1");
const FLUSH_BYTES = 1 << 20;

const MAX_CREDITS = 16;
/** Weights of a receipt are together below this. */
const WEIGHT_LIMIT = 2 ** 20;

// As in the samples of the settlement crate.
const MOST_TOKENS_IN = 4_000;
const MOST_TOKENS_OUT = 2_000;
const MOST_SCORE = 1_000;

/** How many contributions a broad answer cites: more than there are credits, so that there is a rest. */
const BROAD = 20;

/** So many different answers are given. */
const ANSWERS = 1_000;

/** A chunk that went into an answer. */
export interface Citation {
  datanet: number;
  index: number;
  chunk: number;
  leaf: Uint8Array;
  score: number;
}

/** That a contribution went into an answer. */
export interface Credit {
  datanet: number;
  index: number;
  weight: number;
}

/** One inference. */
export interface Receipt {
  /** The place among the payers. */
  payer: number;
  core: Core;
  credits: Credit[];
  rest: number;
  /** The hash of the citations. */
  matches: Uint8Array;
}

/** One inference with what is disclosed of it when it is asked for; of a private one the payer keeps that. */
export interface Sale {
  receipt: Receipt;
  output: Uint8Array;
  citations: Citation[];
}

/** What a thousand tokens cost, in nano-OPEN. */
export interface Price {
  rateIn: bigint;
  rateOut: bigint;
}

/** A contribution that can be cited, with the leaves of its content's tree. */
export interface Source {
  datanet: number;
  index: number;
  leaves: readonly Uint8Array[];
}

/** Who sells what to whom. */
export interface Market {
  version: number;
  epoch: number;
  price: Price;
  platformFee: bigint;
  /** The most citations of an answer. */
  top: number;
  /** Public keys, ascending. */
  payers: readonly Uint8Array[];
  /** Ascending by contribution. */
  sources: readonly Source[];
}

/** How much is sold. */
export interface Shape {
  receipts: number;
  /** The credits of each receipt. */
  credits: number;
  /** One receipt of this many is private; none are if there is none. */
  private?: number;
  /** One receipt of this many cites more contributions than have a place among the credits. */
  broad?: number;
  seed: number;
}

/** ⌊tokens · rate / 1000⌋ for both, and the platform's part. */
export function feeOf(price: Price, tokensIn: number, tokensOut: number, platformFee: bigint): bigint {
  return (BigInt(tokensIn) * price.rateIn) / 1_000n + (BigInt(tokensOut) * price.rateOut) / 1_000n + platformFee;
}

const byContribution = (a: Credit, b: Credit): number => a.datanet - b.datanet || a.index - b.index;

function isBefore(a: Citation, b: Citation): boolean {
  return (a.datanet - b.datanet || a.index - b.index || a.chunk - b.chunk) < 0;
}

/** The credits that follow from citations by the method `Retrieval`, and the rest; nothing if none follow. */
export function creditsOf(
  citations: readonly Citation[],
  top: number,
): { credits: Credit[]; rest: number } | undefined {
  const ascending = citations.every((citation, place) => place === 0 || isBefore(citations[place - 1]!, citation));
  const positive = citations.every(({ score }) => score > 0);
  const total = citations.reduce((sum, { score }) => sum + score, 0);
  if (citations.length > top || !ascending || !positive || total >= WEIGHT_LIMIT) return undefined;

  const weights: Credit[] = [];
  for (const { datanet, index, score } of citations) {
    const last = weights.at(-1);
    if (last?.datanet === datanet && last.index === index) last.weight += score;
    else weights.push({ datanet, index, weight: score });
  }
  // The sort keeps the order of equal weights, so that of two the earlier contribution is credited.
  weights.sort((a, b) => b.weight - a.weight);
  const credits = weights.slice(0, MAX_CREDITS).sort(byContribution);
  return { credits, rest: credits.reduce((left, { weight }) => left - weight, total) };
}

/** What a receipt commits to. */
export function matchesOf(citations: readonly Citation[]): Uint8Array {
  const encoder = new Encoder();
  encoder.citations(citations);
  return blake2AsU8a(encoder.taken());
}

/** A receipt in SCALE. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const encoder = new Encoder();
  encoder.receipt(receipt);
  return encoder.taken();
}

/** SCALE, into a buffer that grows. */
class Encoder {
  private buffer = Buffer.allocUnsafe(1_024);
  length = 0;

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  /** What was encoded; it is good until something else is. */
  taken(): Uint8Array {
    const bytes = this.buffer.subarray(0, this.length);
    this.length = 0;
    return bytes;
  }

  bytes(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private number(value: number, width: number): void {
    this.room(width);
    this.length = this.buffer.writeUIntLE(value, this.length, width);
  }

  /** A compact number below 2⁶⁴. */
  compact(value: number | bigint): void {
    if (value < 1 << 6) this.number(Number(value) * 4, 1);
    else if (value < 1 << 14) this.number(Number(value) * 4 + 1, 2);
    else if (value < 1 << 30) this.number(Number(value) * 4 + 2, 4);
    else {
      const start = this.length;
      this.number(0, 1);
      for (let left = BigInt(value); left > 0n; left >>= 8n) this.number(Number(left & 0xffn), 1);
      this.buffer[start] = (this.length - start - 1 - 4) * 4 + 3;
    }
  }

  receipt({ payer, core, credits, rest, matches }: Receipt): void {
    for (const value of [payer, core.version, core.epoch, core.tokensIn, core.tokensOut, core.fee]) this.compact(value);
    this.bytes(core.output);
    this.number(core.private ? 1 : 0, 1);
    this.compact(credits.length);
    for (const { datanet, index, weight } of credits) {
      for (const value of [datanet, index, weight]) this.compact(value);
    }
    this.compact(rest);
    this.bytes(matches);
  }

  citations(citations: readonly Citation[]): void {
    this.compact(citations.length);
    for (const { datanet, index, chunk, leaf, score } of citations) {
      for (const value of [datanet, index, chunk]) this.compact(value);
      this.bytes(leaf);
      this.compact(score);
    }
  }

  sale({ receipt, output, citations }: Sale): void {
    this.receipt(receipt);
    this.compact(output.length);
    this.bytes(output);
    this.citations(citations);
  }
}

/** The same, the other way; what is cut off is a `RangeError`. */
class Decoder {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.buffer.length;
  }

  bytes(length: number): Uint8Array {
    const start = this.at;
    this.at += length;
    if (this.at > this.buffer.length) throw new RangeError("The sales end in the middle of one.");
    return this.buffer.subarray(start, this.at);
  }

  private number(width: number): number {
    this.at += width;
    return this.buffer.readUIntLE(this.at - width, width);
  }

  bigCompact(): bigint {
    const head = this.buffer.readUInt8(this.at);
    if ((head & 3) !== 3) return BigInt(this.number([1, 2, 4][head & 3]!) >>> 2);
    this.at += 1;
    return this.bytes((head >> 2) + 4).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  compact(): number {
    return Number(this.bigCompact());
  }

  list<Item>(item: () => Item): Item[] {
    return Array.from({ length: this.compact() }, item);
  }

  private core(): Core {
    const [version, epoch, tokensIn, tokensOut] = [this.compact(), this.compact(), this.compact(), this.compact()];
    const [fee, output] = [this.bigCompact(), this.bytes(32)];
    return { version, epoch, tokensIn, tokensOut, fee, output, private: this.bytes(1)[0] === 1 };
  }

  sale(): Sale {
    const payer = this.compact();
    const core = this.core();
    const credits = this.list(() => ({ datanet: this.compact(), index: this.compact(), weight: this.compact() }));
    const receipt = { payer, core, credits, rest: this.compact(), matches: this.bytes(32) };
    const output = this.bytes(this.compact());
    const citations = this.list(() => {
      const [datanet, index, chunk] = [this.compact(), this.compact(), this.compact()];
      return { datanet, index, chunk, leaf: this.bytes(32), score: this.compact() };
    });
    return { receipt, output, citations };
  }
}

/** SplitMix32. */
class Random {
  constructor(private state: number) {}

  private next(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let mixed = this.state ^ (this.state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }
}

/** Sales that follow the rule; with enough of them every payer buys something, and every contribution is credited. */
export function* salesOf(market: Market, shape: Shape): Generator<Sale> {
  const random = new Random(shape.seed);
  const answers = Array.from({ length: ANSWERS }, (_, nth) => {
    const bytes = stringToU8a(`Answer ${nth} of ${ANSWERS}.`);
    return { bytes, name: hexToU8a(contentId(bytes)) };
  });
  const isOneOf = (nth: number, many = 0): boolean => many > 0 && nth % many === 0;
  for (let nth = 0; nth < shape.receipts; nth += 1) {
    // All payers buy something before anybody buys by chance.
    const payer = nth < market.payers.length ? nth : random.below(market.payers.length);
    const [tokensIn, tokensOut] = [random.below(MOST_TOKENS_IN), random.below(MOST_TOKENS_OUT)];
    const fee = feeOf(market.price, tokensIn, tokensOut, market.platformFee);
    const answer = answers[random.below(ANSWERS)]!;
    const isPrivate = isOneOf(nth, shape.private);
    const { version, epoch } = market;
    const core = { version, epoch, tokensIn, tokensOut, fee, output: answer.name, private: isPrivate };

    const cited = cite(market, random, nth * shape.credits, isOneOf(nth, shape.broad) ? BROAD : shape.credits);
    const credited = creditsOf(cited, market.top);
    if (!credited) throw new Error(`No credits follow from ${cited.length} citations.`);
    const receipt = { payer, core, ...credited, matches: matchesOf(cited) };
    yield isPrivate
      ? { receipt, output: new Uint8Array(), citations: [] }
      : { receipt, output: answer.bytes, citations: cited };
  }
}

/** Citations of so many contributions: the next ones that nobody has cited, then others by chance. */
function cite({ sources }: Market, random: Random, next: number, many: number): Citation[] {
  const places = new Set<number>();
  while (places.size < Math.min(many, sources.length)) {
    const fresh = next + places.size;
    places.add(fresh < sources.length ? fresh : random.below(sources.length));
  }
  const ascending = [...places].sort((a, b) => a - b);
  return ascending.flatMap((place) => {
    const { datanet, index, leaves } = sources[place]!;
    const first = random.below(leaves.length);
    // Sometimes with the chunk behind it.
    const chunks = random.below(2) === 0 ? [first] : [first, first + 1].filter((chunk) => chunk < leaves.length);
    return chunks.map((chunk) => {
      return { datanet, index, chunk, leaf: leaves[chunk]!, score: 1 + random.below(MOST_SCORE) };
    });
  });
}

/** Writes a sales file, and returns what all of it costs. */
export function writeSales(path: string, payers: readonly Uint8Array[], sales: Iterable<Sale>): bigint {
  const encoder = new Encoder();
  encoder.bytes(FILE_TAG);
  encoder.compact(payers.length);
  for (const payer of payers) encoder.bytes(payer);
  const file = openSync(path, "w");
  let fees = 0n;
  try {
    for (const sale of sales) {
      encoder.sale(sale);
      fees += sale.receipt.core.fee;
      if (encoder.length >= FLUSH_BYTES) writeSync(file, encoder.taken());
    }
    writeSync(file, encoder.taken());
  } finally {
    closeSync(file);
  }
  return fees;
}

/** Reads a sales file. */
export function readSales(path: string): { payers: Uint8Array[]; sales: Generator<Sale> } {
  const decoder = new Decoder(readFileSync(path));
  if (!u8aEq(decoder.bytes(FILE_TAG.length), FILE_TAG)) throw new Error(`${path} is no sales file.`);
  const payers = decoder.list(() => decoder.bytes(32));
  const sales = function* (): Generator<Sale> {
    while (!decoder.isAtEnd) yield decoder.sale();
  };
  return { payers, sales: sales() };
}

/** What a payer buys by a sales file, in order. */
export function coresOf(path: string, payer: Uint8Array): Core[] {
  const { payers, sales } = readSales(path);
  const cores: Core[] = [];
  for (const { receipt } of sales) if (u8aEq(payers[receipt.payer]!, payer)) cores.push(receipt.core);
  return cores;
}
