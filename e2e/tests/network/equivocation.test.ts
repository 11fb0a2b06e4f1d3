/** Who signs contradicting blocks or votes is reported and slashed, in each of the three engines. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import type { DispatchError } from "@polkadot/types/interfaces";
import { eve } from "../../src/accounts.js";
import { awaitEvent, bestBlock, eventsAt, type Extrinsic, failureOf, nameOf, send } from "../../src/chain.js";
import { beefyReport, grandpaReport } from "../../src/equivocation.js";
import { onNetwork } from "../../src/fixtures.js";
import { SUCCESS } from "../../src/governance.js";
import { finality, finalizedHeight, Network, type Validator } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { ERA_SECONDS, stashOf } from "../../src/staking.js";
import { waitFor } from "../../src/wait.js";

/** How the engines name their offences, in 16 bytes. */
const BABE = "babe:equivocatio";
const GRANDPA = "grandpa:equivoca";
const BEEFY = "beefy:equivocati";

let network: Network;
let api: ApiPromise;
let start: number;
const stakes = new Map<string, bigint>();

onNetwork(async (started, connected) => {
  [network, api] = [started, connected];
  start = await bestBlock(api);
  for (const name of ["bob", "charlie", "dave"] as const) {
    const stash = await stashOf(api, name);
    stakes.set(stash, (await api.query.staking.ledger(stash)).unwrap().active.toBigInt());
  }
});

/** Waits for an offence of a kind and checks whom staking accuses of it. */
async function accused(kind: string, name: Validator, seconds: number): Promise<void> {
  const offence = await awaitEvent(api, "offences", "Offence", start, seconds, ({ data }) => {
    return Buffer.from(data[0]?.toU8a() ?? []).toString() === kind;
  });
  const stash = await stashOf(api, name);
  const reported = await awaitEvent(api, "staking", "SlashReported", offence.blockNumber, 10, ({ data }) => {
    return String(data[0]) === stash;
  });
  assert.equal(reported.blockNumber, offence.blockNumber);
}

async function reportAccepted(report: Extrinsic): Promise<void> {
  const { events } = await send(api, eve, report);
  const fee = events.find(({ event }) => api.events.transactionPayment.TransactionFeePaid.is(event));
  assert.equal(BigInt(String(fee?.event.data[1] ?? 0)), 0n, "a report that holds costs its reporter a fee");
}

scenario("a signed report of a GRANDPA double vote is accepted once", 120, async () => {
  const report = await grandpaReport(api, network.validator("alice"), "//Charlie");
  await reportAccepted(report);
  await accused(GRANDPA, "charlie", 30);
  const again = await grandpaReport(api, network.validator("alice"), "//Charlie");
  assert.equal(await failureOf(api, eve, again), "Grandpa.DuplicateOffenceReport");
});

scenario("a signed report of a BEEFY double vote is accepted once", 120, async () => {
  const report = await beefyReport(api, network.validator("alice"), "//Bob");
  await reportAccepted(report);
  await accused(BEEFY, "bob", 30);
  const again = await beefyReport(api, network.validator("alice"), "//Bob");
  assert.equal(await failureOf(api, eve, again), "Beefy.DuplicateOffenceReport");
});

/** How the first report for BABE that a block holds ended. */
function firstBabeReport(): Promise<string> {
  let next = start;
  return waitFor("a report for BABE in a block", ERA_SECONDS, async () => {
    const best = await bestBlock(api);
    for (; next <= best; next += 1) {
      const blockHash = await api.rpc.chain.getBlockHash(next);
      const { block } = await api.rpc.chain.getBlock(blockHash);
      const index = block.extrinsics.findIndex((extrinsic) => api.tx.babe.reportEquivocationUnsigned.is(extrinsic));
      if (index < 0) continue;
      for (const { event, phase } of await eventsAt(api, blockHash.toHex())) {
        if (!phase.isApplyExtrinsic || phase.asApplyExtrinsic.toNumber() !== index) continue;
        if (event.section === "system" && event.method === "ExtrinsicFailed") {
          return nameOf(api, event.data[0] as DispatchError);
        }
      }
      return SUCCESS;
    }
    return undefined;
  });
}

scenario("two processes with dave's keys are reported for BABE by the others", 2 * ERA_SECONDS, async () => {
  const twin = await network.join({ name: "dave-twin", args: ["--dave"] });
  // One report that fails would be lost among many: each node sends one for each slot.
  assert.equal(await firstBabeReport(), SUCCESS, "the first report for BABE was refused");
  // Two blocks for one slot are a fork: the block with the report may be the one that is dropped, and another takes it up.
  await accused(BABE, "dave", 30);
  await twin.kill();
});

scenario("all three lose stake once the slashes are due", 5 * ERA_SECONDS, async () => {
  for (const stash of stakes.keys()) {
    await awaitEvent(api, "staking", "Slashed", start, 4 * ERA_SECONDS, ({ data }) => {
      return String(data[0]) === stash;
    });
  }
  const head = await bestBlock(api);
  const slashed = new Map<string, bigint>();
  for (let height = start; height <= head; height += 1) {
    const hash = (await api.rpc.chain.getBlockHash(height)).toHex();
    for (const { event } of await eventsAt(api, hash)) {
      if (!api.events.staking.Slashed.is(event)) continue;
      const [stash, amount] = event.data.map(String) as [string, string];
      slashed.set(stash, (slashed.get(stash) ?? 0n) + BigInt(amount));
    }
  }
  const at = await api.at(await api.rpc.chain.getBlockHash(head));
  for (const [stash, stake] of stakes) {
    const amount = slashed.get(stash) ?? 0n;
    assert.ok(amount > 0n, `the slash of ${stash} was nothing`);
    assert.equal((await at.query.staking.ledger(stash)).unwrap().active.toBigInt(), stake - amount);
  }
  assert.deepEqual([...slashed.keys()].sort(), [...stakes.keys()].sort(), "somebody else was slashed");
});

scenario("the chain goes on finalising", 90, async () => {
  const node = network.validator("alice");
  await finality(node, (await finalizedHeight(node)) + 5, 60);
});
