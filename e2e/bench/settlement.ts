/**
 * Settles batches of a thousand to a million receipts on one development node, each for the same payers and contributions,
 * from their submission to what everybody claims, and prints one line of JSON:
 *
 * - `receipts`: those of the largest batch, of which everything is said unless it is of all; each has eight credits;
 * - `bytes_per_inference`, `ref_time_ns_per_inference`: what submission, finality and all claims take of blocks and of
 *   their computing time, with the extrinsics around the calls;
 * - `bytes_per_inference_with_draws`: the same with the answers to what the chain draws;
 * - `build_seconds`, `rss_mib`: how long `openledger-cli batch build` takes, which reads the sales and executes them, and
 *   the most memory that it has;
 * - `times_cheaper_than_one_extrinsic_each`: how often all of it, draws included, goes into a remark with the receipt and
 *   a transfer of its fee, for each inference: by bytes or by computing time, whichever is less;
 * - `weight_spread_percent`, `bytes_spread_percent`: by how much the dearest batch exceeds the cheapest, of submissions
 *   alone or with finality and claims, whichever is more.
 *
 * A limit that is broken is named, and the exit code is 1.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiPromise } from "@polkadot/api";
import { hexToU8a, stringToU8a, u8aToHex } from "@polkadot/util";
import { account, alice, bob, open } from "../src/accounts.js";
import { bestBlock, connect, type Extrinsic, fund, send } from "../src/chain.js";
import { Cli, type Run } from "../src/cli.js";
import {
  ascending,
  bodies,
  type Body,
  type Executed,
  Lanes,
  nano,
  openEntries,
  UNITS_PER_NANO,
  voucherOf,
  writeVouchers,
} from "../src/lanes.js";
import { ChainNode } from "../src/node.js";
import {
  accept,
  addVersion,
  commit,
  createDatanet,
  leavesOf,
  OPEN_POLICY,
  register,
  reveal,
  revealedIn,
  revealOf,
  revealPeriodOver,
} from "../src/record.js";
import { encodeReceipt, type Market, salesOf, type Source, writeSales } from "../src/sales.js";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const CONTRIBUTIONS = 1_000;
const PAYERS = 100;
const CREDITS = 8;
/** One receipt of this many is private. */
const PRIVATE = 4;
const ALTERNATIVES = 100;

const LIMITS = {
  weight_spread_percent: 1,
  bytes_spread_percent: 15,
  bytes_per_inference: 0.05,
  bytes_per_inference_with_draws: 0.5,
  ref_time_ns_per_inference: 1_000,
};

// Alice's datanet and model, which Bob operates.
const DATANET = 0;
const MODEL = 0;
const VERSION = 0;
const TOP = 16;
const TABLE = `0x${"11".repeat(32)}`;

const PICOS_PER_NANO = 1_000;
const KIB_PER_MIB = 1_024;
const POLL_MILLIS = 50;

const payers = ascending(Array.from({ length: PAYERS }, (_, nth) => account(`//Payer//${nth}`)));
/** Answers, finalises and claims for a batch of this size: anybody may. */
const strangerFor = (size: number): string => `//Stranger//${size}`;

/** What extrinsics take of a block. */
interface Cost {
  bytes: number;
  refTime: number;
}

function costOf(extrinsics: readonly Executed[]): Cost {
  return extrinsics.reduce(
    (sum, { bytes, refTime }) => ({ bytes: sum.bytes + bytes, refTime: sum.refTime + Number(refTime) }),
    { bytes: 0, refTime: 0 },
  );
}

const together = (a: Cost, b: Cost): Cost => ({ bytes: a.bytes + b.bytes, refTime: a.refTime + b.refTime });

/** What a batch costs, part by part. */
interface Settled {
  submission: Cost;
  draws: Cost;
  /** Finality and claims. */
  rest: Cost;
}

/** Contributions that anybody may cite. */
async function contribute(api: ApiPromise): Promise<Source[]> {
  await send(api, alice, createDatanet(api, OPEN_POLICY));
  const works = Array.from({ length: CONTRIBUTIONS }, (_, nth) => stringToU8a(`Letter ${nth} of ${CONTRIBUTIONS}.`));
  const most = Number(api.consts.datanets.maxBatch);
  const precedences: bigint[] = [];
  let committed = 0;
  for (let start = 0; start < works.length; start += most) {
    const some = works.slice(start, start + most).map((bytes) => revealOf(bytes));
    committed = (await send(api, alice, commit(api, alice, some))).blockNumber;
    const { events } = await send(api, alice, reveal(api, DATANET, OPEN_POLICY, some));
    precedences.push(...revealedIn(events));
  }
  await revealPeriodOver(api, committed);
  for (let start = 0; start < works.length; start += most) {
    await send(api, alice, accept(api, DATANET, precedences.slice(start, start + most)));
  }
  return works.map((bytes, index) => ({ datanet: DATANET, index, leaves: leavesOf(bytes) }));
}

/** A model that sells, with an operator whose bond covers all batches at once. */
async function offer(api: ApiPromise): Promise<void> {
  const price = { rateIn: 1_000_000, rateOut: 2_000_000 };
  const snapshots = [{ datanet: DATANET, length: CONTRIBUTIONS }];
  const calls = [
    register(api, "Base", { price }),
    addVersion(api, MODEL, { snapshots, method: { Retrieval: { table: TABLE, top: TOP } } }),
    api.tx.modelRegistry.appointOperator(MODEL, bob.address),
  ];
  await send(api, alice, api.tx.utility.batchAll(calls));
  await send(api, bob, api.tx.modelRegistry.acceptOperation(MODEL, open(100_000)));
}

/** The most memory that a command has until it ends, in MiB. */
async function peakOf(run: Run): Promise<number> {
  let peak = 0;
  let ended = false;
  const end = run.outcome.finally(() => (ended = true));
  while (!ended) {
    try {
      const [, kib] = readFileSync(`/proc/${run.pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB$/m) ?? [];
      peak = Math.max(peak, Number(kib ?? 0));
    } catch {
      // It has just ended.
    }
    await Promise.race([end, sleep(POLL_MILLIS)]);
  }
  return Math.round(peak / KIB_PER_MIB);
}

/** What `batch build` says that payers have to sign. */
interface Built {
  payers: { payer: string; count: number; cumulative: string; head: string }[];
}

/** Sells, builds, submits, and answers what is drawn; returns how long the building took and what memory. */
async function settle(api: ApiPromise, cli: Cli, market: Market, path: string, size: number): Promise<[number, number]> {
  writeSales(path, market.payers, salesOf(market, { receipts: size, credits: CREDITS, private: PRIVATE, seed: size }));
  const started = performance.now();
  const building = cli.start("--json", "batch", "build", String(MODEL), path);
  const rss = await peakOf(building);
  const { code, stdout, stderr } = await building.outcome;
  if (code !== 0) throw new Error(`The batch of ${size} receipts cannot be built: ${stderr}`);
  const seconds = (performance.now() - started) / 1_000;

  const built = JSON.parse(stdout) as Built;
  const vouchers = built.payers.map(({ payer, count, cumulative, head }) => {
    const pair = payers.find(({ address }) => address === payer);
    if (!pair) throw new Error(`${payer} is no payer.`);
    return voucherOf(api, MODEL, pair, { count: BigInt(count), cumulative: BigInt(cumulative), head: hexToU8a(head) });
  });
  writeVouchers(`${path}.vouchers`, vouchers);
  const batch = String(SIZES.indexOf(size));
  await cli.as("//Bob").json("--in-block", "batch", "submit", String(MODEL), path, `${path}.vouchers`);
  await cli.as(strangerFor(size)).json("--in-block", "batch", "answer", String(MODEL), batch, path, "--wait");
  return [seconds, rss];
}

/** Finalises a batch, and claims for everybody. */
async function pay(api: ApiPromise, lanes: Lanes, cli: Cli, size: number): Promise<void> {
  const batch = SIZES.indexOf(size);
  await lanes.deadline(api, MODEL, batch, 180);
  const stranger = cli.as(strangerFor(size));
  await stranger.json("--in-block", "batch", "finalise", String(MODEL), String(batch));
  await stranger.json("--in-block", "claim", "contributions", String(DATANET), `0..${CONTRIBUTIONS - 1}`);
  await stranger.json("--in-block", "claim", "account", alice.address, bob.address);
}

/** What an inference costs that is recorded and paid by itself. */
async function alternative(api: ApiPromise, market: Market): Promise<Cost> {
  const start = await bestBlock(api);
  const who = account("//Alternative");
  const shape = { receipts: ALTERNATIVES, credits: CREDITS, private: PRIVATE, seed: 0 };
  const calls = [...salesOf(market, shape)].flatMap(({ receipt }): Extrinsic[] => [
    api.tx.system.remarkWithEvent(u8aToHex(encodeReceipt(receipt))),
    api.tx.balances.transferKeepAlive(alice.address, receipt.core.fee * UNITS_PER_NANO),
  ]);
  await Promise.all(calls.map((call, nonce) => send(api, who, call, { signing: { nonce } })));
  const blocks = await bodies(api, start, await bestBlock(api));
  const { bytes, refTime } = costOf(signedBy(blocks, who.address));
  return { bytes: bytes / ALTERNATIVES, refTime: refTime / ALTERNATIVES };
}

/** What an account has signed in these blocks. */
function signedBy(blocks: readonly Body[], address: string): Executed[] {
  const own = blocks.flatMap(({ extrinsics }) => extrinsics.filter(({ signer }) => signer === address));
  const failed = own.filter((extrinsic) => extrinsic.error).map(({ call }) => call);
  if (failed.length > 0) throw new Error(`${failed.join(", ")} of ${address} failed.`);
  return own;
}

/** By how many percent the most exceeds the least. */
function spread(values: readonly number[]): number {
  return (100 * (Math.max(...values) - Math.min(...values))) / Math.min(...values);
}

async function run(node: ChainNode, folder: string): Promise<Record<string, number>> {
  const api = await connect(node);
  const [lanes, cli] = [new Lanes(node), new Cli(node)];
  const strangers = SIZES.map((size) => account(strangerFor(size)));
  await fund(api, alice, [...payers, ...strangers, account("//Alternative")], open(1_000));
  const sources = await contribute(api);
  await offer(api);
  await openEntries(api, MODEL, payers, nano(100));
  const market = await lanes.market(MODEL, VERSION, TOP, payers, sources);

  const start = (await bestBlock(api)) + 1;
  const built: [number, number][] = [];
  for (const size of SIZES) built.push(await settle(api, cli, market, join(folder, `${size}.sales`), size));
  for (const size of SIZES) await pay(api, lanes, cli, size);

  const blocks = await bodies(api, start, await bestBlock(api));
  // Bob has submitted all of them, and nothing else.
  const submissions = signedBy(blocks, bob.address);
  const settled = SIZES.map((size, place): Settled => {
    const others = signedBy(blocks, account(strangerFor(size)).address);
    const isAnswer = ({ call }: Executed): boolean => call === "attribution.open";
    return {
      submission: costOf(submissions.slice(place, place + 1)),
      draws: costOf(others.filter(isAnswer)),
      rest: costOf(others.filter((extrinsic) => !isAnswer(extrinsic))),
    };
  });
  const each = await alternative(api, market);
  await api.disconnect();

  const [receipts, last, [seconds, rss]] = [SIZES.at(-1)!, settled.at(-1)!, built.at(-1)!];
  const needed = together(last.submission, last.rest);
  const all = together(needed, last.draws);
  const cheaper = Math.min((each.bytes * receipts) / all.bytes, (each.refTime * receipts) / all.refTime);
  const widest = (part: keyof Cost): number => {
    const alone = settled.map(({ submission }) => submission[part]);
    const whole = settled.map(({ submission, rest }) => together(submission, rest)[part]);
    return Math.max(spread(alone), spread(whole));
  };
  return {
    receipts,
    bytes_per_inference: rounded(needed.bytes / receipts, 4),
    bytes_per_inference_with_draws: rounded(all.bytes / receipts, 4),
    ref_time_ns_per_inference: rounded(needed.refTime / PICOS_PER_NANO / receipts, 1),
    build_seconds: rounded(seconds, 1),
    rss_mib: rss,
    times_cheaper_than_one_extrinsic_each: Math.floor(cheaper),
    weight_spread_percent: rounded(widest("refTime"), 2),
    bytes_spread_percent: rounded(widest("bytes"), 1),
  };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const folder = mkdtempSync(join(tmpdir(), "openledger-bench-"));
// The blocks are read at the end, with their events.
const args = ["--alice", "--force-authoring", "--state-pruning", "archive"];
const node = await ChainNode.start({ name: "settlement", chain: "dev", args });
try {
  const result = await run(node, folder);
  console.log(JSON.stringify(result));
  for (const [what, limit] of Object.entries(LIMITS)) {
    if ((result[what] ?? Infinity) <= limit) continue;
    console.error(`${what} is more than ${limit}.`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(node.logTail());
  throw error;
} finally {
  await node.dispose();
  rmSync(folder, { recursive: true, force: true });
}
