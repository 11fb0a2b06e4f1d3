/**
 * Takes deposits and withdrawals over the bridge between four validators and anvil, one after the other, and prints one
 * line of JSON:
 *
 * - `deposit_seconds`, `withdrawal_seconds`: from the block that locks or burns to the one that mints or unlocks, with slots
 *   of 2 s here, blocks of 1 s there, Ethereum's finality 4 blocks away, and a relayer that looks every 2 s;
 * - `gas_lock`, `gas_unlock`, `gas_update`, `gas_handover`: of the transactions on Ethereum, the dearest of each kind; a
 *   handover names the next set of validators;
 * - `weight_ms`, `bytes`: computing time that the runtime charges, and length, of what a relayer sends here, the largest of
 *   each kind.
 */

import { account, alice, open } from "../src/accounts.js";
import { Bridge } from "../src/bridge/bridge.js";
import { depositEvent, withdraw } from "../src/bridge/chain.js";
import { deployer } from "../src/bridge/deploy.js";
import { wallet } from "../src/bridge/ethereum.js";
import { type Keys, Relayer } from "../src/bridge/relayer.js";
import { bestBlock, fund } from "../src/chain.js";
import { bodies } from "../src/lanes.js";

const ROUNDS = 5;
const WAY_SECONDS = 240;
const PICOS_PER_MILLI = 1e9;

const user = wallet(3);
const payee = wallet(4).address;
const keys: Keys = { substrate: "//Bench//relayer", ethereum: wallet(1) };

/** How many seconds something takes. */
async function secondsOf(work: Promise<unknown>): Promise<number> {
  const start = Date.now();
  await work;
  return Math.round((Date.now() - start) / 1_000);
}

async function gasOf(bridge: Bridge, events: { transactionHash: `0x${string}` }[]): Promise<number> {
  const receipts = await Promise.all(
    events.map(({ transactionHash: hash }) => bridge.ethereum.client.getTransactionReceipt({ hash })),
  );
  return Math.max(0, ...receipts.map(({ gasUsed }) => Number(gasUsed)));
}

async function run(bridge: Bridge): Promise<void> {
  const { api } = bridge;
  const start = await bestBlock(api);
  await fund(api, alice, [account(keys.substrate)], open(10));
  await bridge.give(user.address, open(1_000_000));
  const all = await bridge.lock(deployer, api.genesisHash.toHex(), open(100_000_000));
  await depositEvent(api, "PreLocked", all.nonce, start, WAY_SECONDS);

  const [deposits, withdrawals]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const deposit = await bridge.lock(user, alice.publicKey, open(100));
    deposits.push(await secondsOf(depositEvent(api, "DepositMinted", deposit.nonce, start, WAY_SECONDS)));
    const { nonce } = await withdraw(api, alice, payee, open(100));
    withdrawals.push(await secondsOf(bridge.unlocked(nonce, WAY_SECONDS)));
  }

  const updates = await bridge.updates();
  const handovers = await bridge.handovers();
  const atHandover = new Set(handovers.map(({ transactionHash }) => transactionHash));
  const sent = (await bodies(api, start, await bestBlock(api))).flatMap(({ extrinsics }) => extrinsics);
  const largest = (call: string, of: "bytes" | "refTime"): number => {
    return Math.max(0, ...sent.filter((each) => each.call === call).map((each) => Number(each[of])));
  };
  const perCall = (of: "bytes" | "refTime", unit: number) => {
    const calls = ["ethereumBeaconClient.submit", "ethereumBridge.submitDeposit", "ethereumBridge.withdraw"];
    return Object.fromEntries(calls.map((call) => [call, Number((largest(call, of) / unit).toFixed(3))]));
  };
  const result = {
    rounds: ROUNDS,
    deposit_seconds: deposits,
    withdrawal_seconds: withdrawals,
    gas_lock: await gasOf(bridge, await bridge.locks()),
    gas_unlock: await gasOf(bridge, await bridge.payments()),
    gas_update: await gasOf(bridge, updates.filter(({ transactionHash }) => !atHandover.has(transactionHash))),
    gas_handover: await gasOf(bridge, handovers),
    weight_ms: perCall("refTime", PICOS_PER_MILLI),
    bytes: perCall("bytes", 1),
  };
  console.log(JSON.stringify(result));
}

const bridge = await Bridge.start("local");
const relayer = await Relayer.start("relayer", bridge.sides, keys, ["--unlock", "--stagger", "0"]);
try {
  await run(bridge);
} catch (error) {
  console.error(relayer.service.logTail());
  throw error;
} finally {
  await relayer.dispose();
  await bridge.dispose();
}
