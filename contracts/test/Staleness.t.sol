// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {Chain} from "./support/Chain.sol";

/// @notice How the client ages and how it is brought up to date again. Session k of the chain starts at `_startOf(k)`.
contract StalenessTest is Chain {
	uint256 private constant START = 1_000 days;
	OpenBeefyClient private _client;

	function setUp() public {
		vm.warp(START);
		_client = _newClient();
	}

	/// @dev The client was deployed in the middle of session 1.
	function _startOf(uint64 session) private pure returns (uint256) {
		return START + (session - 1) * SESSION - SESSION / 2;
	}

	/// @dev The handover to a session, at its first block.
	function _handover(uint64 session) private pure returns (Update memory) {
		return _quick(uint32(session) * SESSION_BLOCKS);
	}

	/// @dev Posts the handovers from `first` to `last`, each on the one before it.
	function _postAll(bytes32 base, uint64 first, uint64 last) private returns (bytes32[] memory path) {
		path = new bytes32[](last - first + 1);
		for (uint64 session = first; session <= last; ++session) {
			base = _client.post(base, _handover(session));
			path[session - first] = base;
		}
	}

	function _warpTooOld() private {
		vm.warp(START + SESSION + MAX_AGE + 1);
	}

	// --- what is taken at once

	function test_currentSetIsTakenUntilItsDeadline() public {
		vm.warp(START + MAX_AGE);
		_client.submit(_quick(6));
		vm.assertEq(_client.latestBlock(), 6);
		vm.warp(START + MAX_AGE + 1);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.TooOld.selector, START + MAX_AGE));
		_client.submit(_quick(7));
	}

	function test_nextSetIsTakenASessionLonger() public {
		Update memory update = _handover(2);
		_warpTooOld();
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.TooOld.selector, START + SESSION + MAX_AGE));
		_client.submit(update);
		vm.warp(START + SESSION + MAX_AGE);
		_client.submit(update);
		vm.assertEq(_client.currentSet().id, 2);
	}

	function test_officeMovesByASessionPerHandover() public {
		vm.warp(START + 10 days);
		for (uint64 session = 2; session < 30; ++session) {
			_client.submit(_handover(session));
			vm.assertEq(_client.officeSince(), START + (session - 1) * SESSION);
		}
	}

	function test_officeIsNeverInTheFuture() public {
		for (uint64 session = 2; session < 30; ++session) {
			vm.warp(_startOf(session));
			_client.submit(_handover(session));
			vm.assertEq(_client.officeSince(), _startOf(session));
		}
	}

	/// @dev An outage of nearly the whole age is caught up with at once, whatever its length in sessions.
	function test_catchesUpAtOnce() public {
		vm.warp(START + MAX_AGE);
		for (uint64 session = 2; session <= 100; ++session) {
			_client.submit(_handover(session));
		}
		vm.assertEq(_client.currentSet().id, 100);
	}

	// --- what is posted

	function test_postsWhenTooOld() public {
		vm.warp(START + SESSION + MAX_AGE);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.NotTooOld.selector, START + SESSION + MAX_AGE));
		_client.post(0, _handover(2));

		_warpTooOld();
		Update memory update = _handover(2);
		bytes32 id = keccak256(abi.encode(_set(2, N), _set(3, N), update.mmrRoot, update.blockNumber));
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Posted(id, 0, 8, 2);
		vm.assertEq(_client.post(0, update), id);

		OpenBeefyClient.Handover memory posted = _client.posted(id);
		vm.assertEq(posted.signersRoot, _set(2, N).root);
		vm.assertEq(posted.nextRoot, _set(3, N).root);
		vm.assertEq(posted.mmrRoot, update.mmrRoot);
		vm.assertEq(posted.setId, 2);
		vm.assertEq(posted.signersLength, N);
		vm.assertEq(posted.nextLength, N);
		vm.assertEq(posted.blockNumber, 8);
		vm.assertEq(posted.postedAt, block.timestamp);
		vm.assertFalse(posted.vetoed);
	}

	function test_postingChangesNothing() public {
		_warpTooOld();
		_postAll(0, 2, 4);
		vm.assertEq(_client.currentSet().id, 1);
		vm.assertEq(_client.latestBlock(), SESSION_BLOCKS);
		vm.assertEq(_client.officeSince(), START);
		vm.assertEq(_client.rootOf(8), bytes32(0));
	}

	function test_postedHandoverWaits() public {
		_warpTooOld();
		bytes32[] memory path = _postAll(0, 2, 2);
		uint256 until = block.timestamp + VETO;
		vm.warp(until - 1);
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.VetoPeriodRuns.selector, path[0], until));
		_client.activate(path);

		vm.warp(until);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.HandedOver(2);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Activated(path[0]);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Updated(8, _handover(2).mmrRoot, 2);
		_client.activate(path);
		vm.assertEq(abi.encode(_client.currentSet()), abi.encode(_set(2, N)));
		vm.assertEq(abi.encode(_client.nextSet()), abi.encode(_set(3, N)));
		vm.assertEq(_client.rootOf(8), _handover(2).mmrRoot);
		vm.assertEq(_client.latestBlock(), 8);
	}

	/// @dev The relayer was away for a month and the chain was not.
	function test_outageIsOverAfterTheVetoPeriod() public {
		uint64 newest = 181;
		vm.warp(_startOf(newest) + 1 hours);
		bytes32[] memory path = _postAll(0, 2, newest);
		uint256 posted = block.timestamp;
		vm.warp(posted + VETO);
		_client.activate(path);
		vm.assertEq(_client.currentSet().id, newest);
		// The bound would be half a session into the newest one, as the deployment was; but it is not later than the posting.
		vm.assertEq(_client.officeSince(), posted);
		// The two weeks since are taken at once.
		for (uint64 session = newest + 1; session < newest + 20; ++session) {
			_client.submit(_handover(session));
		}
		vm.assertEq(_client.currentSet().id, newest + 19);
	}

	function test_pathMayBeActivatedInParts() public {
		_warpTooOld();
		bytes32[] memory path = _postAll(0, 2, 7);
		vm.warp(block.timestamp + VETO);
		bytes32[] memory first = new bytes32[](2);
		bytes32[] memory rest = new bytes32[](4);
		for (uint256 i = 0; i < 6; ++i) {
			if (i < 2) first[i] = path[i];
			else rest[i - 2] = path[i];
		}
		_client.activate(first);
		vm.assertEq(_client.currentSet().id, 3);
		vm.assertEq(_client.officeSince(), START + 2 * SESSION);
		_client.activate(rest);
		vm.assertEq(_client.currentSet().id, 7);
		vm.assertEq(_client.officeSince(), START + 6 * SESSION);
	}

	/// @dev While the first part waits, the next part is posted on it, and waits its own time.
	function test_postingGoesOnWhileTheFirstPartWaits() public {
		_warpTooOld();
		bytes32[] memory first = _postAll(0, 2, 4);
		uint256 start = block.timestamp;
		vm.warp(start + 1 days);
		bytes32[] memory second = _postAll(first[2], 5, 6);
		vm.warp(start + VETO);
		_client.activate(first);
		vm.expectRevert(
			abi.encodeWithSelector(OpenBeefyClient.VetoPeriodRuns.selector, second[0], start + 1 days + VETO)
		);
		_client.activate(second);
		vm.warp(start + 1 days + VETO);
		_client.activate(second);
		vm.assertEq(_client.currentSet().id, 6);
	}

	/// @dev Somebody activates another handover to the same set; the rest of the path still fits.
	function test_otherWayToTheSameSetSpoilsNothing() public {
		_warpTooOld();
		bytes32 other = _client.post(0, _quick(11));
		bytes32[] memory path = _postAll(0, 2, 4);
		vm.warp(block.timestamp + VETO);
		_client.activate(_one(other));
		vm.assertEq(_client.latestBlock(), 11);
		bytes32[] memory rest = new bytes32[](2);
		(rest[0], rest[1]) = (path[1], path[2]);
		_client.activate(rest);
		vm.assertEq(_client.currentSet().id, 4);
		vm.assertEq(_client.latestBlock(), 16);
	}

	/// @dev Six weeks of handovers fit one transaction of the largest size that Ethereum takes.
	function test_longPathFitsATransaction() public {
		// One validator per set is enough here: what is activated does not depend on it.
		vm.warp(START);
		OpenBeefyClient client = new OpenBeefyClient(_set(1, 1), _set(2, 1), 0, _timing(), _guardians(), 2);
		_warpTooOld();
		bytes32[] memory path = new bytes32[](252);
		bytes32 base = 0;
		for (uint64 id = 2; id < 254; ++id) {
			base = client.post(base, _small(id, id, id + 1, 1, 0));
			path[id - 2] = base;
		}
		vm.warp(block.timestamp + VETO);
		uint256 gas = gasleft();
		client.activate(path);
		gas -= gasleft();
		vm.assertEq(client.currentSet().id, 253);
		// Storage is warm in a test; four cold slots of each handover come on top.
		vm.assertLe(gas + path.length * 4 * 2_000, 1 << 24);
	}

	/// @dev A chain that stands still leaves the client a bit older for ever; it goes on, with the veto period if need
	/// be.
	function test_clientOlderThanTheChainIsNotLocked() public {
		// The chain stood still for 30 days between sessions 2 and 3.
		vm.warp(_startOf(3) + 30 days);
		bytes32[] memory path = _postAll(0, 2, 3);
		vm.warp(block.timestamp + VETO);
		_client.activate(path);
		vm.assertEq(_client.officeSince(), START + 2 * SESSION);
		bytes32[] memory more = _postAll(0, 4, 80);
		vm.warp(block.timestamp + VETO);
		_client.activate(more);
		vm.assertEq(_client.currentSet().id, 80);
	}

	// --- veto

	function _veto(address guardian, bytes32 id) private {
		vm.prank(guardian);
		_client.veto(id);
	}

	function test_guardiansVeto() public {
		_warpTooOld();
		bytes32[] memory path = _postAll(0, 2, 2);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.VetoCast(path[0], ANN);
		_veto(ANN, path[0]);
		vm.assertFalse(_client.posted(path[0]).vetoed);
		// Votes do not lapse, and the veto period may be over as long as nobody has activated.
		vm.warp(block.timestamp + 100 days);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.VetoCast(path[0], BEN);
		vm.expectEmit(address(_client));
		emit OpenBeefyClient.Vetoed(path[0]);
		_veto(BEN, path[0]);
		vm.assertTrue(_client.posted(path[0]).vetoed);
	}

	function test_oneVoteIsNoVeto() public {
		_warpTooOld();
		bytes32[] memory path = _postAll(0, 2, 2);
		_veto(ANN, path[0]);
		vm.warp(block.timestamp + VETO);
		_client.activate(path);
		vm.assertEq(_client.currentSet().id, 2);
	}

	function test_vetoesOfDifferentHandoversAreApart() public {
		_warpTooOld();
		bytes32[] memory path = _postAll(0, 2, 3);
		_veto(ANN, path[0]);
		_veto(BEN, path[1]);
		vm.assertFalse(_client.posted(path[0]).vetoed);
		vm.assertFalse(_client.posted(path[1]).vetoed);
	}

	/// @dev What is true gets through beside what was vetoed, even for the same session.
	function test_vetoDoesNotTouchOtherBranches() public {
		_warpTooOld();
		bytes32 bad = _client.post(0, _small(2, 2, 666, N, 0));
		bytes32[] memory path = _postAll(0, 2, 4);
		_veto(ANN, bad);
		_veto(CAT, bad);
		vm.warp(block.timestamp + VETO);
		_client.activate(path);
		vm.assertEq(_client.currentSet().id, 4);
		vm.assertEq(_client.rootOf(16), _handover(4).mmrRoot);
	}
}
