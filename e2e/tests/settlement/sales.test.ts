/** Sales files: what is in them follows the rule, by the vectors of settlement. It needs no node. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { hexToU8a, stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import { leavesOf } from "../../src/record.js";
import {
  type Citation,
  coresOf,
  type Credit,
  creditsOf,
  encodeReceipt,
  feeOf,
  type Market,
  matchesOf,
  readSales,
  type Receipt,
  type Sale,
  salesOf,
  type Shape,
  writeSales,
} from "../../src/sales.js";
import type { Core } from "../../src/voucher.js";

await cryptoWaitReady();

interface RetrievalVector {
  citations: { datanet: number; index: number; chunk: number; leaf: string; score: number }[];
  matches: string;
  result: { credits: Credit[]; rest: number } | null;
  top: number;
}

interface FeeVector {
  fee: string | null;
  platform_fee: string;
  price: { rate_in: string; rate_out: string };
  tokens_in: number;
  tokens_out: number;
}

interface ReceiptVector {
  payer: number;
  core: {
    version: number;
    epoch: number;
    tokens_in: number;
    tokens_out: number;
    fee: string;
    output: string;
    private: boolean;
  };
  credits: Credit[];
  rest: number;
  matches: string;
}

function vectors<T>(name: string): T {
  const file = new URL(`../../../settlement/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

function receipt({ payer, core, credits, rest, matches }: ReceiptVector): Receipt {
  const { tokens_in: tokensIn, tokens_out: tokensOut, fee, output, ...others } = core;
  const bought = { ...others, tokensIn, tokensOut, fee: BigInt(fee), output: hexToU8a(output) };
  return { payer, core: bought, credits, rest, matches: hexToU8a(matches) };
}

test("credits follow from citations as in the vectors", () => {
  for (const vector of vectors<RetrievalVector[]>("retrieval")) {
    const citations: Citation[] = vector.citations.map((citation) => ({ ...citation, leaf: hexToU8a(citation.leaf) }));
    assert.deepEqual(creditsOf(citations, vector.top) ?? null, vector.result);
    assert.equal(u8aToHex(matchesOf(citations)), vector.matches);
  }
});

test("fees are those of the vectors", () => {
  for (const { fee, price, tokens_in, tokens_out, platform_fee } of vectors<FeeVector[]>("fees")) {
    const rates = { rateIn: BigInt(price.rate_in), rateOut: BigInt(price.rate_out) };
    const computed = feeOf(rates, tokens_in, tokens_out, BigInt(platform_fee));
    if (fee === null) assert.ok(computed >= 2n ** 60n, `${computed} has a fee`);
    else assert.equal(computed, BigInt(fee));
  }
});

test("receipts are encoded as in the vectors", () => {
  const { receipt: receipts } = vectors<{ receipt: { scale: string; value: ReceiptVector }[] }>("encodings");
  for (const { scale, value } of receipts) assert.equal(u8aToHex(encodeReceipt(receipt(value))), scale);
});

describe("a file of sales", () => {
  const folder = mkdtempSync(join(tmpdir(), "openledger-e2e-sales-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const payers = Array.from({ length: 10 }, (_, nth) => new Uint8Array(32).fill(nth));
  const sources = Array.from({ length: 200 }, (_, nth) => {
    const leaves = leavesOf(stringToU8a(`Letter ${nth}.\n`.repeat(nth % 10 === 0 ? 200 : 1)));
    return { datanet: nth < 150 ? 0 : 7, index: nth < 150 ? nth : nth - 150, leaves };
  });
  const price = { rateIn: 1_000_000n, rateOut: 3_000_000n };
  const market: Market = { version: 1, epoch: 2, price, platformFee: 100_000n, top: 64, payers, sources };
  const shape: Shape = { receipts: 1_000, credits: 8, private: 7, broad: 50, seed: 1 };
  const made = [...salesOf(market, shape)];

  const write = (sales: Iterable<Sale>): { path: string; fees: bigint } => {
    const path = join(folder, "some.sales");
    return { path, fees: writeSales(path, payers, sales) };
  };

  test("is the same for the same seed, and another for another", () => {
    assert.deepEqual([...salesOf(market, shape)], made);
    assert.notDeepEqual([...salesOf(market, { ...shape, seed: 2 })], made);
  });

  test("has receipts of all kinds, for all payers and contributions", () => {
    const credits = made.flatMap(({ receipt }) => receipt.credits);
    const credited = credits.map(({ datanet, index }) => `${datanet}/${index}`);
    assert.equal(new Set(credited).size, sources.length);
    assert.equal(new Set(made.map((sale) => sale.receipt.payer)).size, payers.length);
    const count = (what: (sale: Sale) => boolean): number => made.filter(what).length;
    assert.equal(count(({ receipt }) => receipt.core.private), Math.ceil(shape.receipts / 7));
    assert.equal(count(({ receipt }) => receipt.rest > 0), shape.receipts / 50);
    assert.equal(count(({ receipt }) => receipt.credits.length === shape.credits), (shape.receipts * 49) / 50);
    assert.ok(count(({ receipt, citations }) => citations.length > receipt.credits.length) > 50, "too few merge");
  });

  test("discloses what is not private, and what is disclosed is what the receipts commit to", () => {
    const leaves = new Map(sources.map((source) => [`${source.datanet}/${source.index}`, source.leaves]));
    for (const { receipt, output, citations } of made) {
      assert.equal(output.length === 0, receipt.core.private);
      assert.equal(citations.length === 0, receipt.core.private);
      if (receipt.core.private) continue;
      assert.deepEqual(matchesOf(citations), receipt.matches);
      const { credits, rest } = receipt;
      assert.deepEqual(creditsOf(citations, market.top), { credits, rest });
      for (const { datanet, index, chunk, leaf } of citations) {
        assert.deepEqual(leaves.get(`${datanet}/${index}`)?.[chunk], leaf);
      }
    }
  });

  test("is read as it was written", () => {
    const { path, fees } = write(made);
    const read = readSales(path);
    assert.deepEqual(read.payers.map((payer) => u8aToHex(payer)), payers.map((payer) => u8aToHex(payer)));
    const plain = ({ receipt, output, citations }: Sale): unknown => {
      return [u8aToHex(encodeReceipt(receipt)), u8aToHex(output), u8aToHex(matchesOf(citations))];
    };
    assert.deepEqual([...read.sales].map(plain), made.map(plain));
    assert.equal(fees, made.reduce((sum, { receipt }) => sum + receipt.core.fee, 0n));

    const bought = made.filter((sale) => sale.receipt.payer === 3).map((sale) => sale.receipt.core);
    const outputs = (cores: Core[]): string => u8aToHex(u8aConcat(...cores.map(({ output }) => output)));
    assert.equal(outputs(coresOf(path, payers[3]!)), outputs(bought));
  });

  test("that was cut off is refused", () => {
    const { path } = write(made.slice(0, 1));
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    assert.throws(() => [...readSales(path).sales], RangeError);
  });
});
