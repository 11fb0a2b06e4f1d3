// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf, ValidatorSet} from "../src/BeefyCodec.sol";
import {Guarded} from "../src/Guarded.sol";
import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {Chain} from "./support/Chain.sol";
import {Trees} from "./support/Trees.sol";

/// @notice Keys without stake, against what the client takes late; see the table in Attacks.t.sol.
contract AttacksOnAgeTest is Chain {
	uint256 private constant START = 1_000 days;
	/// @dev The set that an attacker who got hold of old keys hands over to; all of its keys are the attacker's.
	uint64 private constant ATTACKERS = 1_000_000;
	OpenBeefyClient private _client;

	function setUp() public {
		vm.warp(START);
		_client = _newClient();
	}

	function _warpTooOld() private {
		vm.warp(START + SESSION + MAX_AGE + 1);
	}

	function _handover(uint64 session) private pure returns (Update memory) {
		return _quick(uint32(session) * SESSION_BLOCKS);
	}

	/// @dev The keys of a true set hand over to the attacker's set.
	function _forged(uint64 id, uint256 variant) private pure returns (Update memory) {
		return _small(id, id, ATTACKERS + id + 1, N, variant);
	}

	/// @dev The attacker's set of this id hands over to the attacker's next one.
	function _forgedOn(uint64 id) private pure returns (Update memory update) {
		return _small(id, ATTACKERS + id, ATTACKERS + id + 1, N, 0);
	}

	function _postTrue(bytes32 base, uint64 first, uint64 last) private returns (bytes32[] memory path) {
		path = new bytes32[](last - first + 1);
		for (uint64 session = first; session <= last; ++session) {
			base = _client.post(base, _handover(session));
			path[session - first] = base;
		}
	}

	function _veto(bytes32 id) private {
		vm.prank(ANN);
		_client.veto(id);
		vm.prank(CAT);
		_client.veto(id);
	}

	function _two(bytes32 first, bytes32 second) private pure returns (bytes32[] memory path) {
		path = new bytes32[](2);
		(path[0], path[1]) = (first, second);
	}

	function _refusedPath(bytes4 reason, bytes32 id, bytes32[] memory path) private {
		vm.expectRevert(abi.encodeWithSelector(reason, id));
		_client.activate(path);
	}

	// --- directly

	function test_oldKeysDirectly() public {
		vm.warp(START + MAX_AGE + 1);
		Update memory update = _quick(6);
		update.mmrRoot = keccak256("forged");
		_sign(update, 7);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.TooOld.selector, START + MAX_AGE));
		_client.submit(update);

		_warpTooOld();
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.TooOld.selector, START + SESSION + MAX_AGE));
		_client.submit(_forged(2, 0));
	}

	// --- posting

	function test_postWhileFresh() public {
		vm.warp(START + SESSION + MAX_AGE);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NotTooOld.selector, START + SESSION + MAX_AGE));
		_client.post(0, _forged(2, 0));
	}

	function test_postWithoutHandover() public {
		_warpTooOld();
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.WrongSet.selector, 1));
		_client.post(0, _quick(6));
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.WrongSet.selector, 3));
		_client.post(0, _handover(3));
		bytes32 base = _client.post(0, _handover(2));
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.WrongSet.selector, 2));
		_client.post(base, _handover(2));
	}

	/// @dev What is posted must be signed, as what is submitted must be.
	function test_postWithoutSignatures() public {
		_warpTooOld();
		Update memory update = _handover(2);
		_sign(update, 3);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NoQuorum.selector, 2, 3));
		_client.post(0, update);
		update = _handover(2);
		update.leaf.nextSetRoot = _set(ATTACKERS, N).root;
		vm.expectRevert(OpenBeefyClient.InvalidLeafProof.selector);
		_client.post(0, update);
	}

	function test_postOnNothing() public {
		_warpTooOld();
		bytes32 nothing = keccak256("nothing");
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NotPosted.selector, nothing));
		_client.post(nothing, _handover(3));
	}

	function test_postOnVetoed() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		_client.post(id, _forgedOn(3));
		_veto(id);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.IsVetoed.selector, id));
		_client.post(id, _forgedOn(3));
	}

	/// @dev Neither other signers nor another leaf nor more waiting make it a different handover.
	function test_postTwice() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _handover(2));
		Update memory update = _handover(2);
		_sign(update, 14);
		vm.warp(block.timestamp + 1 days);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.AlreadyPosted.selector, id));
		_client.post(0, update);
	}

	/// @dev Two handovers to set 3, and the same handover to set 4 on each.
	function test_postTwiceOnAnotherBase() public {
		_warpTooOld();
		bytes32 first = _client.post(0, _handover(2));
		bytes32 second = _client.post(0, _quick(9));
		bytes32 id = _client.post(first, _handover(3));
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.AlreadyPosted.selector, id));
		_client.post(second, _handover(3));
	}

	function test_repostVetoed() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		_veto(id);
		Update memory update = _forged(2, 0);
		_sign(update, 14);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.AlreadyPosted.selector, id));
		_client.post(0, update);
	}

	function test_postHugeSet() public {
		_warpTooOld();
		MmrLeaf[] memory leaves = _leaves(1);
		bytes32 root = _set(3, N).root;
		(leaves[0].nextSetId, leaves[0].nextSetLength, leaves[0].nextSetRoot) = (3, type(uint32).max, root);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.InvalidSet.selector, type(uint32).max, root));
		_client.post(0, _update(leaves, 2));
	}

	// --- activating

	function test_activateNothing() public {
		vm.expectRevert(OpenBeefyClient.EmptyPath.selector);
		_client.activate(new bytes32[](0));
	}

	function test_activateUnknown() public {
		_warpTooOld();
		bytes32[] memory path = _postTrue(0, 2, 2);
		vm.warp(block.timestamp + VETO);
		bytes32 nothing = keccak256("nothing");
		_refusedPath(OpenBeefyClient.NotPosted.selector, nothing, _one(nothing));
		_refusedPath(OpenBeefyClient.NotPosted.selector, nothing, _two(path[0], nothing));
	}

	function _refusedAsEarly(bytes32 id, uint256 until, bytes32[] memory path) private {
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.VetoPeriodRuns.selector, id, until));
		_client.activate(path);
	}

	function test_activateTooEarly() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		uint256 until = block.timestamp + VETO;
		_refusedAsEarly(id, until, _one(id));
		vm.warp(until - 1);
		_refusedAsEarly(id, until, _one(id));
	}

	/// @dev The attacker posts a way to its set and what follows; guardians veto the way. When what follows has waited
	/// long enough, the attacker posts another way to the same set and activates both at once.
	function test_youngHandoverBelowAnOldOne() public {
		_warpTooOld();
		bytes32 way = _client.post(0, _forged(2, 0));
		bytes32 rest = _client.post(way, _forgedOn(3));
		_veto(way);
		vm.warp(block.timestamp + VETO);
		bytes32 otherWay = _client.post(0, _forged(2, 1));
		vm.assertTrue(otherWay != way);
		_refusedAsEarly(otherWay, block.timestamp + VETO, _two(otherWay, rest));
		_veto(otherWay);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.IsVetoed.selector, otherWay, _two(otherWay, rest));
	}

	function test_youngHandoverAboveAnOldOne() public {
		_warpTooOld();
		bytes32 old = _client.post(0, _handover(2));
		vm.warp(block.timestamp + VETO);
		bytes32 young = _client.post(old, _small(3, 3, ATTACKERS + 4, N, 0));
		_refusedAsEarly(young, block.timestamp + VETO, _two(old, young));
	}

	function test_activateVetoed() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		_veto(id);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.IsVetoed.selector, id, _one(id));
	}

	function test_activateOnVetoed() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		bytes32 on = _client.post(id, _forgedOn(3));
		_veto(id);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.IsVetoed.selector, id, _two(id, on));
		_refusedPath(OpenBeefyClient.NotNext.selector, on, _one(on));
	}

	/// @dev The attacker's set has the same id as the true one, and nothing else of it.
	function test_poisonedBranch() public {
		_warpTooOld();
		bytes32 bad = _client.post(0, _forged(2, 0));
		bytes32 worse = _client.post(bad, _forgedOn(3));
		bytes32[] memory path = _postTrue(0, 2, 3);
		_veto(bad);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, worse, _two(path[0], worse));
		_client.activate(path);
		_refusedPath(OpenBeefyClient.NotNext.selector, worse, _one(worse));
	}

	function test_wrongOrder() public {
		_warpTooOld();
		bytes32[] memory path = _postTrue(0, 2, 3);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, path[1], _two(path[1], path[0]));
	}

	function test_gap() public {
		_warpTooOld();
		bytes32[] memory path = _postTrue(0, 2, 4);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, path[2], _two(path[0], path[2]));
		_refusedPath(OpenBeefyClient.NotNext.selector, path[1], _one(path[1]));
	}

	/// @dev The same validators in every session: nothing but the id tells their sets apart.
	function test_gapBetweenEqualSets() public {
		bytes32[] memory path = new bytes32[](4);
		ValidatorSet memory next = _set(1, N);
		next.id = 2;
		_client = new OpenBeefyClient(_set(1, N), next, 0, _timing(), _guardians(), 2);
		_warpTooOld();
		for (uint64 id = 2; id < 6; ++id) {
			path[id - 2] = _client.post(id == 2 ? bytes32(0) : path[id - 3], _small(id, 1, 1, N, 0));
		}
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, path[2], _two(path[0], path[2]));
		_refusedPath(OpenBeefyClient.NotNext.selector, path[0], _two(path[0], path[0]));
		_refusedPath(OpenBeefyClient.NotNext.selector, path[3], _one(path[3]));
		_client.activate(path);
		vm.assertEq(_client.currentSet().id, 5);
	}

	/// @dev Two handovers to sets with the same root, one of which has a length that does not fit it.
	function test_joinByRootAlone() public {
		_warpTooOld();
		bytes32 good = _client.post(0, _small(2, 2, 3, N, 0));
		bytes32 on = _client.post(good, _small(3, 3, 4, N, 0));
		Update memory odd = _small(2, 2, 3, N, 0);
		odd.leaf.nextSetLength = 5;
		odd.mmrRoot = keccak256(Trees.encodeLeaf(odd.leaf));
		_sign(odd, 7);
		bytes32 bad = _client.post(0, odd);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, on, _two(bad, on));
		_client.activate(_two(good, on));
	}

	function test_twiceInAPath() public {
		_warpTooOld();
		bytes32[] memory path = _postTrue(0, 2, 2);
		vm.warp(block.timestamp + VETO);
		_refusedPath(OpenBeefyClient.NotNext.selector, path[0], _two(path[0], path[0]));
	}

	function test_activateTwice() public {
		_warpTooOld();
		bytes32[] memory path = _postTrue(0, 2, 3);
		vm.warp(block.timestamp + VETO);
		_client.activate(path);
		_refusedPath(OpenBeefyClient.NotNext.selector, path[0], path);
	}

	/// @dev A handover that nobody noticed waits until the client is fresh again. The sets that it fits are gone by
	/// then.
	function test_activateAfterTheStateMoved() public {
		_warpTooOld();
		bytes32 bad = _client.post(0, _forged(2, 0));
		bytes32[] memory path = _postTrue(0, 2, 127);
		vm.warp(block.timestamp + VETO);
		_client.activate(path);
		_client.submit(_handover(128));
		_refusedPath(OpenBeefyClient.NotNext.selector, bad, _one(bad));
	}

	/// @dev Everything that is posted is true, but only a part of it is activated. If that made the client as fresh as
	/// the posting was, the keys of the set after that part, long without stake, could sign what nobody can veto.
	function test_truncatedPathAndOldKeys() public {
		vm.warp(START + 40 days);
		bytes32[] memory path = _postTrue(0, 2, 10);
		vm.warp(block.timestamp + VETO);
		_client.activate(_two(path[0], path[1]));
		vm.assertEq(_client.currentSet().id, 3);
		uint256 deadline = START + 2 * SESSION + SESSION + MAX_AGE;
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.TooOld.selector, deadline));
		_client.submit(_forged(4, 0));
	}

	// --- vetoing

	function test_vetoAsNobody() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _handover(2));
		vm.expectRevert(abi.encodeWithSelector(Guarded.NotGuardian.selector, address(this)));
		_client.veto(id);
	}

	function test_vetoAlone() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _handover(2));
		vm.prank(ANN);
		_client.veto(id);
		vm.expectRevert(abi.encodeWithSelector(Guarded.AlreadyVoted.selector, ANN));
		vm.prank(ANN);
		_client.veto(id);
		vm.assertFalse(_client.posted(id).vetoed);
	}

	function test_vetoTwice() public {
		_warpTooOld();
		bytes32 id = _client.post(0, _forged(2, 0));
		_veto(id);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.IsVetoed.selector, id));
		vm.prank(BEN);
		_client.veto(id);
	}

	function test_vetoTooLate() public {
		_warpTooOld();
		bytes32 other = _client.post(0, _quick(9));
		bytes32[] memory path = _postTrue(0, 2, 3);
		vm.warp(block.timestamp + VETO);
		_client.activate(_one(path[0]));
		bytes32[2] memory past = [path[0], other];
		for (uint256 i = 0; i < 2; ++i) {
			vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.IsPast.selector, past[i]));
			vm.prank(ANN);
			_client.veto(past[i]);
		}
		_veto(path[1]);
	}

	function test_vetoNothing() public {
		bytes32 nothing = keccak256("nothing");
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NotPosted.selector, nothing));
		vm.prank(ANN);
		_client.veto(nothing);
	}
}
