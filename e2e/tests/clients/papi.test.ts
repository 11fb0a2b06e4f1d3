/** `polkadot-api` with descriptors generated from the runtime does what accounts do. */

import assert from "node:assert/strict";
import { after } from "node:test";
import type { KeyringPair } from "@polkadot/keyring/types";
import { createKeyMulti, encodeAddress, sortAddresses } from "@polkadot/util-crypto";
import { Binary, Enum, type PolkadotClient, type TypedApi } from "polkadot-api";
import { withMetadataHash } from "polkadot-api/signer";
import { MultiAddress, openledger } from "../../.papi/descriptors/dist/index.js";
import { account, alice, bob, charlie, dave, open, SS58_PREFIX, TOKEN } from "../../src/accounts.js";
import { onDevNode } from "../../src/fixtures.js";
import { papiClient, papiFailureOf, papiNameOf, papiSend, papiSigner, type Submittable } from "../../src/papi.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const staker = account("//e2e//staker");
const poolCreator = account("//e2e//pool-creator");
const poolMember = account("//e2e//pool-member");
const nobody = account("//e2e//nobody");

const NO_SUCH_POOL = 4_242;

/** What a block's events are called, by the block's height. */
const eventKinds = new Map<number, string[]>();

let client: PolkadotClient;
let api: TypedApi<typeof openledger>;
let watchFailure: Error | undefined;

const aliceSigner = papiSigner(alice);
const bobSigner = papiSigner(bob);

async function freeBalance(address: string): Promise<bigint> {
  return (await api.query.System.Account.getValue(address)).data.free;
}

function transferTo(address: string, value: bigint) {
  return api.tx.Balances.transfer_keep_alive({ dest: MultiAddress.Id(address), value });
}

// Registered first: the client must be gone before the node is.
after(() => client?.destroy());

onDevNode(async (node) => {
  client = papiClient(node);
  api = client.getTypedApi(openledger);
  api.query.System.Events.watchValue({ at: "finalized" }).subscribe({
    next: ({ block, value }) => {
      eventKinds.set(block.number, value.map(({ event }) => `${event.type}.${event.value.type}`));
    },
    error: (error: Error) => (watchFailure = error),
  });
  const calls = [staker, poolCreator, poolMember].map(({ address }) => {
    return transferTo(address, open(10_000)).decodedCall;
  });
  await papiSend(api.tx.Utility.batch_all({ calls }), aliceSigner);
});

scenario("the client reads the runtime's version and constants", 30, async () => {
  const version = await api.constants.System.Version();
  assert.equal(version.spec_name, "openledger-fast");
  assert.equal(await api.constants.Balances.ExistentialDeposit(), open(0.01));
  assert.equal(await api.constants.System.SS58Prefix(), SS58_PREFIX);
});

scenario("a transfer moves exactly its amount", 90, async () => {
  const before = await freeBalance(bob.address);
  await papiSend(transferTo(bob.address, open(7)), aliceSigner);
  assert.equal((await freeBalance(bob.address)) - before, open(7));
});

scenario("an account bonds and nominates", 90, async () => {
  const signer = papiSigner(staker);
  await papiSend(api.tx.Staking.bond({ value: open(1_000), payee: Enum("Staked") }), signer);
  const [validator] = await api.query.Session.Validators.getValue();
  assert.ok(validator, "the chain has no validator");
  await papiSend(api.tx.Staking.nominate({ targets: [MultiAddress.Id(validator)] }), signer);

  const ledger = await api.query.Staking.Ledger.getValue(staker.address);
  assert.equal(ledger?.active, open(1_000));
  const nominations = await api.query.Staking.Nominators.getValue(staker.address);
  assert.deepEqual(nominations?.targets, [validator]);
});

scenario("an account creates a nomination pool and another joins it", 90, async () => {
  const self = MultiAddress.Id(poolCreator.address);
  const create = api.tx.NominationPools.create({
    amount: open(500),
    root: self,
    nominator: self,
    bouncer: self,
  });
  await papiSend(create, papiSigner(poolCreator));
  const pool_id = await api.query.NominationPools.LastPoolId.getValue();
  await papiSend(api.tx.NominationPools.join({ amount: open(200), pool_id }), papiSigner(poolMember));

  const member = await api.query.NominationPools.PoolMembers.getValue(poolMember.address);
  assert.equal(member?.pool_id, pool_id);
  assert.equal(member?.points, open(200));
});

scenario("a proxy acts for its principal", 90, async () => {
  const addProxy = api.tx.Proxy.add_proxy({
    delegate: MultiAddress.Id(dave.address),
    proxy_type: Enum("Any"),
    delay: 0,
  });
  await papiSend(addProxy, papiSigner(charlie));
  const recipient = account("//e2e//proxy-recipient");
  const proxied = api.tx.Proxy.proxy({
    real: MultiAddress.Id(charlie.address),
    force_proxy_type: undefined,
    call: transferTo(recipient.address, open(3)).decodedCall,
  });
  const { events } = await papiSend(proxied, papiSigner(dave));
  const [executed] = api.event.Proxy.ProxyExecuted.filter(events);
  assert.equal(executed?.payload.result.success, true);
  assert.equal(await freeBalance(recipient.address), open(3));
});

scenario("two of three signatories execute a multisig call", 120, async () => {
  const signatories = sortAddresses([bob.address, charlie.address, dave.address], SS58_PREFIX);
  const others = (self: string): string[] => signatories.filter((address) => address !== self);
  const address = encodeAddress(createKeyMulti(signatories, 2), SS58_PREFIX);
  await papiSend(transferTo(address, open(50)), aliceSigner);
  const recipient = account("//e2e//multisig-recipient");
  const transfer = transferTo(recipient.address, open(20));
  const max_weight = (await transfer.getPaymentInfo(address)).weight;
  const call = transfer.decodedCall;

  const first = api.tx.Multisig.as_multi({
    threshold: 2,
    other_signatories: others(bob.address),
    maybe_timepoint: undefined,
    call,
    max_weight,
  });
  const { block } = await papiSend(first, bobSigner);
  assert.equal(await freeBalance(recipient.address), 0n);
  const second = api.tx.Multisig.as_multi({
    threshold: 2,
    other_signatories: others(charlie.address),
    maybe_timepoint: { height: block.number, index: block.index },
    call,
    max_weight,
  });
  const { events } = await papiSend(second, papiSigner(charlie));
  const [executed] = api.event.Multisig.MultisigExecuted.filter(events);
  assert.equal(executed?.payload.result.success, true);
  assert.equal(await freeBalance(recipient.address), open(20));
});

scenario("a transfer signed with the metadata hash is accepted, with a wrong one refused", 90, async () => {
  const before = await freeBalance(bob.address);
  const transfer = transferTo(bob.address, open(1));
  await papiSend(transfer, withMetadataHash(TOKEN, aliceSigner));
  assert.equal((await freeBalance(bob.address)) - before, open(1));

  const wrong = withMetadataHash({ ...TOKEN, decimals: TOKEN.decimals - 1 }, aliceSigner);
  await assert.rejects(transfer.signAndSubmit(wrong), { error: Enum("Invalid", Enum("BadProof")) });
});

type BadCall = [what: string, signer: KeyringPair, call: () => Submittable, error: string];

const BAD_CALLS: BadCall[] = [
  [
    "transferring more than one has",
    poolMember,
    () => transferTo(bob.address, open(50_000)),
    "Token.FundsUnavailable",
  ],
  [
    "moving the funds of somebody else",
    bob,
    () => {
      const source = MultiAddress.Id(alice.address);
      const dest = MultiAddress.Id(bob.address);
      return api.tx.Balances.force_transfer({ source, dest, value: open(1) });
    },
    "BadOrigin",
  ],
  [
    "burning OPEN",
    bob,
    () => api.tx.Balances.burn({ value: open(1), keep_alive: true }),
    "System.CallFiltered",
  ],
  [
    "bonding twice",
    staker,
    () => api.tx.Staking.bond({ value: open(1), payee: Enum("Staked") }),
    "Staking.AlreadyBonded",
  ],
  ["nominating nobody", staker, () => api.tx.Staking.nominate({ targets: [] }), "Staking.EmptyTargets"],
  [
    "joining a pool that does not exist",
    bob,
    () => api.tx.NominationPools.join({ amount: open(50), pool_id: NO_SUCH_POOL }),
    "NominationPools.PoolNotFound",
  ],
  [
    "acting as a proxy of a stranger",
    bob,
    () => {
      const call = api.tx.System.remark({ remark: Binary.fromText("not mine") }).decodedCall;
      return api.tx.Proxy.proxy({ real: MultiAddress.Id(alice.address), force_proxy_type: undefined, call });
    },
    "Proxy.NotProxy",
  ],
  [
    "a multisig of one",
    bob,
    () =>
      api.tx.Multisig.as_multi({
        threshold: 1,
        other_signatories: [nobody.address],
        maybe_timepoint: undefined,
        call: api.tx.System.remark({ remark: Binary.fromText("alone") }).decodedCall,
        max_weight: { ref_time: 0n, proof_size: 0n },
      }),
    "Multisig.MinimumThreshold",
  ],
];

scenario("each bad call fails with the error that names what is wrong", 120, async () => {
  const nonces = new Map<string, number>();
  for (const { address } of [poolMember, staker, bob]) {
    nonces.set(address, (await api.query.System.Account.getValue(address)).nonce);
  }
  const outcomes = BAD_CALLS.map(async ([what, signer, call]) => {
    const nonce = nonces.get(signer.address) ?? 0;
    nonces.set(signer.address, nonce + 1);
    return [what, await papiFailureOf(call(), papiSigner(signer), { nonce })];
  });
  assert.deepEqual(
    await Promise.all(outcomes),
    BAD_CALLS.map(([what, , , error]) => [what, error]),
  );
});

scenario("a failure inside a proxied call is named too", 90, async () => {
  const tooMuch = transferTo(bob.address, 2n ** 127n).decodedCall;
  const real = MultiAddress.Id(charlie.address);
  const proxied = api.tx.Proxy.proxy({ real, force_proxy_type: undefined, call: tooMuch });
  const { events } = await papiSend(proxied, papiSigner(dave));
  const [executed] = api.event.Proxy.ProxyExecuted.filter(events);
  const result = executed?.payload.result;
  assert.ok(result && !result.success, "the proxied transfer succeeded");
  assert.equal(papiNameOf(result.value), "Arithmetic.Underflow");
});

scenario("every event of every finalised block is decoded", 60, async () => {
  const target = (await client.getFinalizedBlock()).number;
  await waitFor("the events of the newest finalised block", 30, () => eventKinds.has(target));
  assert.equal(watchFailure, undefined);
  const heights = [...eventKinds.keys()].sort((a, b) => a - b);
  const [first = 0] = heights;
  assert.deepEqual(heights, heights.map((_, index) => first + index), "blocks are missing");
  // Every block sets the time, and that is an extrinsic that succeeds.
  const silent = heights.filter((height) => !eventKinds.get(height)?.includes("System.ExtrinsicSuccess"));
  assert.deepEqual(silent.filter((height) => height > 0), []);
  const kinds = new Set([...eventKinds.values()].flat());
  const expected = ["Staking.Bonded", "NominationPools.Bonded", "Proxy.ProxyExecuted", "Multisig.MultisigExecuted"];
  assert.deepEqual(expected.filter((kind) => !kinds.has(kind)), []);
});
