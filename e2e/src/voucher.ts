/** A payer's side of settlement: the hash chain of what it buys, and the vouchers that it signs over it. */

import type { KeyringPair } from "@polkadot/keyring/types";
import { bnToU8a, stringToU8a, u8aConcat, u8aWrapBytes } from "@polkadot/util";
import { compress, P } from "./poseidon2.js";

const TAG = 0x4f4c01n;
const CORE_BYTES = 57;
const LIMB_BYTES = 3;
const BLOCK = 8;
const ZERO_ELEMENTS = 4;
const MESSAGE_PREFIX = stringToU8a("openledger/voucher/1");

/** Amounts are in nano-OPEN, below this. */
const LIMIT = 2n ** 60n;

/** What a payer buys with one inference. */
export interface Core {
  version: number;
  epoch: number;
  tokensIn: number;
  tokensOut: number;
  /** In nano-OPEN. */
  fee: bigint;
  /** The name of the output, 32 bytes. */
  output: Uint8Array;
  private: boolean;
}

/** All that a payer has bought so far from a model. */
export interface Bought {
  count: bigint;
  cumulative: bigint;
  head: Uint8Array;
}

/** Where a voucher is good. */
export interface VoucherPlace {
  /** The hash of the chain's first block. */
  genesis: Uint8Array;
  model: number;
  /** The account that pays; another key may sign for it. */
  payer: Uint8Array;
}

/** A signed voucher. */
export interface Voucher {
  bought: Bought;
  /** The bare signature. */
  signature: Uint8Array;
  /** As the chain takes it: with the kind of key before it. */
  multiSignature: Uint8Array;
}

export const NOTHING_BOUGHT: Bought = { count: 0n, cumulative: 0n, head: new Uint8Array(32) };

/** A number in little-endian bytes; too large a one would be cut off silently, and sign something else. */
function littleEndian(value: bigint | number, bits: 32 | 64): Uint8Array {
  const whole = BigInt(value);
  if (whole < 0n || whole >= 2n ** BigInt(bits)) throw new RangeError(`${whole} is no number of ${bits} bits`);
  return bnToU8a(whole, { bitLength: bits, isLe: true });
}

function exactly32(what: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 32) throw new RangeError(`${what} has ${bytes.length} bytes instead of 32`);
  return bytes;
}

/** The bytes of a core that are hashed; inside a receipt it is encoded differently. */
export function coreBytes(core: Core): Uint8Array {
  return u8aConcat(
    littleEndian(core.version, 32),
    littleEndian(core.epoch, 32),
    littleEndian(core.tokensIn, 32),
    littleEndian(core.tokensOut, 32),
    littleEndian(core.fee, 64),
    [core.private ? 1 : 0],
    exactly32("an output's name", core.output),
  );
}

/** The same as elements of the field: a tag, limbs of three bytes, zeros. */
export function coreElements(core: Core): bigint[] {
  const bytes = coreBytes(core);
  const limbs: bigint[] = [];
  for (let at = 0; at < CORE_BYTES; at += LIMB_BYTES) {
    limbs.push(BigInt(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)));
  }
  return [TAG, ...limbs, ...Array<bigint>(ZERO_ELEMENTS).fill(0n)];
}

function headElements(head: Uint8Array): bigint[] {
  exactly32("a head", head);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return Array.from({ length: BLOCK }, (_, place) => {
    const element = BigInt(view.getUint32(4 * place, true));
    if (element >= P) throw new RangeError(`${element} is no element of the field`);
    return element;
  });
}

/** The head of the chain behind one more core. */
export function link(head: Uint8Array, core: Core): Uint8Array {
  const elements = coreElements(core);
  let state = headElements(head);
  for (let at = 0; at < elements.length; at += BLOCK) {
    state = compress([...state, ...elements.slice(at, at + BLOCK)]);
  }
  return u8aConcat(...state.map((element) => littleEndian(element, 32)));
}

/** The head behind all of them, from the beginning or from another head. */
export function headOf(cores: readonly Core[], head: Uint8Array = NOTHING_BOUGHT.head): Uint8Array {
  return cores.reduce(link, head);
}

/** What a payer has bought with one more core. */
export function buy(bought: Bought, core: Core): Bought {
  const cumulative = bought.cumulative + core.fee;
  if (cumulative >= LIMIT) throw new RangeError(`${cumulative} nano-OPEN are more than a payer can have spent`);
  return { count: bought.count + 1n, cumulative, head: link(bought.head, core) };
}

/** What a voucher signs. */
export function voucherMessage(place: VoucherPlace, bought: Bought): Uint8Array {
  return u8aConcat(
    MESSAGE_PREFIX,
    exactly32("a genesis hash", place.genesis),
    littleEndian(place.model, 32),
    exactly32("an account", place.payer),
    littleEndian(bought.count, 64),
    littleEndian(bought.cumulative, 64),
    exactly32("a head", bought.head),
  );
}

/** The same as wallets in browsers sign it, so that nobody can have a transaction signed as if it were bytes. */
export function wrapped(message: Uint8Array): Uint8Array {
  return u8aWrapBytes(message);
}

/** Signs for all that was bought, bare or as a wallet would. */
export function signVoucher(
  pair: KeyringPair,
  place: VoucherPlace,
  bought: Bought,
  options: { wrap?: boolean } = {},
): Voucher {
  const message = voucherMessage(place, bought);
  const multiSignature = pair.sign(options.wrap ? wrapped(message) : message, { withType: true });
  return { bought, signature: multiSignature.subarray(1), multiSignature };
}
