/** `openledger_*`: bad questions get the right error, absent things are no error, pages have an end. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { stringToU8a } from "@polkadot/util";
import { alice } from "../../src/accounts.js";
import { connect, send } from "../../src/chain.js";
import { hashAt } from "../../src/network.js";
import { ChainNode } from "../../src/node.js";
import {
  blockPosition,
  accept,
  addVersion,
  commit,
  createDatanet,
  OPEN_POLICY,
  register,
  reveal,
  revealedIn,
  revealOf,
  revealPeriodOver,
} from "../../src/record.js";
import { RpcError } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

/** The most contributions that the runtime puts into a page. */
const PAGE = 500;

/** How many final blocks the node keeps the state of. */
const KEPT = 16;

const MOST = 2 ** 32 - 1;
const DATANET = 0;
const MODEL = 0;
const ABSENT = 7;
const UNKNOWN = `0x${"42".repeat(32)}`;

let node: ChainNode;
let api: ApiPromise;

before(async () => {
  const args = ["--alice", "--force-authoring", "--state-pruning", String(KEPT)];
  node = await ChainNode.start({ name: "dev", chain: "dev", args });
  api = await connect(node);
});

after(async () => {
  await api?.disconnect();
  await node?.dispose();
});

function ask<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
  return node.rpc<T>(`openledger_${method}`, ...params);
}

interface Refusal {
  code: number;
  reason: string;
}

const NO_METHOD: Refusal = { code: -32601, reason: "Method not found" };
const BAD_PARAMETERS: Refusal = { code: -32602, reason: "Invalid params" };
const UNKNOWN_BLOCK: Refusal = {
  code: 10_001,
  reason:
    `This node has no block ${UNKNOWN}: take a hash that chain_getBlockHash gives, ` +
    "or leave it out for the best block.",
};

const REFUSALS: [input: string, method: string, params: unknown[], refusal: Refusal][] = [
  ["a method that does not exist", "everything", [], NO_METHOD],
  ["no model", "provenance", [], BAD_PARAMETERS],
  ["null for a model", "provenance", [null], BAD_PARAMETERS],
  ["a model by its name", "provenance", ["base"], BAD_PARAMETERS],
  ["a negative model", "provenance", [-1], BAD_PARAMETERS],
  ["a model of more than 32 bits", "provenance", [MOST + 1], BAD_PARAMETERS],
  ["half a version", "provenance", [MODEL, 0.5], BAD_PARAMETERS],
  ["a page without a beginning", "contributions", [DATANET, 10], BAD_PARAMETERS],
  ["a length as a string", "contributions", [DATANET, "10", 0], BAD_PARAMETERS],
  ["a content id that is too short", "registered", ["0x42"], BAD_PARAMETERS],
  ["a content id that is too long", "registered", [`${UNKNOWN}42`], BAD_PARAMETERS],
  ["a content id that is not hexadecimal", "registered", [`0x${"zz".repeat(32)}`], BAD_PARAMETERS],
  ["an object for a datanet", "usersOf", [{}], BAD_PARAMETERS],
  ["half of the tokens", "feeQuote", [MODEL, 1], BAD_PARAMETERS],
  ["tokens of more than 32 bits", "feeQuote", [MODEL, 1, MOST + 1], BAD_PARAMETERS],
  ["a block by its height", "usersOf", [DATANET, null, 1], BAD_PARAMETERS],
  ["provenance at an unknown block", "provenance", [MODEL, null, UNKNOWN], UNKNOWN_BLOCK],
  ["contributions at an unknown block", "contributions", [DATANET, 10, 0, UNKNOWN], UNKNOWN_BLOCK],
  ["a content at an unknown block", "registered", [UNKNOWN, UNKNOWN], UNKNOWN_BLOCK],
  ["users at an unknown block", "usersOf", [DATANET, null, UNKNOWN], UNKNOWN_BLOCK],
  ["a quote at an unknown block", "feeQuote", [MODEL, 1, 1, UNKNOWN], UNKNOWN_BLOCK],
];

for (const [input, method, params, refusal] of REFUSALS) {
  scenario(`${input}: refused with ${refusal.code}`, 60, async () => {
    await assert.rejects(ask(method, ...params), refusal);
    assert.deepEqual(await ask("usersOf", ABSENT), []);
  });
}

const ABSENCES: [method: string, params: unknown[], answer: null | []][] = [
  ["provenance", [ABSENT], null],
  ["provenance", [ABSENT, 0], null],
  ["contributions", [ABSENT, 10, 0], []],
  ["contributions", [MOST, MOST, MOST], []],
  ["registered", [UNKNOWN], null],
  ["usersOf", [ABSENT], []],
  ["usersOf", [ABSENT, ABSENT], []],
  ["feeQuote", [ABSENT, 1, 1], null],
  ["feeQuote", [MOST, MOST, MOST], null],
];

for (const [method, params, answer] of ABSENCES) {
  scenario(`${method} of ${params.join(", ")} is ${JSON.stringify(answer)}, not an error`, 60, async () => {
    assert.deepEqual(await ask(method, ...params), answer);
  });
}

interface Contribution {
  contribution: { datanet: number; index: number };
  precedence: string;
  content: string;
}

scenario("a page of contributions ends at its limit, and the next one goes on", 300, async () => {
  const works = Array.from({ length: PAGE + 1 }, (_, index) => revealOf(stringToU8a(`sentence ${index}`)));
  const batch = Number(api.consts.datanets.maxBatch);
  await send(api, alice, createDatanet(api, OPEN_POLICY));
  const precedences: bigint[] = [];
  let committed = 0;
  for (let start = 0; start < works.length; start += batch) {
    const some = works.slice(start, start + batch);
    committed = (await send(api, alice, commit(api, alice, some))).blockNumber;
    const { events } = await send(api, alice, reveal(api, DATANET, OPEN_POLICY, some));
    precedences.push(...revealedIn(events));
  }
  await revealPeriodOver(api, committed);
  for (let start = 0; start < works.length; start += batch) {
    await send(api, alice, accept(api, DATANET, precedences.slice(start, start + batch)));
  }

  const page = (from: number, length = MOST) => ask<Contribution[]>("contributions", DATANET, length, from);
  const first = await page(0);
  const second = await page(PAGE);
  assert.deepEqual([first.length, second.length], [PAGE, 1]);
  const all = [...first, ...second];
  assert.deepEqual(
    all.map(({ contribution, content }) => [contribution.index, content]),
    works.map(({ content }, index) => [index, content]),
  );
  assert.deepEqual(all.map(({ precedence }) => precedence), precedences.map(blockPosition));
  assert.deepEqual(await page(PAGE + 1), []);
  assert.deepEqual(await page(1, 3), first.slice(1, 3));

  const [last] = second;
  const content = works.at(-1)?.content;
  assert.deepEqual(last, {
    contribution: { datanet: DATANET, index: PAGE },
    precedence: last?.precedence,
    content,
    size: `sentence ${PAGE}`.length,
    kind: "Data",
    licence: "CcBy",
    subject: null,
    uri: "",
    contributor: alice.address,
    earner: alice.address,
    payee: alice.address,
    standing: "Valid",
  });
  assert.deepEqual(await ask("registered", content), {
    datanet: DATANET,
    index: PAGE,
    precedence: last?.precedence,
    contributor: alice.address,
  });
});

scenario("answers are those of the block that is asked; amounts are digits", 120, async () => {
  const price = { rateIn: 20_000_000, rateOut: 60_000_000 };
  const { blockHash } = await send(api, alice, register(api, "Base", { price }));
  const snapshots = [{ datanet: DATANET, length: PAGE + 1 }];
  await send(api, alice, addVersion(api, MODEL, { snapshots }));

  // 20,000,000 and 30,000,000 for the tokens, 100,000 for the platform, in nano-OPEN.
  const fee = "50100000000000000";
  assert.ok(BigInt(fee) > BigInt(Number.MAX_SAFE_INTEGER), `${fee} would be exact as a number`);
  assert.equal(await ask("feeQuote", MODEL, 1_000, 500), fee);
  assert.deepEqual(await ask("usersOf", DATANET), [[MODEL, 0]]);
  assert.deepEqual(await ask("usersOf", DATANET, MODEL), []);
  const rest = { owner: alice.address, licence: "CcBy", usedBy: null, snapshots, references: [] };
  const itself = { model: MODEL, version: 0, kind: "Base", name: "Base", ...rest };
  assert.deepEqual(await ask("provenance", MODEL), [itself]);
  assert.deepEqual(await ask("provenance", MODEL, 0), [itself]);
  assert.equal(await ask("provenance", MODEL, 1), null);

  // When it was registered, it had no version.
  assert.equal(await ask("provenance", MODEL, null, blockHash), null);
  assert.equal(await ask("feeQuote", MODEL, 1_000, 500, blockHash), null);
  assert.deepEqual(await ask("usersOf", DATANET, null, blockHash), []);
});

scenario("a block whose state the node keeps no longer: refused with 10002", 120, async () => {
  const old = await hashAt(node, 1);
  const refused = await waitFor(`the state of block 1 to go, ${KEPT} final blocks later`, 90, () =>
    ask("usersOf", DATANET, null, old).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  assert.ok(refused instanceof RpcError, String(refused));
  assert.equal(refused.code, 10_002, refused.message);
  assert.equal(
    refused.reason,
    `This node keeps no state of block ${old}: ask one that runs with --state-pruning archive, ` +
      "or leave the hash out for the best block.",
  );
  assert.deepEqual(await ask("usersOf", DATANET), [[MODEL, 0]]);
});
