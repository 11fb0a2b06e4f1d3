/** Referenda and motions, step by step as a voter would do them. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Null, Result } from "@polkadot/types";
import type { DispatchError } from "@polkadot/types/interfaces";
import { bnToU8a, compactAddLength, stringToU8a, u8aConcat } from "@polkadot/util";
import { blake2AsHex } from "@polkadot/util-crypto";
import { awaitEvent, bestBlock, eventOf, type Extrinsic, nameOf, send } from "./chain.js";

/** What a referendum acts as when it has passed. */
export type Origin = { system: "Root" } | { Origins: string };

/** Conviction multiplies a vote by the time that its balance stays locked. */
export type Conviction = "None" | "Locked1x" | "Locked2x" | "Locked3x";

/** How an enacted call ended. */
export const SUCCESS = "Ok";

const DECISION_SECONDS = 240;

export interface Referendum {
  index: number;
  track: number;
  /** The block from which on to look for its events. */
  since: number;
}

/** Notes a call as preimage and submits a referendum on it; its decision deposit is not yet placed. */
export async function submit(
  api: ApiPromise,
  proposer: KeyringPair,
  origin: Origin,
  call: Extrinsic,
): Promise<Referendum> {
  const since = await bestBlock(api);
  const proposal = { Lookup: { hash: call.method.hash.toHex(), len: call.method.encodedLength } };
  // The library's static types describe another chain's origins.
  const submission = api.tx.referenda.submit(origin as never, proposal, { After: 1 });
  const notePreimage = api.tx.preimage.notePreimage(call.method.toHex());
  const { events } = await send(api, proposer, api.tx.utility.batchAll([notePreimage, submission]));
  const [index, track] = eventOf(events, "referenda", "Submitted").data;
  return { index: Number(index), track: Number(track), since };
}

/** Votes for or against a referendum. */
export async function vote(
  api: ApiPromise,
  voter: KeyringPair,
  { index }: Referendum,
  balance: bigint,
  { aye = true, conviction = "None" as Conviction } = {},
): Promise<void> {
  const Standard = { vote: { aye, conviction }, balance };
  await send(api, voter, api.tx.convictionVoting.vote(index, { Standard }));
}

/** Lets a referendum be decided. */
export async function placeDecisionDeposit(
  api: ApiPromise,
  payer: KeyringPair,
  { index }: Referendum,
): Promise<void> {
  await send(api, payer, api.tx.referenda.placeDecisionDeposit(index));
}

/** Waits until a referendum is confirmed and its call dispatched: `SUCCESS` or the error's name. */
export async function outcome(api: ApiPromise, { index, since }: Referendum): Promise<string> {
  const confirmed = await awaitEvent(api, "referenda", "Confirmed", since, DECISION_SECONDS, ({ data }) => {
    return Number(data[0]) === index;
  });
  const task = enactmentTask(index);
  const dispatched = await awaitEvent(
    api,
    "scheduler",
    "Dispatched",
    confirmed.blockNumber,
    DECISION_SECONDS,
    ({ data }) => data[1]?.toHex() === task,
  );
  const result = dispatched.event.data[2] as Result<Null, DispatchError>;
  return result.isOk ? SUCCESS : nameOf(api, result.asErr);
}

/** Submits a referendum, votes for it with `balance` of each voter, and waits for its outcome. */
export async function decide(
  api: ApiPromise,
  voters: [KeyringPair, ...KeyringPair[]],
  origin: Origin,
  call: Extrinsic,
  balance: bigint,
): Promise<string> {
  const [proposer] = voters;
  const referendum = await submit(api, proposer, origin, call);
  for (const voter of voters) await vote(api, voter, referendum, balance);
  await placeDecisionDeposit(api, proposer, referendum);
  return outcome(api, referendum);
}

/** Has the technical committee execute a call; returns `SUCCESS` or the name of the call's error. */
export async function motion(
  api: ApiPromise,
  members: [KeyringPair, ...KeyringPair[]],
  call: Extrinsic,
): Promise<string> {
  const [proposer, ...others] = members;
  const { technicalCommittee } = api.tx;
  const length = call.method.encodedLength;
  const { weight } = await api.call.transactionPaymentCallApi.queryCallInfo(call.method, length);
  const proposed = await send(
    api,
    proposer,
    technicalCommittee.propose(members.length, call, length),
  );
  const [, index, hash] = eventOf(proposed.events, "technicalCommittee", "Proposed").data;
  for (const member of [proposer, ...others]) {
    await send(api, member, technicalCommittee.vote(String(hash), Number(index), true));
  }
  const closed = await send(
    api,
    proposer,
    technicalCommittee.close(String(hash), Number(index), weight, length),
  );
  const result = eventOf(closed.events, "technicalCommittee", "Executed").data[1] as Result<
    Null,
    DispatchError
  >;
  return result.isOk ? SUCCESS : nameOf(api, result.asErr);
}

/** The scheduler's name for the enactment of a referendum. */
function enactmentTask(index: number): string {
  const id = u8aConcat(
    stringToU8a("assembly"),
    compactAddLength(stringToU8a("enactment")),
    bnToU8a(index, { bitLength: 32, isLe: true }),
  );
  return blake2AsHex(id);
}
