/**
 * Deploys the contracts of the bridge.
 *
 * Usage: npm run deploy -- OPTIONS
 *
 *   --ethereum URL         JSON-RPC of Ethereum (http://127.0.0.1:8545)
 *   --node URL             a node of our chain, from which the validator sets are read
 *   --token ADDRESS        OPEN on this Ethereum, or
 *   --test-token           deploy a token like it, all of it for the deployer
 *   --guardians A,B,C      who may veto what the client takes late, and halt the vault
 *   --threshold N          how many of them must agree
 *   --min-lock OPEN        the smallest deposit (1)
 *   --daily-floor OPEN     how much can be unlocked in a day at least (1000000); a withdrawal of the chain that is
 *                          larger waits until the share below is
 *   --daily-share PERCENT  how much of what is locked can be unlocked in a day, where that is more (1)
 *   --max-age DAYS         for how long after its session a set is heard at once (21); shorter than the chain's bonding
 *   --veto-period DAYS     how long what comes later waits for a veto (14)
 *   --dry-run              only says where the contracts will be, if the deployer sends nothing else before
 *   --json                 prints one line of JSON
 *
 * The environment's ETHEREUM_KEY is the deployer's secret key, in hexadecimal. The deployer has no rights afterwards.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  type Address,
  BaseError,
  concat,
  createPublicClient,
  createWalletClient,
  encodeAbiParameters,
  getContractAddress,
  type Hex,
  http,
  isAddress,
  keccak256,
  numberToHex,
  parseEther,
  type PrivateKeyAccount,
  type PublicClient,
  stringToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { artifact, build, Failure, main } from "./forge.js";
import { type ChainState, readChain } from "./node.js";

const DAY_SECONDS = 86_400;
const MAINNET = 1;
/** Pallet and call of `EthereumBridge.set_vault`. */
const SET_VAULT = "0x4705";

const OPTIONS = {
  ethereum: { type: "string", default: "http://127.0.0.1:8545" },
  node: { type: "string" },
  token: { type: "string" },
  "test-token": { type: "boolean", default: false },
  guardians: { type: "string" },
  threshold: { type: "string" },
  "min-lock": { type: "string", default: "1" },
  "daily-floor": { type: "string", default: "1000000" },
  "daily-share": { type: "string", default: "1" },
  "max-age": { type: "string", default: "21" },
  "veto-period": { type: "string", default: "14" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
} as const;

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new Failure((error as Error).message, "npm run deploy -- --help explains the options.");
  }
}

type Options = ReturnType<typeof readOptions>;
type Option = keyof typeof OPTIONS;

/** The comment at the head of this file. */
function help(): string {
  const source = readFileSync(fileURLToPath(import.meta.url), "utf8");
  return source.slice(source.indexOf("/**") + 4, source.indexOf(" */")).replace(/^ \* ?/gm, "");
}

function needed(options: Options, name: Option, what: string): string {
  const value = options[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Failure(`${what} is missing.`, `Give it with --${name}; npm run deploy -- --help explains the options.`);
}

function numberOf(options: Options, name: Option, valid: (value: number) => boolean): number {
  const value = Number(options[name]);
  if (Number.isFinite(value) && valid(value)) return value;
  throw new Failure(`--${name} ${String(options[name])} is not a possible value.`);
}

function openOf(options: Options, name: Option): bigint {
  try {
    return parseEther(options[name] as string);
  } catch {
    throw new Failure(`--${name} ${String(options[name])} is not an amount of OPEN.`);
  }
}

function addressOf(text: string, what: string): Address {
  if (isAddress(text)) return text;
  throw new Failure(`${what} ${text} is not an address, or has a wrong checksum.`);
}

function deployer(): PrivateKeyAccount {
  const key = process.env["ETHEREUM_KEY"] ?? "";
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(key)) {
    throw new Failure("ETHEREUM_KEY is not a secret key.", "Put 64 hexadecimal digits into the environment.");
  }
  return privateKeyToAccount(`0x${key.replace(/^0x/, "")}`);
}

interface Contracts {
  token: Address;
  client: Address;
  vault: Address;
}

/** Where contracts come to lie that an account deploys one after the other. */
function plan(from: Address, nonce: number, options: Options): Contracts {
  const at = (offset: number) => getContractAddress({ from, nonce: BigInt(nonce + offset) });
  if (options["test-token"]) return { token: at(0), client: at(1), vault: at(2) };
  const token = addressOf(needed(options, "token", "The token"), "The token");
  return { token, client: at(0), vault: at(1) };
}

/** The arguments of the constructors. */
function argumentsOf(options: Options, state: ChainState, { token, client }: Contracts) {
  const guardians = needed(options, "guardians", "The list of guardians")
    .split(",")
    .map((text) => addressOf(text.trim(), "The guardian"));
  needed(options, "threshold", "The threshold of guardians");
  const threshold = BigInt(numberOf(options, "threshold", Number.isInteger));
  const timing = {
    sessionSeconds: state.sessionSeconds,
    maxAge: Math.round(numberOf(options, "max-age", (days) => days > 0) * DAY_SECONDS),
    vetoPeriod: Math.round(numberOf(options, "veto-period", (days) => days > 0) * DAY_SECONDS),
  };
  const limits = {
    minLock: openOf(options, "min-lock"),
    dailyFloor: openOf(options, "daily-floor"),
    dailyShareBps: BigInt(Math.round(numberOf(options, "daily-share", (share) => share >= 0 && share <= 100) * 100)),
  };
  return {
    client: [state.current, state.next, state.blockNumber, timing, guardians, threshold],
    vault: [token, client, state.genesisHash, limits, guardians, threshold],
  };
}

/** Sends the transactions, and returns what the client was deployed with. */
async function deploy(
  ethereum: PublicClient,
  account: PrivateKeyAccount,
  nonce: number,
  options: Options,
): Promise<ChainState> {
  const state = await readChain(needed(options, "node", "A node of our chain"));
  const contracts = plan(account.address, nonce, options);
  const args = argumentsOf(options, state, contracts);
  const wallet = createWalletClient({ account, transport: http(options.ethereum) });
  let next = nonce;
  const send = async (name: string, expected: Address, args: unknown[]) => {
    const { abi, bytecode } = artifact(name);
    const hash = await wallet.deployContract({ abi, bytecode, args, chain: null, nonce: next });
    next += 1;
    const receipt = await ethereum.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success" || receipt.contractAddress?.toLowerCase() !== expected.toLowerCase()) {
      throw new Failure(
        `${name} was not deployed at ${expected} (transaction ${hash}).`,
        "Look at the transaction; something else may have been sent in the deployer's name.",
      );
    }
  };
  if (options["test-token"]) await send("OpenToken", contracts.token, []);
  else if (!(await ethereum.getCode({ address: contracts.token }))) {
    throw new Failure(`There is no contract at the token's address ${contracts.token}.`);
  }
  await send("OpenBeefyClient", contracts.client, args.client);
  await send("OpenVault", contracts.vault, args.vault);
  return state;
}

/** What messages of the chain to this vault are for. */
function domainOf(chainId: number, vault: Address, genesisHash: Hex): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "uint256" }, { type: "address" }, { type: "bytes32" }],
      [keccak256(stringToHex("openledger/bridge/1")), BigInt(chainId), vault, genesisHash],
    ),
  );
}

/** The call by which the chain learns of the vault: the id of the L1 in eight bytes, the lowest first, two addresses. */
function setVaultCall(chainId: number, { vault, token }: Contracts): Hex {
  const id = numberToHex(chainId, { size: 8 }).slice(2).match(/../g)?.reverse().join("") ?? "";
  return concat([SET_VAULT, `0x${id}`, vault, token]);
}

function print(result: Record<string, string | number>, json: boolean): void {
  if (json) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(12)}${value}`);
}

await main(async () => {
  const options = readOptions();
  if (options.help) return void console.log(help());
  if (options["test-token"] === (options.token !== undefined)) {
    throw new Failure("There must be either --token or --test-token.");
  }
  const account = deployer();
  const ethereum = createPublicClient({ transport: http(options.ethereum) });
  let chainId: number;
  let nonce: number;
  try {
    chainId = await ethereum.getChainId();
    nonce = await ethereum.getTransactionCount({ address: account.address, blockTag: "pending" });
  } catch (error) {
    const reason = error instanceof BaseError ? error.details : String(error);
    throw new Failure(
      `Ethereum at ${options.ethereum} does not answer: ${reason}.`,
      "Give another one with --ethereum.",
    );
  }
  if (chainId === MAINNET && options["test-token"]) {
    throw new Failure("A test token has no place on mainnet.", "Name OPEN with --token.");
  }
  const contracts = plan(account.address, nonce, options);
  if (options["dry-run"]) return print({ ...contracts, chainId }, options.json);

  build();
  const { genesisHash } = await deploy(ethereum, account, nonce, options);
  const { abi } = artifact("OpenVault");
  const domain = await ethereum.readContract({ address: contracts.vault, abi, functionName: "domain" });
  if (domain !== domainOf(chainId, contracts.vault, genesisHash)) {
    throw new Failure(`The vault at ${contracts.vault} has another domain than the chain will use.`, "Do not use it.");
  }
  const setVault = setVaultCall(chainId, contracts);
  print({ ...contracts, chainId, genesisHash, domain: domain as Hex, setVault }, options.json);
  if (!options.json)
    console.log(
      "\nPropose setVault on the bridge admin's track; anybody can compare the client's sets with the chain's.",
    );
});
