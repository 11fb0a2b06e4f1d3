/** The program of docs/dapp-quickstart.md runs as the page says. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ApiPromise } from "@polkadot/api";
import { bob, open } from "../../src/accounts.js";
import { freeBalance } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import type { ChainNode } from "../../src/node.js";
import { scenario } from "../../src/scenario.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const RUN_SECONDS = 120;

let api: ApiPromise;
let node: ChainNode;

onDevChain((connected, started) => {
  [api, node] = [connected, started];
});

scenario("the quickstart transfers with both libraries", RUN_SECONDS + 10, async () => {
  const program = ["--import", "tsx", join("quickstart", "transfer.ts"), node.wsUrl];
  const options = { cwd: ROOT, timeout: RUN_SECONDS * 1_000 };
  const before = await freeBalance(api, bob.address);
  const { stdout } = await promisify(execFile)(process.execPath, program, options);
  assert.match(stdout, /^PAPI: finalised in block \d+; the recipient has \d+$/m);
  assert.match(stdout, /^polkadot\.js: finalised in block 0x[0-9a-f]{64}$/m);
  assert.equal((await freeBalance(api, bob.address)) - before, open(2));
});
