// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";

/// @notice A BEEFY validator set as the chain commits to it.
/// @param id One more for each session, without gaps.
/// @param length How many validators it has.
/// @param root The root over their addresses, see `BeefyCodec.setRoot`.
struct ValidatorSet {
	uint64 id;
	uint32 length;
	bytes32 root;
}

/// @notice A leaf of the chain's Merkle mountain range: one per block, added at the start of the block after
/// `parentNumber`.
/// @param version The format of leaves.
/// @param parentNumber The block that the leaf is about. It is the leaf's index, too.
/// @param parentHash The hash of that block.
/// @param nextSetId The id of the validator set after the one that signs for the block that added the leaf.
/// @param nextSetLength The length of that next set.
/// @param nextSetRoot The root of that next set.
/// @param extra The root of the messages to Ethereum queued in block `parentNumber`, zero if there are none.
struct MmrLeaf {
	uint8 version;
	uint32 parentNumber;
	bytes32 parentHash;
	uint64 nextSetId;
	uint32 nextSetLength;
	bytes32 nextSetRoot;
	bytes32 extra;
}

/// @title What validators sign and commit to, byte by byte
/// @notice SCALE writes integers in little-endian order and fixed-size fields one after the other.
library BeefyCodec {
	/// @dev A commitment starts with its payload: a list of one item (compact 1 = 0x04), whose name is "mh" and whose
	/// value has 32 bytes (compact 32 = 0x80). No other payload can be encoded here, so none can be confused with it.
	bytes4 private constant ONE_MMR_ROOT = 0x046d6880;

	/// @notice The hash that validators sign to say that `mmrRoot` is the root after `blockNumber`.
	/// @param mmrRoot The root of the Merkle mountain range.
	/// @param blockNumber The block after which it has this root, and so the number of its leaves.
	/// @param setId The validator set that signs.
	/// @return The hash of the encoded commitment.
	function commitmentHash(bytes32 mmrRoot, uint32 blockNumber, uint64 setId) internal pure returns (bytes32) {
		return keccak256(abi.encodePacked(ONE_MMR_ROOT, mmrRoot, _le32(blockNumber), _le64(setId)));
	}

	/// @notice The hash of a leaf.
	/// @dev It hashes 113 bytes and an inner node hashes 64, so neither can pass for the other.
	/// @param leaf The leaf.
	/// @return The hash under which the leaf stands in the mountain range.
	function leafHash(MmrLeaf calldata leaf) internal pure returns (bytes32) {
		return keccak256(
			abi.encodePacked(
				leaf.version,
				_le32(leaf.parentNumber),
				leaf.parentHash,
				_le64(leaf.nextSetId),
				_le32(leaf.nextSetLength),
				leaf.nextSetRoot,
				leaf.extra
			)
		);
	}

	/// @notice The root of a validator set: a binary tree over the hashes of the addresses, whose pairs keep their
	/// order; the last node of a layer with an odd number of them moves up as it is.
	/// @dev Only ever compared together with the number of validators, which fixes the shape of the tree.
	/// @param validators All addresses of the set, in its order; at least one.
	/// @return The root.
	function setRoot(address[] calldata validators) internal pure returns (bytes32) {
		uint256 width = validators.length;
		bytes32[] memory layer = new bytes32[](width);
		// Each hash is written where it belongs, without copies of what is hashed: with 100 validators this halves the
		// cost.
		for (uint256 i = 0; i < width; ++i) {
			address validator = validators[i];
			// solhint-disable-next-line no-inline-assembly
			assembly ("memory-safe") {
				mstore(0, shl(96, validator))
				mstore(add(add(layer, 32), mul(i, 32)), keccak256(0, 20))
			}
		}
		while (width > 1) {
			uint256 pairs = width / 2;
			for (uint256 i = 0; i < pairs; ++i) {
				// solhint-disable-next-line no-inline-assembly
				assembly ("memory-safe") {
					mstore(add(add(layer, 32), mul(i, 32)), keccak256(add(add(layer, 32), mul(i, 64)), 64))
				}
			}
			if (width % 2 == 1) layer[pairs] = layer[width - 1];
			width -= pairs;
		}
		return layer[0];
	}

	function _le32(uint32 value) private pure returns (bytes4) {
		return Bytes.reverseBytes4(bytes4(value));
	}

	function _le64(uint64 value) private pure returns (bytes8) {
		return Bytes.reverseBytes8(bytes8(value));
	}
}
