/**
 * OPEN goes over the bridge and comes back, with four validators, a real EVM and a beacon chain whose keys are public. On
 * the way relayers are killed and doubled, sessions and a sync committee change, users relay for themselves, deposits are
 * parked, a direction is halted; and at the end every unit is where it belongs, on both sides.
 */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Null, Result } from "@polkadot/types";
import type { DispatchError } from "@polkadot/types/interfaces";
import { account, alice, bob, charlie, dave, eve, open } from "../../src/accounts.js";
import { SLOTS_OF_PERIOD } from "../../src/bridge/beacon.js";
import { Bridge, type Deposit } from "../../src/bridge/bridge.js";
import {
  bridgeCalls,
  bridgeState,
  depositEvent,
  depositStatus,
  fieldOf,
  knownSlot,
  unlockOf,
  withdraw,
  type Withdrawal,
} from "../../src/bridge/chain.js";
import { deployer } from "../../src/bridge/deploy.js";
import { refusalOf, wallet } from "../../src/bridge/ethereum.js";
import { type Keys, Relayer, runOnce } from "../../src/bridge/relayer.js";
import {
  bestBlock,
  eventOf,
  eventsAt,
  type Extrinsic,
  failureOf,
  freeBalance,
  fund,
  nameOf,
  send,
} from "../../src/chain.js";
import { decide, SUCCESS } from "../../src/governance.js";
import { bodies } from "../../src/lanes.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

/** What a voter votes with. */
const STAKE = open(6_000_000);

/** A way takes so long: blocks, what is final, relayers' rounds, on two busy cores. */
const WAY_SECONDS = 240;

const HANDOVERS = 3;
const KILLS = 5;

/** A wallet on Ethereum, and an account here that nobody has made yet. */
const user = wallet(3);
const newcomer = account("//e2e//bridge//newcomer");
/** Addresses on Ethereum that have nothing. */
const [paid, paidByHand] = [wallet(4).address, wallet(5).address] as const;

const first: Keys = { substrate: "//e2e//bridge//relayer//1", ethereum: wallet(1) };
const second: Keys = { substrate: "//e2e//bridge//relayer//2", ethereum: wallet(2) };
/** What relayers have for fees here. */
const FLOAT = open(10);
/** They wait up to some blocks for each other, so that they seldom pay for the same. */
const BESIDE_ANOTHER = ["--stagger", "8"];

let bridge: Bridge;
let api: ApiPromise;
/** Where the search for events begins: before all of them. */
let start: number;
let relayer: Relayer;
let other: Relayer | undefined;
/** The first deposit that was minted, and the first withdrawal that was unlocked. */
let deposited: Deposit;
let withdrawn: Withdrawal;

before(async () => {
  bridge = await Bridge.start("local");
  ({ api } = bridge);
  start = await bestBlock(api);
  await fund(api, alice, [account(first.substrate), account(second.substrate)], FLOAT);
  await bridge.give(user.address, open(10_000_000));
  relayer = await Relayer.start("relayer", bridge.sides, first, ["--unlock", ...BESIDE_ANOTHER]);
});

after(async () => {
  await other?.dispose();
  await relayer?.dispose();
  await bridge?.dispose();
});

/** Waits until a deposit is minted, and returns the tip that was taken of it. */
async function minted({ nonce }: Deposit): Promise<bigint> {
  const { event } = await depositEvent(api, "DepositMinted", nonce, start, WAY_SECONDS);
  return fieldOf(event, "tip");
}

/** Locks for an account, and waits until it is minted there. */
async function over(to: KeyringPair, amount: bigint): Promise<Deposit> {
  const before = await freeBalance(api, to.address);
  const deposit = await bridge.lock(user, to.publicKey, amount);
  const tip = await minted(deposit);
  assert.equal((await freeBalance(api, to.address)) - before, amount - tip);
  return deposit;
}

/** Everything that was locked is somewhere, and nothing is issued that is not locked. */
async function everyUnitIsThere(): Promise<void> {
  const { balance, locked, state, inbound, outbound, issuance } = await bridge.accounts();
  const { preLocked, minted: mirrored, parked, burned, genesisIssuance } = state;
  assert.equal(balance, locked);
  assert.equal(locked, preLocked + mirrored + parked - burned + inbound + outbound);
  assert.equal(issuance, genesisIssuance + mirrored - burned);
}

scenario("genesis names the vault that was deployed later, and nothing leaves before it is full", 60, async () => {
  const { vault, domain, preLocked, genesisIssuance } = await bridgeState(api);
  assert.equal(vault?.chainId, bridge.ethereum.chainId);
  assert.equal(vault?.address.toLowerCase(), bridge.vault.address.toLowerCase());
  assert.equal(vault?.token.toLowerCase(), bridge.token.address.toLowerCase());
  assert.equal(domain, await bridge.vault.read.domain());
  assert.deepEqual([preLocked, genesisIssuance], [0n, open(100_000_000)]);
  const early = bridgeCalls(api).withdraw!(paid, open(100));
  assert.equal(await failureOf(api, alice, early), "EthereumBridge.InsufficientBacking");
});

scenario("OPEN of genesis is pre-locked, and that mints nothing", WAY_SECONDS, async () => {
  const issued = (await api.query.balances.totalIssuance()).toBigInt();
  const { nonce, amount } = await bridge.lock(deployer, api.genesisHash.toHex(), open(100_000_000));
  const { event } = await depositEvent(api, "PreLocked", nonce, start, WAY_SECONDS);
  assert.equal(fieldOf(event, "amount"), amount);
  const { preLocked, minted: mirrored } = await bridgeState(api);
  assert.deepEqual([preLocked, mirrored], [amount, 0n]);
  assert.equal((await api.query.balances.totalIssuance()).toBigInt(), issued);
  await everyUnitIsThere();
});

scenario("what is locked on Ethereum is minted here, to somebody new", WAY_SECONDS, async () => {
  const relayerHad = await freeBalance(api, account(first.substrate).address);
  assert.equal(await freeBalance(api, newcomer.address), 0n);
  deposited = await over(newcomer, open(2_000));
  assert.equal(await depositStatus(api, deposited.nonce), "Executed");
  const { mint, tip, submitter } = await mintOf(deposited);
  assert.deepEqual([mint, tip, submitter], [open(2_000), open(0.1), account(first.substrate).address]);
  // The relayer has the tip, and has paid at most for a header that was needed before the next free one.
  const earned = (await freeBalance(api, submitter)) - relayerHad;
  assert.ok(earned > 0n && earned <= tip, `the relayer has earned ${earned}`);
});

/** What a deposit has minted, and who brought it. */
async function mintOf({ nonce }: Deposit): Promise<{ mint: bigint; tip: bigint; submitter: string }> {
  const { event } = await depositEvent(api, "DepositMinted", nonce, start, WAY_SECONDS);
  return { mint: fieldOf(event, "amount"), tip: fieldOf(event, "tip"), submitter: String(event.data[4]) };
}

scenario("what is withdrawn here is unlocked there", WAY_SECONDS, async () => {
  const issued = (await api.query.balances.totalIssuance()).toBigInt();
  withdrawn = await withdraw(api, newcomer, paid, open(400));
  assert.equal(withdrawn.nonce, 1n);
  assert.equal((await api.query.balances.totalIssuance()).toBigInt(), issued - open(400));
  await bridge.unlocked(withdrawn.nonce);
  assert.equal(await bridge.openOf(paid), open(400));
  await everyUnitIsThere();
});

scenario("a relayer that is killed in the middle of its work loses nothing", 2 * WAY_SECONDS, async () => {
  const [here, there] = [await freeBalance(api, eve.address), await bridge.openOf(paid)];
  const deposits: Deposit[] = [];
  const withdrawals: Withdrawal[] = [];
  for (let round = 1; round <= KILLS; round += 1) {
    deposits.push(await bridge.lock(user, eve.publicKey, open(100 + round)));
    withdrawals.push(await withdraw(api, newcomer, paid, open(10 + round)));
    // Each round further into its work: the kill meets it before, while and after it sends.
    await blocks(2 * round);
    await relayer.service.kill();
    await relayer.service.start();
  }
  let tips = 0n;
  for (const deposit of deposits) tips += await minted(deposit);
  for (const { nonce } of withdrawals) await bridge.unlocked(nonce);
  assert.equal((await freeBalance(api, eve.address)) - here, sum(deposits) - tips);
  assert.equal((await bridge.openOf(paid)) - there, sum(withdrawals));
  await everyUnitIsThere();
});

/** Waits for some more blocks. */
async function blocks(more: number): Promise<void> {
  const height = (await bestBlock(api)) + more;
  await waitFor(`block ${height}`, 60, async () => (await bestBlock(api)) >= height);
}

function sum(amounts: readonly { amount: bigint }[]): bigint {
  return amounts.reduce((all, { amount }) => all + amount, 0n);
}

scenario("a second relayer beside it does no harm", 2 * WAY_SECONDS, async () => {
  other = await Relayer.start("relayer-2", bridge.sides, second, ["--unlock", ...BESIDE_ANOTHER]);
  const [here, there] = [await freeBalance(api, eve.address), await bridge.openOf(paid)];
  const deposits: Deposit[] = [];
  const withdrawals: Withdrawal[] = [];
  for (const amount of [open(20), open(30), open(40)]) {
    deposits.push(await bridge.lock(user, eve.publicKey, amount));
    withdrawals.push(await withdraw(api, newcomer, paid, amount));
  }
  let tips = 0n;
  for (const deposit of deposits) tips += await minted(deposit);
  for (const { nonce } of withdrawals) await bridge.unlocked(nonce);
  assert.equal((await freeBalance(api, eve.address)) - here, sum(deposits) - tips);
  assert.equal((await bridge.openOf(paid)) - there, sum(withdrawals));
  assert.deepEqual([relayer.service.isRunning, other.service.isRunning], [true, true]);
  await everyUnitIsThere();
});

scenario("the sync committee changes, and deposits go on", WAY_SECONDS + 60, async () => {
  const period = Math.floor((await knownSlot(api)) / SLOTS_OF_PERIOD);
  await bridge.beacon.jump(1);
  await over(eve, open(50));
  const now = Math.floor((await knownSlot(api)) / SLOTS_OF_PERIOD);
  assert.equal(now, period + 1);
});

scenario("a user relays alone, both ways", 2 * WAY_SECONDS, async () => {
  await relayer.service.stop();
  await other?.dispose();
  other = undefined;
  const own: Keys = { substrate: "//e2e//bridge//newcomer", ethereum: user };
  const had = await freeBalance(api, newcomer.address);
  const deposit = await bridge.lock(user, newcomer.publicKey, open(60));
  await runOnce(bridge.sides, own, "deposit", "--nonce", String(deposit.nonce));
  await minted(deposit);
  // Nothing is taken: the tip is the user's own, and so was the way, at most a fee for the beacon header.
  const gained = (await freeBalance(api, newcomer.address)) - had;
  assert.ok(gained <= open(60) && gained > open(59), `${gained} of 60 OPEN have arrived`);

  const there = await bridge.openOf(paid);
  const { nonce } = await withdraw(api, newcomer, paid, open(25));
  await runOnce(bridge.sides, own, "unlock", "--nonce", String(nonce));
  assert.equal((await bridge.openOf(paid)) - there, open(25));
  await everyUnitIsThere();
});

scenario("a proof made by hand unlocks, when a relayer brings nothing but roots", WAY_SECONDS, async () => {
  other = await Relayer.start("relayer-roots", bridge.sides, second, BESIDE_ANOTHER);
  const { nonce, block } = await withdraw(api, newcomer, paidByHand, open(35));
  const root = await waitFor(`a root on Ethereum after block ${block}`, WAY_SECONDS, async () => {
    return (await bridge.updates()).find(({ args }) => args.blockNumber > block);
  });
  const proof = await unlockOf(api, bridge.node, nonce, root.args.blockNumber);
  const forged = { ...proof, amount: proof.amount + 1n };
  assert.equal(await refusalOf(bridge.vault.simulate.unlock([forged], { account: user })), "InvalidProof");
  await bridge.ethereum.succeeded(bridge.vault.write.unlock([proof], { account: user }));
  assert.equal(await bridge.openOf(paidByHand), open(35));
  await relayer.service.start();
});

scenario("a deposit below the existential deposit waits for an account, and is claimed by anyone", WAY_SECONDS, async () => {
  const nobody = account("//e2e//bridge//nobody");
  const amount = api.consts.balances.existentialDeposit.toBigInt() / 2n;
  const { nonce } = await bridge.lock(user, nobody.publicKey, amount);
  const { event } = await depositEvent(api, "DepositParked", nonce, start, WAY_SECONDS);
  assert.equal(String(event.data[3]), "Refused");
  assert.equal(await depositStatus(api, nonce), "Parked");
  const claim = bridgeCalls(api).claimParked!(nonce.toString());
  assert.equal(await failureOf(api, charlie, claim), "Token.BelowMinimum");
  assert.equal((await bridgeState(api)).parked, amount);

  await fund(api, alice, [nobody], open(1));
  await send(api, charlie, claim);
  assert.equal(await freeBalance(api, nobody.address), open(1) + amount);
  assert.equal((await bridgeState(api)).parked, 0n);
  assert.equal(await failureOf(api, charlie, claim), "EthereumBridge.NothingParked");
});

scenario("a deposit over the limit waits, and is claimed in parts", WAY_SECONDS, async () => {
  const { depositCapacity } = (await api.query["ethereumBridge"]!["currentLimits"]!()).toJSON() as {
    depositCapacity: string;
  };
  const amount = BigInt(depositCapacity) + open(1);
  const had = await freeBalance(api, eve.address);
  const { nonce } = await bridge.lock(user, eve.publicKey, amount);
  const { event } = await depositEvent(api, "DepositParked", nonce, start, WAY_SECONDS);
  assert.equal(String(event.data[3]), "RateLimited");
  assert.equal(await freeBalance(api, eve.address), had);

  const claim = bridgeCalls(api).claimParked!(nonce.toString());
  const { events } = await send(api, charlie, claim);
  const claimed = eventOf(events, "ethereumBridge", "ParkedClaimed");
  const left = fieldOf(claimed, "left");
  assert.ok(left > 0n, "all of it was minted at once");
  assert.equal(fieldOf(claimed, "amount") + left, amount);
  assert.equal((await bridgeState(api)).parked, left);
  // Some of the limit becomes free with every block.
  await waitFor("the rest to be within the limit", 60, async () => (await bridgeState(api)).mintable >= left);
  await send(api, charlie, claim);
  assert.equal((await freeBalance(api, eve.address)) - had, amount);
  await everyUnitIsThere();
});

let haltedAt: number;
let waiting: Deposit;

scenario("one member of three halts the bridge, and deposits wait", WAY_SECONDS, async () => {
  assert.equal(await failureOf(api, eve, bridgeCalls(api).halt!("Inbound")), "BadOrigin");
  for (const direction of ["Inbound", "Outbound"]) {
    assert.equal(await byMember(alice, bridgeCalls(api).halt!(direction)), SUCCESS);
  }
  haltedAt = await bestBlock(api);
  const leaving = bridgeCalls(api).withdraw!(paid, open(20));
  assert.equal(await failureOf(api, newcomer, leaving), "EthereumBridge.Halted");
  assert.equal(await failureOf(api, charlie, await submissionOf(deposited)), "EthereumBridge.Halted");

  waiting = await bridge.lock(user, newcomer.publicKey, open(70));
  const slot = await bridge.slotOf(waiting.block);
  await waitFor("the light client to know the deposit's block", WAY_SECONDS, async () => (await knownSlot(api)) >= slot);
  await blocks(5);
  assert.equal(await depositStatus(api, waiting.nonce), "Unknown");
  const { state, inbound } = await bridge.accounts();
  assert.deepEqual([state.inboundHalted, state.outboundHalted, inbound], [true, true, waiting.amount]);
  await everyUnitIsThere();
});

/** Has one member of the committee, a third of it, act alone; returns `SUCCESS` or the name of the error. */
async function byMember(member: KeyringPair, call: Extrinsic): Promise<string> {
  const proposal = api.tx.technicalCommittee.propose(1, call, call.method.encodedLength);
  const { events } = await send(api, member, proposal);
  const result = eventOf(events, "technicalCommittee", "Executed").data[1] as Result<Null, DispatchError>;
  return result.isOk ? SUCCESS : nameOf(api, result.asErr);
}

/** The call by which a relayer has brought a deposit. */
async function submissionOf({ nonce }: Deposit): Promise<Extrinsic> {
  const { blockHash } = await depositEvent(api, "DepositMinted", nonce, start, WAY_SECONDS);
  const { block } = await api.rpc.chain.getBlock(blockHash);
  const found = block.extrinsics.find(({ method }) => method.method === "submitDeposit");
  assert.ok(found, `no extrinsic of block ${blockHash} has brought a deposit`);
  return api.tx(api.createType("Call", found.method.toHex()));
}

scenario("only a referendum of the bridge's track resumes it; then the deposit is executed", 480, async () => {
  const resume = ["Inbound", "Outbound"].map((direction) => bridgeCalls(api).resume!(direction));
  assert.equal(await byMember(alice, resume[0]!), "BadOrigin");
  const had = await freeBalance(api, newcomer.address);
  const both = api.tx.utility.batchAll(resume);
  assert.equal(await decide(api, [dave, alice, bob], { Origins: "BridgeAdmin" }, both, STAKE), SUCCESS);
  const tip = await minted(waiting);
  assert.equal((await freeBalance(api, newcomer.address)) - had, waiting.amount - tip);
  const { nonce } = await withdraw(api, newcomer, paid, open(20));
  await bridge.unlocked(nonce);

  // Relayers have not tried in vain all the while: the only ones that were refused are those of this test.
  const all = (await bodies(api, haltedAt, await bestBlock(api))).flatMap(({ extrinsics }) => extrinsics);
  const refused = all.filter(({ error }) => error === "EthereumBridge.Halted").map(({ signer }) => signer);
  assert.deepEqual(new Set(refused), new Set([charlie.address, newcomer.address]));
});

scenario("nothing is executed twice: neither a deposit nor a withdrawal", 120, async () => {
  assert.equal(await failureOf(api, charlie, await submissionOf(deposited)), "EthereumBridge.AlreadyProcessed");
  const root = (await bridge.updates()).at(-1)!;
  const proof = await unlockOf(api, bridge.node, withdrawn.nonce, root.args.blockNumber);
  assert.equal(await refusalOf(bridge.vault.simulate.unlock([proof], { account: user })), "AlreadyUnlocked");
});

scenario("sessions changed on the way, and Ethereum followed each of them", WAY_SECONDS, async () => {
  const sets = await waitFor(`${HANDOVERS} handovers`, WAY_SECONDS, async () => {
    const handovers = (await bridge.handovers()).map(({ args }) => args.setId);
    return handovers.length >= HANDOVERS && handovers;
  });
  assert.deepEqual(sets, sets.map((_, place) => sets[0]! + BigInt(place)));
});

scenario("at the end every unit is on one side, once, and relayers have needed nothing but gas", 240, async () => {
  await everyUnitIsThere();
  const { state, inbound, outbound } = await bridge.accounts();
  assert.deepEqual([state.parked, inbound, outbound], [0n, 0n, 0n]);

  const deposits = (await bridge.locks()).map(({ args }) => args);
  assert.deepEqual(deposits.map(({ nonce }) => nonce), deposits.map((_, place) => BigInt(place + 1)));
  assert.equal(sum(deposits), state.preLocked + state.minted);
  const payments = (await bridge.payments()).map(({ args }) => args.nonce);
  assert.equal(new Set(payments).size, payments.length);
  assert.equal(BigInt(payments.length), state.withdrawals);

  for (const { ethereum, substrate } of [first, second]) {
    assert.equal(await bridge.openOf(ethereum.address), 0n);
    const { address } = account(substrate);
    const { fees, tips } = await accountOf(address);
    assert.equal(await freeBalance(api, address), FLOAT - fees + tips);
  }
});

/** The fees that an account has paid here, and its tips for deposits. */
async function accountOf(address: string): Promise<{ fees: bigint; tips: bigint }> {
  let [fees, tips] = [0n, 0n];
  const last = await bestBlock(api);
  for (let number = start; number <= last; number += 1) {
    const hash = (await api.rpc.chain.getBlockHash(number)).toHex();
    for (const { event } of await eventsAt(api, hash)) {
      const what = `${event.section}.${event.method}`;
      const [who, paid] = event.data;
      if (what === "transactionPayment.TransactionFeePaid" && String(who) === address) fees += BigInt(String(paid));
      if (what === "ethereumBridge.DepositMinted" && String(event.data[4]) === address) tips += fieldOf(event, "tip");
    }
  }
  return { fees, tips };
}
