/** A root referendum with preimage, conviction and delegation is enacted. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { alice, bob, charlie, dave, eve, ferdie, open } from "../../src/accounts.js";
import { failureOf, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { outcome, placeDecisionDeposit, type Referendum, submit, SUCCESS, vote } from "../../src/governance.js";
import { scenario } from "../../src/scenario.js";

const ROOT_TRACK = 0;
const VALIDATOR_COUNT = 33;
const STAKE = open(6_000_000);
const OPPOSITION = open(1_000_000);

let api: ApiPromise;
let referendum: Referendum;

onDevChain((connected) => {
  api = connected;
});

scenario("votes count by conviction and delegation, support by capital", 120, async () => {
  const call = api.tx.staking.setValidatorCount(VALIDATOR_COUNT);
  referendum = await submit(api, bob, { system: "Root" }, call);
  assert.equal(referendum.track, ROOT_TRACK);
  await send(api, charlie, api.tx.convictionVoting.delegate(ROOT_TRACK, alice.address, "Locked2x", STAKE));
  await vote(api, alice, referendum, STAKE, { conviction: "Locked1x" });
  await vote(api, bob, referendum, STAKE);
  await vote(api, dave, referendum, STAKE, { conviction: "Locked3x" });
  await vote(api, eve, referendum, STAKE);
  await vote(api, ferdie, referendum, OPPOSITION, { aye: false });

  const info = (await api.query.referenda.referendumInfoFor(referendum.index)).unwrap();
  const { tally } = info.asOngoing;
  // Once for Alice, twice for Charlie's delegation, three times for Dave, a tenth each for Bob and Eve.
  assert.equal(tally.ayes.toBigInt(), STAKE * 6n + STAKE / 5n);
  assert.equal(tally.nays.toBigInt(), OPPOSITION / 10n);
  assert.equal(tally.support.toBigInt(), STAKE * 5n);
});

scenario("it is enacted and changes what only root can", 300, async () => {
  assert.notEqual((await api.query.staking.validatorCount()).toNumber(), VALIDATOR_COUNT);
  await placeDecisionDeposit(api, bob, referendum);
  assert.equal(await outcome(api, referendum), SUCCESS);
  assert.equal((await api.query.staking.validatorCount()).toNumber(), VALIDATOR_COUNT);
});

scenario("what was voted and delegated with conviction stays locked", 60, async () => {
  for (const voter of [alice, charlie, dave]) {
    const locks = await api.query.balances.locks(voter.address);
    const lock = locks.find(({ id }) => id.toUtf8() === "pyconvot");
    assert.equal(lock?.amount.toBigInt(), STAKE, `the vote of ${voter.address} is not locked`);
  }
  const { free } = (await api.query.system.account(charlie.address)).data;
  const tooMuch = free.toBigInt() - STAKE + open(1);
  const transfer = api.tx.balances.transferAllowDeath(ferdie.address, tooMuch);
  assert.equal(await failureOf(api, charlie, transfer), "Token.Frozen");
});
