/**
 * Writes the ABIs of the contracts to abi/, for the relayer and the tests of both chains.
 *
 * Usage: npm run abi [-- --check]
 *
 *   --check   only compares, and fails if one is not what the compiler makes
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifact, build, Failure, main, ROOT } from "./forge.js";

const CONTRACTS = ["OpenBeefyClient", "OpenVault", "OpenToken"];

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

await main(() => {
  const check = process.argv.includes("--check");
  build();
  for (const name of CONTRACTS) {
    const path = join(ROOT, "abi", `${name}.json`);
    const abi = `${JSON.stringify(artifact(name).abi, null, 2)}\n`;
    if (!check) writeFileSync(path, abi);
    else if (read(path) !== abi) {
      throw new Failure(
        `abi/${name}.json is not what the compiler makes of ${name}.`,
        "Write it anew with: npm run abi",
      );
    }
  }
});
