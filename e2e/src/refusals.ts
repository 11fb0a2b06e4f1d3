/** Tables of bad calls, each with the error that must name what is wrong with it. */

import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { type Extrinsic, failureOf } from "./chain.js";
import { onDevChain } from "./fixtures.js";
import { scenario } from "./scenario.js";

export type BadCall = [what: string, signer: KeyringPair, call: (api: ApiPromise) => Extrinsic, error: string];

/** Registers a scenario for each call, on one development chain that was prepared for them. */
export function refuses(calls: BadCall[], prepare: (api: ApiPromise) => Promise<void>): void {
  let outcomes: Promise<string>[];

  onDevChain(async (api) => {
    await prepare(api);
    outcomes = await submitAll(api, calls);
  });

  for (const [index, [what, , , error]] of calls.entries()) {
    scenario(`${what} fails with ${error}`, 60, async () => {
      assert.equal(await outcomes[index], error);
    });
  }
}

/** Submits all calls at once: none changes anything, so that none depends on another. */
async function submitAll(api: ApiPromise, calls: BadCall[]): Promise<Promise<string>[]> {
  const nonces = new Map<string, number>();
  for (const [, { address }] of calls) {
    if (!nonces.has(address)) nonces.set(address, (await api.rpc.system.accountNextIndex(address)).toNumber());
  }
  return calls.map(([, signer, call]) => {
    const nonce = nonces.get(signer.address) ?? 0;
    nonces.set(signer.address, nonce + 1);
    const outcome = failureOf(api, signer, call(api), { nonce });
    // What fails is reported by the scenario that waits for it.
    outcome.catch(() => {});
    return outcome;
  });
}
