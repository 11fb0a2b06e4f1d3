/** Both chains with the bridge between them, all on this machine. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApiPromise } from "@polkadot/api";
import { type Account, type Address, type Hex, parseEventLogs, toHex } from "viem";
import { connect } from "../chain.js";
import { beefyHeight, Network } from "../network.js";
import { binary, ChainNode } from "../node.js";
import { waitFor } from "../wait.js";
import { contractsAt, VAULT } from "./abi.js";
import { Beacon, checkpoint, genesisTimeFor } from "./beacon.js";
import { type BridgeState, bridgeState, depositStatus } from "./chain.js";
import { type Contracts, deploy, deployer, plan } from "./deploy.js";
import { Ethereum } from "./ethereum.js";
import type { Sides } from "./relayer.js";

const MAX_SPEC_BYTES = 64 * 1024 * 1024;
const FIRST_BLOCKS_SECONDS = 120;
const UNLOCK_SECONDS = 240;

/** OPEN that was locked on Ethereum. */
export interface Deposit {
  nonce: bigint;
  amount: bigint;
  /** The block on Ethereum. */
  block: bigint;
}

/** Where all OPEN of the bridge is. */
export interface Accounts {
  /** What the vault has, and what it says that it has. */
  balance: bigint;
  locked: bigint;
  /** What this chain has executed, and what is on its way to either side. */
  state: BridgeState;
  inbound: bigint;
  outbound: bigint;
  /** What is issued here. */
  issuance: bigint;
}

/** All events of a kind since the beginning. */
const ALL = { fromBlock: 0n, strict: true } as const;

export class Bridge {
  readonly token: ReturnType<typeof contractsAt>["token"];
  readonly beefy: ReturnType<typeof contractsAt>["beefy"];
  readonly vault: ReturnType<typeof contractsAt>["vault"];

  private constructor(
    readonly ethereum: Ethereum,
    readonly beacon: Beacon,
    readonly genesisTime: number,
    readonly nodes: ChainNode[],
    readonly api: ApiPromise,
    readonly contracts: Contracts,
    private readonly ending: (() => Promise<unknown>)[],
  ) {
    ({ token: this.token, beefy: this.beefy, vault: this.vault } = contractsAt(ethereum.client, contracts));
  }

  /** Starts a chain, the development one or that of four validators, whose genesis names a vault, and deploys that. */
  static async start(chain: "dev" | "local"): Promise<Bridge> {
    const ending: (() => Promise<unknown>)[] = [];
    try {
      return await Bridge.begin(chain, ending);
    } catch (error) {
      await end(ending);
      throw error;
    }
  }

  private static async begin(chain: "dev" | "local", ending: (() => Promise<unknown>)[]): Promise<Bridge> {
    const now = Math.floor(Date.now() / 1_000);
    const genesisTime = genesisTimeFor(now);
    const ethereum = await Ethereum.start(now);
    ending.push(() => ethereum.service.dispose());
    // Before anything is sent: it has anvil make one block for each slot.
    const beacon = await Beacon.start(ethereum, genesisTime);
    ending.push(() => beacon.service.dispose());
    const folder = mkdtempSync(join(tmpdir(), "openledger-e2e-spec-"));
    ending.push(async () => rmSync(folder, { recursive: true, force: true }));

    const { token, vault } = await plan(ethereum);
    const genesis = { chainId: ethereum.chainId, address: vault, token };
    const spec = specWith(chain, folder, { checkpoint: checkpoint(genesisTime), vault: genesis });
    // Blocks of the whole test are read at its end; and it is reached through lines, whose port is not the node's own.
    const archive = ["--state-pruning", "archive", "--rpc-cors", "all"];
    const nodes =
      chain === "local"
        ? await Network.start({ alice: archive }, spec).then((network) => network.nodes)
        : [await ChainNode.start({ name: "dev", chain: spec, args: ["--alice", "--force-authoring", ...archive] })];
    ending.push(() => Promise.all(nodes.map((node) => node.dispose())));
    const [node] = nodes as [ChainNode];
    const api = await connect(node);
    ending.push(() => api.disconnect());
    await waitFor("blocks that BEEFY has signed", FIRST_BLOCKS_SECONDS, async () => (await beefyHeight(node)) > 0);

    const contracts = await deploy(ethereum, node);
    return new Bridge(ethereum, beacon, genesisTime, nodes, api, contracts, ending);
  }

  /** The node that tests ask, Alice's. */
  get node(): ChainNode {
    return this.nodes[0]!;
  }

  /** Where a relayer finds everything. */
  get sides(): Sides {
    const { client, vault } = this.contracts;
    return { node: this.node.wsUrl, ethereum: this.ethereum.url, beacon: this.beacon.url, client, vault };
  }

  /** Gives an account on Ethereum OPEN. */
  async give(to: Address, amount: bigint): Promise<void> {
    await this.ethereum.succeeded(this.token.write.transfer([to, amount], { account: deployer }));
  }

  /** What an account on Ethereum has. */
  openOf(owner: Address): Promise<bigint> {
    return this.token.read.balanceOf([owner]);
  }

  /** Locks OPEN as a wallet does it: approve, then lock. */
  async lock(from: Account, recipient: Uint8Array | Hex, amount: bigint): Promise<Deposit> {
    const to = typeof recipient === "string" ? recipient : toHex(recipient);
    await this.ethereum.succeeded(this.token.write.approve([this.vault.address, amount], { account: from }));
    const { logs, blockNumber } = await this.ethereum.succeeded(this.vault.write.lock([to, amount], { account: from }));
    const [locked] = parseEventLogs({ abi: VAULT, eventName: "Locked", logs });
    if (!locked) throw new Error("The vault locked without saying so.");
    return { nonce: locked.args.nonce, amount, block: blockNumber };
  }

  /** The slot of the beacon chain that a block on Ethereum is in. */
  async slotOf(blockNumber: bigint): Promise<number> {
    const { timestamp } = await this.ethereum.client.getBlock({ blockNumber });
    return Number(timestamp) - this.genesisTime;
  }

  /** Waits until the vault has paid a withdrawal. */
  async unlocked(nonce: bigint, seconds = UNLOCK_SECONDS): Promise<void> {
    await waitFor(`withdrawal ${nonce} to be unlocked`, seconds, () => this.isUnlocked(nonce));
  }

  isUnlocked(nonce: bigint): Promise<boolean> {
    return this.vault.read.isUnlocked([nonce]);
  }

  /** Roots that Ethereum has accepted since the deployment, in their order. */
  updates() {
    const { address, abi } = this.beefy;
    return this.ethereum.client.getContractEvents({ address, abi, eventName: "Updated", ...ALL });
  }

  /** Sets that took office on Ethereum since the deployment, in their order. */
  handovers() {
    const { address, abi } = this.beefy;
    return this.ethereum.client.getContractEvents({ address, abi, eventName: "HandedOver", ...ALL });
  }

  /** Handovers that came too late to take effect at once. */
  posted() {
    const { address, abi } = this.beefy;
    return this.ethereum.client.getContractEvents({ address, abi, eventName: "Posted", ...ALL });
  }

  /** Everything that was locked. */
  locks() {
    const { address, abi } = this.vault;
    return this.ethereum.client.getContractEvents({ address, abi, eventName: "Locked", ...ALL });
  }

  /** Everything that was unlocked. */
  payments() {
    const { address, abi } = this.vault;
    return this.ethereum.client.getContractEvents({ address, abi, eventName: "Unlocked", ...ALL });
  }

  /** Where every unit is; right only while nothing is on its way. */
  async accounts(): Promise<Accounts> {
    const [balance, locked, state, issuance] = await Promise.all([
      this.openOf(this.vault.address),
      this.vault.read.locked(),
      bridgeState(this.api),
      this.api.query.balances.totalIssuance(),
    ]);
    let [inbound, outbound] = [0n, 0n];
    for (const { args: { nonce, amount } } of await this.locks()) {
      if ((await depositStatus(this.api, nonce)) === "Unknown") inbound += amount;
    }
    for (let nonce = 1n; nonce <= state.withdrawals; nonce += 1n) {
      if (!(await this.isUnlocked(nonce))) outbound += await this.withdrawn(nonce);
    }
    return { balance, locked, state, inbound, outbound, issuance: issuance.toBigInt() };
  }

  /** Ends everything that was started. */
  dispose(): Promise<void> {
    return end(this.ending);
  }

  private async withdrawn(nonce: bigint): Promise<bigint> {
    const withdrawal = await this.api.query["ethereumBridge"]!["withdrawals"]!(nonce);
    const { amount } = withdrawal.toJSON() as { amount: string | number };
    return BigInt(amount);
  }
}

/** Ends what was started last first. */
async function end(ending: (() => Promise<unknown>)[]): Promise<void> {
  for (const one of ending.splice(0).reverse()) await one();
}

/** Writes the raw spec of a chain with a beginning of the bridge, and returns its file. */
function specWith(chain: string, folder: string, ethereumBridge: object): string {
  const plain = exported(chain);
  const patch = '"patch": {';
  const [before, after, more] = plain.split(patch);
  if (before === undefined || after === undefined || more !== undefined || plain.includes('"ethereumBridge"')) {
    throw new Error(`The spec of the chain ${chain} is not as expected: one patch, without a bridge.`);
  }
  const draft = join(folder, "plain.json");
  // As text: JavaScript's JSON would round the amounts.
  writeFileSync(draft, `${before}${patch}"ethereumBridge": ${JSON.stringify(ethereumBridge)},${after}`);
  const file = join(folder, "raw.json");
  writeFileSync(file, exported(draft, "--raw"));
  return file;
}

function exported(chain: string, ...more: string[]): string {
  const args = ["export-chain-spec", "--chain", chain, ...more];
  const { status, stdout, stderr } = spawnSync(binary(), args, { encoding: "utf8", maxBuffer: MAX_SPEC_BYTES });
  if (status !== 0) throw new Error(`The spec of the chain ${chain} cannot be exported: ${stderr}`);
  return stdout;
}
