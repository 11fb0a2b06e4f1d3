/**
 * The life of a datanet and of the models made from it, with the command line and with a dApp's libraries: from ten
 * thousand files to an agent, and from the agent back to each of them and to who contributed it.
 */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import { hexToU8a, stringToU8a } from "@polkadot/util";
import type { PolkadotClient, SizedHex, TypedApi } from "polkadot-api";
import { openledger } from "../../.papi/descriptors/dist/index.js";
import { alice, bob, charlie, dave, eve, ferdie, open } from "../../src/accounts.js";
import { bestBlock, eventsAt, send } from "../../src/chain.js";
import { Cli } from "../../src/cli.js";
import { onDevChain } from "../../src/fixtures.js";
import type { ChainNode } from "../../src/node.js";
import { papiClient } from "../../src/papi.js";
import { addVersion, contentId, createDatanet, held, NO_WEIGHTS, OPEN_POLICY, register } from "../../src/record.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

// Dave's datanets: Bob contributes to the reviewed one, Charlie to the open one.
const REVIEWED = 0;
const OPEN = 1;
const BOBS_FILES = 9_000;
const CHARLIES_FILES = 1_000;
const ALL_OF_REVIEWED = { datanet: REVIEWED, length: BOBS_FILES };
const ALL_OF_OPEN = { datanet: OPEN, length: CHARLIES_FILES };

// Alice's, Eve's, Ferdie's and Bob's.
const BASE = 0;
const FINE_TUNE = 1;
const ADAPTER = 2;
const AGENT = 3;

const URI = "https://example.org/letters/";
const HASH = `0x${"11".repeat(32)}`;
const SUPPLIED = ["--kind", "data", "--licence", "cc-by"];

/** How often the text of a file of three chunks is repeated. */
const LONG = 150;

const root = mkdtempSync(join(tmpdir(), "openledger-e2e-files-"));
const bobsFolder = join(root, "bobs");
const charliesFolder = join(root, "charlies");

let node: ChainNode;
let api: ApiPromise;
let papi: TypedApi<typeof openledger>;
let client: PolkadotClient | undefined;
let cli: Cli;

/** Who contributed which content. */
let contributors: Map<string, string>;

// Registered first: the client must be gone before the node is.
after(() => {
  client?.destroy();
  rmSync(root, { recursive: true, force: true });
});

onDevChain((connected, started) => {
  [api, node] = [connected, started];
  client = papiClient(node);
  papi = client.getTypedApi(openledger);
  cli = new Cli(node);
  contributors = new Map([
    ...write(bobsFolder, BOBS_FILES).map((content) => [content, bob.address] as const),
    ...write(charliesFolder, CHARLIES_FILES).map((content) => [content, charlie.address] as const),
  ]);
});

function fileOf(folder: string, index: number): string {
  return join(folder, String(Math.floor(index / 1_000)), `${index}.txt`);
}

/** Writes files of which no two are equal, the first of three chunks, and returns their content ids. */
function write(folder: string, files: number): string[] {
  return Array.from({ length: files }, (_, index) => {
    const path = fileOf(folder, index);
    const bytes = stringToU8a(`Letter ${index} of ${files}.\n`.repeat(index === 0 ? LONG : 1));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return contentId(bytes);
  });
}

interface Datanet {
  length: number;
  pending: number;
  reviewers: number;
}

async function datanet(id: number): Promise<Datanet> {
  const { length, pending, reviewers } = (await api.query.datanets.datanets(id)).toJSON() as unknown as Datanet;
  return { length, pending, reviewers };
}

/** What an answer of half a thousand tokens to a thousand costs the agent's user. */
function quote(): Promise<string | null> {
  return node.rpc("openledger_feeQuote", AGENT, 1_000, 500);
}

scenario("a datanet is created, and three reviewers take their seats with a bond", 120, async () => {
  const owner = cli.as("//Dave");
  const period = String(api.consts.datanets.maxReviewPeriod);
  const policy = ["--quorum", "2", "--review-blocks", period, "--curator-share", "10%"];
  await owner.json("datanet", "create", "--name", "Letters", "--licence", "cc-by", "--uri", URI, ...policy);
  await send(api, dave, createDatanet(api, OPEN_POLICY));
  for (const { address } of [alice, eve, ferdie]) {
    await owner.json("--in-block", "reviewer", "invite", String(REVIEWED), address);
  }
  const joining = ["--in-block", "reviewer", "join", String(REVIEWED)];
  await Promise.all(["//Alice", "//Eve", "//Ferdie"].map((uri) => cli.as(uri).json(...joining)));

  assert.deepEqual(await datanet(REVIEWED), { length: 0, pending: 0, reviewers: 3 });
  const bond = BigInt(String(api.consts.datanets.reviewerBond));
  for (const reviewer of [alice, eve, ferdie]) {
    assert.equal(await held(api, reviewer, "datanets", "ReviewerBond"), bond);
  }
});

scenario("10,000 files are contributed, and two SIGKILLs lose nothing and repeat nothing", 300, async () => {
  const start = await bestBlock(api);
  const charlies = cli.as("//Charlie").json("contribute", String(OPEN), charliesFolder, ...SUPPLIED, "--accept");
  // Reported when it is waited for.
  charlies.catch(() => {});
  const bobs = ["contribute", String(REVIEWED), bobsFolder, ...SUPPLIED];
  const moments: [what: string, isReached: () => Promise<boolean>][] = [
    ["the first commitments", async () => (await held(api, bob, "datanets", "Commitment")) > 0n],
    ["the first reveals", async () => (await datanet(REVIEWED)).pending > 0],
  ];
  for (const [what, isReached] of moments) {
    const run = cli.as("//Bob").start(...bobs);
    const early = run.outcome.then(({ stderr }) => assert.fail(`it ended before ${what}: ${stderr}`));
    // Its end is awaited below.
    early.catch(() => {});
    await Promise.race([waitFor(what, 120, isReached), early]);
    await run.kill();
  }
  const { pending } = await datanet(REVIEWED);
  assert.ok(pending < BOBS_FILES, "everything was revealed already, so the second one shows nothing");

  await cli.as("//Bob").json(...bobs);
  await charlies;
  assert.deepEqual(await datanet(REVIEWED), { length: 0, pending: BOBS_FILES, reviewers: 3 });
  assert.deepEqual(await datanet(OPEN), { length: CHARLIES_FILES, pending: 0, reviewers: 0 });

  const made: Record<string, string[]> = { Committed: [], Forgotten: [], Revealed: [], Displaced: [] };
  const head = await bestBlock(api);
  for (let height = start; height <= head; height += 1) {
    for (const { event } of await eventsAt(api, (await api.rpc.chain.getBlockHash(height)).toHex())) {
      // A commitment is the second of its fields, a content the last.
      const name = event.method === "Committed" ? event.data[1] : event.data[event.data.length - 1];
      if (event.section === "datanets") made[event.method]?.push(String(name));
    }
  }
  assert.equal(made["Committed"]?.length, contributors.size);
  assert.equal(new Set(made["Committed"]).size, contributors.size);
  assert.deepEqual(made["Revealed"]?.sort(), [...contributors.keys()].sort());
  assert.deepEqual([made["Forgotten"], made["Displaced"]], [[], []]);
});

scenario("two of three reviewers approve all, anybody accepts, and the snapshot holds all", 240, async () => {
  const approving = ["review", "approve", String(REVIEWED), "--all"];
  await Promise.all(["//Eve", "//Ferdie"].map((uri) => cli.as(uri).json(...approving)));
  await cli.as("//Charlie").json("accept", String(REVIEWED), "--all");
  assert.deepEqual(await datanet(REVIEWED), { length: BOBS_FILES, pending: 0, reviewers: 3 });
  const snapshot = await cli.json("datanet", "snapshot", String(REVIEWED));
  assert.deepEqual(snapshot, { datanet: REVIEWED, length: BOBS_FILES });
});

scenario("a base model, a fine-tune, an adapter and an agent get their versions", 180, async () => {
  const version = ["--weights", HASH, "--config", HASH, "--training-log", HASH, "--licence", "cc-by"];
  const price = ["--price-in", "0.001", "--price-out", "0.002"];
  // That the tool waits for final blocks unless told otherwise, the datanet has shown.
  const registering = ["--in-block", "model", "register"];
  const adding = ["--in-block", "model", "version"];
  const trainer = cli.as("//Alice");
  await trainer.json(...registering, "--kind", "base", "--name", "Base", "--royalty", "20%", ...price);
  await trainer.json(...adding, String(BASE), ...version, "--snapshot", String(REVIEWED));
  const tuner = cli.as("//Eve");
  const tuned = ["--parent", `${BASE}:20%`, "--royalty", "10%", ...price];
  await tuner.json(...registering, "--kind", "fine-tune", "--name", "Fine-tune", ...tuned);
  await tuner.json(...adding, String(FINE_TUNE), ...version, "--snapshot", String(OPEN));

  const adapter = register(api, "Adapter", {
    parents: [{ model: FINE_TUNE, atMost: 100_000 }],
    terms: { allowed: true, royalty: 50_000 },
  });
  const adapted = addVersion(api, ADAPTER, { snapshots: [ALL_OF_REVIEWED, ALL_OF_OPEN], parents: [0] });
  await send(api, ferdie, api.tx.utility.batchAll([adapter, adapted]));
  const agent = register(api, "Agent", {
    parents: [
      { model: ADAPTER, atMost: 50_000 },
      { model: BASE, atMost: 200_000 },
    ],
    price: { rateIn: 1_000_000, rateOut: 2_000_000 },
  });
  const calls = addVersion(api, AGENT, { weights: NO_WEIGHTS, parents: [0, 0] });
  await send(api, bob, api.tx.utility.batchAll([agent, calls]));
  assert.equal(Number(await api.query.modelRegistry.nextModel()), AGENT + 1);
});

scenario("an operator is appointed and bonds, and a new price holds after its delay", 120, async () => {
  const owner = cli.as("//Bob");
  await owner.json("--in-block", "model", "operator", "appoint", String(AGENT), charlie.address);
  await cli.as("//Charlie").json("model", "operator", "accept", String(AGENT), "10000");
  assert.equal(await held(api, charlie, "modelRegistry", "OperatorBond"), open(10_000));

  // A thousand tokens at 0.001, half a thousand at 0.002, and the platform's 0.0001; then twice the rates.
  assert.equal(await quote(), "2100000000000000");
  const price = ["--price-in", "0.002", "--price-out", "0.004"];
  await owner.json("--in-block", "model", "price", String(AGENT), ...price);
  assert.equal(await quote(), "2100000000000000");
  await waitFor("the new price", 60, async () => (await quote()) === "4100000000000000");
});

interface Ingredient {
  model: number;
  version: number;
  kind: string;
  owner: string;
  usedBy: { ingredient: number; royalty: number } | null;
  snapshots: { datanet: number; length: number }[];
}

interface Contribution {
  contribution: { datanet: number; index: number };
  content: string;
  uri: string;
  contributor: string;
  earner: string;
  payee: string;
  standing: string;
}

/** All contributions of a snapshot, page by page. */
async function contributionsOf(datanet: number, length: number): Promise<Contribution[]> {
  const all: Contribution[] = [];
  while (all.length < length) {
    const page = await node.rpc<Contribution[]>("openledger_contributions", datanet, length, all.length);
    assert.ok(page.length > 0, `datanet ${datanet} has no page from ${all.length} on`);
    all.push(...page);
  }
  return all;
}

scenario("the agent leads back to all 10,000 contributions and to who made each", 120, async () => {
  const ingredients = await node.rpc<Ingredient[]>("openledger_provenance", AGENT);
  assert.deepEqual(
    ingredients.map(({ model, version, kind, owner, usedBy, snapshots }) => {
      return [model, version, kind, owner, usedBy?.ingredient, usedBy?.royalty, snapshots];
    }),
    [
      [AGENT, 0, "Agent", bob.address, undefined, undefined, []],
      [ADAPTER, 0, "Adapter", ferdie.address, 0, 50_000, [ALL_OF_REVIEWED, ALL_OF_OPEN]],
      [FINE_TUNE, 0, "FineTune", eve.address, 1, 100_000, [ALL_OF_REVIEWED, ALL_OF_OPEN]],
      [BASE, 0, "Base", alice.address, 2, 200_000, [ALL_OF_REVIEWED]],
      [BASE, 0, "Base", alice.address, 0, 200_000, [ALL_OF_REVIEWED]],
    ],
  );

  const snapshots = ingredients.flatMap((ingredient) => ingredient.snapshots);
  const found = new Map<string, string>();
  for (const [id, length] of new Map(snapshots.map(({ datanet, length }) => [datanet, length] as const))) {
    for (const [index, record] of (await contributionsOf(id, length)).entries()) {
      const { contribution, content, uri, contributor, earner, payee, standing } = record;
      assert.deepEqual(contribution, { datanet: id, index });
      assert.equal(uri, id === REVIEWED ? URI + content.slice(2) : "");
      assert.deepEqual([earner, payee, standing], [contributor, contributor, "Valid"]);
      found.set(content, contributor);
    }
  }
  assert.equal(found.size, BOBS_FILES + CHARLIES_FILES);
  assert.deepEqual(found, contributors);

  // Under the adapter, the fine-tune and the base, the latter once as the agent's own.
  const tree = await cli.text("provenance", String(AGENT));
  assert.equal(tree.split(`${bob.address}: ${BOBS_FILES}\n`).length - 1, 4, tree);
  assert.equal(tree.split(`${charlie.address}: ${CHARLIES_FILES}\n`).length - 1, 2, tree);
});

scenario("a chunk of a file is proven to whoever knows the content id, off chain and on it", 60, async () => {
  const file = fileOf(bobsFolder, 0);
  const [out, forged] = [join(root, "proof.json"), join(root, "forged.json")];
  await cli.json("content", "prove", file, "1", "--out", out);
  const content = contentId(readFileSync(file));
  const { index } = await node.rpc<{ index: number }>("openledger_registered", content);
  await cli.json("content", "verify", out, "--contribution", `${REVIEWED}/${index}`);

  const { chunk, proof } = JSON.parse(readFileSync(out, "utf8")) as { chunk: string; proof: SizedHex<32>[] };
  const holds = (place: number): Promise<boolean> => {
    return papi.view.Datanets.holds_chunk({ datanet: REVIEWED, index }, place, hexToU8a(chunk), proof);
  };
  assert.equal(await holds(1), true);
  assert.equal(await holds(0), false);

  writeFileSync(forged, readFileSync(out, "utf8").replace(chunk, `${chunk.slice(0, -2)}00`));
  assert.equal((await cli.start("content", "verify", forged).outcome).code, 1);
});

scenario("the agent comes to its end when its operator has left, and its record stays", 120, async () => {
  const owner = cli.as("//Bob");
  const early = await owner.start("model", "deprecate", String(AGENT)).outcome;
  assert.equal(early.code, 1);
  assert.match(early.stderr, /ModelRegistry\.HasOperator/);
  await cli.as("//Charlie").json("model", "operator", "end", String(AGENT));
  await owner.json("model", "deprecate", String(AGENT));

  assert.equal(await held(api, bob, "modelRegistry", "Model"), 0n);
  assert.equal(await quote(), null);
  const model = (await api.query.modelRegistry.models(AGENT)).toJSON() as unknown as { deprecated: boolean };
  assert.equal(model.deprecated, true);
  assert.equal((await node.rpc<Ingredient[]>("openledger_provenance", AGENT)).length, 5);
});
