// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeefyCodec, MmrLeaf, ValidatorSet} from "../src/BeefyCodec.sol";
import {OpenBeefyClient, Timing, Update} from "../src/OpenBeefyClient.sol";
import {Chain} from "./support/Chain.sol";
import {Trees} from "./support/Trees.sol";

/// @notice Makes the library callable.
contract Codec {
	function setRoot(address[] calldata validators) external pure returns (bytes32) {
		return BeefyCodec.setRoot(validators);
	}

	function commitmentHash(bytes32 mmrRoot, uint32 blockNumber, uint64 setId) external pure returns (bytes32) {
		return BeefyCodec.commitmentHash(mmrRoot, blockNumber, setId);
	}
}

contract ClientTest is Chain {
	OpenBeefyClient private _client;

	function setUp() public {
		vm.warp(1_000 days);
		_client = _newClient();
	}

	function _assertSets(uint64 currentId) private view {
		vm.assertEq(abi.encode(_client.currentSet()), abi.encode(_set(currentId, N)));
		vm.assertEq(abi.encode(_client.nextSet()), abi.encode(_set(currentId + 1, N)));
	}

	// --- deployment

	function test_startsFromWhatItIsGiven() public view {
		_assertSets(1);
		vm.assertEq(_client.latestBlock(), SESSION_BLOCKS);
		vm.assertEq(_client.officeSince(), 1_000 days);
		vm.assertEq(_client.sessionSeconds(), SESSION);
		vm.assertEq(_client.maxAge(), MAX_AGE);
		vm.assertEq(_client.vetoPeriod(), VETO);
		vm.assertEq(_client.threshold(), 2);
	}

	function test_knowsNoRootAtFirst() public {
		vm.assertEq(_client.rootOf(SESSION_BLOCKS), bytes32(0));
		MmrLeaf memory leaf = _leaves(1)[0];
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.UnknownRoot.selector, SESSION_BLOCKS));
		_client.verifyLeaf(SESSION_BLOCKS, leaf, new bytes32[](0));
	}

	/// @dev Called from outside, because forge ends a test at an expected revert of `new` in the test itself.
	function deploy(ValidatorSet calldata current, ValidatorSet calldata next, Timing calldata timing) external {
		new OpenBeefyClient(current, next, 0, timing, _guardians(), 2);
	}

	function _deploy(Timing memory timing) private {
		this.deploy(_set(1, N), _set(2, N), timing);
	}

	function test_refusesClocksThatAreZeroOrLeaveNoTime() public {
		vm.expectRevert(OpenBeefyClient.InvalidTiming.selector);
		_deploy(Timing({sessionSeconds: 0, maxAge: MAX_AGE, vetoPeriod: VETO}));
		vm.expectRevert(OpenBeefyClient.InvalidTiming.selector);
		_deploy(Timing({sessionSeconds: SESSION, maxAge: MAX_AGE, vetoPeriod: 0}));
		vm.expectRevert(OpenBeefyClient.InvalidTiming.selector);
		_deploy(Timing({sessionSeconds: SESSION, maxAge: VETO + 6 * SESSION - 1, vetoPeriod: VETO}));
		_deploy(Timing({sessionSeconds: SESSION, maxAge: VETO + 6 * SESSION, vetoPeriod: VETO}));
	}

	function test_refusesSetsThatDoNotFollow() public {
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.WrongNextSet.selector, 3));
		this.deploy(_set(1, N), _set(3, N), _timing());
	}

	function test_refusesSetsThatNobodyCanSignFor() public {
		ValidatorSet memory good = _set(1, N);
		ValidatorSet[3] memory bad;
		bad[0] = ValidatorSet({id: 2, length: 0, root: good.root});
		bad[1] = ValidatorSet({id: 2, length: 257, root: good.root});
		bad[2] = ValidatorSet({id: 2, length: 4, root: 0});
		for (uint256 i = 0; i < 3; ++i) {
			bytes memory reason =
				abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, bad[i].length, bad[i].root);
			vm.expectRevert(reason);
			this.deploy(good, bad[i], _timing());
			bad[i].id = 0;
			vm.expectRevert(reason);
			this.deploy(bad[i], good, _timing());
		}
	}

	// --- updates

	function test_currentSetSigns() public {
		Update memory update = _true(6);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Updated(6, update.mmrRoot, 1);
		_client.submit(update);
		vm.assertEq(_client.rootOf(6), update.mmrRoot);
		vm.assertEq(_client.latestBlock(), 6);
		vm.assertEq(_client.officeSince(), 1_000 days);
		_assertSets(1);
	}

	function test_currentSetNeedsNoLeaf() public {
		Update memory update = _true(6);
		delete update.leaf;
		delete update.leafProof;
		_client.submit(update);
		vm.assertEq(_client.rootOf(6), update.mmrRoot);
	}

	function test_nextSetTakesOffice() public {
		vm.warp(1_000 days + 1 hours);
		Update memory update = _true(8);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.HandedOver(2);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Updated(8, update.mmrRoot, 2);
		_client.submit(update);
		vm.assertEq(_client.rootOf(8), update.mmrRoot);
		vm.assertEq(_client.latestBlock(), 8);
		_assertSets(2);
	}

	function test_nextSetMayTakeOfficeAtAnyBlockOfItsSession() public {
		_client.submit(_true(10));
		_assertSets(2);
	}

	function test_handoverMayShowAnyLeafOfItsSession() public {
		MmrLeaf[] memory leaves = _leaves(11);
		bytes32[] memory hashes = _hashes(leaves);
		for (uint32 index = 7; index < 11; ++index) {
			OpenBeefyClient client = _newClient();
			Update memory update = _update(leaves, 2);
			update.leaf = leaves[index];
			update.leafProof = Trees.mmrProof(hashes, 11, index);
			client.submit(update);
			vm.assertEq(abi.encode(client.nextSet()), abi.encode(_set(3, N)));
		}
	}

	function test_followsSessions() public {
		for (uint32 blockNumber = 6; blockNumber < 30; blockNumber += 2) {
			_client.submit(_true(blockNumber));
			_assertSets(_setOf(blockNumber));
		}
	}

	/// @dev Sets of sizes that trees treat differently; each one takes office with a quorum that cannot lose a
	/// signature.
	function test_setsMayChangeInSize() public {
		uint256[10] memory sizes = [uint256(N), 1, 2, 3, 5, 7, 8, 13, 34, 100];
		OpenBeefyClient client = new OpenBeefyClient(_set(0, 3), _set(1, N), 0, _timing(), _guardians(), 2);
		for (uint64 id = 1; id < sizes.length; ++id) {
			ValidatorSet memory next = _set(id + 1, sizes[id]);
			MmrLeaf[] memory leaves = _leaves(uint32(id));
			MmrLeaf memory last = leaves[id - 1];
			(last.nextSetId, last.nextSetLength, last.nextSetRoot) = (next.id, next.length, next.root);
			client.submit(_update(leaves, id, sizes[id - 1]));
			vm.assertEq(abi.encode(client.nextSet()), abi.encode(next));
		}
	}

	function test_everybodyOfTheLargestSetMaySign() public {
		OpenBeefyClient client = new OpenBeefyClient(_set(1, 256), _set(2, N), 4, _timing(), _guardians(), 2);
		Update memory update = _update(_leaves(6), 1, 256);
		_sign(update, type(uint256).max);
		client.submit(update);
		vm.assertEq(client.latestBlock(), 6);
	}

	/// @dev Any quorum is enough, and anything less is not, whoever is in it.
	function testFuzz_quorum(uint256 n, uint256 signers) public {
		n = _within(n, 1, 12);
		signers = _within(signers, 0, (1 << n) - 1);
		uint256 signed = 0;
		for (uint256 i = 0; i < n; ++i) {
			signed += (signers >> i) & 1;
		}
		// At least two thirds and one more validator than a third and as many honest ones as faulty ones may be.
		uint256 faulty = (n - 1) / 3;

		OpenBeefyClient client = new OpenBeefyClient(_set(1, n), _set(2, N), 4, _timing(), _guardians(), 2);
		Update memory update = _update(_leaves(6), 1, n);
		_sign(update, signers);
		if (signed < n - faulty) {
			vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NoQuorum.selector, signed, n - faulty));
		}
		client.submit(update);
		vm.assertEq(client.latestBlock(), signed < n - faulty ? 4 : 6);
	}

	// --- ring

	function test_keepsTheLastSixteenRoots() public {
		bytes32[] memory hashes = _hashes(_leaves(40));
		for (uint32 blockNumber = 5; blockNumber < 40; ++blockNumber) {
			_client.submit(_true(blockNumber));
			for (uint32 other = 0; other <= 41; ++other) {
				bool known = other >= 5 && other <= blockNumber && other + 16 > blockNumber;
				vm.assertEq(_client.rootOf(other), known ? Trees.mmrRoot(hashes, other) : bytes32(0));
			}
		}
	}

	// --- leaves

	function test_everyLeafOfEveryKnownRootIsFound() public {
		MmrLeaf[] memory leaves = _leaves(20);
		bytes32[] memory hashes = _hashes(leaves);
		for (uint32 count = 5; count <= 20; ++count) {
			_client.submit(_true(count));
		}
		for (uint32 count = 5; count <= 20; ++count) {
			for (uint32 index = 0; index < count; ++index) {
				vm.assertTrue(_client.verifyLeaf(count, leaves[index], Trees.mmrProof(hashes, count, index)));
			}
		}
	}

	function test_singleLeafNeedsNoProof() public {
		OpenBeefyClient client = new OpenBeefyClient(_set(0, N), _set(1, N), 0, _timing(), _guardians(), 2);
		client.submit(_update(_leaves(1), 0));
		vm.assertTrue(client.verifyLeaf(1, _leaves(1)[0], new bytes32[](0)));
	}

	/// @dev A leaf of which anything was changed is not found.
	function testFuzz_changedLeaf(uint256 index, uint256 field, uint256 bit) public {
		uint32 count = 11;
		index = _within(index, 0, count - 1);
		MmrLeaf[] memory leaves = _leaves(count);
		MmrLeaf memory leaf = leaves[index];
		bytes32[] memory proof = Trees.mmrProof(_hashes(leaves), count, index);
		_client.submit(_true(count));
		field = _within(field, 0, 5);
		if (field == 0) leaf.version ^= uint8(1 << (bit % 8));
		if (field == 1) leaf.parentHash ^= bytes32(1 << (bit % 256));
		if (field == 2) leaf.nextSetId ^= uint64(1 << (bit % 64));
		if (field == 3) leaf.nextSetLength ^= uint32(1 << (bit % 32));
		if (field == 4) leaf.nextSetRoot ^= bytes32(1 << (bit % 256));
		if (field == 5) leaf.extra ^= bytes32(1 << (bit % 256));
		vm.assertFalse(_client.verifyLeaf(count, leaf, proof));
	}

	function testFuzz_changedProof(uint256 index, uint256 item, uint256 bit) public {
		uint32 count = 11;
		index = _within(index, 0, count - 1);
		MmrLeaf[] memory leaves = _leaves(count);
		bytes32[] memory proof = Trees.mmrProof(_hashes(leaves), count, index);
		_client.submit(_true(count));
		proof[item % proof.length] ^= bytes32(1 << (bit % 256));
		vm.assertFalse(_client.verifyLeaf(count, leaves[index], proof));
	}

	// --- encodings, against the tests' own

	function testFuzz_leafHash(MmrLeaf calldata leaf) public view {
		vm.assertEq(_client.leafHash(leaf), keccak256(Trees.encodeLeaf(leaf)));
		vm.assertEq(Trees.encodeLeaf(leaf).length, 113);
	}

	function testFuzz_commitmentHash(bytes32 mmrRoot, uint32 blockNumber, uint64 setId) public {
		bytes memory items = Trees.item("mh", bytes.concat(mmrRoot));
		bytes32 expected = keccak256(Trees.encodeCommitment(1, items, blockNumber, setId));
		vm.assertEq(new Codec().commitmentHash(mmrRoot, blockNumber, setId), expected);
	}

	function testFuzz_setRoot(address[] calldata validators) public {
		vm.assume(validators.length > 0);
		vm.assertEq(new Codec().setRoot(validators), Trees.setRoot(validators));
	}
}
