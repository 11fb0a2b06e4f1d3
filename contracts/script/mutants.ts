/**
 * Removes or changes one check of the contracts at a time, and sees that a test fails.
 *
 * Usage: npm run mutants [-- WORDS]
 *
 *   WORDS   only the mutants whose contract or description has these words in it
 *
 * Works on a copy in a temporary folder, in which all tests but those of gas pass at first. The tests that are likely
 * to notice come first, and all of them if none of these fails: about ten seconds for each mutant. Runs with different
 * words can go on side by side. Prints the rows of the table in docs/fraud-tests.md, and fails if something was not
 * noticed.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, forge, main, ROOT } from "./forge.js";
import { MUTANTS, type Mutant } from "./mutants.list.js";

const COPIED = ["src", "test", "bin", "out", "cache", "foundry.toml"];
const SHOWN = 2;

interface Round {
  tests?: string;
  fuzzRuns: number;
}

/** Less luck is needed than for finding what nobody thought of. */
const ALL: Round = { fuzzRuns: 32 };
/** The tests that are likely to notice. */
const LIKELY: Record<string, string> = {
  BeefyCodec: "test/{Client,Vectors}.t.sol",
  Guarded: "test/{Guarded,Attacks*}.t.sol",
  OpenBeefyClient: "test/{Client,Staleness,Attacks*}.t.sol",
  OpenVault: "test/{Vault,Attacks}.t.sol",
};

function rounds(file: string): Round[] {
  const tests = LIKELY[file];
  return tests ? [{ tests, fuzzRuns: 8 }, ALL] : [ALL];
}

function mutate(source: string, { what, from, to }: Mutant): string {
  const places = source.split(from).length - 1;
  if (places !== 1) {
    throw new Failure(`"${what}" has ${places} places instead of one.`, "Adapt it in script/mutants.list.ts.");
  }
  return source.replace(from, () => to);
}

/** The tests that fail in a copy; fails if nothing could be tested. */
function failing(folder: string, { tests, fuzzRuns }: Round): string[] {
  process.env.FOUNDRY_FUZZ_RUNS = String(fuzzRuns);
  process.env.FOUNDRY_INVARIANT_RUNS = "4";
  process.env.FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT = "0";
  // Half the time to compile, and nothing differs but gas.
  process.env.FOUNDRY_OPTIMIZER = "false";
  const which = tests ? ["--match-path", tests] : ["--no-match-path", "test/Gas.t.sol"];
  const { ok, stdout, stderr } = forge(["test", ...which], folder);
  const found = new Set<string>();
  let suite = "";
  for (const line of stdout.split("\n")) {
    suite = /^(?:Ran .* for|Encountered .* in) test\/(\w+)\.t\.sol:/.exec(line)?.[1] ?? suite;
    // A failed invariant has its name below the calls that led to it.
    const name = /^(?:\[FAIL.*\]| (?=invariant_)) ?(?:test_|testFuzz_)?(\w+)\(/.exec(line)?.[1];
    if (name) found.add(`${suite}::${name}`);
  }
  if (ok !== (found.size === 0)) throw new Failure(`The contracts could not be tested:\n${stdout}${stderr}`);
  return [...found].sort();
}

/** The tests that notice a mutant, in the copy. */
function noticing(folder: string, mutant: Mutant): string[] {
  const path = join(folder, "src", `${mutant.file}.sol`);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, mutate(source, mutant));
  try {
    for (const round of rounds(mutant.file)) {
      const noticed = failing(folder, round);
      if (noticed.length > 0) return noticed;
    }
    return [];
  } finally {
    writeFileSync(path, source);
  }
}

/** At most `SHOWN` of them, and how many more there are. */
function summary(tests: string[]): string {
  const shown = tests
    .slice(0, SHOWN)
    .map((name) => `\`${name}\``)
    .join(", ");
  const more = tests.length - SHOWN;
  return more > 0 ? `${shown} and ${more === 1 ? "one" : more} more` : shown;
}

await main(() => {
  const words = process.argv.slice(2).join(" ");
  const chosen = MUTANTS.filter(({ file, what }) => `${file}: ${what}`.includes(words));
  if (chosen.length === 0) throw new Failure(`No mutant has "${words}" in its description.`);
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  const survivors: string[] = [];
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const red = failing(folder, ALL);
    if (red.length > 0) throw new Failure(`Without any change these fail: ${red.join(", ")}.`, "Mend them first.");
    for (const mutant of chosen) {
      const noticed = noticing(folder, mutant);
      console.log(`| ${mutant.file}: ${mutant.what} | ${summary(noticed) || "NOT NOTICED"} |`);
      if (noticed.length === 0) survivors.push(mutant.what);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${chosen.length} mutants, ${chosen.length - survivors.length} noticed`);
  if (survivors.length > 0) throw new Failure(`No test noticed: ${survivors.join("; ")}.`, "Write the tests that do.");
});
