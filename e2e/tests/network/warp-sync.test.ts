/** A full node joins by warp sync: it proves finality instead of executing every block. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { account, alice, open } from "../../src/accounts.js";
import { connect, freeBalance, send } from "../../src/chain.js";
import { finality, finalizedHeight, hashAt, Network } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

/** More than a session, so that there is something to warp over. */
const CHAIN_LENGTH = 15;

const recipient = account("//e2e//warp");

let network: Network;

before(async () => {
  network = await Network.start();
});

after(() => network?.dispose());

scenario("a full node warp-syncs to the finalised chain and its state", 240, async () => {
  const validator = network.validator("alice");
  const api = await connect(validator);
  await send(api, alice, api.tx.balances.transferKeepAlive(recipient.address, open(3)), { until: "finalized" });
  await api.disconnect();
  await finality(validator, CHAIN_LENGTH, 120);

  const node = await network.join({ name: "full", args: ["--sync", "warp"] });
  await waitFor("the end of the warp sync", 120, () => /Warp sync is complete/.test(node.log()));
  await waitFor("the end of the state sync", 120, () => /State sync is complete/.test(node.log()));
  const target = await finalizedHeight(validator);
  await finality(node, target, 120);
  assert.equal(await hashAt(node, target), await hashAt(validator, target));

  const synced = await connect(node);
  try {
    assert.equal(await freeBalance(synced, recipient.address), open(3));
    await finality(node, (await finalizedHeight(validator)) + 3, 60);
  } finally {
    await synced.disconnect();
  }
});
