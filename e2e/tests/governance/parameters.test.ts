/** Parameters move by vote, within their compiled clamps and by nobody else than their admin. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { alice, bob, dave, open } from "../../src/accounts.js";
import { type Extrinsic } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { decide, type Origin, SUCCESS } from "../../src/governance.js";
import { scenario } from "../../src/scenario.js";

const STAKE = open(6_000_000);
const PERCENT = 10_000_000;

let api: ApiPromise;

onDevChain((connected) => {
  api = connected;
});

function setEraPayoutShare(share: number): Extrinsic {
  const parameter = { Issuance: { EraPayoutShare: [null, share] } };
  // The library's static types describe another chain's parameters.
  return api.tx.parameters.setParameter(parameter as never);
}

function decided(origin: Origin, call: Extrinsic): Promise<string> {
  return decide(api, [dave, alice, bob], origin, call, STAKE);
}

async function values(): Promise<unknown[]> {
  const entries = await api.query.parameters.parameters.entries();
  return entries.map(([, value]) => value.toJSON());
}

scenario("the staking admin sets a parameter within its clamps", 360, async () => {
  assert.deepEqual(await values(), []);
  assert.equal(await decided({ Origins: "StakingAdmin" }, setEraPayoutShare(2 * PERCENT)), SUCCESS);
  assert.deepEqual(await values(), [{ issuance: { eraPayoutShare: 2 * PERCENT } }]);
});

scenario("a value out of its clamps is refused, vote or not", 360, async () => {
  assert.equal(await decided({ Origins: "StakingAdmin" }, setEraPayoutShare(11 * PERCENT)), "System.CallFiltered");
  assert.deepEqual(await values(), [{ issuance: { eraPayoutShare: 2 * PERCENT } }]);
});

scenario("root, whose calls no filter checks, cannot set it directly", 360, async () => {
  assert.equal(await decided({ system: "Root" }, setEraPayoutShare(12 * PERCENT)), "BadOrigin");
  assert.deepEqual(await values(), [{ issuance: { eraPayoutShare: 2 * PERCENT } }]);
});
