// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BeefyCodec, MmrLeaf, ValidatorSet} from "./BeefyCodec.sol";
import {Guarded} from "./Guarded.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {MerkleMountainRange} from "@polytope-labs/solidity-merkle-trees/src/MerkleMountainRange.sol";

/// @notice The clocks of the client, in seconds.
/// @param sessionSeconds No session of the chain is shorter than this.
/// @param maxAge For how long after its session a set's signatures are taken at once. Shorter than the chain's bonding
/// time, so that whoever signs has stake that can still be slashed.
/// @param vetoPeriod How long what comes later waits for a veto.
struct Timing {
	uint48 sessionSeconds;
	uint48 maxAge;
	uint48 vetoPeriod;
}

/// @notice A signed commitment; when the next set signs it, also the leaf that names the set after that one.
/// @param mmrRoot The root that is committed to.
/// @param blockNumber The block after which the mountain range has this root, and so the number of its leaves.
/// @param setId The set that signs: the current or the next one.
/// @param validators All addresses of that set, in its order.
/// @param signers Bit i is set if `validators[i]` signs.
/// @param signatures 65 bytes (r, s, v) for each signer, in the order of the set.
/// @param leaf Only for a handover: any leaf that a block of the signing set's session added.
/// @param leafProof Only for a handover: the proof that this leaf is under `mmrRoot`.
struct Update {
	bytes32 mmrRoot;
	uint32 blockNumber;
	uint64 setId;
	address[] validators;
	uint256 signers;
	bytes signatures;
	MmrLeaf leaf;
	bytes32[] leafProof;
}

/// @title Light client of the OpenLedger chain
/// @notice Knows the newest roots over the chain's blocks that two thirds of its validators have signed. It has no
/// owner and cannot be upgraded; whoever has a signed commitment may submit it.
///
/// Validators who have left and taken their stake with them could sign anything. So `submit` takes signatures only
/// while those who made them can still be slashed. What comes later is not lost: it is posted, waits for `vetoPeriod`,
/// in which guardians can veto what is not of the chain, and is activated. That veto is all that guardians can do.
/// README.md says why this is sound.
contract OpenBeefyClient is Guarded {
	/// @notice A handover that waits for a veto. Its id is the hash of what it does: of its fields before `postedAt`.
	/// @param signersRoot The root of the set that signed it and takes office with it.
	/// @param nextRoot The root of the set after that one.
	/// @param mmrRoot The root that it brings.
	/// @param setId The id of the set that signed it. The set after that one has the next id.
	/// @param signersLength The length of the set that signed it.
	/// @param nextLength The length of the set after that one.
	/// @param blockNumber The block that the root belongs to.
	/// @param postedAt When it was posted; zero if it never was.
	/// @param vetoed Whether it is void.
	struct Handover {
		bytes32 signersRoot;
		bytes32 nextRoot;
		bytes32 mmrRoot;
		uint64 setId;
		uint32 signersLength;
		uint32 nextLength;
		uint32 blockNumber;
		uint48 postedAt;
		bool vetoed;
	}

	/// @notice How many validators a set can have: as many as `Update.signers` has bits.
	uint256 public constant MAX_VALIDATORS = 256;
	/// @notice How many roots are known at a time, so that a proof survives the updates that come while it is on its
	/// way.
	uint8 public constant ROOTS = 16;
	/// @notice By how many sessions `maxAge` is at least longer than `vetoPeriod`: the time to follow on after an
	/// activation.
	uint256 public constant MARGIN_SESSIONS = 6;
	/// @dev The length of r, s and v.
	uint256 private constant SIGNATURE_LENGTH = 65;
	/// @dev Votes for a veto do not lapse.
	uint256 private constant FOR_EVER = type(uint64).max;

	/// @notice No session of the chain is shorter than this, in seconds.
	uint48 public immutable sessionSeconds;
	/// @notice For how many seconds after its session a set's signatures are taken at once.
	uint48 public immutable maxAge;
	/// @notice For how many seconds a posted handover waits for a veto.
	uint48 public immutable vetoPeriod;

	/// @notice The block that the newest root belongs to.
	uint32 public latestBlock;
	/// @notice The session of the current set did not end before this time.
	uint48 public officeSince;
	/// @dev The place of the newest root in the ring.
	uint8 private _newest;

	ValidatorSet private _current;
	ValidatorSet private _next;
	/// @dev The ring: a root and its block have the same place.
	bytes32[ROOTS] private _roots;
	uint32[ROOTS] private _blocks;
	mapping(bytes32 id => Handover handover) private _posted;

	/// @notice A root was accepted.
	/// @param blockNumber The block that it belongs to.
	/// @param mmrRoot The root.
	/// @param setId The set that signed it.
	event Updated(uint32 blockNumber, bytes32 mmrRoot, uint64 setId);
	/// @notice A set took office.
	/// @param setId The set that is the current one now.
	event HandedOver(uint64 setId);
	/// @notice A handover waits for a veto.
	/// @param id Its name in `veto` and `activate`.
	/// @param base The posted handover that it follows; zero for the live state.
	/// @param blockNumber The block that was signed.
	/// @param setId The set that signed.
	event Posted(bytes32 id, bytes32 base, uint32 blockNumber, uint64 setId);
	/// @notice A guardian voted for a veto.
	/// @param id The posted handover.
	/// @param guardian Who voted.
	// Votes are few, and whoever reads one reads them all.
	// slither-disable-next-line unindexed-event-address
	event VetoCast(bytes32 id, address guardian);
	/// @notice A posted handover is void, and with it what can be reached through it alone.
	/// @param id The posted handover.
	event Vetoed(bytes32 id);
	/// @notice A posted handover took effect.
	/// @param id The posted handover.
	event Activated(bytes32 id);

	/// @notice A clock is zero, or `maxAge` leaves no time after `vetoPeriod`.
	error InvalidTiming();
	/// @notice A set is empty, too large or has no root.
	/// @param length How many validators it has.
	/// @param root Its root.
	error InvalidSet(uint32 length, bytes32 root);
	/// @notice It is not signed by a set that may sign it.
	/// @param setId The set that signed.
	error WrongSet(uint64 setId);
	/// @notice The set that follows must have the id after that of the set that signs.
	/// @param setId The id in the leaf.
	error WrongNextSet(uint64 setId);
	/// @notice These are not the validators of the set that signs.
	error WrongValidators();
	/// @notice There are signers beyond the set's validators.
	error SignersOutsideSet();
	/// @notice There is not one signature of 65 bytes for each signer.
	error WrongSignatureCount();
	/// @notice This signature is of somebody else, or over something else.
	/// @param validator Whose signature it should be.
	error WrongSignature(address validator);
	/// @notice Too few validators signed.
	/// @param signed How many did.
	/// @param quorum How many must.
	error NoQuorum(uint256 signed, uint256 quorum);
	/// @notice Nobody commits to zero.
	error ZeroRoot();
	/// @notice The current set's root of this block or a later one is known already.
	/// @param latestBlock The newest block that is known.
	error NotNewer(uint32 latestBlock);
	/// @notice The leaf is not under the root.
	error InvalidLeafProof();
	/// @notice The signatures are too old to be taken at once; post handovers instead.
	/// @param deadline Until when they would have been taken.
	error TooOld(uint256 deadline);
	/// @notice The next handover can still be submitted, so none can be posted.
	/// @param deadline Until when it can.
	error NotTooOld(uint256 deadline);
	/// @notice No handover of this id was posted.
	/// @param id The id.
	error NotPosted(bytes32 id);
	/// @notice A handover that does the same was posted before.
	/// @param id Its id.
	error AlreadyPosted(bytes32 id);
	/// @notice The guardians vetoed this handover.
	/// @param id Its id.
	error IsVetoed(bytes32 id);
	/// @notice The set that this handover brings in has taken office, by it or by another one; a veto would change nothing.
	/// @param id Its id.
	error IsPast(bytes32 id);
	/// @notice Guardians can still veto this handover.
	/// @param id Its id.
	/// @param until Until when.
	error VetoPeriodRuns(bytes32 id, uint256 until);
	/// @notice This handover does not follow the one before it in the path, or the first one the live state.
	/// @param id Its id.
	error NotNext(bytes32 id);
	/// @notice A path has at least one handover.
	error EmptyPath();
	/// @notice No root is known for this block, or no longer.
	/// @param blockNumber The block.
	error UnknownRoot(uint32 blockNumber);

	/// @notice Starts from what the deployer read from the chain; anybody can compare it.
	/// @param current The set in office.
	/// @param next The set after it.
	/// @param blockNumber A block of the current set's session; only later ones of that session are accepted.
	/// @param timing The clocks.
	/// @param guardians_ Who may veto what was posted.
	/// @param threshold_ How many of them it takes.
	constructor(
		ValidatorSet memory current,
		ValidatorSet memory next,
		uint32 blockNumber,
		Timing memory timing,
		address[] memory guardians_,
		uint256 threshold_
	) Guarded(guardians_, threshold_) {
		if (
			timing.sessionSeconds == 0 || timing.vetoPeriod == 0
				|| timing.maxAge < timing.vetoPeriod + MARGIN_SESSIONS * timing.sessionSeconds
		) revert InvalidTiming();
		if (next.id != current.id + 1) revert WrongNextSet(next.id);
		_requireValid(current.length, current.root);
		_requireValid(next.length, next.root);

		sessionSeconds = timing.sessionSeconds;
		maxAge = timing.maxAge;
		vetoPeriod = timing.vetoPeriod;
		_current = current;
		_next = next;
		latestBlock = blockNumber;
		officeSince = Time.timestamp();
		// The root of this block is not known, but that the places are not zero makes the first updates cost what later
		// ones do.
		for (uint256 i = 0; i < ROOTS; ++i) {
			_blocks[i] = blockNumber;
		}
	}

	/// @notice Takes a commitment that the current set signed, or the next one, which then takes office.
	/// @param update The commitment.
	function submit(Update calldata update) external {
		ValidatorSet memory signers = _current;
		bool handover = update.setId != signers.id;
		if (handover) signers = _next;
		if (update.setId != signers.id) revert WrongSet(update.setId);

		uint256 deadline = handover ? _handoverDeadline() : uint256(officeSince) + maxAge;
		if (block.timestamp > deadline) revert TooOld(deadline);

		if (handover) {
			ValidatorSet memory following = _verifyHandover(signers, update);
			_current = signers;
			_next = following;
			officeSince = _sessionLater(officeSince, Time.timestamp());
			emit HandedOver(signers.id);
		} else {
			// Only within a session: whoever is next in office may start anew, so that no set can lock out those after
			// it by signing for a block far ahead, which nobody would be slashed for.
			if (update.blockNumber <= latestBlock) revert NotNewer(latestBlock);
			_verifyCommitment(signers, update);
		}
		_accept(update.blockNumber, update.mmrRoot, update.setId);
	}

	/// @notice Posts a handover that is too late for `submit`. It takes effect through `activate`, unless it is vetoed.
	/// @dev Commitments without a handover have no use here: the root of a handover proves all that came before it.
	/// @param base The posted handover that it follows; zero for the live state.
	/// @param update The handover.
	/// @return id Its name in `veto` and `activate`.
	function post(bytes32 base, Update calldata update) external returns (bytes32 id) {
		uint256 deadline = _handoverDeadline();
		if (block.timestamp <= deadline) revert NotTooOld(deadline);

		ValidatorSet memory signers;
		if (base == bytes32(0)) {
			signers = _next;
		} else {
			Handover memory before = _standing(base);
			signers = ValidatorSet({id: before.setId + 1, length: before.nextLength, root: before.nextRoot});
		}
		if (update.setId != signers.id) revert WrongSet(update.setId);
		ValidatorSet memory following = _verifyHandover(signers, update);

		id = keccak256(abi.encode(signers, following, update.mmrRoot, update.blockNumber));
		if (_posted[id].postedAt != 0) revert AlreadyPosted(id);
		_posted[id] = Handover({
			signersRoot: signers.root,
			nextRoot: following.root,
			mmrRoot: update.mmrRoot,
			setId: signers.id,
			signersLength: signers.length,
			nextLength: following.length,
			blockNumber: update.blockNumber,
			postedAt: Time.timestamp(),
			vetoed: false
		});
		emit Posted(id, base, update.blockNumber, signers.id);
	}

	/// @notice A guardian's vote against a posted handover. With enough of them it is void, for ever.
	/// @param id The posted handover.
	function veto(bytes32 id) external {
		if (_standing(id).setId <= _current.id) revert IsPast(id);
		emit VetoCast(id, msg.sender);
		if (_vote(id, FOR_EVER)) {
			_posted[id].vetoed = true;
			emit Vetoed(id);
		}
	}

	/// @notice Lets posted handovers take effect.
	/// @dev Each of them must have waited, not only the last one: a set may be reached by several handovers, and one
	/// that was posted a moment ago could otherwise slip in below one that has waited. Only sets must fit together, so
	/// nobody can spoil a path by activating a part of it, or by another way to the same sets.
	/// @param path Their ids: the first one was signed by the live next set, each other one by the set that the one
	/// before it names.
	function activate(bytes32[] calldata path) external {
		if (path.length == 0) revert EmptyPath();
		ValidatorSet memory next = _next;
		ValidatorSet memory current = next;
		uint48 since = officeSince;
		// A path is not empty, so this is set before it is read.
		// slither-disable-next-line uninitialized-local
		Handover memory handover;
		for (uint256 i = 0; i < path.length; ++i) {
			bytes32 id = path[i];
			handover = _standing(id);
			uint256 until = uint256(handover.postedAt) + vetoPeriod;
			if (block.timestamp < until) revert VetoPeriodRuns(id, until);
			if (handover.setId != next.id || handover.signersLength != next.length || handover.signersRoot != next.root)
			{
				revert NotNext(id);
			}
			current = next;
			next = ValidatorSet({id: current.id + 1, length: handover.nextLength, root: handover.nextRoot});
			since = _sessionLater(since, handover.postedAt);
			emit HandedOver(current.id);
			emit Activated(id);
		}
		_current = current;
		_next = next;
		officeSince = since;
		_accept(handover.blockNumber, handover.mmrRoot, handover.setId);
	}

	/// @notice Whether a leaf is in the chain's mountain range.
	/// @dev Takes the leaf's fields, never a hash, so that no inner node can be passed off as a leaf. Do not key
	/// anything on `parentNumber` alone: some proofs hold at a second index as well, and only the hash over all fields
	/// is certain.
	/// @param blockNumber The block of a root out of the last `ROOTS`.
	/// @param leaf The leaf.
	/// @param proof The proof for that root, as the chain's node makes it.
	/// @return Whether the proof leads from the leaf to the root. A proof of the wrong length reverts.
	function verifyLeaf(uint32 blockNumber, MmrLeaf calldata leaf, bytes32[] calldata proof)
		external
		view
		returns (bool)
	{
		bytes32 root = rootOf(blockNumber);
		if (root == bytes32(0)) revert UnknownRoot(blockNumber);
		return _isUnder(root, blockNumber, leaf, proof);
	}

	/// @notice The set in office.
	/// @return The current set.
	function currentSet() external view returns (ValidatorSet memory) {
		return _current;
	}

	/// @notice The set after the current one.
	/// @return The next set.
	function nextSet() external view returns (ValidatorSet memory) {
		return _next;
	}

	/// @notice A posted handover.
	/// @param id Its id.
	/// @return What was posted; all zero if nothing was.
	function posted(bytes32 id) external view returns (Handover memory) {
		return _posted[id];
	}

	/// @notice The hash of a leaf in the mountain range.
	/// @param leaf The leaf.
	/// @return Its hash.
	function leafHash(MmrLeaf calldata leaf) external pure returns (bytes32) {
		return BeefyCodec.leafHash(leaf);
	}

	/// @notice The root for a block.
	/// @param blockNumber The block.
	/// @return The root, zero if it is not among the last `ROOTS`.
	function rootOf(uint32 blockNumber) public view returns (bytes32) {
		uint256 newest = uint256(_newest) + ROOTS;
		for (uint256 age = 0; age < ROOTS; ++age) {
			uint256 place = (newest - age) % ROOTS;
			if (_blocks[place] == blockNumber) return _roots[place];
		}
		return bytes32(0);
	}

	function _accept(uint32 blockNumber, bytes32 mmrRoot, uint64 setId) private {
		uint8 place = (_newest + 1) % ROOTS;
		_newest = place;
		_roots[place] = mmrRoot;
		_blocks[place] = blockNumber;
		latestBlock = blockNumber;
		emit Updated(blockNumber, mmrRoot, setId);
	}

	/// @dev A posted handover that is not void.
	function _standing(bytes32 id) private view returns (Handover memory handover) {
		handover = _posted[id];
		if (handover.postedAt == 0) revert NotPosted(id);
		if (handover.vetoed) revert IsVetoed(id);
	}

	/// @dev Until when the next set's signatures are taken at once: its session ends a session after the current one.
	function _handoverDeadline() private view returns (uint256) {
		return uint256(officeSince) + sessionSeconds + maxAge;
	}

	/// @dev `officeSince` of the set that takes office: a session later, but not later than its signature was seen.
	function _sessionLater(uint48 since, uint48 seenAt) private view returns (uint48) {
		return SafeCast.toUint48(Math.min(uint256(since) + sessionSeconds, seenAt));
	}

	/// @dev Requires that a quorum of `signers` signed the commitment, and that it names the set after them.
	function _verifyHandover(ValidatorSet memory signers, Update calldata update)
		private
		pure
		returns (ValidatorSet memory following)
	{
		MmrLeaf calldata leaf = update.leaf;
		if (leaf.nextSetId != signers.id + 1) revert WrongNextSet(leaf.nextSetId);
		_requireValid(leaf.nextSetLength, leaf.nextSetRoot);
		_verifyCommitment(signers, update);
		if (!_isUnder(update.mmrRoot, update.blockNumber, leaf, update.leafProof)) revert InvalidLeafProof();
		following = ValidatorSet({id: leaf.nextSetId, length: leaf.nextSetLength, root: leaf.nextSetRoot});
	}

	/// @dev Requires that all but less than a third of `signers` signed the commitment. The whole list of validators is
	/// there and hashes to the set's root, and signers come in its order, so none can be counted twice.
	function _verifyCommitment(ValidatorSet memory signers, Update calldata update) private pure {
		if (update.mmrRoot == bytes32(0)) revert ZeroRoot();
		address[] calldata validators = update.validators;
		uint256 count = validators.length;
		if (count != signers.length || BeefyCodec.setRoot(validators) != signers.root) revert WrongValidators();
		uint256 bits = update.signers;
		if (bits >> count != 0) revert SignersOutsideSet();

		bytes32 hash = BeefyCodec.commitmentHash(update.mmrRoot, update.blockNumber, update.setId);
		bytes calldata signatures = update.signatures;
		uint256 signed = 0;
		uint256 end = 0;
		for (uint256 i = 0; i < count; ++i) {
			if ((bits >> i) & 1 == 0) continue;
			uint256 start = end;
			end = start + SIGNATURE_LENGTH;
			if (end > signatures.length) revert WrongSignatureCount();
			if (ECDSA.recoverCalldata(hash, signatures[start:end]) != validators[i]) {
				revert WrongSignature(validators[i]);
			}
			++signed;
		}
		if (end != signatures.length) revert WrongSignatureCount();
		uint256 quorum = count - (count - 1) / 3;
		if (signed < quorum) revert NoQuorum(signed, quorum);
	}

	function _requireValid(uint32 length, bytes32 root) private pure {
		if (length == 0 || length > MAX_VALIDATORS || root == bytes32(0)) revert InvalidSet(length, root);
	}

	/// @dev The mountain range has a leaf per block, so the root of a block has as many leaves as the block's number,
	/// which is signed, says. The leaf's index is the number of its parent.
	function _isUnder(bytes32 root, uint32 blockNumber, MmrLeaf calldata leaf, bytes32[] calldata proof)
		private
		pure
		returns (bool)
	{
		MerkleMountainRange.Leaf[] memory leaves = new MerkleMountainRange.Leaf[](1);
		leaves[0] = MerkleMountainRange.Leaf({index: leaf.parentNumber, hash: BeefyCodec.leafHash(leaf)});
		return MerkleMountainRange.VerifyProof(root, proof, leaves, blockNumber);
	}
}
