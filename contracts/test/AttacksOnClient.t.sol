// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf, ValidatorSet} from "../src/BeefyCodec.sol";
import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {Chain} from "./support/Chain.sol";
import {Trees} from "./support/Trees.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleMountainRange} from "@polytope-labs/solidity-merkle-trees/src/MerkleMountainRange.sol";

/// @notice Commitments that are valid but for one thing; see the table in Attacks.t.sol.
contract AttacksOnClientTest is Chain {
	uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
	OpenBeefyClient private _client;

	function setUp() public {
		_client = _newClient();
	}

	/// @dev Each test starts from an update that would be taken.
	function _good() private pure returns (Update memory) {
		return _true(6);
	}

	function _refused(bytes4 reason, Update memory update) private {
		vm.expectRevert(reason);
		_client.submit(update);
	}

	function _refused(bytes memory reason, Update memory update) private {
		vm.expectRevert(reason);
		_client.submit(update);
	}

	function _wrongSignature(address validator) private pure returns (bytes memory) {
		return abi.encodeWithSelector(OpenBeefyClient.WrongSignature.selector, validator);
	}

	function _signature(Update memory update, uint256 i) private pure returns (bytes memory signature) {
		signature = new bytes(65);
		for (uint256 k = 0; k < 65; ++k) {
			signature[k] = update.signatures[65 * i + k];
		}
	}

	function _put(Update memory update, uint256 i, bytes memory signature) private pure {
		for (uint256 k = 0; k < 65; ++k) {
			update.signatures[65 * i + k] = signature[k];
		}
	}

	function test_goodIsGood() public {
		_client.submit(_good());
		_client.submit(_true(8));
	}

	// --- signers

	function test_lessThanAQuorum() public {
		Update memory update = _good();
		_sign(update, 3);
		_refused(abi.encodeWithSelector(OpenBeefyClient.NoQuorum.selector, 2, 3), update);
	}

	function test_nobodySigns() public {
		Update memory update = _good();
		_sign(update, 0);
		_refused(abi.encodeWithSelector(OpenBeefyClient.NoQuorum.selector, 0, 3), update);
	}

	function test_signersBeyondTheSet() public {
		Update memory update = _good();
		update.signers |= 1 << N;
		_refused(OpenBeefyClient.SignersOutsideSet.selector, update);
		update.signers = 7 | (1 << 255);
		_refused(OpenBeefyClient.SignersOutsideSet.selector, update);
		// With a signature for each bit, too.
		_sign(update, 7 | (1 << N));
		_refused(OpenBeefyClient.SignersOutsideSet.selector, update);
	}

	function test_unorderedSignatures() public {
		Update memory update = _good();
		bytes memory first = _signature(update, 0);
		_put(update, 0, _signature(update, 1));
		_put(update, 1, first);
		_refused(_wrongSignature(update.validators[0]), update);
	}

	function test_oneSignatureForTwo() public {
		Update memory update = _good();
		_put(update, 1, _signature(update, 0));
		_refused(_wrongSignature(update.validators[1]), update);
	}

	function test_missingSignature() public {
		Update memory update = _good();
		update.signers = 15;
		_refused(OpenBeefyClient.WrongSignatureCount.selector, update);
		update.signatures = "";
		_refused(OpenBeefyClient.WrongSignatureCount.selector, update);
	}

	function test_cutSignature() public {
		Update memory update = _good();
		bytes memory shorter = new bytes(3 * 65 - 1);
		for (uint256 i = 0; i < shorter.length; ++i) {
			shorter[i] = update.signatures[i];
		}
		update.signatures = shorter;
		_refused(OpenBeefyClient.WrongSignatureCount.selector, update);
	}

	function test_superfluousSignature() public {
		Update memory update = _good();
		bytes memory before = update.signatures;
		update.signatures = bytes.concat(before, _signature(update, 0));
		_refused(OpenBeefyClient.WrongSignatureCount.selector, update);
		update.signatures = bytes.concat(before, bytes1(0));
		_refused(OpenBeefyClient.WrongSignatureCount.selector, update);
	}

	// --- validators

	/// @dev Two validators sign, one of them for two.
	function test_validatorTwice() public {
		Update memory update = _good();
		update.validators[2] = update.validators[0];
		_put(update, 2, _signature(update, 0));
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	function test_validatorsReordered() public {
		Update memory update = _good();
		(update.validators[2], update.validators[3]) = (update.validators[3], update.validators[2]);
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	/// @dev In trees that double a lone node instead of moving it up, a list that repeats the last item has the same
	/// root.
	function test_loneValidatorTwice() public {
		_client = new OpenBeefyClient(_set(1, 5), _set(2, N), 4, _timing(), _guardians(), 2);
		Update memory update = _update(_leaves(6), 1, 5);
		address[] memory longer = new address[](6);
		for (uint256 i = 0; i < 6; ++i) {
			longer[i] = update.validators[i < 5 ? i : 4];
		}
		update.validators = longer;
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	/// @dev The root of three is that of two, and the third: the lone one must not be left out, and its place has no
	/// other index.
	function test_loneValidatorLeftOut() public {
		_client = new OpenBeefyClient(_set(1, 3), _set(2, N), 4, _timing(), _guardians(), 2);
		Update memory update = _update(_leaves(6), 1, 3);
		address[] memory shorter = new address[](2);
		(shorter[0], shorter[1]) = (update.validators[0], update.validators[1]);
		address[] memory all = update.validators;
		update.validators = shorter;
		_sign(update, 3);
		_refused(OpenBeefyClient.WrongValidators.selector, update);
		// The lone one at index 1, where a proof of one item would lead to it as well.
		shorter[1] = all[2];
		_refused(OpenBeefyClient.WrongValidators.selector, update);
		update.validators = new address[](0);
		_sign(update, 0);
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	/// @dev A set of which it was signed that it has five validators, and the root of four. It is nobody's.
	function test_lengthAndRootOfDifferentSets() public {
		ValidatorSet memory set = _set(1, N);
		set.length = 5;
		_client = new OpenBeefyClient(set, _set(2, N), 4, _timing(), _guardians(), 2);
		_refused(OpenBeefyClient.WrongValidators.selector, _good());
	}

	function test_foreignValidators() public {
		Update memory update = _good();
		_signWith(999, update, 7);
		update.validators = _validators(999, N);
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	/// @dev A set of two whose "validators" are the last 20 bytes of the inner nodes of the set of four.
	function test_innerNodesAsValidators() public {
		Update memory update = _good();
		bytes32[] memory leaves = new bytes32[](4);
		for (uint256 i = 0; i < 4; ++i) {
			leaves[i] = keccak256(bytes.concat(bytes20(update.validators[i])));
		}
		address[] memory two = new address[](2);
		two[0] = address(uint160(uint256(Trees.pair(leaves[0], leaves[1]))));
		two[1] = address(uint160(uint256(Trees.pair(leaves[2], leaves[3]))));
		update.validators = two;
		_sign(update, 0);
		_refused(OpenBeefyClient.WrongValidators.selector, update);
	}

	/// @dev The chain writes address zero for a key that it cannot convert. Anything that is no signature recovers to
	/// zero.
	function test_zeroAddressSigns() public {
		address[] memory validators = _validators(1, N);
		validators[2] = address(0);
		ValidatorSet memory set = ValidatorSet({id: 1, length: uint32(N), root: Trees.setRoot(validators)});
		_client = new OpenBeefyClient(set, _set(2, N), 4, _timing(), _guardians(), 2);
		Update memory update = _good();
		update.validators = validators;
		_put(update, 2, new bytes(65));
		_refused(ECDSA.ECDSAInvalidSignature.selector, update);
		// The three others are a quorum.
		_sign(update, 11);
		_client.submit(update);
	}

	// --- signatures

	function _bytes32At(bytes memory data, uint256 start) private pure returns (bytes32 value) {
		for (uint256 i = 0; i < 32; ++i) {
			value |= bytes32(data[start + i]) >> (8 * i);
		}
	}

	function test_highS() public {
		Update memory update = _good();
		bytes memory signature = _signature(update, 1);
		bytes32 s = bytes32(CURVE_ORDER - uint256(_bytes32At(signature, 32)));
		bytes1 v = signature[64] == bytes1(uint8(27)) ? bytes1(uint8(28)) : bytes1(uint8(27));
		_put(update, 1, bytes.concat(_bytes32At(signature, 0), s, v));
		// It is a signature of the same validator over the same hash, for whoever does not look at s.
		Update memory same = _good();
		bytes memory items = Trees.item("mh", bytes.concat(same.mmrRoot));
		bytes32 hash = keccak256(Trees.encodeCommitment(1, items, same.blockNumber, same.setId));
		vm.assertEq(ecrecover(hash, uint8(v), _bytes32At(signature, 0), s), same.validators[1]);
		_refused(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s), update);
	}

	/// @dev 0 and 1 are what the chain's node writes; 27 and 28 are what Ethereum knows.
	function test_badV() public {
		uint8[6] memory values = [0, 1, 2, 26, 29, 255];
		for (uint256 i = 0; i < values.length; ++i) {
			Update memory update = _good();
			update.signatures[3 * 65 - 1] = bytes1(values[i]);
			_refused(ECDSA.ECDSAInvalidSignature.selector, update);
		}
	}

	function test_rootChanged() public {
		Update memory update = _good();
		update.mmrRoot ^= bytes32(uint256(1));
		// Any signature recovers to somebody, only not to the validator.
		_refused(_wrongSignature(update.validators[0]), update);
	}

	function test_blockChanged() public {
		Update memory update = _good();
		update.blockNumber += 1;
		_refused(_wrongSignature(update.validators[0]), update);
	}

	function test_setChanged() public {
		// The same validators are in office twice, and what they signed for the first session is passed off as the
		// second's.
		ValidatorSet memory again = _set(1, N);
		again.id = 2;
		_client = new OpenBeefyClient(_set(1, N), again, 4, _timing(), _guardians(), 2);
		Update memory update = _true(8);
		update.validators = _validators(1, N);
		update.setId = 1;
		_sign(update, 7);
		update.setId = 2;
		_refused(_wrongSignature(update.validators[0]), update);
	}

	// --- payloads: the validators really sign these bytes

	function _refusedPayload(Update memory update, uint256 count, bytes memory items) private {
		_signBytes(update.setId, update, 7, Trees.encodeCommitment(count, items, update.blockNumber, update.setId));
		_refused(_wrongSignature(update.validators[0]), update);
	}

	function test_twoRoots() public {
		Update memory update = _good();
		bytes memory mine = Trees.item("mh", bytes.concat(update.mmrRoot));
		bytes memory other = Trees.item("mh", bytes.concat(keccak256("another root")));
		_refusedPayload(update, 2, bytes.concat(mine, other));
	}

	function test_twoRootsOtherOrder() public {
		Update memory update = _good();
		bytes memory mine = Trees.item("mh", bytes.concat(update.mmrRoot));
		bytes memory other = Trees.item("ab", bytes.concat(keccak256("something else")));
		_refusedPayload(update, 2, bytes.concat(other, mine));
	}

	function test_payloadWithoutRoot() public {
		Update memory update = _good();
		_refusedPayload(update, 1, Trees.item("xx", bytes.concat(update.mmrRoot)));
		_refusedPayload(update, 0, "");
	}

	function test_shortRoot() public {
		Update memory update = _good();
		_refusedPayload(update, 1, Trees.item("mh", bytes.concat(bytes31(update.mmrRoot))));
	}

	function test_zeroRoot() public {
		Update memory update = _good();
		update.mmrRoot = 0;
		_sign(update, 7);
		_refused(OpenBeefyClient.ZeroRoot.selector, update);
	}

	// --- sets and blocks

	function test_formerSet() public {
		_client.submit(_true(8));
		Update memory update = _true(7);
		_refused(abi.encodeWithSelector(OpenBeefyClient.WrongSet.selector, 1), update);
	}

	function test_setAfterNext() public {
		_refused(abi.encodeWithSelector(OpenBeefyClient.WrongSet.selector, 3), _true(12));
	}

	function test_olderBlock() public {
		_client.submit(_good());
		_refused(abi.encodeWithSelector(OpenBeefyClient.NotNewer.selector, 6), _true(5));
	}

	function test_sameBlock() public {
		_refused(abi.encodeWithSelector(OpenBeefyClient.NotNewer.selector, SESSION_BLOCKS), _true(SESSION_BLOCKS));
	}

	/// @dev Former validators sign the true root of a block long after their session, for which nobody is slashed. If
	/// that kept those after them from being heard, the client would be dead.
	function test_blockFarAhead() public {
		MmrLeaf[] memory leaves = _leaves(40);
		Update memory update = _update(leaves, 1);
		_client.submit(update);
		vm.assertEq(_client.latestBlock(), 40);
		_client.submit(_true(8));
		vm.assertEq(_client.currentSet().id, 2);
		vm.assertEq(_client.latestBlock(), 8);
		_client.submit(_true(9));
	}

	/// @dev The same, with a root that is not of the chain for a block that comes only later: the newest root is the
	/// one that counts.
	function test_otherRootForALaterBlock() public {
		Update memory update = _good();
		(update.mmrRoot, update.blockNumber) = (keccak256("not of the chain"), 8);
		_sign(update, 7);
		_client.submit(update);
		_client.submit(_true(8));
		vm.assertEq(_client.rootOf(8), _true(8).mmrRoot);
	}

	// --- handovers

	/// @dev The last leaf is changed, and set 2 signs the root over it.
	function _handover(uint64 nextSetId, uint32 nextSetLength, bytes32 nextSetRoot)
		private
		pure
		returns (Update memory)
	{
		MmrLeaf[] memory leaves = _leaves(8);
		(leaves[7].nextSetId, leaves[7].nextSetLength, leaves[7].nextSetRoot) = (nextSetId, nextSetLength, nextSetRoot);
		return _update(leaves, 2);
	}

	function test_handoverSkipsASet() public {
		ValidatorSet memory set = _set(4, N);
		Update memory update = _handover(set.id, set.length, set.root);
		_refused(abi.encodeWithSelector(OpenBeefyClient.WrongNextSet.selector, 4), update);
	}

	/// @dev A true leaf of the session before: it names the set that signs.
	function test_handoverToItself() public {
		MmrLeaf[] memory leaves = _leaves(8);
		Update memory update = _true(8);
		update.leaf = leaves[6];
		update.leafProof = Trees.mmrProof(_hashes(leaves), 8, 6);
		vm.assertEq(update.leaf.nextSetId, 2);
		_refused(abi.encodeWithSelector(OpenBeefyClient.WrongNextSet.selector, 2), update);
	}

	function test_handoverToNobody() public {
		Update memory update = _handover(3, 0, _set(3, N).root);
		_refused(abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, 0, _set(3, N).root), update);
	}

	function test_handoverToTooMany() public {
		bytes32 root = _set(3, N).root;
		_refused(abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, 257, root), _handover(3, 257, root));
		uint32 huge = type(uint32).max;
		_refused(abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, huge, root), _handover(3, huge, root));
		_client.submit(_handover(3, 256, root));
	}

	function test_handoverToZeroRoot() public {
		Update memory update = _handover(3, uint32(N), 0);
		_refused(abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, N, bytes32(0)), update);
	}

	/// @dev The signatures are good, only the leaf that is shown is not the one under the root.
	function test_handoverWithForgedLeaf() public {
		Update memory update = _true(8);
		update.leaf.nextSetRoot = _set(666, N).root;
		_refused(OpenBeefyClient.InvalidLeafProof.selector, update);
	}

	function test_handoverWithForeignLeaf() public {
		MmrLeaf[] memory leaves = _leaves(8);
		leaves[0].extra = keccak256("a fork");
		Update memory foreign = _update(leaves, 2);
		Update memory update = _true(8);
		(update.leaf, update.leafProof) = (foreign.leaf, foreign.leafProof);
		_refused(OpenBeefyClient.InvalidLeafProof.selector, update);
	}

	/// @dev A root over no leaves at all.
	function test_handoverForBlockZero() public {
		Update memory update = _true(8);
		update.blockNumber = 0;
		_sign(update, 7);
		_refused(MerkleMountainRange.EmptyTree.selector, update);
	}

	function test_lastSetId() public {
		uint64 last = type(uint64).max;
		ValidatorSet memory current = _set(1, N);
		ValidatorSet memory next = _set(2, N);
		(current.id, next.id) = (last - 1, last);
		_client = new OpenBeefyClient(current, next, 4, _timing(), _guardians(), 2);
		Update memory update = _handover(0, uint32(N), _set(3, N).root);
		update.setId = last;
		_signWith(2, update, 7);
		_refused(abi.encodeWithSignature("Panic(uint256)", 0x11), update);
	}
}
