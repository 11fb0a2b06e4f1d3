/** One real node process: start, stop, SIGKILL, restart on the same database and ports. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { base58Encode, ed25519PairFromSeed } from "@polkadot/util-crypto";
import { rpc } from "./rpc.js";
import { Hopeless, waitFor } from "./wait.js";

const START_SECONDS = 90;
const STOP_SECONDS = 60;
const LOG_TAIL_LINES = 60;
const MAX_SPEC_BYTES = 64 * 1024 * 1024;
const LOOPBACK = "127.0.0.1";

export interface NodeOptions {
  /** How logs and messages call this node. */
  name: string;
  /** A chain id of the node (dev, local or staging), or the file of a raw spec, which ends in `.json`. */
  chain: string;
  /** Everything that is particular to this node, such as `--alice`. */
  args?: string[];
  /** Multiaddresses of nodes to connect to. */
  bootnodes?: string[];
  /** Offers metrics for Prometheus. */
  metrics?: boolean;
}

const running = new Set<ChainNode>();

/** The nodes that run now, for reports of failures. */
export function runningNodes(): ChainNode[] {
  return [...running];
}

// A test process that ends in whatever way leaves no node behind.
process.on("exit", () => {
  for (const node of running) node.signal("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}

const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "openledger");

/** The node's binary: `OPENLEDGER_BIN`, or what a build in the default target folder leaves. */
export function binary(): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(CACHE, "target");
  const path = process.env["OPENLEDGER_BIN"] ?? join(target, "release", "openledger");
  if (!existsSync(path)) {
    throw new Error(
      `There is no node at ${path}. Build it with scripts/run.sh --build-only, or set OPENLEDGER_BIN.`,
    );
  }
  return path;
}

/**
 * The raw spec of a chain, exported once per binary: a node that starts from it need not run the
 * runtime to build its genesis each time.
 */
function rawSpec(chain: string): string {
  const { size, mtimeMs } = statSync(binary());
  const folder = join(CACHE, "e2e-specs");
  const name = `${chain}-${size}-${Math.round(mtimeMs)}.json`;
  const file = join(folder, name);
  if (existsSync(file)) return file;
  const args = ["export-chain-spec", "--chain", chain, "--raw"];
  const { status, stdout, stderr } = spawnSync(binary(), args, { encoding: "utf8", maxBuffer: MAX_SPEC_BYTES });
  if (status !== 0) throw new Error(`The spec of the chain ${chain} cannot be exported: ${stderr}`);
  mkdirSync(folder, { recursive: true });
  // Other test files do the same at the same time: what begins with the name is this spec, or one of their drafts.
  const older = readdirSync(folder).filter((other) => other.startsWith(`${chain}-`) && !other.startsWith(name));
  for (const other of older) rmSync(join(folder, other), { force: true });
  // Written aside and renamed, so that no other process reads half a file.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, stdout);
  renameSync(draft, file);
  return file;
}

export class ChainNode {
  readonly name: string;
  readonly basePath: string;
  readonly peerId: string;
  readonly multiaddress: string;
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly metricsUrl: string;
  readonly logFile: string;
  private readonly command: string[];
  private child: ChildProcess | undefined;

  private constructor(
    readonly options: NodeOptions,
    p2pPort: number,
    rpcPort: number,
    metricsPort: number,
  ) {
    const nodeKey = randomBytes(32);
    this.name = options.name;
    this.basePath = mkdtempSync(join(tmpdir(), `openledger-e2e-${options.name}-`));
    this.logFile = join(this.basePath, "node.log");
    this.peerId = peerIdOf(nodeKey);
    this.multiaddress = `/ip4/${LOOPBACK}/tcp/${p2pPort}/p2p/${this.peerId}`;
    this.httpUrl = `http://${LOOPBACK}:${rpcPort}`;
    this.wsUrl = `ws://${LOOPBACK}:${rpcPort}`;
    this.metricsUrl = `http://${LOOPBACK}:${metricsPort}/metrics`;
    this.command = [
      ["--chain", options.chain.endsWith(".json") ? options.chain : rawSpec(options.chain)],
      ["--base-path", join(this.basePath, "data")],
      ["--name", options.name],
      ["--node-key", nodeKey.toString("hex")],
      ["--listen-addr", `/ip4/${LOOPBACK}/tcp/${p2pPort}`],
      ["--public-addr", `/ip4/${LOOPBACK}/tcp/${p2pPort}`],
      ["--rpc-port", String(rpcPort)],
      ["--no-mdns", "--no-telemetry", "--no-hardware-benchmarks"],
      options.metrics ? ["--prometheus-port", String(metricsPort)] : ["--no-prometheus"],
      (options.bootnodes ?? []).flatMap((address) => ["--bootnodes", address]),
      options.args ?? [],
    ].flat();
  }

  /** Chooses ports and a base path; the process starts with `start`. */
  static async create(options: NodeOptions): Promise<ChainNode> {
    return new ChainNode(options, await freePort(), await freePort(), await freePort());
  }

  /** Creates a node and starts it. */
  static async start(options: NodeOptions): Promise<ChainNode> {
    const node = await ChainNode.create(options);
    try {
      await node.start();
    } catch (error) {
      await node.dispose();
      throw error;
    }
    return node;
  }

  /** Makes this node dial others from its next start on. */
  addBootnodes(addresses: string[]): void {
    this.command.push(...addresses.flatMap((address) => ["--bootnodes", address]));
  }

  /** Starts the process and returns once its RPC answers. */
  async start(): Promise<void> {
    if (this.child) throw new Error(`The node ${this.name} runs already.`);
    const log = openSync(this.logFile, "a");
    const child = spawn(binary(), this.command, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.child = child;
    running.add(this);
    let startFailure: Error | undefined;
    child.once("error", (error) => (startFailure = error));
    await waitFor(`the RPC of ${this.name}`, START_SECONDS, async () => {
      if (startFailure || child.exitCode !== null || child.signalCode !== null) {
        const why = startFailure?.message ?? `exit code ${child.exitCode ?? child.signalCode}`;
        running.delete(this);
        this.child = undefined;
        throw new Hopeless(`The node ${this.name} did not start (${why}).\n${this.logTail()}`);
      }
      // A busy port makes a node take another one: this must be the node that was started here.
      return (await rpc<string>(this.httpUrl, "system_localPeerId")) === this.peerId;
    });
  }

  /** Stops the process as an operator would, and returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Sends a signal without waiting for its effect. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Ends the process and removes its files; `E2E_KEEP=1` keeps them for a look. */
  async dispose(): Promise<void> {
    await this.kill();
    if (process.env["E2E_KEEP"] !== "1") rmSync(this.basePath, { recursive: true, force: true });
  }

  /** Whether the process runs. */
  get isRunning(): boolean {
    return this.child !== undefined;
  }

  /** Calls a JSON-RPC method of this node. */
  rpc<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
    return rpc<T>(this.httpUrl, method, ...params);
  }

  /** Everything that the node has logged since its first start. */
  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8") : "";
  }

  /** The process id, as long as the node runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The length of the log so far, to read later only what came after. */
  logLength(): number {
    return existsSync(this.logFile) ? statSync(this.logFile).size : 0;
  }

  /** What was logged after a length that `logLength` gave. */
  logSince(length: number): string {
    return readFileSync(this.logFile).subarray(length).toString("utf8");
  }

  /** The last lines of the log, with a heading. */
  logTail(): string {
    const lines = this.log().trimEnd().split("\n").slice(-LOG_TAIL_LINES);
    return [`--- the last ${lines.length} log lines of ${this.name}:`, ...lines].join("\n");
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child) return null;
    child.kill(signal);
    await waitFor(`the end of ${this.name} after ${signal}`, STOP_SECONDS, () => {
      return child.exitCode !== null || child.signalCode !== null;
    });
    running.delete(this);
    this.child = undefined;
    return child.exitCode;
  }
}

/** The libp2p identity of a secret Ed25519 node key: its public key in a small envelope. */
function peerIdOf(nodeKey: Uint8Array): string {
  const { publicKey } = ed25519PairFromSeed(nodeKey);
  return base58Encode(Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...publicKey]));
}

// Below the range that the system hands out to outgoing connections: a port stays free between
// a node's end and its restart.
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

/** Ports of one process: test files run beside each other, and each has a block for itself. */
const BLOCK = 100;
const BLOCKS = (LAST_PORT - FIRST_PORT) / BLOCK;

let block: Promise<number> | undefined;
let handedOut = 0;

/** A port that nobody listens on and that no other test file takes. */
export async function freePort(): Promise<number> {
  block ??= claimBlock();
  const first = await block;
  for (;;) {
    handedOut += 1;
    if (handedOut >= BLOCK) throw new Error(`This process has used all its ports, ${first} to ${first + BLOCK - 1}.`);
    const port = first + handedOut;
    const server = await listen(port);
    if (!server) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Takes a block of ports: it belongs to whoever listens on its first one, which ends with the process. */
async function claimBlock(): Promise<number> {
  const start = randomBytes(4).readUInt32LE();
  for (let index = 0; index < BLOCKS; index += 1) {
    const first = FIRST_PORT + BLOCK * ((start + index) % BLOCKS);
    const server = await listen(first);
    if (!server) continue;
    // It keeps no process alive that has nothing else to do.
    server.unref();
    return first;
  }
  throw new Error(`No block of ports from ${FIRST_PORT} to ${LAST_PORT} is free.`);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}
