/** Each bad call of the record fails with the error that names what is wrong with it. */

import { stringToU8a } from "@polkadot/util";
import { alice, bob, charlie, dave, open } from "../../src/accounts.js";
import { eventOf, send } from "../../src/chain.js";
import {
  accept,
  addVersion,
  commit,
  createDatanet,
  OPEN_POLICY,
  register,
  type Reveal,
  reveal,
  revealedIn,
  revealOf,
  revealPeriodOver,
  reviewedBy,
} from "../../src/record.js";
import { type BadCall, refuses } from "../../src/refusals.js";

// Alice's: an open datanet and a reviewed one, in which Charlie reviews.
const LETTERS = 0;
const REVIEWED = 1;
/** Bob's, in the open datanet. */
const ACCEPTED = { datanet: LETTERS, index: 0 };

// Alice's too: Dave operates the base model, and the fine-tune is made from it.
const BASE = 0;
const CLOSED = 1;
const FINE_TUNE = 2;
const ROYALTY = 200_000;

const OPERATOR_BOND = open(10_000);

const workOf = (text: string): Reveal => revealOf(stringToU8a(text));
const accepted = workOf("accepted");
const reviewed = workOf("waits for a reviewer");
const waiting = workOf("waits for its time");
const unrevealed = workOf("committed");
const uncommitted = workOf("not even committed");
const restricted: Reveal = { ...workOf("for some uses only"), licence: "CcByNc" };

let charliesOwn: bigint;
let bobsWaiting: bigint;

const BAD_CALLS: BadCall[] = [
  ["a datanet without a name", bob, (api) => createDatanet(api, OPEN_POLICY, ""), "Datanets.NoName"],
  [
    "a share for reviewers where there are none",
    bob,
    (api) => createDatanet(api, { ...OPEN_POLICY, curatorShare: 1 }),
    "Datanets.BadCuratorShare",
  ],
  [
    "changing the policy of somebody else's datanet",
    bob,
    ({ tx }) => tx.datanets.setPolicy(LETTERS, OPEN_POLICY),
    "Datanets.NotOwner",
  ],
  ["committing to the same twice", bob, (api) => commit(api, bob, [unrevealed]), "Datanets.AlreadyCommitted"],
  [
    "revealing what was never committed",
    bob,
    (api) => reveal(api, LETTERS, OPEN_POLICY, [uncommitted]),
    "Datanets.NoSuchCommitment",
  ],
  [
    "revealing under a policy that is not the datanet's",
    bob,
    (api) => reveal(api, LETTERS, { ...OPEN_POLICY, bond: open(0.2) }, [unrevealed]),
    "Datanets.PolicyChanged",
  ],
  [
    "contributing under a licence that forbids what the datanet's allows",
    bob,
    (api) => reveal(api, LETTERS, OPEN_POLICY, [restricted]),
    "Datanets.LicenceMismatch",
  ],
  [
    "accepting while an earlier commitment can still be revealed",
    bob,
    (api) => accept(api, LETTERS, [bobsWaiting]),
    "Datanets.NotMature",
  ],
  [
    "accepting what no reviewer has approved",
    charlie,
    (api) => accept(api, REVIEWED, [charliesOwn]),
    "Datanets.NotApproved",
  ],
  [
    "voting without a seat",
    dave,
    ({ tx }) => tx.datanets.vote(REVIEWED, [[charliesOwn, "Approve"]]),
    "Datanets.NotReviewer",
  ],
  [
    "voting on one's own work",
    charlie,
    ({ tx }) => tx.datanets.vote(REVIEWED, [[charliesOwn, "Approve"]]),
    "Datanets.OwnWork",
  ],
  ["flagging one's own work", bob, ({ tx }) => tx.datanets.flag(ACCEPTED, "LowQuality"), "Datanets.MayNotFlag"],
  [
    "transferring a right that one does not have",
    dave,
    ({ tx }) => tx.datanets.transferRight([ACCEPTED], dave.address),
    "Datanets.NotEarner",
  ],
  [
    "releasing a bond before its time",
    bob,
    ({ tx }) => tx.datanets.releaseBonds([ACCEPTED]),
    "Datanets.BondNotDue",
  ],
  ["ruling on a flag without a vote", dave, ({ tx }) => tx.datanets.rule(ACCEPTED, true), "BadOrigin"],
  ["a fine-tune without a parent", bob, (api) => register(api, "FineTune"), "ModelRegistry.WrongParents"],
  [
    "deriving from a model that forbids it",
    bob,
    (api) => register(api, "Adapter", { parents: [{ model: CLOSED, atMost: ROYALTY }] }),
    "ModelRegistry.DerivativesForbidden",
  ],
  [
    "agreeing to less royalty than is asked",
    bob,
    (api) => register(api, "Adapter", { parents: [{ model: BASE, atMost: ROYALTY - 1 }] }),
    "ModelRegistry.RoyaltyNotAgreed",
  ],
  [
    "training on more contributions than there are",
    alice,
    (api) => addVersion(api, BASE, { snapshots: [{ datanet: LETTERS, length: 2 }] }),
    "ModelRegistry.NoSuchSnapshot",
  ],
  [
    "a fine-tune that leaves out what its parent was trained on",
    alice,
    (api) => addVersion(api, FINE_TUNE, { parents: [0] }),
    "ModelRegistry.LacksParentSnapshot",
  ],
  [
    "operating a model without an appointment",
    bob,
    ({ tx }) => tx.modelRegistry.acceptOperation(CLOSED, OPERATOR_BOND),
    "ModelRegistry.NotAppointed",
  ],
  [
    "deprecating a model while somebody operates it",
    alice,
    ({ tx }) => tx.modelRegistry.deprecate(BASE),
    "ModelRegistry.HasOperator",
  ],
];

refuses(BAD_CALLS, async (api) => {
  const { tx } = api;
  const policy = reviewedBy(1, Number(api.consts.datanets.maxReviewPeriod));
  const datanets = [createDatanet(api, OPEN_POLICY), createDatanet(api, policy)];
  await send(api, alice, tx.utility.batchAll([...datanets, tx.datanets.inviteReviewer(REVIEWED, charlie.address)]));

  const toLetters = [commit(api, bob, [accepted]), reveal(api, LETTERS, OPEN_POLICY, [accepted])];
  const toReviewed = [commit(api, charlie, [reviewed]), reveal(api, REVIEWED, policy, [reviewed])];
  const [bobs, charlies] = await Promise.all([
    send(api, bob, tx.utility.batchAll(toLetters)),
    send(api, charlie, tx.utility.batchAll([tx.datanets.joinReviewers(REVIEWED), ...toReviewed])),
  ]);
  [charliesOwn] = revealedIn(charlies.events) as [bigint];
  await revealPeriodOver(api, Math.max(bobs.blockNumber, charlies.blockNumber));
  const { events } = await send(api, bob, accept(api, LETTERS, revealedIn(bobs.events)));
  eventOf(events, "datanets", "Accepted");

  const models = [
    register(api, "Base", { terms: { allowed: true, royalty: ROYALTY } }),
    register(api, "Base", { terms: { allowed: false, royalty: 0 } }),
    register(api, "FineTune", { parents: [{ model: BASE, atMost: ROYALTY }] }),
    addVersion(api, BASE, { snapshots: [{ datanet: LETTERS, length: 1 }] }),
    tx.modelRegistry.appointOperator(BASE, dave.address),
  ];
  await send(api, alice, tx.utility.batchAll(models));
  await send(api, dave, tx.modelRegistry.acceptOperation(BASE, OPERATOR_BOND));

  // Last, so that the calls come before the reveal period of these is over.
  const late = [commit(api, bob, [waiting, unrevealed, restricted]), reveal(api, LETTERS, OPEN_POLICY, [waiting])];
  [bobsWaiting] = revealedIn((await send(api, bob, tx.utility.batchAll(late))).events) as [bigint];
});
