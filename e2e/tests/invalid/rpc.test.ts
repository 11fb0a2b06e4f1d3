/** Bad requests get the right error, floods are survived, and unsafe methods stay inside. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { alice, bob, open } from "../../src/accounts.js";
import { connect, freeBalance, send } from "../../src/chain.js";
import { bestHeight } from "../../src/network.js";
import { binary, ChainNode } from "../../src/node.js";
import { post, rpc, RpcError } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";

const MIB = 1024 * 1024;

/** More than a node accepts in one request. */
const BEYOND_REQUEST = 16 * MIB;

const RATE_LIMIT = 60;
const FLOOD_ROUNDS = 20;
const HEAVY_CALLS = 5;
const JUNK_EXTRINSICS = 100;
const SLOT_MILLIS = 2_000;

let node: ChainNode;
let outside: ChainNode;
let api: ApiPromise;

before(async () => {
  node = await ChainNode.start({ name: "dev", chain: "dev", args: ["--alice", "--force-authoring"] });
  outside = await ChainNode.start({
    name: "outside",
    chain: "dev",
    bootnodes: [node.multiaddress],
    args: ["--rpc-external", "--rpc-rate-limit", String(RATE_LIMIT), "--rpc-max-connections", "50"],
  });
  api = await connect(node);
});

after(async () => {
  await api?.disconnect();
  await outside?.dispose();
  await node?.dispose();
});

async function nextTransferSucceeds(): Promise<void> {
  const before = await freeBalance(api, bob.address);
  await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, open(1)));
  assert.equal((await freeBalance(api, bob.address)) - before, open(1));
}

async function refusal(call: Promise<unknown>): Promise<RpcError> {
  const error = await call.then(
    () => assert.fail("the call was answered"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RpcError, String(error));
  return error;
}

const REFUSALS: [input: string, method: string, params: unknown[], code: number, reason: RegExp][] = [
  ["a method that does not exist", "chain_makeCoffee", [], -32601, /^Method not found$/],
  ["parameters of the wrong type", "chain_getBlockHash", ["not a number"], -32602, /^Invalid params$/],
  ["bytes that are not hexadecimal", "author_submitExtrinsic", ["0xzz"], -32602, /^Invalid params$/],
  ["a runtime function that does not exist", "state_call", ["Nothing_here", "0x"], 4003, /Nothing_here/],
];

for (const [input, method, params, code, reason] of REFUSALS) {
  scenario(`${input}: refused with ${code}`, 60, async () => {
    const error = await refusal(node.rpc(method, ...params));
    assert.equal(error.code, code, error.message);
    assert.match(error.reason, reason);
    await nextTransferSucceeds();
  });
}

scenario("a request that is no JSON is refused with -32700", 60, async () => {
  const response = await fetch(node.httpUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{ not json",
  });
  const answer = (await response.json()) as { error: { code: number } };
  assert.equal(answer.error.code, -32700);
  await nextTransferSucceeds();
});

scenario("a request that is too large is refused with HTTP 413", 60, async () => {
  const params = [`0x${"00".repeat(BEYOND_REQUEST / 2)}`];
  const response = await post(node.httpUrl, { jsonrpc: "2.0", id: 1, method: "author_submitExtrinsic", params });
  assert.equal(response.status, 413);
  await nextTransferSucceeds();
});

const UNSAFE = [
  ["author_rotateKeys"],
  ["author_rotateKeysWithOwner", "0x"],
  ["author_insertKey", "babe", "//Eve", "0x"],
  ["system_addReservedPeer", "/ip4/127.0.0.1/tcp/1"],
  ["system_dryRun", "0x"],
  ["offchain_localStorageGet", "PERSISTENT", "0x00"],
] as const;

for (const [method, ...params] of UNSAFE) {
  scenario(`${method} from outside is refused with -32601`, 60, async () => {
    const error = await refusal(outside.rpc(method, ...params));
    assert.equal(error.code, -32601);
    assert.equal(error.reason, "RPC call is unsafe to be called externally");
    await nextTransferSucceeds();
  });
}

scenario("a validator refuses to open its RPC to the outside", 60, async () => {
  const { status, stderr } = spawnSync(
    binary(),
    ["--chain", "local", "--tmp", "--alice", "--rpc-external"],
    { encoding: "utf8", timeout: 30_000 },
  );
  assert.equal(status, 1);
  assert.match(stderr, /--rpc-external/);
  assert.match(stderr, /--unsafe-rpc-external/);
});

scenario("beyond the rate limit calls are refused with -32999, and none is left hanging", 120, async () => {
  const calls = Array.from({ length: 5 * RATE_LIMIT }, () => rpc(outside.httpUrl, "system_chain"));
  const settled = await Promise.allSettled(calls);
  const refused = settled.filter(
    (call) => call.status === "rejected" && call.reason instanceof RpcError && call.reason.code === -32999,
  );
  assert.ok(refused.length > 0, "300 calls passed a limit of 60 a minute");
  assert.ok(refused.length < settled.length, "not one call was answered");
  await nextTransferSucceeds();
});

scenario("a flood of heavy calls and junk extrinsics is answered while blocks go on", 180, async () => {
  const start = { height: await bestHeight(node), millis: Date.now() };
  const refusals = new Map<number, number>();
  let answered = 0;
  for (let round = 0; round < FLOOD_ROUNDS; round += 1) {
    const heavy = Array.from({ length: HEAVY_CALLS }, () => node.rpc("state_getMetadata"));
    const junk = Array.from({ length: JUNK_EXTRINSICS }, (_, index) => {
      return node.rpc("author_submitExtrinsic", `0x10${index.toString(16).padStart(8, "f")}`);
    });
    for (const call of await Promise.allSettled([...heavy, ...junk])) {
      if (call.status === "fulfilled") answered += 1;
      else if (call.reason instanceof RpcError) {
        refusals.set(call.reason.code, (refusals.get(call.reason.code) ?? 0) + 1);
      } else throw call.reason;
    }
  }
  assert.equal(answered, FLOOD_ROUNDS * HEAVY_CALLS);
  assert.deepEqual([...refusals], [[1002, FLOOD_ROUNDS * JUNK_EXTRINSICS]]);
  // At least every second slot had its block in time.
  const slots = Math.floor((Date.now() - start.millis) / SLOT_MILLIS);
  const blocks = (await bestHeight(node)) - start.height;
  assert.ok(blocks >= Math.floor(slots / 2), `${blocks} blocks in ${slots} slots of the flood`);
  await nextTransferSucceeds();
});
