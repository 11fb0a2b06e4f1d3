// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guarded} from "../src/Guarded.sol";
import {Test} from "./support/Test.sol";

contract Counting is Guarded {
	constructor(address[] memory guardians_, uint256 threshold_) Guarded(guardians_, threshold_) {}

	function vote(bytes32 subject, uint256 lifetime) external returns (bool) {
		return _vote(subject, lifetime);
	}
}

contract GuardedTest is Test {
	bytes32 private constant SUBJECT = keccak256("subject");
	bytes32 private constant OTHER = keccak256("other");

	function _accounts(uint256 count) private pure returns (address[] memory list) {
		list = new address[](count);
		for (uint256 i = 0; i < count; ++i) {
			list[i] = address(uint160(1_000 + i));
		}
	}

	function _voteAs(Counting counting, uint256 guardian, uint256 lifetime) private returns (bool) {
		vm.prank(address(uint160(1_000 + guardian)));
		return counting.vote(SUBJECT, lifetime);
	}

	function test_guardiansAndThresholdCanBeRead() public {
		Counting counting = new Counting(_accounts(5), 3);
		vm.assertEq(counting.threshold(), 3);
		vm.assertEq(abi.encode(counting.guardians()), abi.encode(_accounts(5)));
	}

	function test_allSeatsCount() public {
		uint256 all = new Counting(_accounts(1), 1).MAX_GUARDIANS();
		Counting counting = new Counting(_accounts(all), all);
		for (uint256 i = 0; i < all; ++i) {
			vm.assertTrue(_voteAs(counting, i, 1 days) == (i == all - 1));
		}
	}

	function test_refusesNoGuardians() public {
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(_accounts(0), 0);
	}

	function test_refusesTooManyGuardians() public {
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(_accounts(129), 1);
	}

	function test_refusesThresholdZero() public {
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(_accounts(3), 0);
	}

	function test_refusesThresholdAboveGuardians() public {
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(_accounts(3), 4);
	}

	function test_refusesZeroGuardian() public {
		address[] memory list = _accounts(3);
		list[1] = address(0);
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(list, 2);
	}

	function test_refusesSameGuardianTwice() public {
		address[] memory list = _accounts(3);
		list[2] = list[0];
		vm.expectRevert(Guarded.InvalidGuardians.selector);
		new Counting(list, 2);
	}

	function test_oneOfOneDecidesAlone() public {
		Counting counting = new Counting(_accounts(1), 1);
		vm.assertTrue(_voteAs(counting, 0, 1 days));
		vm.assertTrue(_voteAs(counting, 0, 1 days));
	}

	function test_votesAreGoneOnceTheyDecided() public {
		Counting counting = new Counting(_accounts(3), 2);
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.assertTrue(_voteAs(counting, 1, 1 days));
		vm.assertFalse(_voteAs(counting, 2, 1 days));
		vm.assertTrue(_voteAs(counting, 0, 1 days));
	}

	function test_votesOnDifferentSubjectsAreApart() public {
		Counting counting = new Counting(_accounts(3), 2);
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.prank(address(1_001));
		vm.assertFalse(counting.vote(OTHER, 1 days));
		vm.assertTrue(_voteAs(counting, 2, 1 days));
	}

	function test_votesLapse() public {
		vm.warp(100 days);
		Counting counting = new Counting(_accounts(3), 2);
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.warp(101 days + 1);
		vm.assertFalse(_voteAs(counting, 1, 1 days));
		vm.assertTrue(_voteAs(counting, 0, 1 days));
	}

	function test_votesLastUntilTheEndOfTheirLifetime() public {
		vm.warp(100 days);
		Counting counting = new Counting(_accounts(3), 2);
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.warp(101 days);
		vm.assertTrue(_voteAs(counting, 1, 1 days));
	}

	function test_lifetimeCountsFromTheFirstVote() public {
		vm.warp(100 days);
		Counting counting = new Counting(_accounts(3), 3);
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.warp(100 days + 20 hours);
		vm.assertFalse(_voteAs(counting, 1, 1 days));
		vm.warp(101 days + 1);
		vm.assertFalse(_voteAs(counting, 2, 1 days));
		vm.assertFalse(_voteAs(counting, 0, 1 days));
		vm.assertTrue(_voteAs(counting, 1, 1 days));
	}

	/// @dev However often and in whichever order guardians vote, it takes as many different ones as the threshold says.
	function testFuzz_onlyDifferentGuardiansCount(uint256 count, uint256 threshold, uint256[24] calldata order) public {
		count = _within(count, 1, 12);
		threshold = _within(threshold, 1, count);
		Counting counting = new Counting(_accounts(count), threshold);
		uint256 voted = 0;
		uint256 votes = 0;
		for (uint256 i = 0; i < order.length; ++i) {
			uint256 guardian = order[i] % count;
			bool again = (voted >> guardian) & 1 == 1;
			if (again) {
				vm.expectRevert(
					abi.encodeWithSelector(Guarded.AlreadyVoted.selector, address(uint160(1_000 + guardian)))
				);
			}
			bool passed = _voteAs(counting, guardian, 1 days);
			if (again) continue;
			voted |= 1 << guardian;
			++votes;
			vm.assertTrue(passed == (votes == threshold));
			if (passed) (voted, votes) = (0, 0);
		}
	}
}
