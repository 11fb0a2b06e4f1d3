/** The payer's signer against the vectors of settlement, which the chain's crate computed. It needs no node. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Keyring } from "@polkadot/keyring";
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { cryptoWaitReady, ed25519Verify, sr25519Verify } from "@polkadot/util-crypto";
import * as poseidon2 from "../../src/poseidon2.js";
import {
  type Bought,
  buy,
  type Core,
  coreBytes,
  coreElements,
  headOf,
  link,
  NOTHING_BOUGHT,
  signVoucher,
  voucherMessage,
  type VoucherPlace,
  wrapped,
} from "../../src/voucher.js";

await cryptoWaitReady();

interface CoreVector {
  version: number;
  epoch: number;
  tokens_in: number;
  tokens_out: number;
  fee: string;
  output: string;
  private: boolean;
}

interface BoughtVector {
  count: string;
  cumulative: string;
  head: string;
}

interface SignatureVector {
  signature: string;
  scale: string;
}

interface VoucherVector {
  genesis: string;
  model: number;
  payer: string;
  bought: BoughtVector;
  message: string;
  wrapped: string;
  ed25519_of_message: SignatureVector;
  ed25519_of_wrapped: SignatureVector;
}

interface PoseidonVectors {
  modulus: number;
  external_matrix: number[][];
  internal_diagonal: number[];
  initial_constants: number[][];
  internal_constants: number[];
  final_constants: number[][];
  cases: { input: number[]; permuted: number[]; compressed: number[] }[];
}

interface ChainVectors {
  tag: number;
  links: { core: CoreVector; before: string; after: string; bytes: string; elements: number[] }[];
}

interface BatchVectors {
  purchases: { before: BoughtVector; after: BoughtVector }[];
  receipts: { payer: number; core: CoreVector }[];
}

function vectors<T>(name: string): T {
  const file = new URL(`../../../settlement/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

const plain = (elements: readonly bigint[]): number[] => elements.map(Number);

function core(vector: CoreVector): Core {
  return {
    version: vector.version,
    epoch: vector.epoch,
    tokensIn: vector.tokens_in,
    tokensOut: vector.tokens_out,
    fee: BigInt(vector.fee),
    output: hexToU8a(vector.output),
    private: vector.private,
  };
}

function bought(vector: BoughtVector): Bought {
  return { count: BigInt(vector.count), cumulative: BigInt(vector.cumulative), head: hexToU8a(vector.head) };
}

const place = (vector: VoucherVector): VoucherPlace => ({
  genesis: hexToU8a(vector.genesis),
  model: vector.model,
  payer: hexToU8a(vector.payer),
});

const { ed25519_seed: seed, ed25519_public: publicKey, vouchers } = vectors<{
  ed25519_seed: string;
  ed25519_public: string;
  vouchers: VoucherVector[];
}>("vouchers");
const { tag, links } = vectors<ChainVectors>("chain");
const SOME_CORE = core(links[0]!.core);

describe("Poseidon2", () => {
  const expected = vectors<PoseidonVectors>("poseidon");

  test("has the constants of the vectors", () => {
    assert.equal(Number(poseidon2.P), expected.modulus);
    assert.deepEqual(poseidon2.EXTERNAL_MATRIX.map(plain), expected.external_matrix);
    assert.deepEqual(plain(poseidon2.INTERNAL_DIAGONAL), expected.internal_diagonal);
    assert.deepEqual(poseidon2.INITIAL_CONSTANTS.map(plain), expected.initial_constants);
    assert.deepEqual(plain(poseidon2.INTERNAL_CONSTANTS), expected.internal_constants);
    assert.deepEqual(poseidon2.FINAL_CONSTANTS.map(plain), expected.final_constants);
  });

  test("permutes and compresses", () => {
    for (const { input, permuted, compressed } of expected.cases) {
      assert.deepEqual(plain(poseidon2.permute(input.map(BigInt))), permuted);
      assert.deepEqual(plain(poseidon2.compress(input.map(BigInt))), compressed);
    }
  });
});

describe("the chain of cores", () => {
  test("links", () => {
    for (const vector of links) {
      assert.equal(u8aToHex(coreBytes(core(vector.core))), vector.bytes);
      assert.deepEqual(plain(coreElements(core(vector.core))), vector.elements);
      assert.equal(vector.elements[0], tag);
      assert.equal(u8aToHex(link(hexToU8a(vector.before), core(vector.core))), vector.after);
    }
  });

  test("has a head", () => {
    assert.equal(u8aToHex(headOf([])), `0x${"00".repeat(32)}`);
    assert.equal(u8aToHex(headOf(links.map((vector) => core(vector.core)))), links.at(-1)!.after);
  });

  test("grows with a batch as the chain's does", () => {
    const batch = vectors<BatchVectors>("batch");
    batch.purchases.forEach(({ before, after }, position) => {
      const cores = batch.receipts.filter(({ payer }) => payer === position).map((receipt) => core(receipt.core));
      assert.deepEqual(cores.reduce(buy, bought(before)), bought(after));
    });
  });

  test("takes nothing that would be cut off", () => {
    assert.throws(() => coreBytes({ ...SOME_CORE, tokensIn: 2 ** 32 }), RangeError);
    assert.throws(() => coreBytes({ ...SOME_CORE, epoch: -1 }), RangeError);
    assert.throws(() => coreBytes({ ...SOME_CORE, fee: 2n ** 64n }), RangeError);
    assert.throws(() => coreBytes({ ...SOME_CORE, output: new Uint8Array(31) }), RangeError);
    assert.throws(() => link(new Uint8Array(32).fill(255), SOME_CORE), RangeError);
    assert.throws(() => buy({ ...NOTHING_BOUGHT, cumulative: 2n ** 60n - SOME_CORE.fee }, SOME_CORE), RangeError);
  });
});

describe("vouchers", () => {
  test("have the message of the vectors", () => {
    for (const vector of vouchers) {
      const message = voucherMessage(place(vector), bought(vector.bought));
      assert.equal(u8aToHex(message), vector.message);
      assert.equal(u8aToHex(wrapped(message)), vector.wrapped);
    }
  });

  test("are signed with ed25519 as in the vectors", () => {
    const pair = new Keyring({ type: "ed25519" }).addFromSeed(hexToU8a(seed));
    assert.equal(u8aToHex(pair.publicKey), publicKey);
    for (const vector of vouchers) {
      for (const wrap of [false, true]) {
        const expected = wrap ? vector.ed25519_of_wrapped : vector.ed25519_of_message;
        const signed = signVoucher(pair, place(vector), bought(vector.bought), { wrap });
        assert.equal(u8aToHex(signed.signature), expected.signature);
        assert.equal(u8aToHex(signed.multiSignature), expected.scale);
        const message = hexToU8a(wrap ? vector.wrapped : vector.message);
        assert.equal(ed25519Verify(message, signed.signature, pair.publicKey), true);
      }
    }
  });

  test("are signed with sr25519", () => {
    const pair = new Keyring({ type: "sr25519" }).addFromUri("//Alice");
    for (const vector of vouchers) {
      for (const wrap of [false, true]) {
        const signed = signVoucher(pair, place(vector), bought(vector.bought), { wrap });
        assert.deepEqual(signed.multiSignature, Uint8Array.of(1, ...signed.signature));
        // Either form is another message; a library that accepts both at once would hide a mistake.
        assert.equal(sr25519Verify(hexToU8a(vector.message), signed.signature, pair.publicKey), !wrap);
        assert.equal(sr25519Verify(hexToU8a(vector.wrapped), signed.signature, pair.publicKey), wrap);
      }
    }
  });
});
