/** Several real nodes of one chain, each knowing the addresses of all others. */

import { ChainNode, type NodeOptions } from "./node.js";
import { waitFor } from "./wait.js";

/** The validators of the local chain, in the order of its genesis. */
export const VALIDATORS = ["alice", "bob", "charlie", "dave"] as const;
export type Validator = (typeof VALIDATORS)[number];

const CHAIN = "local";
const FIRST_FINALITY_SECONDS = 120;

export class Network {
  private constructor(
    readonly nodes: ChainNode[],
    private readonly chain: string,
  ) {}

  /** Starts the four validators of the local chain, or of a spec with the same ones, and returns once finality moves. */
  static async start(extra: Partial<Record<Validator, string[]>> = {}, chain: string = CHAIN): Promise<Network> {
    const nodes = await Promise.all(
      VALIDATORS.map((name) =>
        ChainNode.create({ name, chain, args: [`--${name}`, ...(extra[name] ?? [])] }),
      ),
    );
    const network = new Network(nodes, chain);
    for (const node of nodes) node.addBootnodes(network.addressesWithout(node));
    try {
      await Promise.all(nodes.map((node) => node.start()));
      await waitFor("a first finalised block on every validator", FIRST_FINALITY_SECONDS, async () => {
        const heights = await Promise.all(nodes.map((node) => finalizedHeight(node)));
        return heights.every((height) => height > 0);
      });
    } catch (error) {
      for (const node of nodes) console.error(node.logTail());
      await network.dispose();
      throw error;
    }
    return network;
  }

  /** Starts one more node of this chain; it is disposed of with the network. */
  async join(options: Omit<NodeOptions, "chain" | "bootnodes">): Promise<ChainNode> {
    const bootnodes = this.nodes.map((node) => node.multiaddress);
    const node = await ChainNode.create({ ...options, chain: this.chain, bootnodes });
    this.nodes.push(node);
    await node.start();
    return node;
  }

  /** The node of a genesis validator. */
  validator(name: Validator): ChainNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`There is no validator ${name} in this network.`);
    return node;
  }

  /** Ends every node and removes its files. */
  async dispose(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.dispose()));
  }

  private addressesWithout(node: ChainNode): string[] {
    return this.nodes.filter((other) => other !== node).map((other) => other.multiaddress);
  }
}

interface Header {
  number: string;
  parentHash: string;
}

/** The height of a node's best block. */
export async function bestHeight(node: ChainNode): Promise<number> {
  const header = await node.rpc<Header>("chain_getHeader");
  return Number(header.number);
}

/** The height of the last block that GRANDPA finalised, as a node sees it. */
export async function finalizedHeight(node: ChainNode): Promise<number> {
  return heightOf(node, await node.rpc<string>("chain_getFinalizedHead"));
}

/** The height of the last block that BEEFY finalised, as a node sees it. */
export async function beefyHeight(node: ChainNode): Promise<number> {
  return heightOf(node, await node.rpc<string>("beefy_getFinalizedHead"));
}

/** The hash of a node's block at a height. */
export async function hashAt(node: ChainNode, height: number): Promise<string> {
  const hash = await node.rpc<string | null>("chain_getBlockHash", height);
  if (hash === null) throw new Error(`${node.name} has no block at height ${height}.`);
  return hash;
}

/** Waits until a node has finalised `height` or more, and returns what it has finalised. */
export function finality(node: ChainNode, height: number, seconds: number): Promise<number> {
  return waitFor(`${node.name} to finalise block ${height}`, seconds, async () => {
    const finalized = await finalizedHeight(node);
    return finalized >= height ? finalized : undefined;
  });
}

async function heightOf(node: ChainNode, hash: string): Promise<number> {
  const header = await node.rpc<Header | null>("chain_getHeader", hash);
  if (header === null) throw new Error(`${node.name} does not know block ${hash}.`);
  return Number(header.number);
}
