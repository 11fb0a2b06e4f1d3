/** The accounts that tests sign with, and amounts of OPEN. */

import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { cryptoWaitReady } from "@polkadot/util-crypto";

await cryptoWaitReady();

/** The address prefix of the chain. */
export const SS58_PREFIX = 42;

/** The token, as the metadata hash commits to it. */
export const TOKEN = { tokenSymbol: "OPEN", decimals: 18 } as const;

const keyring = new Keyring({ type: "sr25519", ss58Format: SS58_PREFIX });

/** The account of a development URI such as `//Alice`. */
export function account(uri: string): KeyringPair {
  return keyring.addFromUri(uri);
}

/** The development accounts, funded at genesis of the dev and the local chain. */
export const alice = account("//Alice");
export const bob = account("//Bob");
export const charlie = account("//Charlie");
export const dave = account("//Dave");
export const eve = account("//Eve");
export const ferdie = account("//Ferdie");

const MILLI = 10n ** 15n;

/** An amount of OPEN in its smallest unit; exact to a thousandth. */
export function open(amount: number): bigint {
  return BigInt(Math.round(amount * 1_000)) * MILLI;
}
