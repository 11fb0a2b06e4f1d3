#!/usr/bin/env node
// Runs forge and fails if it fails: what npm's package puts on the path ends with 0 even if tests have failed.
"use strict";

const { spawnSync } = require("node:child_process");

const system = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
const name = process.platform === "win32" ? "forge.exe" : "forge";

try {
  const binary = require.resolve(`@foundry-rs/forge-${system}/bin/${name}`);
  const { status, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
  if (error) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(`forge could not be run: ${error.message}\nInstall the packages with: npm ci`);
  process.exitCode = 1;
}
