/** Twenty SIGKILLs under load: the database opens, the node rejoins, and nobody is accused. */

import assert from "node:assert/strict";
import { after } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { account, alice, bob, open } from "../../src/accounts.js";
import { bestBlock, eventsAt, fund } from "../../src/chain.js";
import { onNetwork } from "../../src/fixtures.js";
import { bestHeight, finality, finalizedHeight, hashAt, Network, type Validator } from "../../src/network.js";
import type { ChainNode } from "../../src/node.js";
import { post } from "../../src/rpc.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

const KILLS = 20;
const SENDERS = 100;

/** Extrinsics that wait in the pool at any time: more than a block takes. */
const BACKLOG = 2_000;

/** Transfers in a block, on average, that count as load. */
const LOAD = 100;

/** How far behind its last block a killed node may wake up. */
const FEW_BLOCKS = 5;

/** The victims take turns; Alice feeds the load and is the witness. */
const VICTIMS: Validator[] = ["bob", "charlie", "dave"];

let network: Network;
let api: ApiPromise;
let load: Load;

/** Keeps the pool full of transfers between accounts that exist for it. */
class Load {
  private stopped = false;
  private readonly done: Promise<void>;

  private constructor(
    private readonly node: ChainNode,
    private readonly client: ApiPromise,
    private readonly senders: KeyringPair[],
  ) {
    this.done = this.run();
    // A failure is reported by `stop`, not as an unhandled rejection before it.
    this.done.catch(() => {});
  }

  static async start(node: ChainNode, client: ApiPromise): Promise<Load> {
    const senders = Array.from({ length: SENDERS }, (_, index) => account(`//e2e//load//${index}`));
    await fund(client, alice, senders, open(10_000));
    return new Load(node, client, senders);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async run(): Promise<void> {
    const { genesisHash, runtimeVersion, tx } = this.client;
    for (let nonce = 0; !this.stopped; nonce += 1) {
      await waitFor("the pool to take more transfers", 120, async () => {
        const pending = await this.node.rpc<string[]>("author_pendingExtrinsics");
        return this.stopped || pending.length < BACKLOG;
      });
      const batch = this.senders.map((sender, id) => {
        const transfer = tx.balances.transferKeepAlive(bob.address, open(0.01));
        transfer.sign(sender, { blockHash: genesisHash, genesisHash, nonce, runtimeVersion });
        return { jsonrpc: "2.0", id, method: "author_submitExtrinsic", params: [transfer.toHex()] };
      });
      const answers = (await (await post(this.node.httpUrl, batch)).json()) as { error?: unknown }[];
      const refused = answers.find(({ error }) => error);
      if (refused) throw new Error(`A transfer of the load was refused: ${JSON.stringify(refused)}.`);
    }
  }
}

// Registered first: the load ends before its nodes do.
after(() => load?.stop());

onNetwork(async (started, connected) => {
  [network, api] = [started, connected];
  load = await Load.start(network.validator("alice"), api);
});


for (let kill = 1; kill <= KILLS; kill += 1) {
  const name = VICTIMS[kill % VICTIMS.length] ?? "bob";
  scenario(`kill ${kill} of ${KILLS}: ${name} wakes up where it was and rejoins`, 180, async () => {
    const witness = network.validator("alice");
    const victim = network.validator(name);
    const start = await bestHeight(victim);
    await waitFor(`${name} to import one more block`, 60, async () => (await bestHeight(victim)) > start);
    const [best, finalized] = [await bestHeight(victim), await finalizedHeight(victim)];
    const finalizedHash = await hashAt(victim, finalized);
    await victim.kill();

    const logged = victim.logLength();
    await victim.start();
    const woke = await waitFor(`${name} to log its highest block`, 20, () => {
      const height = /Highest known block at #(\d+)/.exec(victim.logSince(logged))?.[1];
      return height === undefined ? undefined : Number(height);
    });
    assert.ok(woke >= best - FEW_BLOCKS, `${name} woke up at block ${woke} and had imported ${best}`);
    assert.doesNotMatch(victim.logSince(logged), /repair|corrupt|panicked/i);
    assert.equal(await hashAt(victim, finalized), finalizedHash, `${name} lost a finalised block`);

    const target = await bestHeight(witness);
    const reached = await finality(victim, target, 120);
    assert.ok((await finality(witness, reached, 60)) >= reached, `block ${reached} is not final`);
    assert.equal(await hashAt(victim, reached), await hashAt(witness, reached));
  });
}

scenario("the load was real, all four agree, and nobody committed an offence", 120, async () => {
  await load.stop();
  const heights = await Promise.all(network.nodes.map(finalizedHeight));
  const common = Math.min(...heights);
  const hashes = await Promise.all(network.nodes.map((node) => hashAt(node, common)));
  assert.equal(new Set(hashes).size, 1, `they finalised different blocks at height ${common}`);

  const head = await bestBlock(api);
  let transfers = 0;
  const accusations: string[] = [];
  for (let height = 1; height <= head; height += 1) {
    const hash = (await api.rpc.chain.getBlockHash(height)).toHex();
    for (const { event } of await eventsAt(api, hash)) {
      if (api.events.balances.Transfer.is(event)) transfers += 1;
      if (event.section === "offences" || api.events.staking.SlashReported.is(event)) {
        accusations.push(`${event.section}.${event.method} in block ${height}`);
      }
    }
  }
  assert.deepEqual(accusations, []);
  assert.equal((await api.query.offences.reports.keys()).length, 0);
  assert.ok(transfers > head * LOAD, `${transfers} transfers in ${head} blocks are no load`);
});
