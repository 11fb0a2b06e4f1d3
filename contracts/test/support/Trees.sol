// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "../../src/BeefyCodec.sol";

/// @notice Builds the trees whose proofs the contracts verify, written apart from them; the vectors check both against
/// Rust.
library Trees {
	function pair(bytes32 left, bytes32 right) internal pure returns (bytes32) {
		return keccak256(bytes.concat(left, right));
	}

	function sortedPair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
		return a < b ? pair(a, b) : pair(b, a);
	}

	// --- mountain range

	/// @notice The root over the first `count` leaves.
	function mmrRoot(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32) {
		return bag(leaves, 0, count);
	}

	/// @notice The proof of one leaf, in the order of the chain's node: peaks on the left, siblings upwards, the bagged
	/// rest.
	function mmrProof(bytes32[] memory leaves, uint256 count, uint256 index)
		internal
		pure
		returns (bytes32[] memory items)
	{
		uint256 start = 0;
		while (start + peakSize(count - start) <= index) {
			uint256 size = peakSize(count - start);
			items = append(items, perfect(leaves, start, size));
			start += size;
		}
		uint256 peak = peakSize(count - start);
		for (uint256 size = 1; size < peak; size *= 2) {
			uint256 sibling = ((index - start) / size) ^ 1;
			items = append(items, perfect(leaves, start + sibling * size, size));
		}
		if (start + peak < count) items = append(items, bag(leaves, start + peak, count));
	}

	/// @notice The root over `[start, end)`, where a peak starts at `start`.
	function bag(bytes32[] memory leaves, uint256 start, uint256 end) internal pure returns (bytes32) {
		uint256 size = peakSize(end - start);
		bytes32 peak = perfect(leaves, start, size);
		return start + size == end ? peak : pair(bag(leaves, start + size, end), peak);
	}

	/// @notice The root of a tree over `size` leaves, a power of two.
	function perfect(bytes32[] memory leaves, uint256 start, uint256 size) internal pure returns (bytes32) {
		if (size == 1) return leaves[start];
		return pair(perfect(leaves, start, size / 2), perfect(leaves, start + size / 2, size / 2));
	}

	function peakSize(uint256 count) internal pure returns (uint256 size) {
		size = 1;
		while (size * 2 <= count) size *= 2;
	}

	// --- messages

	/// @notice The next layer of a tree whose pairs are sorted; a lone node moves up.
	function sortedLayer(bytes32[] memory layer) internal pure returns (bytes32[] memory above) {
		above = new bytes32[]((layer.length + 1) / 2);
		for (uint256 i = 0; i < above.length; ++i) {
			above[i] = 2 * i + 1 < layer.length ? sortedPair(layer[2 * i], layer[2 * i + 1]) : layer[2 * i];
		}
	}

	function messageRoot(bytes32[] memory leaves) internal pure returns (bytes32) {
		while (leaves.length > 1) leaves = sortedLayer(leaves);
		return leaves[0];
	}

	function messageProof(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory items) {
		while (leaves.length > 1) {
			uint256 sibling = index ^ 1;
			if (sibling < leaves.length) items = append(items, leaves[sibling]);
			leaves = sortedLayer(leaves);
			index /= 2;
		}
	}

	// --- validator sets

	function setRoot(address[] memory validators) internal pure returns (bytes32) {
		bytes32[] memory layer = new bytes32[](validators.length);
		for (uint256 i = 0; i < layer.length; ++i) {
			layer[i] = keccak256(bytes.concat(bytes20(validators[i])));
		}
		while (layer.length > 1) {
			bytes32[] memory above = new bytes32[]((layer.length + 1) / 2);
			for (uint256 i = 0; i < above.length; ++i) {
				above[i] = 2 * i + 1 < layer.length ? pair(layer[2 * i], layer[2 * i + 1]) : layer[2 * i];
			}
			layer = above;
		}
		return layer[0];
	}

	// --- encodings

	/// @notice An integer of `size` bytes, the lowest first.
	function little(uint256 value, uint256 size) internal pure returns (bytes memory out) {
		for (uint256 i = 0; i < size; ++i) {
			out = bytes.concat(out, bytes1(uint8(value >> (8 * i))));
		}
	}

	function encodeLeaf(MmrLeaf memory leaf) internal pure returns (bytes memory) {
		return bytes.concat(
			bytes1(leaf.version),
			little(leaf.parentNumber, 4),
			leaf.parentHash,
			little(leaf.nextSetId, 8),
			little(leaf.nextSetLength, 4),
			leaf.nextSetRoot,
			leaf.extra
		);
	}

	/// @notice A payload item: a name of two letters and a value.
	function item(bytes2 name, bytes memory value) internal pure returns (bytes memory) {
		return bytes.concat(name, little(value.length * 4, 1), value);
	}

	/// @notice A commitment with any payload: the number of items, and the items.
	function encodeCommitment(uint256 count, bytes memory items, uint32 blockNumber, uint64 setId)
		internal
		pure
		returns (bytes memory)
	{
		return bytes.concat(little(count * 4, 1), items, little(blockNumber, 4), little(setId, 8));
	}

	function append(bytes32[] memory list, bytes32 value) internal pure returns (bytes32[] memory longer) {
		longer = new bytes32[](list.length + 1);
		for (uint256 i = 0; i < list.length; ++i) {
			longer[i] = list[i];
		}
		longer[list.length] = value;
	}
}
