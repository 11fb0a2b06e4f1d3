/** What most test files start with, and what ends with them. */

import { after, before } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { connect } from "./chain.js";
import { Network } from "./network.js";
import { ChainNode } from "./node.js";

/** Starts one development node, Alice's, for the tests of a file. */
export function onDevNode(prepare: (node: ChainNode) => Promise<void> | void): void {
  let node: ChainNode | undefined;
  before(async () => {
    node = await ChainNode.start({ name: "dev", chain: "dev", args: ["--alice", "--force-authoring"] });
    await prepare(node);
  });
  after(() => node?.dispose());
}

/** Starts one development node and connects `@polkadot/api` to it. */
export function onDevChain(prepare: (api: ApiPromise, node: ChainNode) => Promise<void> | void): void {
  let api: ApiPromise | undefined;
  after(() => api?.disconnect());
  onDevNode(async (node) => {
    api = await connect(node);
    await prepare(api, node);
  });
}

/** Starts the four validators of the local chain and connects `@polkadot/api` to Alice's. */
export function onNetwork(prepare: (network: Network, api: ApiPromise) => Promise<void> | void): void {
  let network: Network | undefined;
  let api: ApiPromise | undefined;
  before(async () => {
    network = await Network.start();
    api = await connect(network.validator("alice"));
    await prepare(network, api);
  });
  after(async () => {
    await api?.disconnect();
    await network?.dispose();
  });
}
