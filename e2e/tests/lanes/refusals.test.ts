/** Bad calls and bad questions about lanes get the error that names what is wrong; a good one behind each succeeds. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { u8aToHex } from "@polkadot/util";
import { alice, bob, charlie, dave, eve, open } from "../../src/accounts.js";
import { type Extrinsic, failureOf, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { ascending, Lanes, nano } from "../../src/lanes.js";
import type { ChainNode } from "../../src/node.js";
import { addVersion, register } from "../../src/record.js";
import type { BadCall } from "../../src/refusals.js";
import { scenario } from "../../src/scenario.js";
import { type Bought, NOTHING_BOUGHT, signVoucher } from "../../src/voucher.js";

// Alice's, which Dave operates: the first sells by retrieval, the other's method has no evidence yet. Bob and Charlie
// have entries with the first.
const MODEL = 0;
const BY_SPANS = 1;
const ABSENT = 7;
const DEPOSIT = nano(10);
const HASH = `0x${"11".repeat(32)}`;

/** What an inference without tokens costs: the platform's part. */
const FEE = 100_000n;
const ONE: Bought = { count: 1n, cumulative: FEE, head: new Uint8Array(32) };
const payers = ascending([bob, charlie]);

interface Submission {
  version: number;
  epoch: number;
  terms: number;
  vouchers: unknown[];
  diff: { datanet: number; index: number; earned: { disclosed: bigint; private: bigint } }[];
  totals: Record<string, bigint>;
  trace: { root: string; lastReceipts: string; proof: string[] };
}

interface Signing {
  model?: number;
  signer?: KeyringPair;
}

/** A voucher as the call takes it. */
function voucher(api: ApiPromise, payer: KeyringPair, bought = ONE, signing: Signing = {}): unknown {
  const { model = MODEL, signer = payer } = signing;
  const place = { genesis: api.genesisHash.toU8a(), model, payer: payer.publicKey };
  const { signature } = signVoucher(signer, place, bought);
  return { payer: payer.address, bought, signature: { Sr25519: u8aToHex(signature) } };
}

function totals(changes: Submission["totals"] = {}): Submission["totals"] {
  return { receipts: 1n, fees: FEE, platform: FEE, stakers: 0n, model: 0n, commons: 0n, ...changes };
}

/** Submits a batch of one inference by Bob that adds up; its trace alone is another's. */
function submit(api: ApiPromise, changes: Partial<Submission> = {}, model = MODEL): Extrinsic {
  const trace = { root: HASH, lastReceipts: HASH, proof: [] };
  const under = { version: 0, epoch: 0, terms: 0 };
  const submission = { ...under, vouchers: [voucher(api, bob)], diff: [], totals: totals(), trace };
  return api.tx.attribution.submitBatch(model, { ...submission, ...changes });
}

const BAD_CALLS: BadCall[] = [
  [
    "an entry with a model that is not there",
    bob,
    ({ tx }) => tx.rewards.openEntry(ABSENT, DEPOSIT, null),
    "Rewards.NoSuchModel",
  ],
  ["a second entry", bob, ({ tx }) => tx.rewards.openEntry(MODEL, DEPOSIT, null), "Rewards.AlreadyOpen"],
  ["an entry with nothing in it", eve, ({ tx }) => tx.rewards.openEntry(MODEL, 0, null), "Rewards.NoAmount"],
  [
    "paying into an entry that nobody has",
    bob,
    ({ tx }) => tx.rewards.topUp(MODEL, eve.address, 1),
    "Rewards.NoSuchEntry",
  ],
  [
    "withdrawing more than there is",
    charlie,
    ({ tx }) => tx.rewards.withdraw(MODEL, 2n * DEPOSIT),
    "Rewards.BalanceTooLow",
  ],
  [
    "taking what nobody has withdrawn",
    bob,
    ({ tx }) => tx.rewards.takeWithdrawn(MODEL, bob.address),
    "Rewards.NothingLeaving",
  ],
  [
    "setting the signer that there is",
    bob,
    ({ tx }) => tx.rewards.setSigner(MODEL, bob.address),
    "Rewards.SameSigner",
  ],
  [
    "claiming what no contribution has earned",
    eve,
    ({ tx }) => tx.rewards.claim([{ datanet: 0, index: 0 }]),
    "Rewards.NothingToClaim",
  ],
  [
    "claiming what no account has earned",
    eve,
    ({ tx }) => tx.rewards.claimAccount([eve.address]),
    "Rewards.NothingToClaim",
  ],
  ["a batch of a version that is not there", dave, (api) => submit(api, { version: 1 }), "Attribution.NoSuchVersion"],
  [
    "a batch of a method without evidence",
    dave,
    (api) => submit(api, {}, BY_SPANS),
    "Attribution.MethodWithoutEvidence",
  ],
  ["a batch at a price to come", dave, (api) => submit(api, { epoch: 1 }), "Attribution.PriceNotInForce"],
  ["a batch under terms to come", dave, (api) => submit(api, { terms: 1 }), "Attribution.TermsNotInForce"],
  [
    "a batch whose payers do not ascend",
    dave,
    (api) => submit(api, { vouchers: [...payers].reverse().map((payer) => voucher(api, payer)) }),
    "Attribution.PayersNotSorted",
  ],
  [
    "a voucher of somebody without an entry",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, eve)] }),
    "Rewards.NoSuchEntry",
  ],
  [
    "a voucher over nothing",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, bob, NOTHING_BOUGHT)] }),
    "Rewards.StaleVoucher",
  ],
  [
    "a voucher over a head that none can be",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, bob, { ...ONE, head: new Uint8Array(32).fill(255) })] }),
    "Rewards.BadHead",
  ],
  [
    "a voucher that somebody else has signed",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, bob, ONE, { signer: eve })] }),
    "Rewards.BadSignature",
  ],
  [
    "a voucher for another model",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, bob, ONE, { model: BY_SPANS })] }),
    "Rewards.BadSignature",
  ],
  [
    "a voucher for more than the entry has",
    dave,
    (api) => submit(api, { vouchers: [voucher(api, bob, { ...ONE, cumulative: 2n * DEPOSIT })] }),
    "Rewards.NotCovered",
  ],
  [
    "a batch with another number of receipts than was bought",
    dave,
    (api) => submit(api, { totals: totals({ receipts: 2n }) }),
    "Attribution.BadCount",
  ],
  [
    "a batch that pays out more than was spent",
    dave,
    (api) => submit(api, { totals: totals({ commons: 1n }) }),
    "Attribution.DoesNotAddUp",
  ],
  [
    "a batch in which a contribution earns nothing",
    dave,
    (api) => submit(api, { diff: [{ datanet: 0, index: 0, earned: { disclosed: 0n, private: 0n } }] }),
    "Attribution.BadDiff",
  ],
  ["a batch with the trace of another", dave, (api) => submit(api), "Attribution.TraceEndsElsewhere"],
  [
    "demanding of a batch that is not there",
    bob,
    ({ tx }) => tx.attribution.demand(MODEL, 0, 0),
    "Attribution.NoSuchBatch",
  ],
  [
    "finalising a batch and paying nobody",
    bob,
    ({ tx }) => tx.attribution.finalise(MODEL, 0, 0),
    "Attribution.NothingToPay",
  ],
  ["closing a batch that is not there", bob, ({ tx }) => tx.attribution.close(MODEL, 0), "Attribution.NoSuchBatch"],
  [
    "returning a deposit that nobody made",
    bob,
    ({ tx }) => tx.attribution.releaseDemand(MODEL, 0, 0),
    "Attribution.NoSuchDemand",
  ],
  [
    "staking less than attestors must",
    bob,
    ({ tx }) => tx.attribution.stake(open(1)),
    "Attribution.StakeTooSmall",
  ],
  ["attesting without a stake", bob, ({ tx }) => tx.attribution.attest(MODEL, 0), "Attribution.NotAttestor"],
];

interface Refusal {
  code: number;
  reason: string;
}

const BAD_PARAMETERS: Refusal = { code: -32602, reason: "Invalid params" };
const UNKNOWN = `0x${"42".repeat(32)}`;
const UNKNOWN_BLOCK: Refusal = {
  code: 10_001,
  reason:
    `This node has no block ${UNKNOWN}: take a hash that chain_getBlockHash gives, ` +
    "or leave it out for the best block.",
};

const BAD_QUESTIONS: [what: string, method: string, params: unknown[], refusal: Refusal][] = [
  ["no model", "lane", [], BAD_PARAMETERS],
  ["a model by its name", "lane", ["base"], BAD_PARAMETERS],
  ["a batch without its model", "batch", [0], BAD_PARAMETERS],
  ["a negative batch", "batch", [MODEL, -1], BAD_PARAMETERS],
  ["a payer by its public key", "payer", [MODEL, u8aToHex(bob.publicKey)], BAD_PARAMETERS],
  ["a payer whose address is misspelt", "payer", [MODEL, bob.address.replace(/.$/, "1")], BAD_PARAMETERS],
  ["claims of nobody", "claimable", [null], BAD_PARAMETERS],
  ["a page after half a contribution", "claimable", [bob.address, { datanet: 0 }], BAD_PARAMETERS],
  ["a page after a contribution as people write it", "claimable", [bob.address, "0/17"], BAD_PARAMETERS],
  ["revenue without a version", "revenue", [MODEL], BAD_PARAMETERS],
  ["a version of more than 32 bits", "revenue", [MODEL, 2 ** 32], BAD_PARAMETERS],
  ["a lane at an unknown block", "lane", [MODEL, UNKNOWN], UNKNOWN_BLOCK],
  ["a batch at an unknown block", "batch", [MODEL, 0, UNKNOWN], UNKNOWN_BLOCK],
  ["a payer at an unknown block", "payer", [MODEL, bob.address, UNKNOWN], UNKNOWN_BLOCK],
  ["claims at an unknown block", "claimable", [bob.address, null, UNKNOWN], UNKNOWN_BLOCK],
  ["revenue at an unknown block", "revenue", [MODEL, 0, UNKNOWN], UNKNOWN_BLOCK],
];

const ABSENCES: [method: string, params: unknown[], answer: unknown][] = [
  ["lane", [ABSENT], null],
  ["batch", [MODEL, 0], null],
  ["payer", [MODEL, eve.address], null],
  ["claimable", [eve.address], { account: "0", contributions: [], next: null }],
  ["revenue", [ABSENT, 0], { receipts: "0", fees: "0" }],
];

let node: ChainNode;
let lanes: Lanes;
let outcomes: { error: Promise<string>; next: Promise<unknown> }[];

onDevChain(async (api, started) => {
  [node, lanes] = [started, new Lanes(started)];
  const { tx } = api;
  const method = { Retrieval: { table: HASH, top: 16 } };
  const models = [
    register(api, "Base"),
    register(api, "Base"),
    addVersion(api, MODEL, { method }),
    addVersion(api, BY_SPANS, {}),
    ...[MODEL, BY_SPANS].map((model) => tx.modelRegistry.appointOperator(model, dave.address)),
  ];
  await send(api, alice, tx.utility.batchAll(models));
  const operations = [MODEL, BY_SPANS].map((model) => tx.modelRegistry.acceptOperation(model, open(10_000)));
  await Promise.all([
    send(api, dave, tx.utility.batchAll(operations)),
    ...payers.map((payer) => send(api, payer, tx.rewards.openEntry(MODEL, DEPOSIT, null))),
  ]);
  outcomes = await submitAll(api);
});

/** Submits all bad calls at once, and behind each of them a good one of the same account. */
async function submitAll(api: ApiPromise): Promise<typeof outcomes> {
  const nonces = new Map<string, number>();
  for (const { address } of [bob, charlie, dave, eve]) {
    nonces.set(address, (await api.rpc.system.accountNextIndex(address)).toNumber());
  }
  return BAD_CALLS.map(([, signer, call]) => {
    const nonce = nonces.get(signer.address) ?? 0;
    nonces.set(signer.address, nonce + 2);
    const error = failureOf(api, signer, call(api), { nonce });
    const good = api.tx.rewards.topUp(MODEL, bob.address, 1);
    const next = send(api, signer, good, { signing: { nonce: nonce + 1 } });
    // What fails is reported by the scenario that waits for it.
    for (const outcome of [error, next]) outcome.catch(() => {});
    return { error, next };
  });
}

for (const [index, [what, , , error]] of BAD_CALLS.entries()) {
  scenario(`${what} fails with ${error}, and the next call succeeds`, 60, async () => {
    assert.equal(await outcomes[index]?.error, error);
    await outcomes[index]?.next;
  });
}

scenario("bad calls have changed nothing, and each good one has paid", 60, async () => {
  const { balance, count } = await lanes.entry(MODEL, bob.address);
  assert.deepEqual([balance, count], [String(DEPOSIT + BigInt(BAD_CALLS.length)), "0"]);
  const { next, open } = await lanes.lane(MODEL);
  assert.deepEqual([next, open], [0, []]);
});

for (const [what, method, params, refusal] of BAD_QUESTIONS) {
  scenario(`${what}: refused with ${refusal.code}`, 60, async () => {
    await assert.rejects(node.rpc(`openledger_${method}`, ...params), refusal);
    assert.equal((await lanes.lane(MODEL)).operator, dave.address);
  });
}

for (const [method, params, answer] of ABSENCES) {
  scenario(`${method} of ${params.join(", ")} is ${JSON.stringify(answer)}, not an error`, 60, async () => {
    assert.deepEqual(await node.rpc(`openledger_${method}`, ...params), answer);
  });
}
