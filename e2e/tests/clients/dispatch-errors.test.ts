/** Each bad call fails with the error that names what is wrong with it. */

import type { ApiPromise } from "@polkadot/api";
import { sortAddresses } from "@polkadot/util-crypto";
import { account, alice, bob, charlie, dave, open, SS58_PREFIX } from "../../src/accounts.js";
import { type Extrinsic, fund, send } from "../../src/chain.js";
import { type BadCall, refuses } from "../../src/refusals.js";

const staker = account("//e2e//staker");
const member = account("//e2e//member");
const poor = account("//e2e//poor");
const nobody = account("//e2e//nobody");

const ABSENT_HASH = `0x${"11".repeat(32)}`;
const NO_SUCH_INDEX = 4_242;
const PARTS_PER_BILLION = 1_000_000_000;

const BAD_CALLS: BadCall[] = [
  [
    "transferring more than one has",
    poor,
    ({ tx }) => tx.balances.transferAllowDeath(bob.address, open(1_000)),
    "Token.FundsUnavailable",
  ],
  [
    "transferring everything while staying alive",
    poor,
    ({ tx }) => tx.balances.transferKeepAlive(bob.address, open(100)),
    "Token.FundsUnavailable",
  ],
  [
    "giving a new account less than the existential deposit",
    bob,
    ({ tx }) => tx.balances.transferAllowDeath(nobody.address, open(0.009)),
    "Token.BelowMinimum",
  ],
  [
    "moving the funds of somebody else",
    bob,
    ({ tx }) => tx.balances.forceTransfer(alice.address, bob.address, open(1)),
    "BadOrigin",
  ],
  ["burning OPEN", bob, ({ tx }) => tx.balances.burn(open(1), true), "System.CallFiltered"],
  [
    "burning OPEN inside a batch",
    bob,
    ({ tx }) => tx.utility.batchAll([tx.balances.burn(open(1), true)]),
    "System.CallFiltered",
  ],
  ["bonding twice", staker, ({ tx }) => tx.staking.bond(open(1), "Staked"), "Staking.AlreadyBonded"],
  [
    "bonding with rewards to nobody",
    bob,
    ({ tx }) => tx.staking.bond(open(100), "None"),
    "System.CallFiltered",
  ],
  ["unbonding without a bond", bob, ({ tx }) => tx.staking.unbond(open(1)), "Staking.NotController"],
  ["nominating nobody", staker, ({ tx }) => tx.staking.nominate([]), "Staking.EmptyTargets"],
  [
    "nominating more than sixteen",
    staker,
    ({ tx }) => tx.staking.nominate(new Array<string>(17).fill(alice.address)),
    "Staking.TooManyTargets",
  ],
  [
    "setting the number of validators without a vote",
    bob,
    ({ tx }) => tx.staking.setValidatorCount(1),
    "BadOrigin",
  ],
  [
    "paying out an era that has not been",
    bob,
    ({ tx }) => tx.staking.payoutStakersByPage(alice.address, NO_SUCH_INDEX, 0),
    "Staking.InvalidEraToReward",
  ],
  [
    "joining a pool that does not exist",
    bob,
    ({ tx }) => tx.nominationPools.join(open(50), NO_SUCH_INDEX),
    "NominationPools.PoolNotFound",
  ],
  [
    "joining a second pool",
    member,
    ({ tx }) => tx.nominationPools.join(open(50), 1),
    "NominationPools.AccountBelongsToOtherPool",
  ],
  [
    "setting session keys without a proof of owning them",
    staker,
    ({ tx }) => tx.session.setKeys(`0x${"22".repeat(129)}`, "0x"),
    "Session.InvalidProof",
  ],
  ["purging keys that were never set", bob, ({ tx }) => tx.session.purgeKeys(), "Session.NoKeys"],
  [
    "acting as a proxy of a stranger",
    bob,
    ({ tx }) => tx.proxy.proxy(alice.address, null, tx.system.remark("0x00")),
    "Proxy.NotProxy",
  ],
  [
    "being one's own proxy",
    bob,
    ({ tx }) => tx.proxy.addProxy(bob.address, "Any", 0),
    "Proxy.NoSelfProxy",
  ],
  [
    "removing a proxy that was never added",
    bob,
    ({ tx }) => tx.proxy.removeProxy(nobody.address, "Any", 0),
    "Proxy.NotFound",
  ],
  [
    "a multisig of one",
    bob,
    ({ tx }) =>
      tx.multisig.approveAsMulti(1, [charlie.address], null, ABSENT_HASH, { refTime: 0, proofSize: 0 }),
    "Multisig.MinimumThreshold",
  ],
  [
    "a multisig with unsorted signatories",
    bob,
    ({ tx }) => {
      const unsorted = sortAddresses([charlie.address, dave.address], SS58_PREFIX).reverse();
      return tx.multisig.approveAsMulti(2, unsorted, null, ABSENT_HASH, { refTime: 0, proofSize: 0 });
    },
    "Multisig.SignatoriesOutOfOrder",
  ],
  [
    "voting on a referendum that does not exist",
    bob,
    ({ tx }) =>
      tx.convictionVoting.vote(NO_SUCH_INDEX, {
        Standard: { vote: { aye: true, conviction: "None" }, balance: open(1) },
      }),
    "ConvictionVoting.NotOngoing",
  ],
  [
    "delegating to oneself",
    bob,
    ({ tx }) => tx.convictionVoting.delegate(0, bob.address, "None", open(1)),
    "ConvictionVoting.Nonsense",
  ],
  [
    "a decision deposit for a referendum that does not exist",
    bob,
    ({ tx }) => tx.referenda.placeDecisionDeposit(NO_SUCH_INDEX),
    "Referenda.NotOngoing",
  ],
  [
    "spending from the treasury without a vote",
    bob,
    ({ tx }) => tx.treasury.spendLocal(open(1), bob.address),
    "BadOrigin",
  ],
  [
    "proposing to a committee one is no member of",
    poor,
    ({ tx }) => tx.technicalCommittee.propose(2, tx.system.remark("0x00"), 100),
    "TechnicalCommittee.NotMember",
  ],
  [
    "whitelisting a call without the committee",
    bob,
    ({ tx }) => tx.whitelist.whitelistCall(ABSENT_HASH),
    "BadOrigin",
  ],
  [
    "removing a preimage that was never noted",
    bob,
    ({ tx }) => tx.preimage.unnotePreimage(ABSENT_HASH),
    "Preimage.NotNoted",
  ],
  ["scheduling a call without a vote", bob, ({ tx }) => tx.scheduler.cancel(1, 0), "BadOrigin"],
  [
    "setting a parameter out of its clamps",
    bob,
    (api) => setEraPayoutShare(api, PARTS_PER_BILLION),
    "System.CallFiltered",
  ],
  [
    "setting a parameter within its clamps, but without a vote",
    bob,
    (api) => setEraPayoutShare(api, PARTS_PER_BILLION / 50),
    "BadOrigin",
  ],
  ["clearing an identity one does not have", bob, ({ tx }) => tx.identity.clearIdentity(), "Identity.NoIdentity"],
  ["vesting nothing", bob, ({ tx }) => tx.vesting.vest(), "Vesting.NotVesting"],
];

function setEraPayoutShare(api: ApiPromise, share: number): Extrinsic {
  const parameter = { Issuance: { EraPayoutShare: [null, share] } };
  // The library's static types describe another chain's parameters.
  return api.tx.parameters.setParameter(parameter as never);
}

refuses(BAD_CALLS, async (api) => {
  await fund(api, alice, [staker, member], open(10_000));
  await fund(api, alice, [poor], open(100));
  const roles = [member.address, member.address, member.address] as const;
  await Promise.all([
    send(api, staker, api.tx.staking.bond(open(1_000), "Staked")),
    send(api, member, api.tx.nominationPools.create(open(500), ...roles)),
  ]);
});
