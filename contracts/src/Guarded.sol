// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title Guardians fixed at deployment, some of whom must agree
/// @notice Counts their votes; what a vote is for, and that nothing else is, is up to the contract that inherits this.
abstract contract Guarded {
	/// @dev The votes on one subject, in one slot of storage.
	/// @param openedAt When the first of them was cast.
	/// @param votes How many there are.
	/// @param seats Whose they are: bit i for the guardian at seat i.
	struct Ballot {
		uint48 openedAt;
		uint80 votes;
		uint128 seats;
	}

	/// @notice How many guardians there can be.
	uint256 public constant MAX_GUARDIANS = 128;

	/// @notice How many of the guardians must agree.
	uint256 public immutable threshold;

	address[] private _guardians;
	/// @dev One more than a guardian's seat; zero for everybody else.
	mapping(address account => uint256 number) private _numbers;
	mapping(bytes32 subject => Ballot ballot) private _ballots;

	/// @notice There are none or too many guardians, one of them is zero or named twice, or the threshold does not fit.
	error InvalidGuardians();
	/// @notice Only guardians may call this.
	/// @param caller Who called.
	error NotGuardian(address caller);
	/// @notice This guardian has a vote on this already.
	/// @param guardian Who called.
	error AlreadyVoted(address guardian);

	/// @notice Guardians and threshold hold for ever.
	/// @param guardians_ Who the guardians are.
	/// @param threshold_ How many of them must agree.
	constructor(address[] memory guardians_, uint256 threshold_) {
		uint256 count = guardians_.length;
		if (count > MAX_GUARDIANS || threshold_ == 0 || threshold_ > count) revert InvalidGuardians();
		for (uint256 i = 0; i < count; ++i) {
			address guardian = guardians_[i];
			if (guardian == address(0) || _numbers[guardian] != 0) revert InvalidGuardians();
			_numbers[guardian] = i + 1;
		}
		_guardians = guardians_;
		threshold = threshold_;
	}

	/// @notice All guardians.
	/// @return Their addresses, in the order of the deployment.
	function guardians() external view returns (address[] memory) {
		return _guardians;
	}

	/// @notice Counts the caller's vote.
	/// @param subject What it is for.
	/// @param lifetime Votes older than this many seconds, counted from the first one, have lapsed.
	/// @return passed Whether enough guardians agree now. The votes are gone then.
	function _vote(bytes32 subject, uint256 lifetime) internal returns (bool passed) {
		uint256 number = _numbers[msg.sender];
		if (number == 0) revert NotGuardian(msg.sender);
		uint128 seat = uint128(1) << SafeCast.toUint8(number - 1);

		Ballot memory ballot = _ballots[subject];
		if (block.timestamp > ballot.openedAt + lifetime) {
			ballot = Ballot({openedAt: Time.timestamp(), votes: 0, seats: 0});
		}
		if (ballot.seats & seat != 0) revert AlreadyVoted(msg.sender);
		ballot.seats |= seat;
		++ballot.votes;

		passed = ballot.votes >= threshold;
		if (passed) {
			delete _ballots[subject];
		} else {
			_ballots[subject] = ballot;
		}
	}
}
