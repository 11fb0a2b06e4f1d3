/** Bad requests get the right error, floods are survived, and unsafe methods stay inside. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { after, before } from "node:test";
import { type ApiPromise, WsProvider } from "@polkadot/api";
import { WebSocket } from "ws";
import { alice, bob, open } from "../../src/accounts.js";
import { connect, freeBalance, send } from "../../src/chain.js";
import { bestHeight } from "../../src/network.js";
import { binary, ChainNode } from "../../src/node.js";
import { post, RpcError } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const MIB = 1024 * 1024;

/** More than a node accepts in one request. */
const BEYOND_REQUEST = 16 * MIB;

const RATE_LIMIT = 60;
const MAX_CONNECTIONS = 20;
const FLOOD_ROUNDS = 100;
const HEAVY_CALLS = 5;
const JUNK_EXTRINSICS = 60;
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
    args: [
      ["--rpc-external"],
      ["--rpc-rate-limit", String(RATE_LIMIT)],
      ["--rpc-max-connections", String(MAX_CONNECTIONS)],
    ].flat(),
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
  // The announced length is enough: the node refuses before it has read anything.
  const headers = { "content-type": "application/json", "content-length": BEYOND_REQUEST };
  const request = httpRequest(node.httpUrl, { method: "POST", headers });
  request.flushHeaders();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  assert.equal(response.statusCode, 413);
  request.destroy();
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
    ["--chain", "local", "--tmp", "--validator", "--rpc-external", "--unsafe-force-node-key-generation"],
    { encoding: "utf8", timeout: 30_000 },
  );
  assert.equal(status, 1);
  assert.match(stderr, /^Error: --rpc-external option shouldn't be used if the node is running as a validator\./);
});

scenario("beyond the rate limit of a connection calls are refused with -32999", 120, async () => {
  const connection = new WsProvider(outside.wsUrl);
  await connection.isReady;
  const calls = Array.from({ length: 5 * RATE_LIMIT }, () => connection.send("system_chain", []));
  const settled = await Promise.allSettled(calls);
  await connection.disconnect();
  const answered = settled.filter(({ status }) => status === "fulfilled");
  const reasons = settled.flatMap((call) => (call.status === "rejected" ? [String(call.reason)] : []));
  assert.ok(answered.length >= RATE_LIMIT, `only ${answered.length} calls were answered`);
  assert.ok(reasons.length > 0, `${calls.length} calls passed a limit of ${RATE_LIMIT} a minute`);
  assert.deepEqual([...new Set(reasons)], ["RpcError: -32999: RPC rate limit exceeded"]);
  await nextTransferSucceeds();
});

scenario("more connections than allowed are refused with HTTP 429, until others close", 60, async () => {
  const request = { jsonrpc: "2.0", id: 1, method: "system_chain", params: [] };
  const sockets = Array.from({ length: MAX_CONNECTIONS }, () => new WebSocket(outside.wsUrl));
  // Connections of earlier requests may still be open: as many of these as fit are enough.
  sockets.forEach((socket) => socket.on("error", () => {}));
  const refused = await waitFor("a refusal", 20, async () => {
    const response = await post(outside.httpUrl, request);
    return response.status === 200 ? undefined : response.status;
  });
  assert.equal(refused, 429);
  for (const socket of sockets) socket.terminate();
  await waitFor("an answer again", 20, async () => (await post(outside.httpUrl, request)).status === 200);
  await nextTransferSucceeds();
});

scenario("a flood of heavy calls and junk extrinsics is answered while blocks go on", 180, async () => {
  const start = { height: await bestHeight(node), millis: Date.now() };
  const refusals = new Map<number, number>();
  let answered = 0;
  for (let round = 0; round < FLOOD_ROUNDS; round += 1) {
    const heavy = Array.from({ length: HEAVY_CALLS }, () => node.rpc("state_getMetadata"));
    const junk = Array.from({ length: JUNK_EXTRINSICS }, (_, index) => {
      // Different each time: the pool bans what it has refused, and would not look at it again.
      const junk = 0xff000000 + round * JUNK_EXTRINSICS + index;
      return node.rpc("author_submitExtrinsic", `0x10${junk.toString(16)}`);
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
