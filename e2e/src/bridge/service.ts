/** A program beside the nodes: start, stop, SIGKILL, restart with the same ports; its output is kept like a node's log. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { binary } from "../node.js";
import { showAlso } from "../scenario.js";
import { Hopeless, waitFor } from "../wait.js";

const START_SECONDS = 60;
const STOP_SECONDS = 30;
const LOG_TAIL_LINES = 40;

export interface ServiceOptions {
  /** How logs and messages call it. */
  name: string;
  command: string;
  args: string[];
  /** Whether it does what it is there for. */
  ready: () => Promise<boolean> | boolean;
}

const running = new Set<Service>();

// A test process that ends in whatever way leaves no service behind.
process.on("exit", () => {
  for (const service of running) service.signal("SIGKILL");
});
showAlso(() => [...running]);

/** A binary of this project: what the variable names, or what the build of the node has left beside it. */
export function programme(name: string, variable: string): string {
  const path = process.env[variable] ?? join(dirname(binary()), name);
  if (!existsSync(path)) {
    throw new Error(`There is no ${name} at ${path}. scripts/test.sh bridge builds it; ${variable} names another.`);
  }
  return path;
}

/** Its files are in a folder of its own, `E2E_KEEP=1` keeps it. */
export class Service {
  readonly folder: string;
  readonly logFile: string;
  private child: ChildProcess | undefined;

  private constructor(private readonly options: ServiceOptions) {
    this.folder = mkdtempSync(join(tmpdir(), `openledger-e2e-${options.name}-`));
    this.logFile = join(this.folder, "log");
  }

  /** Starts a service and returns once it is ready. */
  static async start(options: ServiceOptions): Promise<Service> {
    const service = new Service(options);
    try {
      await service.start();
    } catch (error) {
      await service.dispose();
      throw error;
    }
    return service;
  }

  get name(): string {
    return this.options.name;
  }

  /** Starts it again. */
  async start(): Promise<void> {
    const { name, command, args, ready } = this.options;
    if (this.child) throw new Error(`${name} runs already.`);
    const log = openSync(this.logFile, "a");
    const child = spawn(command, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.child = child;
    running.add(this);
    let failure: Error | undefined;
    child.once("error", (error) => (failure = error));
    await waitFor(`${name} to be ready`, START_SECONDS, async () => {
      if (failure || !isAlive(child)) {
        const why = failure?.message ?? `exit code ${child.exitCode ?? child.signalCode}`;
        this.forget();
        throw new Hopeless(`${name} did not start (${why}).\n${this.logTail()}`);
      }
      return ready();
    });
  }

  /** Stops it as an operator would, and returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Sends a signal without waiting for its effect. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Whether it has neither been ended nor ended by itself. */
  get isRunning(): boolean {
    return this.child !== undefined && isAlive(this.child);
  }

  /** Ends it and removes its files. */
  async dispose(): Promise<void> {
    await this.kill();
    if (process.env["E2E_KEEP"] !== "1") rmSync(this.folder, { recursive: true, force: true });
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
    const lines = this.logSince(0).trimEnd().split("\n").slice(-LOG_TAIL_LINES);
    return [`--- the last ${lines.length} log lines of ${this.name}:`, ...lines].join("\n");
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child) return null;
    child.kill(signal);
    await waitFor(`the end of ${this.name} after ${signal}`, STOP_SECONDS, () => !isAlive(child));
    this.forget();
    return child.exitCode;
  }

  private forget(): void {
    running.delete(this);
    this.child = undefined;
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
