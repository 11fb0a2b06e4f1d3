#!/usr/bin/env node
// Lets forge compile without a native solc: answers --version and --standard-json with the compiler of npm's package solc.
"use strict";

const fs = require("node:fs");
const solc = require("solc");

const args = process.argv.slice(2);

if (args.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (args.includes("--standard-json")) {
  // forge puts every source into its request, so nothing is looked up on disk.
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
} else {
  console.error(`This stand-in for solc knows --version and --standard-json, not: ${args.join(" ")}`);
  process.exitCode = 1;
}
