/**
 * Floods one development node with signed transfers from a thousand accounts, until ten consecutive
 * blocks are full, and prints one line of JSON:
 *
 * - `transfers_per_second`: in the ten consecutive blocks of which the emptiest is fullest;
 * - `fill`: of the emptiest of them, the part of the normal limit of computing time that is used;
 * - `import_ms_median`: how long a second node, a full one, takes to check and import such a block;
 * - `rss_mib`: the most memory that the authoring node has held;
 * - `db_bytes_per_transfer`: by how much its database grew for each transfer.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { account, alice, open } from "../src/accounts.js";
import { bestBlock, connect, fund } from "../src/chain.js";
import { bestHeight } from "../src/network.js";
import { ChainNode } from "../src/node.js";
import { post } from "../src/rpc.js";
import { waitFor } from "../src/wait.js";

const SENDERS = 1_000;
const WINDOW = 10;
/** The first and the last block of a flood are not full; a few more leave a choice of windows. */
const BLOCKS = WINDOW + 4;
const POOL_LIMIT = 200_000;
const POOL_KIB = 204_800;
const BATCH = 250;
const DRAIN_SECONDS = 300;
const METRIC = "substrate_block_verification_and_import_time";
const MIB = 1024 * 1024;

interface Block {
  height: number;
  millis: number;
  transfers: number;
  fill: number;
}

const senders = Array.from({ length: SENDERS }, (_, index) => account(`//Sender//${index}`));

function transfer(api: ApiPromise, index: number) {
  const recipient = senders[(index + 1) % SENDERS] ?? alice;
  return api.tx.balances.transferKeepAlive(recipient.address, open(0.001));
}

function normalLimit(api: ApiPromise): number {
  return api.consts.system.blockWeights.perClass.normal.maxTotal.unwrap().refTime.toNumber();
}

/** How many transfers each sender must send for all of them to fill `BLOCKS` blocks. */
async function transfersPerSender(api: ApiPromise): Promise<number> {
  const { weight } = await transfer(api, 0).paymentInfo(alice);
  const base = api.consts.system.blockWeights.perClass.normal.baseExtrinsic.refTime;
  const perBlock = normalLimit(api) / (weight.refTime.toNumber() + base.toNumber());
  return Math.ceil((BLOCKS * perBlock) / SENDERS);
}

/** Signs all transfers before the clock runs, ordered by nonce so that each is ready when its turn comes. */
async function signAll(api: ApiPromise, perSender: number): Promise<string[]> {
  const signature = { blockHash: api.genesisHash, genesisHash: api.genesisHash, runtimeVersion: api.runtimeVersion };
  const sign = (sender: KeyringPair, index: number, nonce: number): string => {
    return transfer(api, index).sign(sender, { ...signature, nonce }).toHex();
  };
  const extrinsics: string[] = [];
  for (let nonce = 0; nonce < perSender; nonce += 1) {
    extrinsics.push(...senders.map((sender, index) => sign(sender, index, nonce)));
  }
  return extrinsics;
}

async function flood(node: ChainNode, extrinsics: string[]): Promise<void> {
  for (let from = 0; from < extrinsics.length; from += BATCH) {
    const batch = extrinsics.slice(from, from + BATCH).map((extrinsic, id) => {
      return { jsonrpc: "2.0", id, method: "author_submitExtrinsic", params: [extrinsic] };
    });
    const answers = (await (await post(node.httpUrl, batch)).json()) as { error?: { message: string } }[];
    const refused = answers.find(({ error }) => error);
    if (refused) throw new Error(`The node refused a transfer: ${refused.error?.message}.`);
  }
}

async function readBlock(api: ApiPromise, height: number): Promise<Block> {
  const hash = await api.rpc.chain.getBlockHash(height);
  const at = await api.at(hash);
  const [events, weight, now] = await Promise.all([
    at.query.system.events(),
    at.query.system.blockWeight(),
    at.query.timestamp.now(),
  ]);
  return {
    height,
    millis: now.toNumber(),
    transfers: events.filter(({ event }) => api.events.balances.Transfer.is(event)).length,
    fill: weight.normal.refTime.toNumber() / normalLimit(api),
  };
}

/** The ten consecutive blocks of which the emptiest is fullest, with the block before them. */
function fullestWindow(blocks: Block[]): [Block, ...Block[]] {
  let best: Block[] = [];
  for (let end = WINDOW + 1; end <= blocks.length; end += 1) {
    const candidate = blocks.slice(end - WINDOW - 1, end);
    if (best.length === 0 || emptiest(candidate.slice(1)) > emptiest(best.slice(1))) best = candidate;
  }
  const [before, ...rest] = best;
  if (!before) throw new Error(`The flood was over before ${WINDOW} blocks were authored.`);
  return [before, ...rest];
}

function emptiest(blocks: Block[]): number {
  return Math.min(...blocks.map(({ fill }) => fill));
}

/** Notes how long each block took a node to import, by reading its running sum of import times. */
class ImportTimes {
  readonly millis: { height: number; millis: number }[] = [];
  private count = 0;
  private sum = 0;

  constructor(private readonly node: ChainNode) {}

  async poll(): Promise<void> {
    const text = await (await fetch(this.node.metricsUrl)).text();
    const value = (suffix: string): number => {
      const line = new RegExp(`^${METRIC}_${suffix}\\{.*\\} (\\S+)$`, "m").exec(text);
      return Number(line?.[1] ?? 0);
    };
    const [count, sum] = [value("count"), value("sum")];
    // Two blocks between two looks cannot be told apart, and are left out.
    if (count === this.count + 1) {
      this.millis.push({ height: await bestHeight(this.node), millis: (sum - this.sum) * 1_000 });
    }
    [this.count, this.sum] = [count, sum];
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("No import of a full block was measured.");
  return middle;
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((size, entry) => {
    const path = join(folder, entry.name);
    // Allocated blocks, not the length: database files are sparse.
    return size + (entry.isDirectory() ? sizeOf(path) : statSync(path).blocks * 512);
  }, 0);
}

/** The most memory that a process has held. */
function peakMemory(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1_024;
}

async function measure(author: ChainNode, importer: ChainNode): Promise<void> {
  const api = await connect(author);
  for (let from = 0; from < SENDERS; from += BATCH) {
    await fund(api, alice, senders.slice(from, from + BATCH), open(10));
  }
  const perSender = await transfersPerSender(api);
  console.error(`Signing ${SENDERS * perSender} transfers.`);
  const extrinsics = await signAll(api, perSender);
  const imports = new ImportTimes(importer);
  await imports.poll();
  const databaseBefore = sizeOf(author.basePath);
  const start = await bestBlock(api);

  console.error(`Submitting them from block ${start} on.`);
  const submitted = flood(author, extrinsics);
  submitted.catch(() => {});
  const last = account(`//Sender//${SENDERS - 1}`).address;
  await waitFor("all transfers in blocks", DRAIN_SECONDS, async () => {
    await imports.poll();
    return (await api.query.system.account(last)).nonce.toNumber() === perSender;
  });
  await submitted;
  const head = await bestBlock(api);
  await waitFor("the full node to have them all", 60, async () => (await bestHeight(importer)) >= head);

  const blocks: Block[] = [];
  for (let height = start; height <= head; height += 1) blocks.push(await readBlock(api, height));
  const [before, ...full] = fullestWindow(blocks);
  const end = full[full.length - 1] ?? before;
  const transfers = full.reduce((sum, block) => sum + block.transfers, 0);
  const inWindow = imports.millis.filter(({ height }) => height > before.height && height <= end.height);
  const result = {
    transfers_per_second: Math.round((transfers * 1_000) / (end.millis - before.millis)),
    fill: Number(emptiest(full).toFixed(3)),
    import_ms_median: Math.round(median(inWindow.map(({ millis }) => millis))),
    rss_mib: Math.round(peakMemory(author.pid) / MIB),
    db_bytes_per_transfer: Math.round((sizeOf(author.basePath) - databaseBefore) / extrinsics.length),
  };
  await api.disconnect();
  console.log(JSON.stringify(result));
}

const pool = ["--pool-limit", String(POOL_LIMIT), "--pool-kbytes", String(POOL_KIB)];
const author = await ChainNode.start({ name: "author", chain: "dev", args: ["--alice", "--force-authoring", ...pool] });
const importer = await ChainNode.start({
  name: "importer",
  chain: "dev",
  bootnodes: [author.multiaddress],
  metrics: true,
  args: pool,
});
try {
  await waitFor("the full node's first blocks", 60, async () => (await bestHeight(importer)) > 0);
  await measure(author, importer);
} catch (error) {
  console.error(author.logTail());
  throw error;
} finally {
  await importer.dispose();
  await author.dispose();
}
