/** Safe mode pauses transfers; blocks, elections and votes go on, and it ends by itself. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { alice, bob, charlie, dave, eve, open } from "../../src/accounts.js";
import { awaitEvent, bestBlock, failureOf, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { motion, placeDecisionDeposit, type Referendum, submit, SUCCESS, vote } from "../../src/governance.js";
import { scenario } from "../../src/scenario.js";
import { ERA_SECONDS } from "../../src/staking.js";
import { waitFor } from "../../src/wait.js";

/** Blocks of an era; elections are as far apart. */
const ERA_BLOCKS = 30;

/** A motion takes a few blocks; safe mode must then begin before the election and outlast it. */
const BLOCKS_BEFORE_ELECTION = 12;

let api: ApiPromise;
let enteredAt: number;
let until: number;
let election: number;
let referendum: Referendum;

onDevChain((connected) => {
  api = connected;
});

scenario("two thirds of the committee enter safe mode", 3 * ERA_SECONDS, async () => {
  assert.equal(await failureOf(api, eve, api.tx.safeMode.enter()), "SafeMode.NotConfigured");
  assert.equal(await failureOf(api, alice, api.tx.safeMode.forceEnter()), "BadOrigin");
  const last = await awaitEvent(
    api,
    "electionProviderMultiPhase",
    "ElectionFinalized",
    await bestBlock(api),
    2 * ERA_SECONDS,
  );
  election = last.blockNumber + ERA_BLOCKS;
  const entry = election - BLOCKS_BEFORE_ELECTION;
  await waitFor(`block ${entry}`, ERA_SECONDS, async () => (await bestBlock(api)) >= entry);

  assert.equal(await motion(api, [alice, bob], api.tx.safeMode.forceEnter()), SUCCESS);
  until = (await api.query.safeMode.enteredUntil()).unwrap().toNumber();
  enteredAt = await bestBlock(api);
  assert.ok(until > election, `safe mode ends at ${until}, before the election at ${election}`);
});

scenario("transfers are refused, also inside a batch and through a proxy", 60, async () => {
  const transfer = api.tx.balances.transferKeepAlive(bob.address, open(1));
  assert.equal(await failureOf(api, eve, transfer), "System.CallFiltered");
  assert.equal(await failureOf(api, eve, api.tx.utility.batchAll([transfer])), "System.CallFiltered");
});

scenario("votes and motions go on", 60, async () => {
  const call = api.tx.staking.setValidatorCount(20);
  referendum = await submit(api, dave, { system: "Root" }, call);
  await vote(api, dave, referendum, open(1_000));
  await placeDecisionDeposit(api, dave, referendum);
  const info = (await api.query.referenda.referendumInfoFor(referendum.index)).unwrap();
  assert.equal(info.asOngoing.tally.support.toBigInt(), open(1_000));
  assert.ok((await bestBlock(api)) <= until, "safe mode was over before the vote was counted");
});

scenario("an election takes place while it lasts, and it expires by itself", 2 * ERA_SECONDS, async () => {
  const held = await awaitEvent(
    api,
    "electionProviderMultiPhase",
    "ElectionFinalized",
    enteredAt,
    ERA_SECONDS,
  );
  assert.ok(held.blockNumber < until, `the election was held at ${held.blockNumber}, after safe mode`);
  const exited = await awaitEvent(api, "safeMode", "Exited", enteredAt, ERA_SECONDS);
  assert.equal(String(exited.event.data[0]), "Timeout");
  assert.ok(Math.abs(exited.blockNumber - until) <= 1, `it ended at ${exited.blockNumber}, not ${until}`);
  await send(api, eve, api.tx.balances.transferKeepAlive(bob.address, open(1)));
});

scenario("the committee cannot enter again before the cooldown is over", 60, async () => {
  assert.equal(await motion(api, [bob, charlie], api.tx.safeMode.forceEnter()), "BadOrigin");
});
