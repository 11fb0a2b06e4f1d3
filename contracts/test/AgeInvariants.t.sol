// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenBeefyClient, Timing, Update} from "../src/OpenBeefyClient.sol";
import {Chain} from "./support/Chain.sol";
import {Test} from "./support/Test.sol";

/// @notice The chain, honest relayers, guardians who look at least every six days, and an attacker who has the keys of
/// every set as soon as its stake is gone, in any order. The chain may stand still, the relayers may be away, and time
/// passes.
contract AgeActors is Chain {
	/// @dev Days instead of hours, so that months take few sessions. One validator per set.
	uint48 private constant LENGTH = 1 days;
	uint256 private constant BONDING = 28 days;
	uint256 private constant START = 1_000 days;
	/// @dev The attacker's own keys for the set k are those of set `ATTACKERS + k`.
	uint64 private constant ATTACKERS = 1_000_000;

	OpenBeefyClient public client;
	uint256 public directAttacks;
	uint256 public forgedPosts;
	uint256 public activations;
	uint256 public stoodStill;

	/// @dev When each session began, from 1 on; the last one runs until the next one begins.
	uint256[] private _begun;
	uint256 private _nextBegins = START - LENGTH / 3 + LENGTH;
	uint256 private _now = START;
	bytes32[] private _posted;
	mapping(bytes32 id => bool forged) private _forged;
	bytes32[] private _unjudged;
	/// @dev A handover to each set that honest relayers posted.
	mapping(uint64 setId => bytes32 id) private _ours;

	modifier atThisTime() {
		vm.warp(_now);
		_;
		_now = block.timestamp;
	}

	constructor() {
		vm.warp(START);
		_begun.push(0);
		_begun.push(START - LENGTH / 3);
		Timing memory timing = Timing({sessionSeconds: LENGTH, maxAge: MAX_AGE, vetoPeriod: VETO});
		client = new OpenBeefyClient(_set(1, 1), _set(2, 1), 0, timing, _guardians(), 2);
	}

	// --- what is true

	/// @notice The session that runs.
	function session() public view returns (uint64) {
		return uint64(_begun.length - 1);
	}

	/// @notice When a set's session ended; later than now if it has not.
	function endOf(uint64 setId) public view returns (uint256) {
		return setId < session() ? _begun[setId + 1] : type(uint256).max;
	}

	function time() external view returns (uint256) {
		return _now;
	}

	/// @notice Whether the client has the chain's own sets.
	function clientIsTrue() external view returns (bool) {
		uint64 id = client.currentSet().id;
		return client.currentSet().root == _set(id, 1).root && client.nextSet().root == _set(id + 1, 1).root
			&& client.nextSet().id == id + 1 && id <= session();
	}

	function _isStale() private view returns (bool) {
		return block.timestamp > uint256(client.officeSince()) + LENGTH + MAX_AGE;
	}

	// --- time

	/// @dev Guardians wake up every six days at least and veto what is not of the chain.
	function _pass(uint256 seconds_, bool standing) private {
		while (seconds_ > 0) {
			uint256 step = seconds_ < 6 days ? seconds_ : 6 days;
			seconds_ -= step;
			vm.warp(block.timestamp + step);
			if (standing) _nextBegins += step;
			for (; block.timestamp >= _nextBegins; _nextBegins += LENGTH) {
				_begun.push(_nextBegins);
			}
			_judge();
		}
	}

	function _judge() private {
		for (uint256 i = 0; i < _unjudged.length; ++i) {
			// Another set took office there; what is past has no effect any more.
			if (client.posted(_unjudged[i]).setId <= client.currentSet().id) continue;
			vm.prank(ANN);
			client.veto(_unjudged[i]);
			vm.prank(BEN);
			client.veto(_unjudged[i]);
		}
		delete _unjudged;
	}

	function wait(uint256 seconds_) external atThisTime {
		_pass(_within(seconds_, 1 hours, 4 days), false);
	}

	function waitLong(uint256 seconds_) external atThisTime {
		_pass(_within(seconds_, 10 days, 30 days), false);
	}

	/// @dev No blocks for a while, so the session that runs is that much longer.
	function standStill(uint256 seconds_) external atThisTime {
		seconds_ = _within(seconds_, 1 hours, 4 days);
		stoodStill += seconds_;
		_pass(seconds_, true);
	}

	// --- relayers

	function relay(uint256 count) external atThisTime {
		count = _within(count, 1, 12);
		for (uint256 i = 0; i < count && !_isStale(); ++i) {
			uint64 next = client.currentSet().id + 1;
			if (next > session()) break;
			client.submit(_small(next, next, next + 1, 1, 0));
		}
	}

	function update(uint256 root) external atThisTime {
		if (block.timestamp > uint256(client.officeSince()) + MAX_AGE) return;
		Update memory update_;
		update_.setId = client.currentSet().id;
		update_.mmrRoot = keccak256(abi.encode("true", root));
		update_.blockNumber = client.latestBlock() + 1;
		update_.validators = _validators(update_.setId, 1);
		_sign(update_, 1);
		client.submit(update_);
	}

	function _post(bytes32 base, Update memory handover, bool forged) private returns (bytes32 id) {
		try client.post(base, handover) returns (bytes32 id_) {
			id = id_;
			_posted.push(id);
			if (!forged) return id;
			++forgedPosts;
			_forged[id] = true;
			_unjudged.push(id);
		} catch {}
	}

	/// @dev Posts what comes after the live state or after what was posted before.
	function postTrue(uint256 count, uint256 variant) external atThisTime {
		if (!_isStale()) return;
		count = _within(count, 1, 40);
		uint64 next = client.currentSet().id + 1;
		bytes32 base = 0;
		for (uint256 posted = 0; posted < count && next <= session(); ++next) {
			if (_ours[next] == 0) {
				_ours[next] = _post(base, _small(next, next, next + 1, 1, 1 + variant % 3), false);
				if (_ours[next] == 0) return;
				++posted;
			}
			base = _ours[next];
		}
	}

	function activateTrue(uint256 count) external atThisTime {
		_activateTrue(_within(count, 1, 60));
	}

	function _activateTrue(uint256 most) private {
		uint64 first = client.currentSet().id + 1;
		uint256 count = 0;
		while (count < most && _isRipe(_ours[first + uint64(count)])) ++count;
		if (count == 0) return;
		bytes32[] memory path = new bytes32[](count);
		for (uint64 i = 0; i < count; ++i) {
			path[i] = _ours[first + i];
		}
		client.activate(path);
		++activations;
	}

	function _isRipe(bytes32 id) private view returns (bool) {
		return id != 0 && block.timestamp >= uint256(client.posted(id).postedAt) + VETO;
	}

	// --- the attacker

	function _stakeIsGone(uint64 setId) private view returns (bool) {
		return setId < session() && block.timestamp > endOf(setId) + BONDING;
	}

	/// @dev Whatever old keys sign directly is refused.
	function attackDirectly(bool handover, uint256 variant) external atThisTime {
		uint64 setId = client.currentSet().id + (handover ? 1 : 0);
		if (!_stakeIsGone(setId)) return;
		++directAttacks;
		Update memory update_ = _small(setId, setId, ATTACKERS + setId + 1, 1, variant);
		update_.blockNumber = client.latestBlock() + 1;
		if (handover) update_.blockNumber = 1;
		_sign(update_, 1);
		try client.submit(update_) {
			vm.assertTrue(false, "keys without stake were heard");
		} catch (bytes memory reason) {
			vm.assertTrue(bytes4(reason) == OpenBeefyClient.TooOld.selector, "refused for another reason");
		}
	}

	/// @dev Old keys hand over to the attacker, and the attacker's set to the attacker's next one.
	function attackByPosting(uint256 length, uint256 variant) external atThisTime {
		uint64 setId = client.currentSet().id + 1;
		if (!_stakeIsGone(setId) || !_isStale()) return;
		bytes32 base = _post(0, _small(setId, setId, ATTACKERS + setId + 1, 1, 100 + variant % 50), true);
		for (length = _within(length, 0, 3); length > 0 && base != 0; --length) {
			++setId;
			base = _post(base, _small(setId, ATTACKERS + setId, ATTACKERS + setId + 1, 1, 0), true);
		}
	}

	/// @dev Old keys sign what is true, in another variant, to get in the relayers' way.
	function attackByTruth(uint256 count, uint256 variant) external atThisTime {
		uint64 setId = client.currentSet().id + 1;
		if (setId > session() || !_isStale()) return;
		bytes32 base = 0;
		for (count = _within(count, 1, 3); count > 0 && setId <= session(); --count) {
			base = _post(base, _small(setId, setId, setId + 1, 1, 10 + variant % 50), false);
			if (base == 0) return;
			++setId;
		}
	}

	/// @dev Anybody activates any of what was posted, in any order.
	function attackByActivating(uint256[3] calldata picks, uint256 count) external atThisTime {
		if (_posted.length == 0) return;
		bytes32[] memory path = new bytes32[](_within(count, 1, 3));
		for (uint256 i = 0; i < path.length; ++i) {
			path[i] = _posted[_posted.length - 1 - picks[i] % _posted.length];
		}
		try client.activate(path) {
			++activations;
			for (uint256 i = 0; i < path.length; ++i) {
				vm.assertFalse(_forged[path[i]], "a forged handover took effect");
			}
		} catch {}
	}

	// --- afterwards

	/// @notice Whatever happened, relayers bring the client up to the chain again: directly, or by posting once and
	/// waiting. Where the chain stood still for so long that two weeks later is too late for `submit` again, up to the
	/// session in which they posted.
	/// @return reached The session that they must have come to.
	function recover() external atThisTime returns (uint64 reached) {
		reached = session();
		if (_isStale()) {
			bytes32 base = 0;
			for (uint64 next = client.currentSet().id + 1; next <= reached; ++next) {
				if (_ours[next] == 0) _ours[next] = _post(base, _small(next, next, next + 1, 1, 0), false);
				base = _ours[next];
			}
			_pass(VETO, false);
			_activateTrue(type(uint256).max);
			if (stoodStill < MAX_AGE - VETO - LENGTH) reached = session();
		}
		while (!_isStale() && client.currentSet().id < session()) {
			uint64 next = client.currentSet().id + 1;
			client.submit(_small(next, next, next + 1, 1, 0));
		}
	}
}

contract AgeInvariantsTest is Test {
	AgeActors private _actors;

	function setUp() public {
		_actors = new AgeActors();
	}

	/// @notice What forge calls at random.
	function targetContracts() external view returns (address[] memory) {
		return _one(address(_actors));
	}

	struct FuzzSelector {
		address addr;
		bytes4[] selectors;
	}

	/// @notice All but what comes afterwards.
	function targetSelectors() external view returns (FuzzSelector[] memory list) {
		list = new FuzzSelector[](1);
		list[0].addr = address(_actors);
		list[0].selectors = new bytes4[](11);
		list[0].selectors[0] = AgeActors.wait.selector;
		list[0].selectors[1] = AgeActors.waitLong.selector;
		list[0].selectors[2] = AgeActors.standStill.selector;
		list[0].selectors[3] = AgeActors.relay.selector;
		list[0].selectors[4] = AgeActors.update.selector;
		list[0].selectors[5] = AgeActors.postTrue.selector;
		list[0].selectors[6] = AgeActors.activateTrue.selector;
		list[0].selectors[7] = AgeActors.attackDirectly.selector;
		list[0].selectors[8] = AgeActors.attackByPosting.selector;
		list[0].selectors[9] = AgeActors.attackByTruth.selector;
		list[0].selectors[10] = AgeActors.attackByActivating.selector;
	}

	/// forge-config: default.invariant.fail-on-revert = true
	function invariant_age() public view {
		OpenBeefyClient client = _actors.client();
		vm.assertTrue(_actors.clientIsTrue(), "the client has sets that the chain never had");
		// The bound errs towards older only.
		vm.assertLe(client.officeSince(), _actors.time());
		vm.assertLe(client.officeSince(), _actors.endOf(client.currentSet().id));
	}

	function afterInvariant() external {
		uint64 reached = _actors.recover();
		vm.assertTrue(_actors.clientIsTrue(), "the client has sets that the chain never had");
		vm.assertGe(_actors.client().currentSet().id, reached);
	}
}
