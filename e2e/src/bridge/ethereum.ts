/** Ethereum: one anvil, its accounts, and what it does to those who rely on it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  defineChain,
  type Hash,
  type HDAccount,
  type Hex,
  http,
  publicActions,
  toHex,
  type TransactionReceipt,
  walletActions,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { freePort } from "../node.js";
import { waitFor } from "../wait.js";
import { Service } from "./service.js";

/** The contracts' folder, whose packages have anvil, too. */
export const CONTRACTS = fileURLToPath(new URL("../../../contracts", import.meta.url));

/** The one that anvil gives ether by; everyone knows it, so it guards nothing. */
const MNEMONIC = "test test test test test test test test test test test junk";

const CHAIN = defineChain({
  id: 31_337,
  name: "anvil",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [] } },
});

const BLOCK_SECONDS = 1;
const INCLUSION_SECONDS = 30;

function clientAt(url: string) {
  // Nothing is cached, because tests turn time and blocks back.
  return createTestClient({ chain: CHAIN, mode: "anvil", transport: http(url), cacheTime: 0, pollingInterval: 200 })
    .extend(publicActions)
    .extend(walletActions);
}

/** An account that anvil has given ether. */
export function wallet(index: number): HDAccount {
  return mnemonicToAccount(MNEMONIC, { addressIndex: index });
}

/** The secret of such an account. */
export function secretOf(account: HDAccount): Hex {
  const { privateKey } = account.getHdKey();
  if (!privateKey) throw new Error(`There is no secret of ${account.address}.`);
  return toHex(privateKey);
}

/** The name of the error that a contract must refuse a simulated call with. */
export async function refusalOf(simulated: Promise<unknown>): Promise<string> {
  try {
    await simulated;
  } catch (error) {
    const reverted = error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionRevertedError);
    if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
    return reverted.data?.errorName ?? reverted.signature ?? reverted.shortMessage;
  }
  throw new Error("The call would succeed, although it has to fail.");
}

export type EthereumClient = ReturnType<typeof clientAt>;

export class Ethereum {
  readonly chainId = CHAIN.id;
  readonly client: EthereumClient;

  private constructor(
    readonly service: Service,
    readonly url: string,
  ) {
    this.client = clientAt(url);
  }

  /** Starts anvil, whose clock begins at `timestamp`, in seconds, and which makes a block each second. */
  static async start(timestamp: number): Promise<Ethereum> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const args = ["--port", String(port), "--timestamp", String(timestamp), "--block-time", String(BLOCK_SECONDS)];
    const client = clientAt(url);
    const ready = async (): Promise<boolean> => (await client.getChainId()) === CHAIN.id;
    const service = await Service.start({ name: "anvil", command: anvil(), args, ready });
    return new Ethereum(service, url);
  }

  /** Waits until a transaction that was sent has succeeded. */
  async succeeded(sent: Promise<Hash>): Promise<TransactionReceipt> {
    const hash = await sent;
    const receipt = await waitFor(`transaction ${hash}`, INCLUSION_SECONDS, () => {
      return this.client.getTransactionReceipt({ hash });
    });
    if (receipt.status !== "success") throw new Error(`The transaction ${hash} was reverted.`);
    return receipt;
  }

  /** Replaces this block and those after it by empty ones: what they held has never happened. */
  async reorganise(from: bigint): Promise<void> {
    // A block more would put this one out of reach.
    await this.stopMining();
    const depth = Number((await this.client.getBlockNumber()) - from) + 1;
    await this.client.request({ method: "anvil_reorg" as never, params: [depth, []] as never });
    await this.mineAgain();
  }

  /** Lets time run ahead. */
  async pass(seconds: number): Promise<void> {
    const { timestamp } = await this.client.getBlock();
    await this.client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(seconds) });
    await this.client.mine({ blocks: 1 });
  }

  /** Makes no blocks until `mineAgain`. */
  async stopMining(): Promise<void> {
    await this.client.setIntervalMining({ interval: 0 });
  }

  async mineAgain(): Promise<void> {
    await this.client.setIntervalMining({ interval: BLOCK_SECONDS });
  }

  /** Transactions that wait in the pool for this account's turn. */
  async waiting(account: Address): Promise<{ hash: Hash; nonce: number; maxFeePerGas: bigint }[]> {
    const { pending } = await this.client.getTxpoolContent();
    const [, own] = Object.entries(pending).find(([from]) => from.toLowerCase() === account.toLowerCase()) ?? [];
    return Object.values(own ?? {}).map(({ hash, nonce, maxFeePerGas, gasPrice }) => {
      return { hash, nonce: Number(nonce), maxFeePerGas: BigInt(maxFeePerGas ?? gasPrice ?? 0) };
    });
  }
}

/** The binary itself: npm's wrapper would outlive a SIGKILL with its child. */
function anvil(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const path = join(CONTRACTS, "node_modules", "@foundry-rs", `anvil-${process.platform}-${arch}`, "bin", "anvil");
  if (!existsSync(path)) {
    throw new Error(`There is no anvil at ${path}. Install it with npm ci --prefix contracts.`);
  }
  return path;
}
