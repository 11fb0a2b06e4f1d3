/** What the contracts on Ethereum offer, as far as the tests use it. */

import { getContract, parseAbi } from "viem";
import type { Contracts } from "./deploy.js";
import type { EthereumClient } from "./ethereum.js";

const TOKEN = parseAbi([
  "function balanceOf(address owner) view returns (uint256)",
  "function transfer(address to, uint256 amount) returns (bool)",
  "function approve(address spender, uint256 amount) returns (bool)",
]);

const CLIENT = parseAbi([
  "event Updated(uint32 blockNumber, bytes32 mmrRoot, uint64 setId)",
  "event HandedOver(uint64 setId)",
  "event Posted(bytes32 id, bytes32 base, uint32 blockNumber, uint64 setId)",
]);

export const VAULT = parseAbi([
  "struct MmrLeaf { uint8 version; uint32 parentNumber; bytes32 parentHash; uint64 nextSetId; uint32 nextSetLength; bytes32 nextSetRoot; bytes32 extra; }",
  "struct Withdrawal { uint64 nonce; address recipient; uint256 amount; bytes32[] proof; MmrLeaf leaf; uint32 blockNumber; bytes32[] leafProof; }",
  "function lock(bytes32 recipient, uint256 amount)",
  "function unlock(Withdrawal withdrawal)",
  "function halt(uint8 direction)",
  "function domain() view returns (bytes32)",
  "function locked() view returns (uint256)",
  "function isUnlocked(uint64 nonce) view returns (bool)",
  "function haltedUntil(uint8 direction) view returns (uint48)",
  "event Locked(uint64 indexed nonce, address indexed from, bytes32 indexed recipient, uint256 amount)",
  "event Unlocked(uint64 indexed nonce, address indexed recipient, uint256 amount)",
  "error AlreadyUnlocked(uint64 nonce)",
  "error InvalidProof()",
  "error DirectionHalted(uint8 direction, uint48 until)",
]);

/** The contracts at their addresses. */
export function contractsAt(client: EthereumClient, { token, client: beefy, vault }: Contracts) {
  return {
    token: getContract({ address: token, abi: TOKEN, client }),
    beefy: getContract({ address: beefy, abi: CLIENT, client }),
    vault: getContract({ address: vault, abi: VAULT, client }),
  };
}
