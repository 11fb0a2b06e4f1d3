/** The technical committee can hurry a call up; the vote still decides. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { alice, bob, charlie, dave, eve, open } from "../../src/accounts.js";
import { failureOf } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { decide, motion, SUCCESS } from "../../src/governance.js";
import { scenario } from "../../src/scenario.js";

const STAKE = open(6_000_000);

let api: ApiPromise;

onDevChain((connected) => {
  api = connected;
});

scenario("a whitelisted call is decided on its own track and dispatched as root", 360, async () => {
  const call = api.tx.identity.addRegistrar(eve.address);
  assert.equal(await failureOf(api, alice, call), "BadOrigin");
  const members = (await api.query.technicalCommittee.members()).map(String);
  assert.deepEqual([...members].sort(), [alice.address, bob.address, charlie.address].sort());

  assert.equal(await motion(api, [alice, bob], api.tx.whitelist.whitelistCall(call.method.hash)), SUCCESS);
  assert.equal((await api.query.whitelist.whitelistedCall(call.method.hash)).isSome, true);
  const dispatch = api.tx.whitelist.dispatchWhitelistedCallWithPreimage(call);
  const voters: Parameters<typeof decide>[1] = [dave, alice, bob, eve];
  assert.equal(await decide(api, voters, { Origins: "WhitelistedCaller" }, dispatch, STAKE), SUCCESS);

  const registrars = await api.query.identity.registrars();
  assert.deepEqual(registrars.map((registrar) => registrar.unwrap().account.toString()), [eve.address]);
  assert.equal((await api.query.whitelist.whitelistedCall(call.method.hash)).isNone, true);
});
