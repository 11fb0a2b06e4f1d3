// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "./BeefyCodec.sol";
import {Guarded} from "./Guarded.sol";
import {OpenBeefyClient} from "./OpenBeefyClient.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @notice The two ways across the bridge, as the chain sees them.
enum Direction {
	/// Into the chain: `lock`.
	Inbound,
	/// Out of the chain: `unlock`.
	Outbound
}

/// @notice What the vault lets through.
/// @param minLock The smallest amount that can be locked.
/// @param dailyFloor How much can be unlocked in a day at least.
/// @param dailyShareBps How much of what is locked can be unlocked in a day, in hundredths of a percent, where that is
/// more.
struct Limits {
	uint256 minLock;
	uint256 dailyFloor;
	uint256 dailyShareBps;
}

/// @notice A message of the chain that unlocks tokens, with its proofs.
/// @param nonce The number of the message.
/// @param recipient Who gets the tokens.
/// @param amount How many.
/// @param proof The proof that the message is among those of its block.
/// @param leaf The leaf of that block. Its `extra` is ignored: it is computed from the message and `proof`.
/// @param blockNumber The block of a root that the client knows.
/// @param leafProof The proof that the leaf is under that root.
struct Withdrawal {
	uint64 nonce;
	address recipient;
	uint256 amount;
	bytes32[] proof;
	MmrLeaf leaf;
	uint32 blockNumber;
	bytes32[] leafProof;
}

/// @title The vault in which OPEN is locked while it is on the OpenLedger chain
/// @notice Takes tokens in for anybody, and gives them out for messages that the chain's validators have signed for,
/// within a daily limit. It has no owner and cannot be upgraded. Guardians can halt a direction for a few days, a few
/// times, and nothing else.
/// @dev Tokens that are transferred to it without `lock` belong to nobody and stay.
contract OpenVault is Guarded, ReentrancyGuardTransient {
	using BitMaps for BitMaps.BitMap;
	using SafeERC20 for IERC20;

	/// @dev Halts of a direction.
	/// @param until When the last one ends.
	/// @param count How many there have been.
	struct Halts {
		uint48 until;
		uint48 count;
	}

	/// @dev The daily limit, a bucket that refills in a day.
	/// @param level How much the last unlock left in it.
	/// @param time When that was.
	struct Bucket {
		uint128 level;
		uint48 time;
	}

	/// @notice How long a halt lasts.
	uint256 public constant HALT_PERIOD = 7 days;
	/// @notice How often each direction can be halted in the life of the vault.
	uint256 public constant MAX_HALTS = 12;
	/// @notice Votes for a halt count together for this long, and a running halt can be renewed in this last part of
	/// it.
	uint256 public constant VOTE_PERIOD = 1 days;
	uint256 private constant DAY = 1 days;
	uint256 private constant ALL_BPS = 10_000;

	/// @notice OPEN.
	IERC20 public immutable token;
	/// @notice What knows the chain's signed roots.
	OpenBeefyClient public immutable client;
	/// @notice What messages are for: this vault on this L1, and this chain. No message is valid in two places.
	bytes32 public immutable domain;
	/// @notice The smallest amount that can be locked.
	uint256 public immutable minLock;
	/// @notice How much can be unlocked in a day at least.
	uint256 public immutable dailyFloor;
	/// @notice How much of what is locked can be unlocked in a day, in hundredths of a percent, where that is more.
	uint256 public immutable dailyShareBps;

	uint128 private _locked;
	uint64 private _lastNonce;
	Bucket private _bucket;
	mapping(Direction direction => Halts halts) private _halts;
	BitMaps.BitMap private _unlocked;

	/// @notice Tokens were locked; the chain's client of Ethereum proves this event to it.
	/// @param nonce The number of the deposit: 1 for the first, one more for each.
	/// @param from Who paid.
	/// @param recipient The account on the chain, or the chain's genesis hash to back its genesis.
	/// @param amount How many tokens.
	event Locked(uint64 indexed nonce, address indexed from, bytes32 indexed recipient, uint256 amount);
	/// @notice Tokens were unlocked.
	/// @param nonce The number of the message.
	/// @param recipient Who got them.
	/// @param amount How many.
	event Unlocked(uint64 indexed nonce, address indexed recipient, uint256 amount);
	/// @notice A guardian voted for a halt.
	/// @param direction The direction.
	/// @param guardian Who voted.
	// Votes are few, and whoever reads one reads them all.
	// slither-disable-next-line unindexed-event-address
	event HaltCast(Direction direction, address guardian);
	/// @notice A direction is halted.
	/// @param direction The direction.
	/// @param until Until when.
	event Halted(Direction direction, uint64 until);

	/// @notice An address or a hash is missing, or limits would let nothing through.
	error InvalidConfiguration();
	/// @notice The guardians have halted this direction.
	/// @param direction The direction.
	/// @param until Until when.
	error DirectionHalted(Direction direction, uint48 until);
	/// @notice This direction has been halted as often as it can be.
	/// @param direction The direction.
	error NoHaltsLeft(Direction direction);
	/// @notice Nobody has this address, or it is the vault's or the token's.
	error InvalidRecipient();
	/// @notice The amount is too small to be locked.
	/// @param amount The amount.
	/// @param minimum The smallest that can be.
	error BelowMinimum(uint256 amount, uint256 minimum);
	/// @notice The token did not transfer what was asked for.
	/// @param received What arrived.
	/// @param amount What should have.
	error InexactTransfer(uint256 received, uint256 amount);
	/// @notice This message was executed before.
	/// @param nonce Its number.
	error AlreadyUnlocked(uint64 nonce);
	/// @notice The message, or the leaf of its block, is not what the chain's validators signed for.
	error InvalidProof();
	/// @notice The daily limit, or what is locked, leaves less than this. The limit refills over a day.
	/// @param amount The amount.
	/// @param available What is left now.
	error AboveLimit(uint256 amount, uint256 available);

	/// @notice Everything that is given here holds for ever.
	/// @param token_ OPEN.
	/// @param client_ What knows the chain's signed roots.
	/// @param genesisHash The hash of the chain's genesis block.
	/// @param limits What the vault lets through.
	/// @param guardians_ Who may halt a direction.
	/// @param threshold_ How many of them it takes.
	constructor(
		IERC20 token_,
		OpenBeefyClient client_,
		bytes32 genesisHash,
		Limits memory limits,
		address[] memory guardians_,
		uint256 threshold_
	) Guarded(guardians_, threshold_) {
		if (
			address(token_).code.length == 0 || address(client_).code.length == 0 || genesisHash == bytes32(0)
				|| limits.minLock == 0 || limits.dailyFloor == 0 || limits.dailyShareBps > ALL_BPS
		) revert InvalidConfiguration();
		token = token_;
		client = client_;
		domain = keccak256(abi.encode(keccak256("openledger/bridge/1"), block.chainid, address(this), genesisHash));
		minLock = limits.minLock;
		dailyFloor = limits.dailyFloor;
		dailyShareBps = limits.dailyShareBps;
		_bucket = Bucket({level: SafeCast.toUint128(limits.dailyFloor), time: Time.timestamp()});
	}

	/// @notice Locks tokens of the caller, who has approved them before; the chain mints as many to `recipient`.
	/// @param recipient An account on the chain.
	/// @param amount How many tokens.
	function lock(bytes32 recipient, uint256 amount) external nonReentrant {
		_requireRunning(Direction.Inbound);
		if (recipient == bytes32(0)) revert InvalidRecipient();
		if (amount < minLock) revert BelowMinimum(amount, minLock);

		// What is minted on the chain is what arrives here, whatever the token does.
		uint256 before = token.balanceOf(address(this));
		token.safeTransferFrom(msg.sender, address(this), amount);
		uint256 received = token.balanceOf(address(this)) - before;
		if (received != amount) revert InexactTransfer(received, amount);

		_locked += SafeCast.toUint128(amount);
		uint64 nonce = ++_lastNonce;
		emit Locked(nonce, msg.sender, recipient, amount);
	}

	/// @notice Executes a message of the chain, for whoever pays the gas.
	/// @param withdrawal The message and its proofs.
	function unlock(Withdrawal calldata withdrawal) external nonReentrant {
		_requireRunning(Direction.Outbound);
		uint64 nonce = withdrawal.nonce;
		address recipient = withdrawal.recipient;
		uint256 amount = withdrawal.amount;
		if (_unlocked.get(nonce)) revert AlreadyUnlocked(nonce);
		if (recipient == address(0) || recipient == address(this) || recipient == address(token)) {
			revert InvalidRecipient();
		}
		if (!_isProven(withdrawal)) revert InvalidProof();

		uint256 level = _level();
		uint256 left = Math.min(level, _locked);
		if (amount > left) revert AboveLimit(amount, left);
		_bucket = Bucket({level: SafeCast.toUint128(level - amount), time: Time.timestamp()});
		_locked -= SafeCast.toUint128(amount);
		_unlocked.set(nonce);

		token.safeTransfer(recipient, amount);
		emit Unlocked(nonce, recipient, amount);
	}

	/// @notice A guardian's vote to halt a direction. With enough of them within `VOTE_PERIOD` it is halted for
	/// `HALT_PERIOD`, at most `MAX_HALTS` times; a running halt can be renewed in its last `VOTE_PERIOD`, without a
	/// gap.
	/// @param direction The direction.
	function halt(Direction direction) external {
		Halts memory halts = _halts[direction];
		if (halts.count >= MAX_HALTS) revert NoHaltsLeft(direction);
		// Votes that come after the last one that was needed must not use up another halt.
		if (halts.until > block.timestamp + VOTE_PERIOD) revert DirectionHalted(direction, halts.until);

		emit HaltCast(direction, msg.sender);
		if (_vote(bytes32(uint256(direction)), VOTE_PERIOD)) {
			uint48 until = SafeCast.toUint48(Math.max(halts.until, block.timestamp) + HALT_PERIOD);
			_halts[direction] = Halts({until: until, count: halts.count + 1});
			emit Halted(direction, until);
		}
	}

	/// @notice How much can be unlocked now; zero while that direction is halted.
	/// @return How many tokens.
	function available() external view returns (uint256) {
		if (_halts[Direction.Outbound].until > block.timestamp) return 0;
		return Math.min(_level(), _locked);
	}

	/// @notice What is locked: what was locked less what was unlocked.
	/// @return How many tokens.
	function locked() external view returns (uint256) {
		return _locked;
	}

	/// @notice The number that the next deposit will have.
	/// @return The nonce.
	function nextNonce() external view returns (uint64) {
		return _lastNonce + 1;
	}

	/// @notice Whether a message was executed.
	/// @param nonce Its number.
	/// @return Whether it was.
	function isUnlocked(uint64 nonce) external view returns (bool) {
		return _unlocked.get(nonce);
	}

	/// @notice When the last halt of a direction ends, or has ended.
	/// @param direction The direction.
	/// @return The time, zero if it was never halted.
	function haltedUntil(Direction direction) external view returns (uint48) {
		return _halts[direction].until;
	}

	/// @notice How often a direction has been halted.
	/// @param direction The direction.
	/// @return How often, at most `MAX_HALTS`.
	function haltCount(Direction direction) external view returns (uint48) {
		return _halts[direction].count;
	}

	function _requireRunning(Direction direction) private view {
		uint48 until = _halts[direction].until;
		if (until > block.timestamp) revert DirectionHalted(direction, until);
	}

	/// @dev Whether the message is in its block's tree, whose root is in that block's leaf, which is under a signed
	/// root. Where the leaf stands is of no account: the nonce alone says which message it is. A leaf without messages
	/// has zero there, which no proof leads to.
	function _isProven(Withdrawal calldata withdrawal) private view returns (bool) {
		// Hashed twice, so that no inner node of the tree can be passed off as a message.
		bytes32 message = keccak256(
			bytes.concat(keccak256(abi.encode(domain, withdrawal.nonce, withdrawal.recipient, withdrawal.amount)))
		);
		MmrLeaf memory leaf = withdrawal.leaf;
		leaf.extra = MerkleProof.processProofCalldata(withdrawal.proof, message);
		return client.verifyLeaf(withdrawal.blockNumber, leaf, withdrawal.leafProof);
	}

	/// @dev What is in the bucket now. It holds a day's capacity, which follows what is locked.
	function _level() private view returns (uint256) {
		Bucket memory bucket = _bucket;
		uint256 capacity = Math.max(dailyFloor, uint256(_locked) * dailyShareBps / ALL_BPS);
		uint256 refill = (block.timestamp - bucket.time) * capacity / DAY;
		return Math.min(bucket.level + refill, capacity);
	}
}
