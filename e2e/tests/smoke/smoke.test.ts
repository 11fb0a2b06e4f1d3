/** Four validators finalise with GRANDPA and BEEFY, with one killed too, and it catches up. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { beefyHeight, bestHeight, finality, finalizedHeight, hashAt, Network } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const MORE_BLOCKS = 5;

let network: Network;

before(async () => {
  network = await Network.start();
});

after(() => network?.dispose());

function beefyAdvance(name: "alice" | "bob", beyond: number): Promise<number> {
  return waitFor(`BEEFY to finalise beyond block ${beyond} at ${name}`, 60, async () => {
    const height = await beefyHeight(network.validator(name));
    return height > beyond ? height : undefined;
  });
}

scenario("GRANDPA and BEEFY heads advance on all four", 120, async () => {
  const heights = await Promise.all(network.nodes.map((node) => finality(node, MORE_BLOCKS, 60)));
  const common = Math.min(...heights);
  const hashes = await Promise.all(network.nodes.map((node) => hashAt(node, common)));
  assert.equal(new Set(hashes).size, 1, `they finalised different blocks at height ${common}`);
  await beefyAdvance("alice", 0);
});

scenario("one of four is killed and finality goes on", 120, async () => {
  await network.validator("dave").kill();
  const [alice, bob, charlie] = network.nodes.slice(0, 3);
  assert.ok(alice && bob && charlie, "the network has fewer validators");
  const start = await bestHeight(alice);
  const beefyStart = await beefyHeight(alice);
  // Beyond what was already on its way when it was killed.
  const heights = [alice, bob, charlie].map((node) => finality(node, start + MORE_BLOCKS, 60));
  await Promise.all(heights);
  await beefyAdvance("alice", Math.max(beefyStart, start));
});

scenario("it comes back and catches up", 120, async () => {
  const dave = network.validator("dave");
  const alice = network.validator("alice");
  await dave.start();
  const target = await finalizedHeight(alice);
  await finality(dave, target + MORE_BLOCKS, 60);
  assert.equal(await hashAt(dave, target), await hashAt(alice, target));
});

scenario("the invariants of every pallet hold on the network's state", 60, async () => {
  const node = network.validator("alice");
  const finalized = await node.rpc<string>("chain_getFinalizedHead");
  // `UpgradeCheckSelect::TryState`; the runtime traps if a check fails. The answer is two weights.
  const weights = await node.rpc<string>("state_call", "TryRuntime_on_runtime_upgrade", "0x03", finalized);
  assert.match(weights, /^0x[0-9a-f]+$/);
});
