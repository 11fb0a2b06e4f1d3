/**
 * The life of batches, with the command line and with a dApp's libraries: from a thousand contributions to a model that
 * sells, from its sales to a batch of a hundred thousand receipts, to one that attestors sign and to one that its operator
 * withholds; and from there to everybody's account, to the unit as a program in Python recomputes it from blocks and
 * receipts.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import type { ApiPromise } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import type { EventRecord } from "@polkadot/types/interfaces";
import { stringToU8a, u8aToHex } from "@polkadot/util";
import type { PolkadotClient, TypedApi } from "polkadot-api";
import { openledger } from "../../.papi/descriptors/dist/index.js";
import { account, alice, bob, charlie, dave, eve, ferdie, open, SS58_PREFIX } from "../../src/accounts.js";
import { bestBlock, connect, eventOf, eventsAt, freeBalance, fund, send } from "../../src/chain.js";
import { Cli } from "../../src/cli.js";
import {
  ascending,
  bodies,
  Lanes,
  nano,
  openEntries,
  UNITS_PER_NANO,
  type VoucherJson,
  voucherOf,
  writeVouchers,
} from "../../src/lanes.js";
import { ChainNode } from "../../src/node.js";
import { papiClient, papiSend, papiSigner } from "../../src/papi.js";
import {
  addVersion,
  contentId,
  createDatanet,
  held,
  leavesOf,
  OPEN_POLICY,
  register,
  reviewedBy,
} from "../../src/record.js";
import { coresOf, salesOf, type Shape, type Source, writeSales } from "../../src/sales.js";
import { scenario } from "../../src/scenario.js";
import { type Bought, buy, NOTHING_BOUGHT } from "../../src/voucher.js";
import { waitFor } from "../../src/wait.js";

// Dave's datanets.
const REVIEWED = 0;
const OPEN = 1;
const FOLDERS = [
  { datanet: REVIEWED, uri: "//Bob", files: 450 },
  { datanet: REVIEWED, uri: "//Charlie", files: 350 },
  { datanet: OPEN, uri: "//Dave", files: 200 },
];
const LENGTHS = new Map([REVIEWED, OPEN].map((datanet) => [datanet, filesIn(datanet)]));
const SUPPLIED = ["--kind", "data", "--licence", "cc-by"];

// Alice's base model, and Eve's fine-tune of it, which Ferdie operates.
const BASE = 0;
const MODEL = 1;
const ROYALTY = 200_000;
const VERSION = 0;
const HASH = `0x${"11".repeat(32)}`;
/** The most citations of an answer. */
const TOP = 64;
const BOND = 10_000;

// Its batches: one is final by time, one early, one falls.
const LARGE = 0;
const ATTESTED = 1;
const WITHHELD = 2;
const SHAPES: Shape[] = [
  { receipts: 100_000, credits: 8, private: 20, broad: 100, seed: 1 },
  { receipts: 320, credits: 8, private: 3, broad: 20, seed: 2 },
  { receipts: 100, credits: 4, seed: 3 },
];
/** The receipt that is demanded of the first and of the last; neither is private. */
const DEMANDED = 77;

const PAYERS = 50;
const FEW_PAYERS = 5;
const DEPOSIT = 50;

const STAKE = 1_000;

const reviewers = [account("//Reviewer//1"), account("//Reviewer//2")];
const attestors = ["//Attestor//1", "//Attestor//2"];
const watcher = account("//Watcher");
const payerUris = Array.from({ length: PAYERS }, (_, nth) => `//Payer//${nth}`);
const uris = new Map(payerUris.map((uri) => [account(uri).address, uri]));
const payers = ascending(payerUris.map(account));
/** Signs in TypeScript, with a key of another kind that has no account. */
const typist = payers[0]!;
const hotKey = new Keyring({ type: "ed25519", ss58Format: SS58_PREFIX }).addFromUri("//Hot");

const root = mkdtempSync(join(tmpdir(), "openledger-e2e-lanes-"));
const salesOfBatch = (batch: number): string => join(root, `${batch}.sales`);

let node: ChainNode;
let api: ApiPromise;
let client: PolkadotClient | undefined;
let papi: TypedApi<typeof openledger>;
let lanes: Lanes;
let cli: Cli;

/** The leaves of each content that was contributed. */
const leaves = new Map<string, Uint8Array[]>();
let sources: Source[];
/** What the first payer has bought, as it counts itself. */
let bought: Bought = NOTHING_BOUGHT;
/** What of the bond was kept for payers of the batch that was final early. */
let reserve = 0n;

before(async () => {
  // The blocks are read at the end, with their events.
  const args = ["--alice", "--force-authoring", "--state-pruning", "archive"];
  node = await ChainNode.start({ name: "dev", chain: "dev", args });
  api = await connect(node);
  client = papiClient(node);
  papi = client.getTypedApi(openledger);
  lanes = new Lanes(node);
  cli = new Cli(node);
});

after(async () => {
  client?.destroy();
  await api?.disconnect();
  await node?.dispose();
  rmSync(root, { recursive: true, force: true });
});

function filesIn(datanet: number): number {
  return FOLDERS.filter((folder) => folder.datanet === datanet).reduce((sum, { files }) => sum + files, 0);
}

/** Writes files of which no two are equal, one in ten of three chunks. */
function write(folder: string, files: number): void {
  mkdirSync(folder);
  for (let index = 0; index < files; index += 1) {
    const text = `Letter ${index} of ${files}.\n`;
    const bytes = stringToU8a(text.repeat(index % 10 === 0 ? Math.ceil(2_500 / text.length) : 1));
    writeFileSync(join(folder, `${index}.txt`), bytes);
    leaves.set(contentId(bytes), leavesOf(bytes));
  }
}

/** The contributions of a datanet, as they can be cited. */
async function sourcesIn(datanet: number): Promise<Source[]> {
  const length = LENGTHS.get(datanet) ?? 0;
  const all: Source[] = [];
  while (all.length < length) {
    type Record = { contribution: { datanet: number; index: number }; content: string };
    const page = await node.rpc<Record[]>("openledger_contributions", datanet, length, all.length);
    assert.ok(page.length > 0, `datanet ${datanet} has no page from ${all.length} on`);
    all.push(...page.map(({ contribution, content }) => ({ ...contribution, leaves: leaves.get(content) ?? [] })));
  }
  return all;
}

/** Does this with all of them, two at a time. */
async function withAll<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [place, item] of left) results[place] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** A payer signs for what the file says, with the command line. */
async function sign(path: string, address: string): Promise<VoucherJson> {
  const out = `${path}.${address}`;
  await cli.as(uris.get(address) ?? "").json("payer", "sign", String(MODEL), path, "--out", out);
  const [voucher] = JSON.parse(readFileSync(out, "utf8")) as [VoucherJson];
  return voucher;
}

/** Sells to these payers, has them sign, and submits; returns what it costs. */
async function sell(batch: number, buyers = payers): Promise<bigint> {
  const path = salesOfBatch(batch);
  const market = await lanes.market(MODEL, VERSION, TOP, buyers, sources);
  const fees = writeSales(path, market.payers, salesOf(market, SHAPES[batch]!));

  bought = coresOf(path, typist.publicKey).reduce(buy, bought);
  const others = buyers.filter((buyer) => buyer !== typist).map(({ address }) => address);
  const vouchers = await withAll(others, (address) => sign(path, address));
  writeVouchers(`${path}.vouchers`, [voucherOf(api, MODEL, typist, bought, hotKey), ...vouchers]);
  await cli.as("//Ferdie").json("--in-block", "batch", "submit", String(MODEL), path, `${path}.vouchers`);
  return fees;
}

scenario("three people contribute a thousand files, and two reviewers approve those of two of them", 300, async () => {
  const others = [...reviewers, ...attestors.map(account), watcher, account("//Stranger"), ...payers];
  await fund(api, alice, others, open(2_000));
  const policy = reviewedBy(reviewers.length, Number(api.consts.datanets.maxReviewPeriod));
  const invitations = reviewers.map(({ address }) => api.tx.datanets.inviteReviewer(REVIEWED, address));
  const datanets = [createDatanet(api, policy), createDatanet(api, OPEN_POLICY)];
  await send(api, dave, api.tx.utility.batchAll([...datanets, ...invitations]));
  await Promise.all(reviewers.map((reviewer) => send(api, reviewer, api.tx.datanets.joinReviewers(REVIEWED))));

  const contributing = FOLDERS.map(({ datanet, uri, files }) => {
    const folder = join(root, uri.slice(2));
    write(folder, files);
    const accepting = datanet === OPEN ? ["--accept"] : [];
    return cli.as(uri).json("contribute", String(datanet), folder, ...SUPPLIED, ...accepting);
  });
  await Promise.all(contributing);
  const approving = ["review", "approve", String(REVIEWED), "--all"];
  await Promise.all(["//Reviewer//1", "//Reviewer//2"].map((uri) => cli.as(uri).json(...approving)));
  await cli.as("//Stranger").json("accept", String(REVIEWED), "--all");

  sources = [...(await sourcesIn(REVIEWED)), ...(await sourcesIn(OPEN))];
  assert.equal(sources.length, 1_000);
  assert.equal(sources.every((source) => source.leaves.length > 0), true);
});

scenario("a fine-tune of a base model sells by retrieval, and its operator bonds", 120, async () => {
  const [reviewed, unreviewed] = [...LENGTHS].map(([datanet, length]) => ({ datanet, length }));
  const base = [
    register(api, "Base", { terms: { allowed: true, royalty: ROYALTY } }),
    addVersion(api, BASE, { snapshots: [reviewed!] }),
  ];
  await send(api, alice, api.tx.utility.batchAll(base));
  const price = { rateIn: 1_000_000, rateOut: 2_000_000 };
  const fineTune = register(api, "FineTune", { parents: [{ model: BASE, atMost: ROYALTY }], price });
  const appointment = api.tx.modelRegistry.appointOperator(MODEL, ferdie.address);
  await send(api, eve, api.tx.utility.batchAll([fineTune, appointment]));
  const hashes = ["--weights", HASH, "--config", HASH, "--training-log", HASH, "--licence", "cc-by"];
  const method = ["--method", `retrieval:${HASH}:${TOP}`, "--snapshot", `${OPEN}:${unreviewed!.length}`];
  const version = cli.as("//Eve").json("--in-block", "model", "version", String(MODEL), ...hashes, ...method);
  const bond = send(api, ferdie, api.tx.modelRegistry.acceptOperation(MODEL, open(BOND)));
  await Promise.all([version, bond]);

  const lane = await lanes.lane(MODEL);
  assert.deepEqual([lane.next, lane.open, lane.operator], [0, [], ferdie.address]);
  assert.deepEqual([lane.bond, lane.freeBond], [String(open(BOND)), String(open(BOND))]);
  assert.deepEqual([lane.epoch, lane.rateIn, lane.rateOut], [0, "1000000", "2000000"]);
});

scenario("fifty payers fund entries, one for a hot key that signs", 120, async () => {
  const [, second, ...others] = payers;
  const opening = papi.tx.Rewards.open_entry({ model: MODEL, amount: nano(DEPOSIT), signer: hotKey.address });
  await Promise.all([
    papiSend(opening, papiSigner(typist)),
    cli.as(uris.get(second!.address) ?? "").json("--in-block", "payer", "open", String(MODEL), String(DEPOSIT)),
    openEntries(api, MODEL, others, nano(DEPOSIT)),
  ]);
  for (const payer of payers) {
    const { balance, count, signer } = await lanes.entry(MODEL, payer.address);
    const expected = payer === typist ? hotKey.address : payer.address;
    assert.deepEqual([balance, count, signer], [String(nano(DEPOSIT)), "0", expected]);
  }
  assert.equal(await papi.view.Rewards.left(MODEL, typist.address), nano(DEPOSIT));
});

scenario("a batch of 100,000 receipts is built and submitted, with vouchers of fifty payers", 240, async () => {
  const fees = await sell(LARGE);
  const batch = await lanes.open(MODEL, LARGE);
  assert.deepEqual([batch.operator, batch.receipts, batch.fees], [ferdie.address, "100000", String(fees)]);
  assert.deepEqual([batch.stage, batch.orphan, batch.demands], ["pending", false, []]);
  const { freeBond } = await lanes.lane(MODEL);
  assert.equal(BigInt(freeBond), open(BOND) - fees * UNITS_PER_NANO);
  const entry = await lanes.bought(MODEL, typist.address);
  assert.deepEqual([entry.count, u8aToHex(entry.head)], [bought.count, u8aToHex(bought.head)]);
});

scenario("a watcher finds the batch right, demands a receipt all the same, and pays for the answer", 120, async () => {
  const which = [String(MODEL), String(LARGE)];
  await cli.json("batch", "check", ...which, salesOfBatch(LARGE));
  await cli.as("//Watcher").json("--in-block", "batch", "demand", ...which, String(DEMANDED));
  const [demand] = (await lanes.open(MODEL, LARGE)).demands;
  assert.deepEqual([demand?.receipt, demand?.by], [DEMANDED, watcher.address]);
  const deposit = BigInt(demand?.deposit ?? 0);
  assert.equal(await held(api, watcher, "attribution", "Demand"), deposit);

  const operators = await freeBalance(api, ferdie.address);
  await cli.as("//Ferdie").json("--in-block", "batch", "answer", ...which, salesOfBatch(LARGE));
  assert.deepEqual((await lanes.open(MODEL, LARGE)).demands, []);
  assert.equal(await held(api, watcher, "attribution", "Demand"), 0n);
  assert.ok((await freeBalance(api, ferdie.address)) > operators, "the deposit does not pay for the answer");
});

scenario("two small batches follow, of which the operator withholds one that is demanded", 180, async () => {
  const few = payers.slice(0, FEW_PAYERS);
  await sell(ATTESTED, few);
  await sell(WITHHELD, few);
  const which = [String(MODEL), String(WITHHELD)];
  await cli.as("//Watcher").json("--in-block", "batch", "demand", ...which, String(DEMANDED));

  // What the operator shows instead was never submitted.
  const shown = join(root, "shown.sales");
  const market = await lanes.market(MODEL, VERSION, TOP, few, sources);
  writeSales(shown, market.payers, salesOf(market, { ...SHAPES[WITHHELD]!, seed: 4 }));
  assert.equal((await cli.start("batch", "check", ...which, shown).outcome).code, 1);
  assert.deepEqual((await lanes.lane(MODEL)).open.sort(), [LARGE, ATTESTED, WITHHELD]);
});

scenario("the drawn steps of both honest batches are answered", 180, async () => {
  const answer = ["batch", "answer", String(MODEL)];
  // Of the second an attestor keeps the receipts, and anybody may answer.
  const kept = join(root, "kept.sales");
  copyFileSync(salesOfBatch(ATTESTED), kept);
  await Promise.all([
    cli.as("//Ferdie").json("--in-block", ...answer, String(LARGE), salesOfBatch(LARGE), "--wait"),
    cli.as("//Attestor//1").json("--in-block", ...answer, String(ATTESTED), kept, "--wait"),
  ]);
  for (const batch of [LARGE, ATTESTED]) {
    const { draws } = await lanes.open(MODEL, batch);
    assert.equal(draws?.steps.length, 8);
    assert.equal(draws?.steps.every(({ answered }) => answered), true);
  }
});

scenario("a batch that attestors sign is final before its deadline", 120, async () => {
  const which = [String(MODEL), String(ATTESTED)];
  await Promise.all(
    attestors.map(async (uri) => {
      const attestor = cli.as(uri);
      await attestor.json("--in-block", "attestor", "stake", String(STAKE));
      await attestor.json("--in-block", "attestor", "attest", ...which, salesOfBatch(ATTESTED));
    }),
  );
  await cli.as("//Stranger").json("--in-block", "batch", "finalise", ...which);
  const { stage, signers, now, deadline } = await lanes.open(MODEL, ATTESTED);
  assert.deepEqual([stage, signers.length], ["paid", attestors.length]);
  assert.ok(now < deadline, "the deadline is over, so that it was not early");
});

scenario("the large batch is final by time, and all of it is paid", 180, async () => {
  await lanes.deadline(api, MODEL, LARGE, 150);
  await cli.as("//Stranger").json("--in-block", "batch", "finalise", String(MODEL), String(LARGE));
  assert.equal(await lanes.batch(MODEL, LARGE), null);
  const revenue = await node.rpc("openledger_revenue", MODEL, VERSION);
  assert.equal((revenue as { receipts: string }).receipts, String(100_000 + 320));
});

scenario("the withheld batch falls: the bond is gone, the watcher is rewarded, payers are whole", 180, async () => {
  const which = [String(MODEL), String(WITHHELD)];
  const few = payers.slice(0, FEW_PAYERS);
  const [demand] = (await lanes.open(MODEL, WITHHELD)).demands;
  const deposit = BigInt(demand?.deposit ?? 0);
  const balances = async (): Promise<bigint[]> => {
    return Promise.all(few.map(async ({ address }) => BigInt((await lanes.entry(MODEL, address)).balance)));
  };
  const { fees } = await lanes.open(MODEL, WITHHELD);
  const spent = await balances();
  await waitFor("the demand to be overdue", 60, async () => {
    const { now, demands } = await lanes.open(MODEL, WITHHELD);
    return demands.every(({ until }) => now > until);
  });
  const start = await bestBlock(api);
  await cli.as("//Stranger").json("--in-block", "batch", "expire", ...which);
  assert.equal(await lanes.batch(MODEL, WITHHELD), null);

  const events: EventRecord[] = [];
  for (let height = start; height <= (await bestBlock(api)); height += 1) {
    events.push(...(await eventsAt(api, (await api.rpc.chain.getBlockHash(height)).toHex())));
  }
  const { fault, slashed, challenger, reward } = eventOf(events, "attribution", "Voided").toHuman(true)
    .data as unknown as Record<string, unknown>;
  assert.deepEqual(fault, { NoAnswer: { receipt: String(DEMANDED) } });
  const digits = (value: unknown): bigint => BigInt(String(value).replaceAll(",", ""));
  assert.deepEqual([digits(slashed), challenger], [open(BOND), watcher.address]);
  // A tenth of the bond, but at most fifty deposits.
  assert.equal(digits(reward), open(BOND) / 10n < 50n * deposit ? open(BOND) / 10n : 50n * deposit);
  assert.equal(await held(api, ferdie, "modelRegistry", "OperatorBond"), 0n);

  const whole = await balances();
  const back = whole.reduce((sum, balance, place) => sum + balance - spent[place]!, 0n);
  assert.equal(back, BigInt(fees));
  await cli.as("//Stranger").json("--in-block", "batch", "expire", ...which);
  assert.equal(await held(api, watcher, "attribution", "Demand"), 0n);
});

scenario("the attested batch is closed, and what was kept for its payers is the treasury's", 120, async () => {
  const { fees } = await lanes.open(MODEL, ATTESTED);
  reserve = BigInt(fees);
  assert.equal(BigInt(String(await api.query.attribution.reserve())), reserve);
  await lanes.deadline(api, MODEL, ATTESTED, 90);
  await cli.as("//Stranger").json("--in-block", "batch", "close", String(MODEL), String(ATTESTED));
  assert.deepEqual((await lanes.lane(MODEL)).open, []);
  assert.equal(BigInt(String(await api.query.attribution.reserve())), 0n);
});

scenario("a stranger claims for everybody, and everybody gets what they could claim", 120, async () => {
  const people = [alice, bob, charlie, dave, eve, ferdie, ...reviewers].map(({ address }) => address);
  const due = await Promise.all(people.map((address) => claimableBy(address)));
  assert.ok(due.every((amount) => amount > 0n), due.join(", "));
  const before = await Promise.all(people.map((address) => freeBalance(api, address)));

  const stranger = cli.as("//Stranger");
  const claiming = ["--in-block", "claim"];
  for (const [datanet, length] of LENGTHS) {
    await stranger.json(...claiming, "contributions", String(datanet), `0..${length - 1}`);
  }
  const curated = ["contributions", String(REVIEWED), `0..${filesIn(REVIEWED) - 1}`, "--curation"];
  await stranger.json(...claiming, ...curated);
  await stranger.json(...claiming, "account", alice.address, eve.address, ferdie.address);

  const got = await Promise.all(people.map((address) => freeBalance(api, address)));
  assert.deepEqual(
    got.map((balance, place) => balance - before[place]!),
    due.map((amount) => amount * UNITS_PER_NANO),
  );
  for (const address of people) assert.equal(await claimableBy(address), 0n);
  const { escrowPot, earningsPot } = api.consts.rewards;
  for (const pot of [escrowPot, earningsPot]) {
    assert.equal(await freeBalance(api, String(pot)), api.consts.balances.existentialDeposit.toBigInt());
  }
});

/** What an account can claim by models and contributions, as RPC says. */
async function claimableBy(address: string): Promise<bigint> {
  const { account: byModels, contributions } = await lanes.claimable(address);
  const amounts = contributions.flatMap(({ earner, curation }) => [BigInt(earner), BigInt(curation)]);
  return amounts.reduce((sum, amount) => sum + amount, BigInt(byModels));
}

/** What the oracle says; amounts are digits. */
interface Recomputed {
  batches: { batch: number; status: string; attested: boolean; receipts: string }[];
  treasury: string;
  stakers: string;
  commons: string;
  accounts: Record<string, { model: string; contributions: string; curation: string }>;
  payers: { model: number; payer: string; left: string; bought: { count: string; cumulative: string; head: string } }[];
  unclaimed: unknown[];
}

/** Runs the oracle on a file. */
async function recomputed(file: string): Promise<Recomputed> {
  const script = fileURLToPath(new URL("../../oracle/from_blocks.py", import.meta.url));
  const child = spawn("python3", [script, file], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Recomputed;
}

scenario("blocks and receipts alone lead to what everybody got, to the unit", 300, async () => {
  const blocks = await bodies(api, 1, await bestBlock(api));
  const input = {
    genesis: api.genesisHash.toHex(),
    blocks: blocks.map(({ number, extrinsics }) => {
      const failed = extrinsics.flatMap((extrinsic, position) => (extrinsic.error ? [position] : []));
      return { number, extrinsics: extrinsics.map(({ hex }) => hex), failed };
    }),
    sales: [salesOfBatch(LARGE), salesOfBatch(ATTESTED), null],
  };
  const file = join(root, "blocks.json");
  writeFileSync(file, JSON.stringify(input));
  const oracle = await recomputed(file);
  assert.deepEqual(
    oracle.batches.map(({ batch, status, attested, receipts }) => [batch, status, attested, receipts]),
    [
      [LARGE, "final", false, "100000"],
      [ATTESTED, "final", true, "320"],
      [WITHHELD, "void", false, "100"],
    ],
  );
  assert.deepEqual(oracle.unclaimed, []);

  const transfers = blocks.flatMap((block) => block.transfers);
  const moved = (from: unknown, to: unknown): bigint => {
    const between = transfers.filter((transfer) => transfer.from === String(from) && transfer.to === String(to));
    return between.reduce((sum, { amount }) => sum + amount, 0n);
  };
  const { escrowPot, earningsPot, treasury, stakersPot, commons } = api.consts.rewards;
  const units = (amount: string): bigint => BigInt(amount) * UNITS_PER_NANO;
  assert.equal(moved(escrowPot, treasury), units(oracle.treasury) + reserve * UNITS_PER_NANO);
  assert.equal(moved(escrowPot, stakersPot), units(oracle.stakers));
  assert.equal(moved(escrowPot, commons) + moved(earningsPot, commons), units(oracle.commons));

  const paid = new Set(transfers.filter(({ from }) => from === String(earningsPot)).map(({ to }) => to));
  paid.delete(String(commons));
  const roles: [who: { address: string; publicKey: Uint8Array }[], by: "model" | "contributions" | "curation"][] = [
    [[alice, eve, ferdie], "model"],
    [[bob, charlie, dave], "contributions"],
    [reviewers, "curation"],
  ];
  const earners = roles.flatMap(([who]) => who);
  assert.deepEqual([...paid].sort(), earners.map(({ address }) => address).sort());
  assert.equal(Object.keys(oracle.accounts).length, earners.length);
  for (const [who, by] of roles) {
    for (const { address, publicKey } of who) {
      const income = oracle.accounts[u8aToHex(publicKey)];
      assert.deepEqual(income, { model: "0", contributions: "0", curation: "0", [by]: income?.[by] });
      assert.equal(moved(earningsPot, address), units(income?.[by] ?? "0"));
    }
  }

  assert.equal(oracle.payers.length, PAYERS);
  for (const { payer, left, bought } of oracle.payers) {
    const { balance, count, cumulative, head } = await lanes.entry(MODEL, payerOf(payer));
    assert.deepEqual([balance, { count, cumulative, head }], [left, bought]);
  }
});

/** The address of a payer by its public key. */
function payerOf(key: string): string {
  const [found] = payers.filter(({ publicKey }) => u8aToHex(publicKey) === key);
  return found?.address ?? "";
}
