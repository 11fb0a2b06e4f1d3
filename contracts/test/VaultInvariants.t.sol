// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Direction, OpenVault, Withdrawal} from "../src/OpenVault.sol";
import {Bridge, Message} from "./support/Bridge.sol";
import {Test} from "./support/Test.sol";

/// @notice Everybody who has to do with the vault, in any order: depositors, a chain that queues messages (more than it
/// should, too), relayers, guardians and somebody who sends tokens by mistake. Nothing here may revert but what is
/// expected to.
contract VaultActors is Bridge {
	struct Outflow {
		uint256 time;
		uint256 amount;
	}

	uint256 public deposited = LOCKED;
	uint256 public deposits = 1;
	uint256 public executed;
	uint256 public donated;
	uint256 public largestCapacity = FLOOR;

	Message[] private _queued;
	mapping(uint64 nonce => uint256 times) private _executions;
	mapping(Direction direction => uint256 halts) private _haltsSeen;
	Outflow[] private _outflows;
	uint256 private _now = 1_000 days;

	/// @dev What a call warps is forgotten after it.
	modifier atThisTime() {
		vm.warp(_now);
		_;
		_now = block.timestamp;
	}

	constructor() {
		vm.warp(_now);
		_openBridge(_agelessClient());
	}

	function vault() external view returns (OpenVault) {
		return _vault;
	}

	function vaultBalance() external view returns (uint256) {
		return _token.balanceOf(address(_vault));
	}

	function time() external view returns (uint256) {
		return _now;
	}

	function lock(uint256 amount) external atThisTime {
		amount = _within(amount, MIN_LOCK - 1, 3_000 * OPEN);
		bool halted = _vault.haltedUntil(Direction.Inbound) > block.timestamp;
		try _vault.lock(SOMEBODY, amount) {
			vm.assertTrue(!halted && amount >= MIN_LOCK);
			deposited += amount;
			++deposits;
		} catch {
			vm.assertTrue(halted || amount < MIN_LOCK);
		}
		uint256 capacity = _vault.locked() * SHARE_BPS / 10_000;
		if (capacity > largestCapacity) largestCapacity = capacity;
	}

	/// @dev The chain queues a message, with a new nonce or, which it never should, with one that it has used.
	function queue(uint256 amount, uint256 nonce) external atThisTime {
		_queued.push(
			Message({
				nonce: nonce % 4 == 0 ? uint64(_within(nonce, 1, 600)) : uint64(_queued.length + 1),
				recipient: address(uint160(_within(nonce, 0xE000, 0xE00F))),
				amount: _within(amount, 0, 1_500 * OPEN)
			})
		);
	}

	/// @dev Any message that was ever queued, again and again.
	function unlock(uint256 index) external atThisTime {
		if (_queued.length == 0) return;
		Message memory message = _queued[index % _queued.length];
		Withdrawal memory withdrawal = _queue(_only(message.nonce, message.recipient, message.amount), 0);
		bool halted = _vault.haltedUntil(Direction.Outbound) > block.timestamp;
		bool done = _vault.isUnlocked(message.nonce);
		uint256 left = _vault.available();
		uint256 before = _token.balanceOf(message.recipient);
		try _vault.unlock(withdrawal) {
			vm.assertTrue(!halted && !done && message.amount <= left);
			vm.assertEq(_token.balanceOf(message.recipient), before + message.amount);
			++_executions[message.nonce];
			executed += message.amount;
			_outflows.push(Outflow(block.timestamp, message.amount));
		} catch {
			vm.assertTrue(halted || done || message.amount > left);
			vm.assertEq(_token.balanceOf(message.recipient), before);
		}
		vm.assertLe(_executions[message.nonce], 1);
	}

	function donate(uint256 amount) external atThisTime {
		amount = _within(amount, 0, OPEN);
		donated += amount;
		_token.transfer(address(_vault), amount);
	}

	function halt(bool inbound, uint256 guardian) external atThisTime {
		Direction direction = inbound ? Direction.Inbound : Direction.Outbound;
		uint256 until = _vault.haltedUntil(direction);
		vm.prank(_guardians()[guardian % 3]);
		try _vault.halt(direction) {
			if (_vault.haltedUntil(direction) != until) ++_haltsSeen[direction];
		} catch {}
		vm.assertEq(_vault.haltCount(direction), _haltsSeen[direction]);
		vm.assertLe(_haltsSeen[direction], 12);
		vm.assertLe(_vault.haltedUntil(direction), block.timestamp + 8 days);
	}

	function wait(uint256 seconds_) external atThisTime {
		vm.warp(block.timestamp + _within(seconds_, 0, 12 hours));
	}

	function waitLong(uint256 seconds_) external atThisTime {
		vm.warp(block.timestamp + _within(seconds_, 0, 9 days));
	}

	/// @dev The most that left in any 24 hours.
	function mostInADay() external view returns (uint256 most) {
		for (uint256 i = 0; i < _outflows.length; ++i) {
			uint256 sum = 0;
			for (uint256 k = i; k < _outflows.length && _outflows[k].time <= _outflows[i].time + 1 days; ++k) {
				sum += _outflows[k].amount;
			}
			if (sum > most) most = sum;
		}
	}
}

contract VaultInvariantsTest is Test {
	VaultActors private _actors;

	function setUp() public {
		_actors = new VaultActors();
	}

	/// @notice What forge calls at random.
	function targetContracts() external view returns (address[] memory) {
		return _one(address(_actors));
	}

	/// forge-config: default.invariant.fail-on-revert = true
	function invariant_vault() public {
		vm.warp(_actors.time());
		OpenVault vault = _actors.vault();
		// It holds what is locked, and what nobody owns.
		vm.assertEq(_actors.vaultBalance(), vault.locked() + _actors.donated());
		// Locked is what came in less what went out.
		vm.assertEq(vault.locked(), _actors.deposited() - _actors.executed());
		vm.assertEq(vault.nextNonce(), _actors.deposits() + 1);
		vm.assertLe(vault.available(), vault.locked());
		// What was full, and what refilled.
		vm.assertLe(_actors.mostInADay(), 2 * _actors.largestCapacity());
	}
}
