/**
 * Prints what transactions cost in all, as one line of JSON. Numbers at the end of a name are validators.
 *
 * Usage: npm run --silent gas
 */

import { Failure, forge, main } from "./forge.js";

interface Suite {
  test_results: Record<string, { status: string; reason: string | null; decoded_logs: string[] }>;
}

await main(() => {
  const { stdout, stderr } = forge(["test", "--match-contract", "^GasTest$", "-vv", "--json"]);
  const json = stdout.slice(stdout.indexOf("{"));
  if (!json) throw new Failure(`forge said nothing that could be read:\n${stderr}`);
  const gas: Record<string, number> = {};
  for (const suite of Object.values(JSON.parse(json) as Record<string, Suite>)) {
    for (const [name, result] of Object.entries(suite.test_results)) {
      if (result.status !== "Success") throw new Failure(`${name} failed: ${result.reason}`);
      for (const line of result.decoded_logs) Object.assign(gas, JSON.parse(line));
    }
  }
  console.log(JSON.stringify(gas));
});
