/**
 * What a relayer lives through: nodes that go away, hang or contradict themselves, dear gas, lost transactions, a beacon
 * chain that stands still or runs ahead. In the end everything has happened, and nothing twice.
 */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { account, alice, bob, dave, eve, open } from "../../src/accounts.js";
import { SLOTS_OF_PERIOD } from "../../src/bridge/beacon.js";
import { Bridge, type Deposit } from "../../src/bridge/bridge.js";
import {
  depositEvent,
  depositStatus,
  knownSlot,
  unlockOf,
  withdraw,
  type Withdrawal,
} from "../../src/bridge/chain.js";
import { deployer, guardians } from "../../src/bridge/deploy.js";
import { refusalOf, wallet } from "../../src/bridge/ethereum.js";
import { Link } from "../../src/bridge/link.js";
import { checkpointOf, type Keys, Relayer } from "../../src/bridge/relayer.js";
import { bestBlock, freeBalance, fund } from "../../src/chain.js";
import { decide, SUCCESS } from "../../src/governance.js";
import { bodies } from "../../src/lanes.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const WAY_SECONDS = 180;

/** All signatures of the sync committee, and one fewer than the light client takes. */
const ALL_SIGNERS = 512;
const TOO_FEW = 341;

/** Seconds of a day. */
const DAY = 86_400;
/** A halt of the vault; the age from which on signatures wait for a veto, with some room; and that wait. */
const [HALT, TOO_OLD, VETO] = [7 * DAY, 22 * DAY, 14 * DAY];
/** How the vault calls the direction. */
const OUTBOUND = 1;

/** What a voter votes with. */
const STAKE = open(6_000_000);

const user = wallet(3);
const payee = wallet(4).address;
const keys: Keys = { substrate: "//e2e//bridge//relayer", ethereum: wallet(1) };
/** What the relayer has for fees here. */
const FLOAT = open(10);

let bridge: Bridge;
let api: ApiPromise;
let start: number;
let relayer: Relayer;
/** The relayer's lines to both sides; the tests have others. */
let lines: { node: Link; ethereum: Link; beacon: Link };

before(async () => {
  bridge = await Bridge.start("dev");
  ({ api } = bridge);
  start = await bestBlock(api);
  await fund(api, alice, [account(keys.substrate)], FLOAT);
  await bridge.give(user.address, open(1_000_000));
  const { sides } = bridge;
  lines = {
    node: await Link.to(sides.node),
    ethereum: await Link.to(sides.ethereum),
    beacon: await Link.to(sides.beacon),
  };
  const ways = { ...sides, node: lines.node.url, ethereum: lines.ethereum.url, beacon: lines.beacon.url };
  relayer = await Relayer.start("relayer", ways, keys, ["--unlock", "--stagger", "0"]);
  const { nonce } = await bridge.lock(deployer, api.genesisHash.toHex(), open(100_000_000));
  await depositEvent(api, "PreLocked", nonce, start, WAY_SECONDS);
});

after(async () => {
  await relayer?.dispose();
  for (const line of Object.values(lines ?? {})) await line.cut();
  await bridge?.dispose();
});

const lockForEve = (amount: number): Promise<Deposit> => bridge.lock(user, eve.publicKey, open(amount));
const withdrawAsAlice = (amount: number): Promise<Withdrawal> => withdraw(api, alice, payee, open(amount));

async function minted({ nonce }: Deposit): Promise<void> {
  await depositEvent(api, "DepositMinted", nonce, start, WAY_SECONDS);
}

/** Waits for some more blocks. */
async function blocks(more: number): Promise<void> {
  const height = (await bestBlock(api)) + more;
  await waitFor(`block ${height}`, 60, async () => (await bestBlock(api)) >= height);
}

async function session(): Promise<number> {
  return (await api.query.session.currentIndex()).toNumber();
}

scenario("two sessions without a node: no handover is left out", 2 * WAY_SECONDS, async () => {
  const [before, handovers] = [await session(), (await bridge.handovers()).length];
  const { nonce } = await withdrawAsAlice(10);
  await lines.node.cut();
  const deposit = await lockForEve(10);
  await waitFor("two changes of session", 90, async () => (await session()) >= before + 2);
  assert.equal(await bridge.isUnlocked(nonce), false);
  assert.equal(await depositStatus(api, deposit.nonce), "Unknown");
  await lines.node.repair();
  await bridge.unlocked(nonce);
  await minted(deposit);
  const sets = (await bridge.handovers()).map(({ args }) => args.setId);
  assert.ok(sets.length >= handovers + 2, `Ethereum has followed ${sets.length - handovers} of two sessions`);
  assert.deepEqual(sets, sets.map((_, place) => sets[0]! + BigInt(place)));
});

scenario("the node is killed, and comes back", WAY_SECONDS, async () => {
  const { nonce } = await withdrawAsAlice(11);
  await bridge.node.kill();
  const deposit = await lockForEve(11);
  await bridge.node.start();
  await minted(deposit);
  await bridge.unlocked(nonce);
});

scenario("Ethereum is out of reach, both of its nodes", WAY_SECONDS, async () => {
  await lines.ethereum.cut();
  await lines.beacon.cut();
  const deposit = await lockForEve(12);
  const { nonce } = await withdrawAsAlice(12);
  await blocks(10);
  assert.equal(await bridge.isUnlocked(nonce), false);
  assert.equal(await depositStatus(api, deposit.nonce), "Unknown");
  await lines.ethereum.repair();
  await lines.beacon.repair();
  await minted(deposit);
  await bridge.unlocked(nonce);
});

scenario("Ethereum's node hangs instead of answering", WAY_SECONDS, async () => {
  bridge.ethereum.service.signal("SIGSTOP");
  let withdrawal: Withdrawal;
  try {
    withdrawal = await withdrawAsAlice(13);
    await blocks(10);
  } finally {
    bridge.ethereum.service.signal("SIGCONT");
  }
  await bridge.unlocked(withdrawal.nonce);
  await minted(await lockForEve(13));
});

scenario("what a reorganisation undoes is never minted, and its nonce belongs to another deposit", WAY_SECONDS, async () => {
  const nobody = account("//e2e//bridge//undone");
  await bridge.beacon.stall("finality");
  const undone = await bridge.lock(user, nobody.publicKey, open(30));
  // As long as this the relayer has seen it, on a chain that may still change.
  await blocks(3);
  await bridge.ethereum.reorganise(undone.block);
  const instead = await lockForEve(31);
  assert.equal(instead.nonce, undone.nonce);
  await bridge.beacon.stall("none");
  const before = await freeBalance(api, eve.address);
  await minted(instead);
  assert.ok((await freeBalance(api, eve.address)) > before, "nothing was minted for Eve");
  assert.equal(await freeBalance(api, nobody.address), 0n);
});

scenario("the beacon chain stands still, or signs too little, and goes on", 2 * WAY_SECONDS, async () => {
  await bridge.beacon.stall("head");
  const first = await lockForEve(14);
  await blocks(10);
  assert.equal(await depositStatus(api, first.nonce), "Unknown");
  await bridge.beacon.stall("none");
  await minted(first);

  await bridge.beacon.signers(TOO_FEW);
  const since = await bestBlock(api);
  const second = await lockForEve(15);
  await blocks(20);
  assert.equal(await depositStatus(api, second.nonce), "Unknown");
  assert.deepEqual(await failuresSince(since), [], "the relayer has sent what had to fail");
  await bridge.beacon.signers(ALL_SIGNERS);
  await minted(second);
});

/** Calls of the relayer that failed. */
async function failuresSince(block: number): Promise<string[]> {
  const { address } = account(keys.substrate);
  const extrinsics = (await bodies(api, block, await bestBlock(api))).flatMap((body) => body.extrinsics);
  return extrinsics.filter(({ error, signer }) => error && signer === address).map(({ call }) => call);
}

scenario("two sync committees pass without a relayer", 2 * WAY_SECONDS, async () => {
  const before = Math.floor((await knownSlot(api)) / SLOTS_OF_PERIOD);
  await relayer.service.kill();
  const deposit = await lockForEve(16);
  await bridge.beacon.jump(2);
  await relayer.service.start();
  await minted(deposit);
  await minted(await lockForEve(17));
  assert.equal(Math.floor((await knownSlot(api)) / SLOTS_OF_PERIOD), before + 2);
});

interface Pending {
  hash: `0x${string}`;
  nonce: number;
  maxFeePerGas: bigint;
}

/** What can happen to a transaction on Ethereum before a block takes it. */
const MISHAPS: [what: string, happen: (transaction: Pending) => Promise<unknown>][] = [
  [
    "gas gets dearer than it pays",
    async ({ maxFeePerGas }) => {
      // What a block cannot take, anvil forgets; so the transaction is gone as well.
      await bridge.ethereum.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 10n * maxFeePerGas + 10n ** 9n });
      await bridge.ethereum.client.mine({ blocks: 1 });
    },
  ],
  ["it is dropped", ({ hash }) => bridge.ethereum.client.dropTransaction({ hash })],
  [
    "another one takes its nonce",
    ({ nonce, maxFeePerGas }) => {
      const fee = 2n * maxFeePerGas + 10n ** 9n;
      const fees = { maxFeePerGas: fee, maxPriorityFeePerGas: fee };
      const to = keys.ethereum.address;
      return bridge.ethereum.client.sendTransaction({ account: keys.ethereum, to, nonce, gas: 21_000n, ...fees });
    },
  ],
];

for (const [what, happen] of MISHAPS) {
  scenario(`a transaction waits for its block, and ${what}`, WAY_SECONDS, async () => {
    await bridge.ethereum.stopMining();
    const { nonce } = await withdrawAsAlice(18);
    const pending = await waitFor("a transaction of the relayer in the pool", 90, async () => {
      return (await bridge.ethereum.waiting(keys.ethereum.address)).at(-1);
    });
    await happen(pending);
    await bridge.ethereum.mineAgain();
    await bridge.unlocked(nonce);
  });
}

scenario("everything has happened, nothing twice, and the relayer has needed nothing but gas", WAY_SECONDS, async () => {
  const { balance, locked, state, inbound, outbound, issuance } = await bridge.accounts();
  assert.deepEqual([state.parked, inbound, outbound], [0n, 0n, 0n]);
  assert.equal(balance, locked);
  assert.equal(locked, state.preLocked + state.minted - state.burned);
  assert.equal(issuance, state.genesisIssuance + state.minted - state.burned);

  const deposited = (await bridge.locks()).reduce((sum, { args }) => sum + args.amount, 0n);
  assert.equal(deposited, state.preLocked + state.minted);
  const payments = (await bridge.payments()).map(({ args }) => args.nonce);
  assert.equal(new Set(payments).size, payments.length);
  assert.equal(BigInt(payments.length), state.withdrawals);
  assert.equal(await bridge.openOf(payee), state.burned);
  assert.equal(await bridge.openOf(keys.ethereum.address), 0n);
  // It is paid by the tips of what it has carried.
  const left = await freeBalance(api, account(keys.substrate).address);
  assert.ok(left >= FLOAT, `${left} is left of ${FLOAT}`);
});

/** What was locked behind the gap. */
let stranded: Deposit;

scenario("nobody can follow a beacon chain over a gap: nothing is minted, and the relayer says why", 120, async () => {
  const logged = relayer.service.logLength();
  await bridge.beacon.skip(3 * SLOTS_OF_PERIOD);
  stranded = await lockForEve(19);
  await waitFor("the relayer to say what is missing", 90, () => /checkpoint/.test(relayer.service.logSince(logged)));
  assert.equal(await depositStatus(api, stranded.nonce), "Unknown");
  // The other direction does not depend on it.
  const { nonce } = await withdrawAsAlice(20);
  await bridge.unlocked(nonce);
});

scenario("root sets the client on a checkpoint behind the gap: what has waited is minted, and headers go on", 480, async () => {
  const slot = await bridge.slotOf(stranded.block);
  await waitFor("the deposit's block to be final", 60, async () => {
    return Number((await bridge.beacon.status()).finalized_slot) >= slot;
  });
  // As a voter decodes it: `ethereumBeaconClient.forceCheckpoint`, and behind it what the relayer prints.
  const call = `0x4600${(await checkpointOf(bridge.beacon.url)).slice(2)}`;
  const forced = api.tx(api.createType("Call", call));
  assert.equal(await decide(api, [dave, alice, bob], { system: "Root" }, forced, STAKE), SUCCESS);
  await minted(stranded);
  const known = await knownSlot(api);
  assert.ok(known >= slot, `the client is at slot ${known}, the deposit at ${slot}`);
  await minted(await lockForEve(23));
  assert.ok((await knownSlot(api)) > known, "no header has come after the checkpoint");
});

scenario("guardians halt the vault: what is withdrawn waits, and is paid when the halt is over", WAY_SECONDS, async () => {
  // The kit would have to make a block for each period that passes from here on.
  await bridge.beacon.service.stop();
  const [first, second] = guardians;
  for (const account of [first!, second!]) {
    await bridge.ethereum.succeeded(bridge.vault.write.halt([OUTBOUND], { account }));
  }
  const { nonce, block } = await withdrawAsAlice(21);
  const root = await waitFor("a root of the withdrawal on Ethereum", WAY_SECONDS, async () => {
    return (await bridge.updates()).find(({ args }) => args.blockNumber > block);
  });
  const proof = await unlockOf(api, bridge.node, nonce, root.args.blockNumber);
  assert.equal(await refusalOf(bridge.vault.simulate.unlock([proof], { account: user })), "DirectionHalted");
  assert.equal(await bridge.isUnlocked(nonce), false);
  await bridge.ethereum.pass(HALT);
  await bridge.unlocked(nonce);
});

scenario("nobody has fed the client for three weeks: handovers are posted, wait for a veto, and take effect", 400, async () => {
  await relayer.service.kill();
  const before = (await bridge.handovers()).length;
  await bridge.ethereum.pass(TOO_OLD);
  const { nonce, block } = await withdrawAsAlice(22);
  await relayer.service.start();
  await waitFor("a posted handover whose root proves the withdrawal", WAY_SECONDS, async () => {
    return (await bridge.posted()).some(({ args }) => args.blockNumber > block);
  });
  assert.equal((await bridge.handovers()).length, before);
  await bridge.ethereum.pass(VETO);
  await bridge.unlocked(nonce);
  assert.ok((await bridge.handovers()).length > before, "no set has taken office");
});
