/** A validator that is offline for an era earns nothing and is not slashed. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { eve } from "../../src/accounts.js";
import { send } from "../../src/chain.js";
import { onNetwork } from "../../src/fixtures.js";
import { Network } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { activeEra, awaitEra, ERA_SECONDS, pointsOf, stashOf } from "../../src/staking.js";

let network: Network;
let api: ApiPromise;

onNetwork((started, connected) => {
  [network, api] = [started, connected];
});

scenario("an era without blocks is an era without points and without reward", 4 * ERA_SECONDS, async () => {
  const offline = await stashOf(api, "dave");
  const online = await stashOf(api, "alice");
  const bonded = async (): Promise<bigint> => {
    return (await api.query.staking.ledger(offline)).unwrap().active.toBigInt();
  };
  const stakeBefore = await bonded();
  await network.validator("dave").kill();
  const era = (await activeEra(api)) + 1;
  await awaitEra(api, era + 1, 3 * ERA_SECONDS);

  const exposed = await api.query.staking.erasStakersOverview(era, offline);
  assert.ok(exposed.isSome, "dave was not a validator of the era, so the test shows nothing");
  const points = await pointsOf(api, era);
  assert.equal(points.get(offline) ?? 0, 0);
  assert.ok((points.get(online) ?? 0) > 0, "nobody earned points in the era");

  const rewards = async (stash: string): Promise<bigint[]> => {
    const { events } = await send(api, eve, api.tx.staking.payoutStakersByPage(stash, era, 0));
    return events
      .filter(({ event }) => api.events.staking.Rewarded.is(event))
      .map(({ event }) => BigInt(String(event.data[2])));
  };
  assert.deepEqual(await rewards(offline), []);
  const paid = await rewards(online);
  assert.ok(paid.length > 0 && paid.every((amount) => amount > 0n), "alice was paid nothing");
  assert.equal(await bonded(), stakeBefore, "an offline validator was slashed");
  assert.equal((await api.query.offences.reports.keys()).length, 0);
});
