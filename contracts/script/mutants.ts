/**
 * Removes or changes one check of the contracts at a time, and sees that a test fails.
 *
 * Usage: npm run mutants [-- WORDS]
 *
 *   WORDS   only the mutants whose contract or description has these words in it
 *
 * Works on a copy in a temporary folder, and takes about ten seconds for each. Prints a table of what was changed and
 * which tests noticed, and fails if one was not noticed.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, forge, main, ROOT } from "./forge.js";
import { MUTANTS, type Mutant } from "./mutants.list.js";

const COPIED = ["src", "test", "bin", "out", "cache", "foundry.toml"];
const SHOWN = 3;
/** Less luck is needed than for finding what nobody thought of. */
const LESS = {
  FOUNDRY_FUZZ_RUNS: "32",
  FOUNDRY_INVARIANT_RUNS: "4",
  FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: "0",
};

/** The tests that are about a contract; all of them where there is no pattern. */
const ABOUT: Record<string, string> = {
  OpenBeefyClient: "test/{Client,Staleness,Attacks*,AgeInvariants}.t.sol",
  OpenVault: "test/{Vault,Attacks,VaultInvariants}.t.sol",
};

function mutate(source: string, { what, from, to }: Mutant): string {
  const places = source.split(from).length - 1;
  if (places !== 1) {
    throw new Failure(`"${what}" has ${places} places instead of one.`, "Adapt it in script/mutants.list.ts.");
  }
  return source.replace(from, () => to);
}

/** The tests that fail in a copy; fails if nothing could be tested. */
function failing(folder: string, { file, what }: Mutant): string[] {
  const pattern = ABOUT[file];
  const { ok, stdout, stderr } = forge(["test", ...(pattern ? ["--match-path", pattern] : [])], folder);
  const names = [
    ...stdout.matchAll(/^\[FAIL.*\] (?:test_|testFuzz_)?(\w+)\(/gm),
    ...stdout.matchAll(/^ (invariant_\w+)\(/gm),
  ];
  const found = [...new Set(names.map(([, name]) => name ?? ""))];
  if (!ok && found.length === 0) throw new Failure(`"${what}" could not be tested:\n${stdout}${stderr}`);
  return found;
}

await main(() => {
  const words = process.argv.slice(2).join(" ");
  const chosen = MUTANTS.filter(({ file, what }) => `${file}: ${what}`.includes(words));
  if (chosen.length === 0) throw new Failure(`No mutant has "${words}" in its description.`);
  Object.assign(process.env, LESS);
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  const survivors: string[] = [];
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const mutant of chosen) {
      const path = join(folder, "src", `${mutant.file}.sol`);
      const source = readFileSync(path, "utf8");
      writeFileSync(path, mutate(source, mutant));
      const noticed = failing(folder, mutant);
      writeFileSync(path, source);
      const tests =
        noticed.slice(0, SHOWN).join(", ") + (noticed.length > SHOWN ? `, ${noticed.length - SHOWN} more` : "");
      console.log(`${mutant.file}: ${mutant.what} | ${tests || "NOT NOTICED"}`);
      if (noticed.length === 0) survivors.push(mutant.what);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${chosen.length} mutants, ${chosen.length - survivors.length} noticed`);
  if (survivors.length > 0) throw new Failure(`No test noticed: ${survivors.join("; ")}.`, "Write the tests that do.");
});
