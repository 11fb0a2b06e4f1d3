/** A newcomer proves its keys, bonds, is elected and authors blocks. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { u8aToHex } from "@polkadot/util";
import { account, alice, eve, open } from "../../src/accounts.js";
import { bestBlock, type Extrinsic, failureOf, freeBalance, fund, send } from "../../src/chain.js";
import { onNetwork } from "../../src/fixtures.js";
import { finality, Network } from "../../src/network.js";
import type { ChainNode } from "../../src/node.js";
import { scenario } from "../../src/scenario.js";
import { activeEra, authorOf, ERA_SECONDS, pointsOf } from "../../src/staking.js";
import { waitFor } from "../../src/wait.js";

const STAKE = open(50_000);

const fifth = account("//e2e//fifth");

let network: Network;
let node: ChainNode;
let api: ApiPromise;

interface GeneratedKeys {
  keys: string;
  proof: string;
}

function rotateKeys(): Promise<GeneratedKeys> {
  return node.rpc<GeneratedKeys>("author_rotateKeysWithOwner", u8aToHex(fifth.publicKey));
}

onNetwork(async (started, connected) => {
  [network, api] = [started, connected];
  node = await network.join({ name: "fifth", args: ["--validator", "--rpc-methods", "unsafe"] });
});

scenario("keys are refused without their owner's proof and held with a deposit with it", 120, async () => {
  await fund(api, alice, [fifth], STAKE + open(1_000));
  const { keys, proof } = await rotateKeys();
  await send(api, fifth, api.tx.staking.bond(STAKE, "Staked"));
  // The library's static types describe another chain's session keys.
  const setKeys = api.tx.session.setKeys as (keys: never, proof: string) => Extrinsic;
  assert.equal(await failureOf(api, fifth, setKeys(keys as never, "0x")), "Session.InvalidProof");
  assert.equal(await failureOf(api, eve, setKeys(keys as never, proof)), "Session.InvalidProof");
  const before = await freeBalance(api, fifth.address);
  await send(api, fifth, setKeys(keys as never, proof));
  const held = before - (await freeBalance(api, fifth.address));
  assert.ok(held >= open(10) && held < open(11), `setting keys took ${held} instead of 10 OPEN and a fee`);
  assert.equal(await node.rpc<boolean>("author_hasSessionKeys", keys), true);
  await send(api, fifth, api.tx.staking.validate({ commission: 0, blocked: false }));
});

scenario("it is elected", 3 * ERA_SECONDS, async () => {
  await waitFor("the newcomer among the validators", 3 * ERA_SECONDS, async () => {
    return (await api.query.session.validators()).some((stash) => stash.eq(fifth.address));
  });
});

scenario("it authors blocks, which are finalised, and earns points", ERA_SECONDS, async () => {
  const start = await bestBlock(api);
  let next = start;
  const authored = await waitFor("a block of the newcomer", ERA_SECONDS, async () => {
    const best = await bestBlock(api);
    for (; next <= best; next += 1) {
      const hash = (await api.rpc.chain.getBlockHash(next)).toHex();
      if ((await authorOf(api, hash)) === fifth.address) return next;
    }
    return undefined;
  });
  await finality(network.validator("bob"), authored, 60);
  const points = await pointsOf(api, await activeEra(api));
  assert.ok((points.get(fifth.address) ?? 0) > 0, "the newcomer earned no points");
});
