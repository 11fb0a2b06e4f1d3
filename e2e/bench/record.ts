/**
 * Takes a batch of contributions, as large as the chain allows, and a single one through commit, reveal and acceptance on
 * one development node, and prints one line of JSON:
 *
 * - `batch`: the contributions of the batch;
 * - `state_bytes_committed`, `state_bytes_revealed`, `state_bytes_accepted`: by how many bytes of keys and values the state
 *   is larger after that step, for each contribution of the batch; none has a URI of its own, and nobody reviews;
 * - `state_bytes_alone`: the same of the single contribution, with what is stored once for each contributor;
 * - `weight_ms_alone`, `weight_ms_batched`: the computing time that the runtime charges for each contribution, with the
 *   extrinsic around it, in which the batch shares;
 * - `normal_limit_ms`: what normal extrinsics may take of a block;
 * - `block_share_of_1000`: the part of that limit which a thousand contributions take in such batches;
 * - `gib_per_million`: the state of a million accepted contributions.
 */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { stringToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import { xxhashAsU8a } from "@polkadot/util-crypto";
import { account, alice, open } from "../src/accounts.js";
import { connect, eventOf, type Extrinsic, fund, send } from "../src/chain.js";
import { ChainNode } from "../src/node.js";
import {
  accept,
  commit,
  createDatanet,
  OPEN_POLICY,
  reveal,
  revealedIn,
  revealOf,
  revealPeriodOver,
} from "../src/record.js";

const STEPS = ["commit", "reveal", "accept"] as const;
const BYTES_PER_GIB = 1024 ** 3;
const PICOS_PER_MILLI = 1e9;

/** Everything that the calls write to: nothing else changes its size meanwhile. */
const PREFIXES = [["Datanets"], ["System", "Account"], ["Balances"]].map((names) => {
  return u8aToHex(u8aConcat(...names.map((name) => xxhashAsU8a(name, 128))));
});

/** What each step has brought, in the order of `STEPS`. */
interface Measured {
  /** Bytes of state since the beginning. */
  bytes: number[];
  /** Computing time that is charged, in milliseconds. */
  millis: number[];
}

type PerStep = Record<(typeof STEPS)[number], number>;

async function stateBytes(node: ChainNode): Promise<number> {
  const pairs = await Promise.all(PREFIXES.map((prefix) => node.rpc<[string, string][]>("state_getPairs", prefix)));
  // Two digits are a byte, and a key or value begins with 0x.
  return pairs.flat(2).reduce((sum, hex) => sum + (hex.length - 2) / 2, 0);
}

/** Takes contributions of somebody new as far as acceptance. */
async function measure(api: ApiPromise, node: ChainNode, who: KeyringPair, contents: number): Promise<Measured> {
  const created = await send(api, alice, createDatanet(api, OPEN_POLICY));
  const datanet = Number(eventOf(created.events, "datanets", "DatanetCreated").data[0]);
  const reveals = Array.from({ length: contents }, (_, index) => {
    return revealOf(stringToU8a(`contribution ${index} of ${who.address}`));
  });
  const measured: Measured = { bytes: [], millis: [] };
  const start = await stateBytes(node);
  const step = async (call: Extrinsic) => {
    const { weight } = await call.paymentInfo(who);
    const base = api.consts.system.blockWeights.perClass.normal.baseExtrinsic;
    measured.millis.push((weight.refTime.toNumber() + base.refTime.toNumber()) / PICOS_PER_MILLI);
    const included = await send(api, who, call);
    measured.bytes.push((await stateBytes(node)) - start);
    return included;
  };

  const { blockNumber } = await step(commit(api, who, reveals));
  const { events } = await step(reveal(api, datanet, OPEN_POLICY, reveals));
  await revealPeriodOver(api, blockNumber);
  await step(accept(api, datanet, revealedIn(events)));
  return measured;
}

function perStep(values: number[], digits: number): PerStep {
  const rounded = values.map((value) => Number(value.toFixed(digits)));
  return Object.fromEntries(STEPS.map((step, index) => [step, rounded[index]])) as PerStep;
}

async function run(node: ChainNode): Promise<void> {
  const api = await connect(node);
  const [single, many] = [account("//Record//single"), account("//Record//many")];
  await fund(api, alice, [single, many], open(10_000));
  const batch = Number(api.consts.datanets.maxBatch);
  const alone = await measure(api, node, single, 1);
  const batched = await measure(api, node, many, batch);

  const limit = api.consts.system.blockWeights.perClass.normal.maxTotal.unwrap().refTime.toNumber() / PICOS_PER_MILLI;
  const [committed, revealed, accepted] = batched.bytes.map((bytes) => bytes / batch) as [number, number, number];
  const millis = batched.millis.map((all) => all / batch);
  const result = {
    batch,
    state_bytes_committed: Math.round(committed),
    state_bytes_revealed: Math.round(revealed),
    state_bytes_accepted: Math.round(accepted),
    state_bytes_alone: perStep(alone.bytes, 0),
    weight_ms_alone: perStep(alone.millis, 3),
    weight_ms_batched: perStep(millis, 3),
    normal_limit_ms: limit,
    block_share_of_1000: perStep(millis.map((each) => (1_000 * each) / limit), 3),
    gib_per_million: Number(((accepted * 1e6) / BYTES_PER_GIB).toFixed(3)),
  };
  await api.disconnect();
  console.log(JSON.stringify(result));
}

const node = await ChainNode.start({ name: "record", chain: "dev", args: ["--alice", "--force-authoring"] });
try {
  await run(node);
} catch (error) {
  console.error(node.logTail());
  throw error;
} finally {
  await node.dispose();
}
