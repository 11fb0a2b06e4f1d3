/** Helpers over `polkadot-api` (PAPI): a client, signers, and named dispatch errors. */

import type { KeyringPair } from "@polkadot/keyring/types";
import { createClient, type PolkadotClient, type PolkadotSigner, type TxFinalizedPayload } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";
import { getWsProvider } from "polkadot-api/ws";
import { WebSocket } from "ws";
import type { ChainNode } from "./node.js";
import { DispatchFailure } from "./chain.js";
import { within } from "./wait.js";

const FINALITY_SECONDS = 90;

/** A client of a running node. */
export function papiClient(node: ChainNode): PolkadotClient {
  // Node.js has no WebSocket of its own before version 22.
  const websocketClass = WebSocket as unknown as typeof globalThis.WebSocket;
  return createClient(getWsProvider(node.wsUrl, { websocketClass }));
}

/** The signer of an account. */
export function papiSigner(pair: KeyringPair): PolkadotSigner {
  return getPolkadotSigner(pair.publicKey, "Sr25519", (message) => pair.sign(message));
}

/** What this module needs of a transaction of any chain. */
export interface Submittable {
  decodedCall: { type: string; value: { type: string } };
  signAndSubmit(from: PolkadotSigner, options?: { nonce?: number }): Promise<TxFinalizedPayload>;
}

/** Signs and submits; returns once the transaction is finalised and has succeeded. */
export async function papiSend(
  transaction: Submittable,
  signer: PolkadotSigner,
  options: { nonce?: number } = {},
): Promise<TxFinalizedPayload> {
  const { type, value } = transaction.decodedCall;
  const submitted = transaction.signAndSubmit(signer, options);
  const result = await within(`${type}.${value.type} to be finalised`, FINALITY_SECONDS, submitted);
  if (!result.ok) throw new DispatchFailure(papiNameOf(result.dispatchError));
  return result;
}

/** Submits a transaction that must fail, and returns the name of its dispatch error. */
export async function papiFailureOf(
  transaction: Submittable,
  signer: PolkadotSigner,
  options: { nonce?: number } = {},
): Promise<string> {
  try {
    await papiSend(transaction, signer, options);
  } catch (error) {
    if (error instanceof DispatchFailure) return error.dispatchError;
    throw error;
  }
  const { type, value } = transaction.decodedCall;
  throw new Error(`${type}.${value.type} succeeded, although it had to fail.`);
}

/** The name of a dispatch error, such as `Staking.AlreadyBonded` or `BadOrigin`. */
export function papiNameOf({ type, value }: { type: string; value: unknown }): string {
  if (type === "Module") {
    const module = value as { type: string; value: { type: string } };
    return `${module.type}.${module.value.type}`;
  }
  if (type === "Token" || type === "Arithmetic") return `${type}.${(value as { type: string }).type}`;
  return type;
}
