/** Who copies what somebody is about to reveal comes later, whatever they pay and wherever they take it. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { stringToU8a } from "@polkadot/util";
import { alice, bob, charlie, open } from "../../src/accounts.js";
import { awaitEvent, bestBlock, eventOf, eventsAt, failureOf, send } from "../../src/chain.js";
import { onDevChain } from "../../src/fixtures.js";
import {
  accept,
  commit,
  commitmentTo,
  createDatanet,
  held,
  OPEN_POLICY,
  type Policy,
  reveal,
  revealedIn,
  revealOf,
  revealPeriodOver,
  reviewedBy,
} from "../../src/record.js";
import { scenario } from "../../src/scenario.js";
import { waitFor } from "../../src/wait.js";

/** Alice contributes to a datanet that Charlie reviews, Bob to one of his own, where nobody does. */
const REVIEWED = 0;
const OPEN = 1;

/** Many times what a reveal costs. */
const TIP = open(100);

let api: ApiPromise;
let reviewed: Policy;

onDevChain(async (connected) => {
  api = connected;
  const { tx } = api;
  reviewed = reviewedBy(1, Number(api.consts.datanets.maxReviewPeriod));
  const invitation = tx.datanets.inviteReviewer(REVIEWED, charlie.address);
  await send(api, alice, tx.utility.batchAll([createDatanet(api, reviewed), invitation]));
  await send(api, bob, createDatanet(api, OPEN_POLICY));
  await send(api, charlie, tx.datanets.joinReviewers(REVIEWED));
});

/** When a content was revealed: its block, its place among the block's events, and the precedence it got. */
async function revealed(content: string, since: number) {
  const found = await awaitEvent(api, "datanets", "Revealed", since, 60, ({ data }) => data[3]?.toHex() === content);
  const events = await eventsAt(api, found.blockHash);
  const position = events.findIndex(({ event }) => event.toHex() === found.event.toHex());
  return { block: found.blockNumber, position, precedence: BigInt(String(found.event.data[1])) };
}

/** What Bob holds for contributions, and for commitments. */
async function bobHolds(): Promise<[bonds: bigint, deposits: bigint]> {
  return [await held(api, bob, "datanets", "ContributionBond"), await held(api, bob, "datanets", "Commitment")];
}

/** The precedence of an accepted contribution. */
async function precedenceOf(datanet: number, index: number): Promise<bigint> {
  const record = (await api.query.datanets.contributions(datanet, index)).toJSON();
  return BigInt((record as unknown as { precedence: number }).precedence);
}

scenario("a copy that overtakes the reveal in the pool is later for ever", 180, async () => {
  const text = "Shall I compare thee to a summer's day?";
  const work = revealOf(stringToU8a(text));
  const { blockNumber } = await send(api, alice, commit(api, alice, [work]));

  // The whole time of a slot, so that both extrinsics are in the pool when the next block is made.
  const best = await bestBlock(api);
  await waitFor("a new block", 20, async () => (await bestBlock(api)) > best);
  await reveal(api, REVIEWED, reviewed, [work]).signAndSend(alice);
  await waitFor("the content in the pool", 10, async () => {
    const pool = await api.rpc.author.pendingExtrinsics();
    return pool.some(({ method }) => method.method === "reveal" && method.toHex().includes(work.content.slice(2)));
  });

  // What is in the pool says where the content lies, so Bob has it, and the author likes his tip.
  const copy = revealOf(stringToU8a(text.replace("summer", "winter")));
  const both = api.tx.utility.batchAll([commit(api, bob, [copy]), reveal(api, OPEN, OPEN_POLICY, [copy])]);
  await send(api, bob, both, { signing: { tip: TIP } });
  const hers = await revealed(work.content, blockNumber);
  const his = await revealed(copy.content, blockNumber);
  const overtaken = his.block < hers.block || (his.block === hers.block && his.position < hers.position);
  assert.ok(overtaken, `his reveal ${JSON.stringify([his.block, his.position])} came after hers, so nothing is shown`);
  assert.ok(hers.precedence < his.precedence, `${his.precedence} precedes ${hers.precedence}`);

  // Nor is he accepted before everybody who committed earlier had the time to reveal.
  assert.equal(await failureOf(api, bob, accept(api, OPEN, [his.precedence])), "Datanets.NotMature");
  await revealPeriodOver(api, his.block);
  await send(api, bob, accept(api, OPEN, [his.precedence]));
  await send(api, charlie, api.tx.datanets.vote(REVIEWED, [[hers.precedence, "Approve"]]));
  await send(api, alice, accept(api, REVIEWED, [hers.precedence]));
  assert.equal(await precedenceOf(OPEN, 0), his.precedence);
  assert.equal(await precedenceOf(REVIEWED, 0), hers.precedence);
});

scenario("what is in cannot be registered again, and a commitment cannot be taken over", 120, async () => {
  const work = revealOf(stringToU8a("Thou art more lovely and more temperate"));
  await send(api, alice, commit(api, alice, [work]));
  // The same hash, and then her own reveal: it names its owner, and he is somebody else.
  await send(api, bob, api.tx.datanets.commit([commitmentTo(work, alice)]));
  const taken = await failureOf(api, bob, reveal(api, OPEN, OPEN_POLICY, [work]));
  assert.equal(taken, "Datanets.NoSuchCommitment");

  await send(api, alice, reveal(api, REVIEWED, reviewed, [work]));
  await send(api, bob, commit(api, bob, [work]));
  const again = await failureOf(api, bob, reveal(api, OPEN, OPEN_POLICY, [work]));
  assert.equal(again, "Datanets.AlreadyRegistered");
});

scenario("a commitment that is revealed late, but in time, displaces a later one to the same", 120, async () => {
  const [bonds, deposits] = await bobHolds();
  const leaked = stringToU8a("Rough winds do shake the darling buds of May");
  const work = revealOf(leaked);
  await send(api, alice, commit(api, alice, [work]));
  const same = revealOf(leaked);
  const both = [commit(api, bob, [same]), reveal(api, OPEN, OPEN_POLICY, [same])];
  const { events } = await send(api, bob, api.tx.utility.batchAll(both));
  const [his] = revealedIn(events) as [bigint];
  assert.deepEqual(await bobHolds(), [bonds + OPEN_POLICY.bond, deposits]);

  const late = await send(api, alice, reveal(api, REVIEWED, reviewed, [work]));
  const { data } = eventOf(late.events, "datanets", "Displaced");
  assert.deepEqual(data.map(String), [OPEN, his, work.content].map(String));
  assert.deepEqual(await bobHolds(), [bonds, deposits]);
  assert.equal(await failureOf(api, bob, accept(api, OPEN, [his])), "Datanets.NotPending");
  const place = (await api.query.datanets.contents(work.content)).toJSON();
  assert.deepEqual(place, { pending: { datanet: REVIEWED, precedence: Number(revealedIn(late.events)[0]) } });
});

scenario("a commitment that is revealed too late has expired, and anybody clears it away", 120, async () => {
  const before = await held(api, alice, "datanets", "Commitment");
  const work = revealOf(stringToU8a("And summer's lease hath all too short a date"));
  const { blockNumber } = await send(api, alice, commit(api, alice, [work]));
  const deposit = BigInt(String(api.consts.datanets.commitmentDeposit));
  assert.equal((await held(api, alice, "datanets", "Commitment")) - before, deposit);
  const forget = api.tx.datanets.forget(alice.address, [commitmentTo(work, alice)]);
  assert.equal(await failureOf(api, bob, forget), "Datanets.CommitmentAlive");

  await revealPeriodOver(api, blockNumber);
  const late = await failureOf(api, alice, reveal(api, REVIEWED, reviewed, [work]));
  assert.equal(late, "Datanets.CommitmentExpired");
  await send(api, bob, forget);
  assert.equal(await held(api, alice, "datanets", "Commitment"), before);
});
