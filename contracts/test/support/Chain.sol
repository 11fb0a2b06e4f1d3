// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf, ValidatorSet} from "../../src/BeefyCodec.sol";
import {OpenBeefyClient, Timing, Update} from "../../src/OpenBeefyClient.sol";
import {Test} from "./Test.sol";
import {Trees} from "./Trees.sol";

/// @notice The OpenLedger chain as far as Ethereum sees it, with all its validators' keys: sessions of four blocks, a
/// set of its own for each, and a leaf for each block. Tests take what is true, change one thing, and have the
/// validators sign it again.
abstract contract Chain is Test {
	uint32 internal constant SESSION_BLOCKS = 4;
	uint256 internal constant N = 4;
	bytes32 internal constant GENESIS = keccak256("genesis");

	uint48 internal constant SESSION = 4 hours;
	uint48 internal constant MAX_AGE = 21 days;
	uint48 internal constant VETO = 14 days;

	address internal constant ANN = address(0xA11);
	address internal constant BEN = address(0xB11);
	address internal constant CAT = address(0xC11);

	function _key(uint64 setId, uint256 i) internal pure returns (uint256) {
		return 1_000_000 + uint256(setId) * 1_000 + i;
	}

	function _validators(uint64 setId, uint256 n) internal pure returns (address[] memory list) {
		list = new address[](n);
		for (uint256 i = 0; i < n; ++i) {
			list[i] = vm.addr(_key(setId, i));
		}
	}

	function _set(uint64 setId, uint256 n) internal pure returns (ValidatorSet memory) {
		return ValidatorSet({id: setId, length: uint32(n), root: Trees.setRoot(_validators(setId, n))});
	}

	function _setOf(uint32 blockNumber) internal pure returns (uint64) {
		return blockNumber / SESSION_BLOCKS;
	}

	/// @dev The leaves that blocks 1 to `count` add; leaf i is about block i.
	function _leaves(uint32 count) internal pure returns (MmrLeaf[] memory leaves) {
		leaves = new MmrLeaf[](count);
		ValidatorSet memory next;
		for (uint32 i = 0; i < count; ++i) {
			if (next.id != _setOf(i + 1) + 1) next = _set(_setOf(i + 1) + 1, N);
			leaves[i] = MmrLeaf({
				version: 0,
				parentNumber: i,
				parentHash: keccak256(abi.encode("block", i)),
				nextSetId: next.id,
				nextSetLength: next.length,
				nextSetRoot: next.root,
				extra: bytes32(0)
			});
		}
	}

	function _hashes(MmrLeaf[] memory leaves) internal pure returns (bytes32[] memory hashes) {
		hashes = new bytes32[](leaves.length);
		for (uint256 i = 0; i < leaves.length; ++i) {
			hashes[i] = keccak256(Trees.encodeLeaf(leaves[i]));
		}
	}

	/// @dev What set `setId` signs for the last of these leaves' blocks, with that block's leaf; a quorum signs.
	function _update(MmrLeaf[] memory leaves, uint64 setId) internal pure returns (Update memory update) {
		return _update(leaves, setId, N);
	}

	function _update(MmrLeaf[] memory leaves, uint64 setId, uint256 n) internal pure returns (Update memory update) {
		bytes32[] memory hashes = _hashes(leaves);
		update.mmrRoot = Trees.mmrRoot(hashes, hashes.length);
		update.blockNumber = uint32(hashes.length);
		update.setId = setId;
		update.validators = _validators(setId, n);
		update.leaf = leaves[leaves.length - 1];
		update.leafProof = Trees.mmrProof(hashes, hashes.length, hashes.length - 1);
		_sign(update, (1 << (n - (n - 1) / 3)) - 1);
	}

	/// @dev A handover in a mountain range of one leaf: the keys `signers` sign as set `id`, and name the keys `next`
	/// as the set after it. Each variant has another root.
	function _small(uint64 id, uint64 signers, uint64 next, uint256 n, uint256 variant)
		internal
		pure
		returns (Update memory update)
	{
		update.leaf.parentHash = bytes32(variant);
		(update.leaf.nextSetId, update.leaf.nextSetLength, update.leaf.nextSetRoot) =
		(id + 1, uint32(n), _set(next, n).root);
		update.mmrRoot = keccak256(Trees.encodeLeaf(update.leaf));
		update.blockNumber = 1;
		update.setId = id;
		update.validators = _validators(signers, n);
		_signWith(signers, update, (1 << (n - (n - 1) / 3)) - 1);
	}

	/// @dev The true update for a block.
	function _true(uint32 blockNumber) internal pure returns (Update memory) {
		return _update(_leaves(blockNumber), _setOf(blockNumber));
	}

	/// @dev The like for blocks far away: only the last leaf is of the chain, the rest of the mountain range is made
	/// up.
	function _quick(uint32 blockNumber) internal pure returns (Update memory update) {
		ValidatorSet memory next = _set(_setOf(blockNumber) + 1, N);
		update.blockNumber = blockNumber;
		update.setId = next.id - 1;
		update.validators = _validators(update.setId, N);
		update.leaf = MmrLeaf({
			version: 0,
			parentNumber: blockNumber - 1,
			parentHash: keccak256(abi.encode("block", blockNumber - 1)),
			nextSetId: next.id,
			nextSetLength: next.length,
			nextSetRoot: next.root,
			extra: bytes32(0)
		});
		// Every bit of the number of leaves is a peak, and the last leaf is in the smallest one.
		uint256 peaks = 0;
		uint256 height = 0;
		for (uint256 bit = 0; bit < 32; ++bit) {
			if ((blockNumber >> bit) & 1 == 1 && ++peaks == 1) height = bit;
		}
		update.leafProof = new bytes32[](peaks - 1 + height);
		for (uint256 i = 0; i < update.leafProof.length; ++i) {
			update.leafProof[i] = keccak256(abi.encode("made up", i));
		}
		bytes32 node = keccak256(Trees.encodeLeaf(update.leaf));
		for (uint256 i = 0; i < height; ++i) {
			node = Trees.pair(update.leafProof[peaks - 1 + i], node);
		}
		for (uint256 i = peaks - 1; i > 0; --i) {
			node = Trees.pair(node, update.leafProof[i - 1]);
		}
		update.mmrRoot = node;
		_sign(update, 7);
	}

	/// @dev Signs the update as it is now, with the keys of its set.
	function _sign(Update memory update, uint256 signers) internal pure {
		_signWith(update.setId, update, signers);
	}

	/// @dev Signs the update as it is now, with the keys of any set.
	function _signWith(uint64 keys, Update memory update, uint256 signers) internal pure {
		bytes memory items = Trees.item("mh", bytes.concat(update.mmrRoot));
		_signBytes(keys, update, signers, Trees.encodeCommitment(1, items, update.blockNumber, update.setId));
	}

	/// @dev Signs any bytes for an update.
	function _signBytes(uint64 keys, Update memory update, uint256 signers, bytes memory commitment) internal pure {
		update.signers = signers;
		update.signatures = "";
		for (uint256 i = 0; i < 256; ++i) {
			if ((signers >> i) & 1 == 0) continue;
			(uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(keys, i), keccak256(commitment));
			update.signatures = bytes.concat(update.signatures, r, s, bytes1(v));
		}
	}

	function _timing() internal pure returns (Timing memory) {
		return Timing({sessionSeconds: SESSION, maxAge: MAX_AGE, vetoPeriod: VETO});
	}

	/// @dev Three guardians, two of whom must agree.
	function _guardians() internal pure returns (address[] memory list) {
		list = new address[](3);
		(list[0], list[1], list[2]) = (ANN, BEN, CAT);
	}

	/// @dev A client that starts in session 1, at its first block.
	function _newClient() internal returns (OpenBeefyClient) {
		return new OpenBeefyClient(_set(1, N), _set(2, N), SESSION_BLOCKS, _timing(), _guardians(), 2);
	}

	/// @dev The like, but never too old.
	function _agelessClient() internal returns (OpenBeefyClient) {
		Timing memory timing = Timing({sessionSeconds: SESSION, maxAge: 100_000 days, vetoPeriod: VETO});
		return new OpenBeefyClient(_set(1, N), _set(2, N), SESSION_BLOCKS, timing, _guardians(), 2);
	}
}
