/** Without two of four validators nothing is finalised, and nothing is lost when they return. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { account, alice, open } from "../../src/accounts.js";
import { send } from "../../src/chain.js";
import { onNetwork } from "../../src/fixtures.js";
import { bestHeight, finality, finalizedHeight, hashAt, Network } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

/** Blocks that the remaining two author while nothing can be finalised. */
const UNFINALIZED_BLOCKS = 8;

/** What may still be finalised right after the kill: votes that were on their way. */
const IN_FLIGHT = 3;

const recipient = account("//e2e//two-down");

let network: Network;
let api: ApiPromise;
let bestAtKill: number;

onNetwork((started, connected) => {
  [network, api] = [started, connected];
});

scenario("two of four down stop finality, not blocks", 180, async () => {
  const node = network.validator("alice");
  bestAtKill = await bestHeight(node);
  await Promise.all([network.validator("charlie").kill(), network.validator("dave").kill()]);
  await send(api, alice, api.tx.balances.transferKeepAlive(recipient.address, open(5)));

  const target = bestAtKill + IN_FLIGHT + UNFINALIZED_BLOCKS;
  await waitFor(`block ${target} from the remaining two`, 120, async () => (await bestHeight(node)) >= target);
  const finalized = await finalizedHeight(node);
  assert.ok(
    finalized <= bestAtKill + IN_FLIGHT,
    `block ${finalized} was finalised by half of the validators; the kill was at ${bestAtKill}`,
  );
});

scenario("they return, all finalise the same, and nothing is lost", 240, async () => {
  const node = network.validator("alice");
  const best = await bestHeight(node);
  await Promise.all([network.validator("charlie").start(), network.validator("dave").start()]);
  await Promise.all(network.nodes.map((each) => finality(each, best + 1, 180)));

  // The two that remained may have authored competing blocks of one height: which of them wins is open, that all agree is
  // not, nor that the transfer is in.
  const agreed = await hashAt(node, best);
  for (const each of network.nodes) {
    assert.equal(await hashAt(each, best), agreed, `${each.name} has finalised another block ${best}`);
  }
  const { data } = await (await api.at(agreed)).query.system.account(recipient.address);
  assert.equal(data.free.toBigInt(), open(5));
});
