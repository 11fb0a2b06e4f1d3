/**
 * Generates the typed descriptors of the runtime for `polkadot-api`, which are never committed.
 *
 *     npm run descriptors                      starts a node of its own and asks it
 *     npm run descriptors -- ws-or-http-url    asks a running node
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { metadataOf } from "./metadata.js";
import { ChainNode } from "./node.js";
import { rpc } from "./rpc.js";

// As .papi/polkadot-api.json names it.
const METADATA_FILE = join(".papi", "metadata", "openledger.scale");
// The first with view functions.
const METADATA_VERSION = 16;
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

async function metadata(url: string | undefined): Promise<Uint8Array> {
  if (url !== undefined) {
    const httpUrl = url.replace(/^ws/, "http");
    return metadataOf({ rpc: (method, ...params) => rpc(httpUrl, method, ...params) }, METADATA_VERSION);
  }
  const node = await ChainNode.start({ name: "descriptors", chain: "dev", args: ["--alice"] });
  try {
    return await metadataOf(node, METADATA_VERSION);
  } finally {
    await node.dispose();
  }
}

const file = join(ROOT, METADATA_FILE);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, await metadata(process.argv[2]));
const papi = spawnSync("npx", ["--no-install", "papi", "generate"], { cwd: ROOT, stdio: "inherit" });
process.exit(papi.status ?? 1);
