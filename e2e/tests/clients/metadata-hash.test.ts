/** A signature may commit to the metadata that the signer was shown: what Ledger devices rely on. */

import assert from "node:assert/strict";
import { merkleizeMetadata } from "@polkadot-api/merkleize-metadata";
import type { ApiPromise } from "@polkadot/api";
import { u8aToHex } from "@polkadot/util";
import { alice, bob, open, TOKEN } from "../../src/accounts.js";
import { freeBalance, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import { metadataOf } from "../../src/metadata.js";
import type { ChainNode } from "../../src/node.js";
import { RpcError } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";

const CHECKED = 1;

let node: ChainNode;
let api: ApiPromise;
let metadataHash: `0x${string}`;

onDevChain(async (connected, started) => {
  [api, node] = [connected, started];
  metadataHash = u8aToHex(merkleizeMetadata(await metadataOf(node, 15), TOKEN).digest());
});

scenario("a transfer signed with the hash of the metadata is executed", 60, async () => {
  const before = await freeBalance(api, bob.address);
  const transfer = api.tx.balances.transferKeepAlive(bob.address, open(1));
  const { blockHash } = await send(api, alice, transfer, { signing: { mode: CHECKED, metadataHash } });
  assert.equal((await freeBalance(api, bob.address)) - before, open(1));

  const { block } = await api.rpc.chain.getBlock(blockHash);
  const included = block.extrinsics.find((extrinsic) => extrinsic.method.toHex() === transfer.method.toHex());
  assert.equal(included?.mode.toNumber(), CHECKED);
});

scenario("a transfer signed with another hash is refused", 60, async () => {
  const transfer = api.tx.balances.transferKeepAlive(bob.address, open(1));
  const wrong = `0x${"ab".repeat(32)}` as const;
  await transfer.signAsync(alice, { mode: CHECKED, metadataHash: wrong });
  await assert.rejects(node.rpc("author_submitExtrinsic", transfer.toHex()), (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.code, 1010);
    assert.equal(error.data, "Transaction has a bad signature");
    return true;
  });
});

scenario("the hash commits to the token's symbol and decimals", 30, async () => {
  const metadata = await metadataOf(node, 15);
  const other = merkleizeMetadata(metadata, { ...TOKEN, tokenSymbol: "DOT" }).digest();
  assert.notEqual(u8aToHex(other), metadataHash);
});
