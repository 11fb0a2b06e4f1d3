/** Proofs that a validator signed two contradicting votes, made with its well-known keys. */

import type { ApiPromise } from "@polkadot/api";
import { Keyring } from "@polkadot/keyring";
import { bnToU8a, compactFromU8a, hexToU8a, u8aConcat, u8aToHex } from "@polkadot/util";
import {
  keyExtractPath,
  keyFromPath,
  mnemonicToMiniSecret,
  secp256k1PairFromSeed,
  secp256k1Sign,
} from "@polkadot/util-crypto";
import { DEV_PHRASE } from "@polkadot/keyring/defaults";
import type { Extrinsic } from "./chain.js";
import type { ChainNode } from "./node.js";

const u32 = (value: number): Uint8Array => bnToU8a(value, { bitLength: 32, isLe: true });
const u64 = (value: number): Uint8Array => bnToU8a(value, { bitLength: 64, isLe: true });

/** Two hashes that no block has, so that the votes contradict each other. */
const HASHES = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;

/** A height and a round in which nobody else votes. */
const HEIGHT = 1;
const ROUND = 1_000_000;

/** Reports that the owner of a development URI prevoted twice in one round of GRANDPA. */
export async function grandpaReport(api: ApiPromise, node: ChainNode, uri: string): Promise<Extrinsic> {
  const pair = new Keyring({ type: "ed25519" }).createFromUri(uri);
  const setId = (await api.query.grandpa.currentSetId()).toNumber();
  const prevote = (targetHash: Uint8Array): unknown => {
    // What GRANDPA signs: the message, of kind 0, with the round and the set.
    const message = u8aConcat([0], targetHash, u32(HEIGHT), u64(ROUND), u64(setId));
    return [{ targetHash, targetNumber: HEIGHT }, pair.sign(message)];
  };
  const [first, second] = HASHES.map(prevote);
  const vote = { roundNumber: ROUND, identity: pair.publicKey, first, second };
  const owner = await ownerProof(node, "GrandpaApi", setId, pair.publicKey);
  return api.tx.grandpa.reportEquivocation(
    { setId, equivocation: { Prevote: vote } } as never,
    api.createType("SpSessionMembershipProof", owner),
  );
}

/** Reports that the owner of a development URI signed two BEEFY commitments for one block. */
export async function beefyReport(api: ApiPromise, node: ChainNode, uri: string): Promise<Extrinsic> {
  const root = secp256k1PairFromSeed(mnemonicToMiniSecret(DEV_PHRASE));
  const pair = keyFromPath(root, keyExtractPath(uri).path, "ecdsa");
  const setId = Number(await api.query.beefy.validatorSetId());
  const vote = (mmrRoot: Uint8Array): unknown => {
    const commitment = api.createType("SpConsensusBeefyCommitment", {
      payload: [["mh", u8aToHex(mmrRoot)]],
      blockNumber: HEIGHT,
      validatorSetId: setId,
    });
    const signature = secp256k1Sign(commitment.toU8a(), pair, "keccak");
    return { commitment, id: pair.publicKey, signature };
  };
  const [first, second] = HASHES.map(vote);
  const owner = await ownerProof(node, "BeefyApi", setId, pair.publicKey);
  return api.tx.beefy.reportDoubleVoting(
    { first, second } as never,
    api.createType("SpSessionMembershipProof", owner),
  );
}

/** The proof, from the node's history of sessions, that a key belongs to a validator. */
async function ownerProof(
  node: ChainNode,
  engine: "GrandpaApi" | "BeefyApi",
  setId: number,
  key: Uint8Array,
): Promise<Uint8Array> {
  const call = `${engine}_generate_key_ownership_proof`;
  const answer = hexToU8a(await node.rpc<string>("state_call", call, u8aToHex(u8aConcat(u64(setId), key))));
  // An optional byte vector: a flag, a compact length, the bytes.
  if (answer[0] !== 1) throw new Error(`The node has no proof of who owns ${u8aToHex(key)}.`);
  const [offset, length] = compactFromU8a(answer.subarray(1));
  return answer.slice(1 + offset, 1 + offset + length.toNumber());
}
