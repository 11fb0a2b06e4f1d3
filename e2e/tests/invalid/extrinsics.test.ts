/** Each bad extrinsic is refused for its own reason, and the next good one goes through. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import type { SignatureOptions } from "@polkadot/types/types";
import { u8aToHex } from "@polkadot/util";
import { account, alice, bob, open } from "../../src/accounts.js";
import { type Extrinsic, freeBalance, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import type { ChainNode } from "../../src/node.js";
import { RpcError } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const MIB = 1024 * 1024;

/** More than normal extrinsics may fill of a block, less than a whole block. */
const BEYOND_NORMAL = 4 * MIB;

/** More than a whole block. */
const BEYOND_BLOCK = 6 * MIB;

/** How many bytes 0.1 OPEN takes in SCALE. */
const AMOUNT_BYTES = 9;

/** The answer of the pool to an extrinsic that the runtime calls invalid. */
const POOL_INVALID = 1010;
const BAD_SIGNATURE = "Transaction has a bad signature";
const EXHAUSTS = "Transaction would exhaust the block limits";
const CANNOT_PAY = "Inability to pay some fees (e.g. account balance too low)";

const penniless = account("//e2e//penniless");
const sender = account("//e2e//sender");

let node: ChainNode;
let api: ApiPromise;

onDevChain(async (connected, started) => {
  [api, node] = [connected, started];
  await send(api, alice, api.tx.balances.transferKeepAlive(sender.address, open(1_000)));
});

function transfer(): Extrinsic {
  return api.tx.balances.transferKeepAlive(bob.address, open(0.1));
}

/** A call with an argument of that many bytes. */
function remarkOf(length: number): Extrinsic {
  return api.tx.system.remark(`0x${"00".repeat(length)}`);
}

async function nonceOf(address: string): Promise<number> {
  return (await api.rpc.system.accountNextIndex(address)).toNumber();
}

/** A signed extrinsic, with something in its signature replaced. */
async function signed(call: Extrinsic, signer = sender, replaced: Partial<SignatureOptions> = {}): Promise<string> {
  const options: SignatureOptions = {
    blockHash: api.genesisHash,
    genesisHash: api.genesisHash,
    nonce: await nonceOf(signer.address),
    runtimeVersion: api.runtimeVersion,
    ...replaced,
  };
  return call.sign(signer, options).toHex();
}

function submit(extrinsic: string): Promise<string> {
  return node.rpc<string>("author_submitExtrinsic", extrinsic);
}

/** Makes sure that the chain still takes what is right. */
async function nextTransferSucceeds(): Promise<void> {
  const before = await freeBalance(api, bob.address);
  await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, open(1)));
  assert.ok((await freeBalance(api, bob.address)) - before >= open(1), "the valid transfer did not arrive");
}

interface Refusal {
  input: string;
  extrinsic: () => Promise<string>;
  code: number;
  reason: string | RegExp;
  data?: string;
}

const REFUSALS: Refusal[] = [
  {
    input: "bytes that are no extrinsic",
    extrinsic: async () => "0xdeadbeef",
    code: 1040,
    reason: /^Client error: /,
  },
  {
    input: "an envelope around bytes that are no extrinsic",
    extrinsic: async () => "0x1004ffffff",
    code: 1002,
    reason: /^Verification Error: /,
  },
  {
    input: "a call of a pallet that does not exist",
    extrinsic: async () => {
      const bytes = transfer().toU8a();
      // Length (2 bytes), version (1 byte), then the pallet's index.
      bytes[3] = 0xfe;
      return u8aToHex(bytes);
    },
    code: 1002,
    reason: /^Verification Error: /,
  },
  {
    input: "more bytes than normal extrinsics may fill",
    extrinsic: () => signed(remarkOf(BEYOND_NORMAL)),
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: EXHAUSTS,
  },
  {
    input: "more bytes than a block holds",
    extrinsic: () => signed(remarkOf(BEYOND_BLOCK)),
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: EXHAUSTS,
  },
  {
    input: "an unsigned transfer",
    extrinsic: async () => transfer().toHex(),
    code: 1011,
    reason: "Unknown Transaction Validity",
    data: "NoUnsignedValidator",
  },
  {
    input: "a signer without any OPEN",
    extrinsic: () => signed(transfer(), penniless),
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: CANNOT_PAY,
  },
  {
    input: "a tip that the signer does not have",
    extrinsic: () => signed(transfer(), sender, { tip: open(1_000_000) }),
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: CANNOT_PAY,
  },
  {
    input: "a nonce that was used",
    extrinsic: async () => {
      await send(api, sender, transfer());
      return signed(transfer(), sender, { nonce: (await nonceOf(sender.address)) - 1 });
    },
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: "Transaction is outdated",
  },
  {
    input: "the genesis of another chain",
    extrinsic: () => {
      const genesisHash = `0x${"42".repeat(32)}`;
      return signed(transfer(), sender, { genesisHash, blockHash: genesisHash });
    },
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: BAD_SIGNATURE,
  },
  {
    input: "another version of the runtime",
    extrinsic: () => {
      const specVersion = api.runtimeVersion.specVersion.addn(1);
      const runtimeVersion = { specVersion, transactionVersion: api.runtimeVersion.transactionVersion };
      return signed(transfer(), sender, { runtimeVersion: runtimeVersion as never });
    },
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: BAD_SIGNATURE,
  },
  {
    input: "a call that is not what was signed",
    extrinsic: async () => {
      const extrinsic = transfer();
      await signed(extrinsic);
      const bytes = extrinsic.toU8a();
      // The recipient stands before the amount, which takes the last nine bytes.
      const position = bytes.length - AMOUNT_BYTES - 1;
      bytes[position] = (bytes[position] ?? 0) ^ 1;
      return u8aToHex(bytes);
    },
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: BAD_SIGNATURE,
  },
  {
    input: "an account that sets the time",
    extrinsic: () => signed(api.tx.timestamp.set(Date.now())),
    code: POOL_INVALID,
    reason: "Invalid Transaction",
    data: "Transaction dispatch is mandatory; transactions must not be validated.",
  },
];

for (const { input, extrinsic, code, reason, data } of REFUSALS) {
  scenario(`${input}: refused with ${code}${data === undefined ? "" : `, ${data}`}`, 90, async () => {
    const bytes = await extrinsic();
    await assert.rejects(submit(bytes), (error: unknown) => {
      assert.ok(error instanceof RpcError, String(error));
      assert.equal(error.code, code, error.message);
      if (typeof reason === "string") assert.equal(error.reason, reason);
      else assert.match(error.reason, reason);
      if (data !== undefined) assert.equal(error.data, data);
      return true;
    });
    await nextTransferSucceeds();
  });
}

scenario("an extrinsic that was included is not included again", 120, async () => {
  const extrinsic = transfer();
  const { blockNumber } = await send(api, sender, extrinsic, { until: "finalized" });
  const before = await nonceOf(sender.address);
  const refusal = await submit(extrinsic.toHex()).then(
    () => assert.fail("the replay was accepted"),
    (error: unknown) => error,
  );
  assert.ok(refusal instanceof RpcError, String(refusal));
  // The pool remembers what was included; another one with its nonce is the row above.
  assert.equal(refusal.code, 1012, refusal.message);
  assert.equal(refusal.reason, "Transaction is temporarily banned");
  await nextTransferSucceeds();
  assert.equal(await nonceOf(sender.address), before);
  assert.ok((await api.rpc.chain.getHeader()).number.toNumber() > blockNumber, "the chain stands still");
});

scenario("a future nonce waits for the gap to be filled, and is not taken twice", 120, async () => {
  const nonce = await nonceOf(sender.address);
  const before = await freeBalance(api, bob.address);
  const future = await signed(transfer(), sender, { nonce: nonce + 1 });
  await submit(future);
  await assert.rejects(submit(future), (error: unknown) => error instanceof RpcError && error.code === 1013);
  assert.deepEqual(await node.rpc("system_dryRun", future), FUTURE);
  await nextTransferSucceeds();
  assert.equal(await nonceOf(sender.address), nonce, "the future extrinsic was executed early");

  await submit(await signed(transfer(), sender, { nonce }));
  await waitFor("both extrinsics in blocks", 60, async () => {
    return (await api.query.system.account(sender.address)).nonce.toNumber() === nonce + 2;
  });
  assert.equal((await freeBalance(api, bob.address)) - before, open(1) + 2n * open(0.1));
});

/** `Err(Invalid(Future))` in SCALE. */
const FUTURE = "0x010002";
