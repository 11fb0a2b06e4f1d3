/** The runtime's metadata, as the node gives it. */

import { compactFromU8a, hexToU8a, u8aToHex } from "@polkadot/util";
import type { ChainNode } from "./node.js";

/** The metadata of a version that the runtime supports, without the envelope of the runtime API. */
export async function metadataOf(node: Pick<ChainNode, "rpc">, version: number): Promise<Uint8Array> {
  const argument = u8aToHex(Uint8Array.of(version, 0, 0, 0));
  const answer = hexToU8a(
    await node.rpc<string>("state_call", "Metadata_metadata_at_version", argument),
  );
  // An optional byte vector: a flag, a compact length, the bytes.
  if (answer[0] !== 1) throw new Error(`The runtime offers no metadata of version ${version}.`);
  const [offset, length] = compactFromU8a(answer.subarray(1));
  return answer.subarray(1 + offset, 1 + offset + length.toNumber());
}
