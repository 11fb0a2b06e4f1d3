/** @polkadot/api knows the chain from its metadata alone and can do what accounts do. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import type { Null, Result } from "@polkadot/types";
import type { DispatchError } from "@polkadot/types/interfaces";
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { createKeyMulti, encodeAddress, sortAddresses } from "@polkadot/util-crypto";
import { account, alice, bob, charlie, dave, open, SS58_PREFIX } from "../../src/accounts.js";
import { bestBlock, eventOf, freeBalance, fund, nameOf, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import type { ChainNode } from "../../src/node.js";
import { scenario } from "../../src/scenario.js";

const staker = account("//e2e//staker");
const poolCreator = account("//e2e//pool-creator");
const poolMember = account("//e2e//pool-member");
const newcomer = account("//e2e//newcomer");

const PALLETS = [
  ["system", "babe", "timestamp", "balances", "transactionPayment", "vesting", "authorship"],
  ["staking", "session", "historical", "offences", "grandpa", "beefy", "mmr", "beefyMmr"],
  ["authorityDiscovery", "electionProviderMultiPhase", "voterList", "nominationPools"],
  ["delegatedStaking", "referenda", "convictionVoting", "origins", "technicalCommittee"],
  ["whitelist", "treasury", "bounties", "childBounties", "preimage", "scheduler", "parameters"],
  ["safeMode", "emergency", "utility", "multisig", "proxy", "identity", "multiBlockMigrations"],
  ["datanets", "modelRegistry"],
].flat();

let node: ChainNode;
let api: ApiPromise;

onDevChain(async (connected, started) => {
  [api, node] = [connected, started];
  await fund(api, alice, [staker, poolCreator, poolMember], open(10_000));
});

scenario("the metadata names the chain, its pallets and the metadata hash extension", 30, async () => {
  const { specName } = api.runtimeVersion;
  assert.equal(specName.toString(), "openledger-fast");
  const names = api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
  const found = names.map((name) => name[0]?.toLowerCase() + name.slice(1));
  assert.deepEqual(PALLETS.filter((name) => !found.includes(name)), []);
  assert.ok(!found.includes("sudo"), "a sudo pallet is in the runtime");
  assert.equal(api.registry.signedExtensions.includes("CheckMetadataHash"), true);
  assert.deepEqual(api.registry.chainTokens, ["OPEN"]);
  assert.deepEqual(api.registry.chainDecimals, [18]);
  assert.equal(api.registry.chainSS58, SS58_PREFIX);
});

scenario("every storage item decodes to the bytes it was read from", 120, async () => {
  let values = 0;
  for (const [pallet, items] of Object.entries(api.query)) {
    // The client's own list of well-known keys, no pallet.
    if (pallet === "substrate") continue;
    for (const [item, entry] of Object.entries(items ?? {})) {
      const keys = await api.rpc.state.getKeysPaged(entry.keyPrefix(), 5);
      for (const key of keys) {
        const raw = await node.rpc<string | null>("state_getStorage", key.toHex());
        if (raw === null) continue;
        const { type } = entry.creator.meta;
        const id = type.isPlain ? type.asPlain : type.asMap.value;
        const decoded = api.createType(api.registry.createLookupType(id), hexToU8a(raw));
        assert.equal(u8aToHex(decoded.toU8a()), raw, `${pallet}.${item} does not decode to what it is`);
        values += 1;
      }
    }
  }
  assert.ok(values > 100, `only ${values} values were found in storage`);
});

scenario("a transfer moves exactly its amount", 60, async () => {
  const before = await freeBalance(api, bob.address);
  const { events } = await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, open(7)));
  assert.equal((await freeBalance(api, bob.address)) - before, open(7));
  const transfer = eventOf(events, "balances", "Transfer");
  const [from, to, amount] = transfer.data;
  assert.deepEqual([from, to, amount].map(String), [alice.address, bob.address, String(open(7))]);
});

scenario("an account bonds and nominates", 60, async () => {
  await send(api, staker, api.tx.staking.bond(open(1_000), "Staked"));
  const [validator] = await api.query.session.validators();
  assert.ok(validator, "the chain has no validator");
  await send(api, staker, api.tx.staking.nominate([validator]));

  const ledger = (await api.query.staking.ledger(staker.address)).unwrap();
  assert.equal(ledger.active.toBigInt(), open(1_000));
  const nominations = (await api.query.staking.nominators(staker.address)).unwrap();
  assert.deepEqual(nominations.targets.map(String), [validator.toString()]);
  const listed = await api.query.voterList.listNodes(staker.address);
  assert.ok(!listed.isEmpty, "the nominator is not in the voter list");
});

scenario("an account creates a nomination pool and another joins it", 60, async () => {
  const roles = [poolCreator.address, poolCreator.address, poolCreator.address] as const;
  await send(api, poolCreator, api.tx.nominationPools.create(open(500), ...roles));
  const pool = await api.query.nominationPools.lastPoolId();
  await send(api, poolMember, api.tx.nominationPools.join(open(200), pool));

  const member = (await api.query.nominationPools.poolMembers(poolMember.address)).unwrap();
  assert.equal(member.poolId.toNumber(), pool.toNumber());
  assert.equal(member.points.toBigInt(), open(200));
  const bonded = (await api.query.nominationPools.bondedPools(pool)).unwrap();
  assert.equal(bonded.points.toBigInt(), open(700));
  assert.equal(bonded.memberCounter.toNumber(), 2);
});

scenario("a proxy acts for its principal, within its type", 90, async () => {
  await send(api, charlie, api.tx.proxy.addProxy(dave.address, "Any", 0));
  const before = await freeBalance(api, newcomer.address);
  const transfer = api.tx.balances.transferKeepAlive(newcomer.address, open(3));
  const done = await send(api, dave, api.tx.proxy.proxy(charlie.address, null, transfer));
  assert.deepEqual(eventOf(done.events, "proxy", "ProxyExecuted").data.toJSON(), [{ ok: null }]);
  assert.equal((await freeBalance(api, newcomer.address)) - before, open(3));

  await send(api, charlie, api.tx.proxy.addProxy(bob.address, "Staking", 0));
  const refused = await send(api, bob, api.tx.proxy.proxy(charlie.address, "Staking", transfer));
  const { data } = eventOf(refused.events, "proxy", "ProxyExecuted");
  const outcome = data[0] as Result<Null, DispatchError>;
  assert.equal(nameOf(api, outcome.asErr), "System.CallFiltered");
  assert.equal((await freeBalance(api, newcomer.address)) - before, open(3));
});

scenario("two of three signatories execute a multisig call", 90, async () => {
  const signatories = sortAddresses([bob.address, charlie.address, dave.address], SS58_PREFIX);
  const others = (self: string): string[] => signatories.filter((address) => address !== self);
  const address = encodeAddress(createKeyMulti(signatories, 2), SS58_PREFIX);
  await send(api, alice, api.tx.balances.transferKeepAlive(address, open(50)));
  const recipient = account("//e2e//multisig-recipient");
  const call = api.tx.balances.transferKeepAlive(recipient.address, open(20));
  const weight = (await api.call.transactionPaymentCallApi.queryCallInfo(call.method, 0)).weight;

  const approval = await send(
    api,
    bob,
    api.tx.multisig.approveAsMulti(2, others(bob.address), null, call.method.hash, weight),
  );
  eventOf(approval.events, "multisig", "NewMultisig");
  assert.equal(await freeBalance(api, recipient.address), 0n);
  const opened = (await api.query.multisig.multisigs(address, call.method.hash)).unwrap();
  const execution = await send(
    api,
    charlie,
    api.tx.multisig.asMulti(2, others(charlie.address), opened.when, call.method, weight),
  );
  const { data } = eventOf(execution.events, "multisig", "MultisigExecuted");
  assert.deepEqual(data[4]?.toJSON(), { ok: null });
  assert.equal(await freeBalance(api, recipient.address), open(20));
});

scenario("every event and extrinsic of every block decodes to the bytes it is", 120, async () => {
  const head = await bestBlock(api);
  const kinds = new Set<string>();
  for (let height = 1; height <= head; height += 1) {
    const hash = await api.rpc.chain.getBlockHash(height);
    const at = await api.at(hash);
    const events = await at.query.system.events();
    const raw = await node.rpc<string>("state_getStorage", api.query.system.events.key(), hash.toHex());
    assert.equal(events.toHex(), raw, `the events of block ${height} decode to something else`);
    for (const { event } of events) kinds.add(`${event.section}.${event.method}`);

    const signed = await api.rpc.chain.getBlock(hash);
    const block = await node.rpc<{ block: { extrinsics: string[] } }>("chain_getBlock", hash.toHex());
    assert.deepEqual(
      signed.block.extrinsics.map((extrinsic) => extrinsic.toHex()),
      block.block.extrinsics,
      `the extrinsics of block ${height} decode to something else`,
    );
  }
  const expected = [
    ["system.ExtrinsicSuccess", "balances.Transfer", "staking.Bonded", "nominationPools.Bonded"],
    ["proxy.ProxyExecuted", "multisig.MultisigExecuted", "transactionPayment.TransactionFeePaid"],
    ["utility.BatchCompleted"],
  ].flat();
  assert.deepEqual(expected.filter((kind) => !kinds.has(kind)), []);
});
