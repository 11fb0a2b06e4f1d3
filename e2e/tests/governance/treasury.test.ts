/** A spending track pays from the treasury up to its limit and no further. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { account, alice, bob, dave, eve, open } from "../../src/accounts.js";
import { eventOf, freeBalance, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { decide, SUCCESS } from "../../src/governance.js";
import { scenario } from "../../src/scenario.js";

const STAKE = open(6_000_000);
const GRANT = open(500);
const BEYOND_A_TIP = open(11);

const grantee = account("//e2e//grantee");

let api: ApiPromise;

onDevChain((connected) => {
  api = connected;
});

function spend(amount: bigint) {
  // The library's static types describe another chain's assets and beneficiaries.
  return api.tx.treasury.spend(null as never, amount, grantee.address as never, null);
}

scenario("a small spender's referendum grants and the treasury pays", 360, async () => {
  const decided = await decide(api, [dave, alice, bob], { Origins: "SmallSpender" }, spend(GRANT), STAKE);
  assert.equal(decided, SUCCESS);
  const index = (await api.query.treasury.spendCount()).toNumber() - 1;
  assert.equal(await freeBalance(api, grantee.address), 0n);

  const { events } = await send(api, eve, api.tx.treasury.payout(index));
  eventOf(events, "treasury", "Paid");
  assert.equal(await freeBalance(api, grantee.address), GRANT);
});

scenario("a tipper's referendum cannot grant more than a tip", 360, async () => {
  const before = (await api.query.treasury.spendCount()).toNumber();
  const decided = await decide(api, [dave, alice, bob], { Origins: "SmallTipper" }, spend(BEYOND_A_TIP), STAKE);
  assert.equal(decided, "Treasury.InsufficientPermission");
  assert.equal((await api.query.treasury.spendCount()).toNumber(), before);
});
