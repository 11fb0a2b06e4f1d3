/** The contracts, deployed as anyone does it: with the script in `contracts`. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Address } from "viem";
import type { ChainNode } from "../node.js";
import { CONTRACTS, type Ethereum, secretOf, wallet } from "./ethereum.js";

/** Pays for the deployment and gets all of the test token. */
export const deployer = wallet(0);

/** Those who can veto and halt on Ethereum: two of them must agree. */
export const guardians = [wallet(7), wallet(8), wallet(9)];
const THRESHOLD = 2;

/** Less than the existential deposit of the chain, in OPEN. */
const MIN_LOCK = "0.001";

export interface Contracts {
  token: Address;
  client: Address;
  vault: Address;
}

const OPTIONS = [
  ["--test-token", "--json"],
  ["--guardians", guardians.map(({ address }) => address).join(",")],
  ["--threshold", String(THRESHOLD)],
  ["--min-lock", MIN_LOCK],
].flat();

/** Where the contracts will be if nothing else is sent in the deployer's name before. */
export function plan(ethereum: Ethereum): Promise<Contracts> {
  return run(ethereum, "--dry-run");
}

/** Deploys them for the chain of this node. */
export function deploy(ethereum: Ethereum, node: ChainNode): Promise<Contracts> {
  return run(ethereum, "--node", node.wsUrl);
}

async function run(ethereum: Ethereum, ...more: string[]): Promise<Contracts> {
  const args = ["--import", "tsx", "script/deploy.ts", "--ethereum", ethereum.url, ...OPTIONS, ...more];
  const env = { ...process.env, ETHEREUM_KEY: secretOf(deployer) };
  const child = spawn(process.execPath, args, { cwd: CONTRACTS, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The deployment ended with exit code ${code}.\n${stdout}${stderr}`);
  return JSON.parse(stdout) as Contracts;
}
