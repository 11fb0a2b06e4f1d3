/** Who validates, who authored, and what an era brought. */

import type { ApiPromise } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import { u8aToHex } from "@polkadot/util";
import type { Validator } from "./network.js";
import { waitFor } from "./wait.js";

/** Eras of the fast runtime last a minute; missed slots stretch them. */
export const ERA_SECONDS = 120;

/** The stash whose session keys belong to a development name. */
export async function stashOf(api: ApiPromise, name: Validator): Promise<string> {
  const uri = `//${name[0]?.toUpperCase()}${name.slice(1)}`;
  const babe = u8aToHex(new Keyring({ type: "sr25519" }).createFromUri(uri).publicKey);
  const keys = await api.query.session.nextKeys.entries();
  for (const [{ args }, value] of keys) {
    // The BABE key is the first of the session keys.
    if (value.unwrap().toHex().startsWith(babe)) return args[0].toString();
  }
  throw new Error(`No stash has the session keys of ${uri}.`);
}

/** The era that earns rewards now. */
export async function activeEra(api: ApiPromise): Promise<number> {
  return (await api.query.staking.activeEra()).unwrap().index.toNumber();
}

/** Waits until an era is active. */
export function awaitEra(api: ApiPromise, era: number, seconds: number): Promise<number> {
  return waitFor(`era ${era} to be active`, seconds, async () => {
    const active = await activeEra(api);
    return active >= era ? active : undefined;
  });
}

/** What each validator has earned in an era, in points. */
export async function pointsOf(api: ApiPromise, era: number): Promise<Map<string, number>> {
  const { individual } = await api.query.staking.erasRewardPoints(era);
  const entries = [...individual.entries()];
  return new Map(entries.map(([stash, points]) => [stash.toString(), points.toNumber()]));
}

/**
 * The account that authored a block. The library's own answer counts in the validators of the block before, who are
 * others where a session begins.
 */
export async function authorOf(api: ApiPromise, blockHash: string): Promise<string> {
  const [{ digest }, at] = await Promise.all([api.rpc.chain.getHeader(blockHash), api.at(blockHash)]);
  const validators = await at.query.session.validators();
  const [engine, claim] = digest.logs.find((log) => log.isPreRuntime)?.asPreRuntime ?? [];
  const author = claim && engine?.extractAuthor(claim, [...validators]);
  if (!author) throw new Error(`The author of block ${blockHash} cannot be told.`);
  return author.toString();
}
