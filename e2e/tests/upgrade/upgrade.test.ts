/**
 * A running network takes a new runtime by referendum. `OPENLEDGER_UPGRADE_WASM` names the Wasm:
 * the same chain with a higher `spec_version` and the migrations of the rehearsal, as
 * scripts/upgrade-wasm.sh builds it.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { ApiPromise } from "@polkadot/api";
import { u8aConcat, u8aToHex } from "@polkadot/util";
import { blake2AsHex, xxhashAsU8a } from "@polkadot/util-crypto";
import { alice, bob, charlie, dave, eve, open } from "../../src/accounts.js";
import { bestBlock, freeBalance, send } from "../../src/chain.js";
import { onNetwork } from "../../src/fixtures.js";
import { decide, motion, SUCCESS } from "../../src/governance.js";
import { finality, finalizedHeight, type Network } from "../../src/network.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const STAKE = open(6_000_000);

/** Sessions that must begin after the upgrade. */
const SESSIONS_AFTER = 2;
const SESSION_SECONDS = 60;

let network: Network;
let api: ApiPromise;
let specBefore: number;
let cooldownUntil: number;
let appliedAt: number;

onNetwork((started, connected) => {
  [network, api] = [started, connected];
  specBefore = api.runtimeVersion.specVersion.toNumber();
});

function upgradeCode(): Uint8Array {
  const path = process.env["OPENLEDGER_UPGRADE_WASM"];
  if (path === undefined || !existsSync(path)) {
    throw new Error("Set OPENLEDGER_UPGRADE_WASM to a Wasm of this chain with a higher spec_version.");
  }
  return readFileSync(path);
}

function storedCooldown(): Promise<string | null> {
  const key = api.query.emergency.cooldownUntil.key();
  return network.validator("alice").rpc<string | null>("state_getStorage", key);
}

async function specVersionOf(node: Network["nodes"][number]): Promise<number> {
  return (await node.rpc<{ specVersion: number }>("state_getRuntimeVersion")).specVersion;
}

scenario("a cooldown of safe mode is there for the upgrade to remove", 120, async () => {
  assert.equal(await motion(api, [alice, bob], api.tx.safeMode.forceEnter()), SUCCESS);
  assert.equal(await motion(api, [alice, bob], api.tx.safeMode.forceExit()), SUCCESS);
  cooldownUntil = Number(await api.query.emergency.cooldownUntil());
  assert.ok(cooldownUntil > 0, "safe mode ended without a cooldown");
});

scenario("a whitelisted referendum authorises the upgrade and anyone applies it", 480, async () => {
  const code = upgradeCode();
  const authorize = api.tx.system.authorizeUpgrade(blake2AsHex(code));
  assert.equal(await motion(api, [alice, bob], api.tx.whitelist.whitelistCall(authorize.method.hash)), SUCCESS);
  const dispatch = api.tx.whitelist.dispatchWhitelistedCallWithPreimage(authorize);
  const voters: Parameters<typeof decide>[1] = [dave, alice, bob, charlie];
  assert.equal(await decide(api, voters, { Origins: "WhitelistedCaller" }, dispatch, STAKE), SUCCESS);
  assert.ok((await api.query.system.authorizedUpgrade()).isSome, "no upgrade was authorised");

  // The migration removes only what is over; most of the cooldown has passed during the vote.
  await waitFor(`block ${cooldownUntil + 1}, after the cooldown`, 180, async () => {
    return (await bestBlock(api)) > cooldownUntil;
  });
  assert.ok((await storedCooldown()) !== null, "the cooldown is gone before the upgrade");
  ({ blockNumber: appliedAt } = await send(api, eve, api.tx.system.applyAuthorizedUpgrade(u8aToHex(code))));
  await waitFor("the new runtime on all nodes", 120, async () => {
    const versions = await Promise.all(network.nodes.map(specVersionOf));
    return versions.every((version) => version > specBefore);
  });
});

scenario("its migrations have run: one in the block, one in steps over several", 120, async () => {
  assert.equal(await storedCooldown(), null, "the migration within the block removed nothing");
  const versionKey = u8aConcat(xxhashAsU8a("Emergency", 128), xxhashAsU8a(":__STORAGE_VERSION__:", 128));
  const version = await network.validator("alice").rpc("state_getStorage", u8aToHex(versionKey));
  assert.equal(version, "0x0100");

  // Raw storage: around the upgrade the library decodes a block's events with the other runtime's types.
  const key = (item: string): string => {
    return u8aToHex(u8aConcat(xxhashAsU8a("MultiBlockMigrations", 128), xxhashAsU8a(item, 128)));
  };
  const node = network.validator("alice");
  await waitFor("the migration in steps to be on record", 60, async () => {
    return (await node.rpc<string[]>("state_getKeysPaged", key("Historic"), 10)).length === 1;
  });
  let steps = 0;
  for (let height = appliedAt; height <= (await bestBlock(api)); height += 1) {
    const hash = await node.rpc("chain_getBlockHash", height);
    if ((await node.rpc("state_getStorage", key("Cursor"), hash)) !== null) steps += 1;
  }
  assert.ok(steps >= 2, `the migration in steps took ${steps} blocks`);
});

scenario("the client that was connected before goes on", 120, async () => {
  await waitFor("the client to notice the upgrade", 60, () => {
    return api.runtimeVersion.specVersion.toNumber() > specBefore;
  });
  const upgraded = (await api.query.system.lastRuntimeUpgrade()).unwrap();
  assert.equal(upgraded.specVersion.toNumber(), api.runtimeVersion.specVersion.toNumber());
  const before = await freeBalance(api, bob.address);
  await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, open(2)), { until: "finalized" });
  assert.equal((await freeBalance(api, bob.address)) - before, open(2));
});

scenario("no session is missed and finality goes on", 240, async () => {
  const session = async (): Promise<number> => (await api.query.session.currentIndex()).toNumber();
  const start = await session();
  await waitFor(`${SESSIONS_AFTER} sessions after the upgrade`, SESSIONS_AFTER * SESSION_SECONDS, async () => {
    return (await session()) >= start + SESSIONS_AFTER;
  });
  assert.deepEqual((await api.query.babe.skippedEpochs()).toJSON(), []);
  const target = await bestBlock(api);
  await Promise.all(network.nodes.map((node) => finality(node, target, 60)));
  assert.ok((await finalizedHeight(network.validator("alice"))) >= target, `block ${target} is not final`);
});
