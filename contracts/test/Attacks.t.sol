// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "../src/BeefyCodec.sol";
import {Guarded} from "../src/Guarded.sol";
import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {Direction, OpenVault, Withdrawal} from "../src/OpenVault.sol";
import {FeeToken, HugeToken, LyingToken, ReenteringToken} from "./NastyTokens.sol";
import {Bridge} from "./support/Bridge.sol";
import {Trees} from "./support/Trees.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MerkleMountainRange} from "@polytope-labs/solidity-merkle-trees/src/MerkleMountainRange.sol";

// Every cheat is built so that it is valid but for the one thing. `npm run mutants` removes each check and sees a test
// fail.
//
// cheat                                        | test                                   | stopped by
// ---------------------------------------------|----------------------------------------|----------------------------
// Attacks.t.sol: messages, tokens, leaves      |                                        |
// a message twice                              | sameMessageTwice                       | AlreadyUnlocked
// a message twice, by another root and leaf    | sameMessageQueuedTwice                 | AlreadyUnlocked
// its nonce, with other contents               | sameNonceOtherContents                 | AlreadyUnlocked
// a message for another L1                     | messageForAnotherL1                    | InvalidProof
// a message for another vault                  | messageForAnotherVault                 | InvalidProof
// a message of a chain with another genesis    | messageOfAnotherChain                  | InvalidProof
// a vault for a fake token, in both directions | vaultOfAFakeToken                      | InvalidProof
// a token that takes a fee                     | feeOnTransfer                          | InexactTransfer
// a token that does not transfer               | tokenThatLies                          | InexactTransfer
// lock inside lock, to be counted twice        | reenterLock                            | ReentrancyGuardReentrantCall
// unlock inside unlock                         | reenterUnlock                          | ReentrancyGuardReentrantCall
// a made-up leaf at an index beyond the range  | leafIndexBeyondTheRange                | OutOfBoundsLeaves
// a leaf at a second index of its proof        | leafAtASecondIndex                     | InvalidProof
// a leaf without proof                         | emptyLeafProof                         | OutOfBoundsLeaves,
//                                              |                                        | ProofExhausted
// a leaf proof with an item left out           | shortLeafProof                         | InvalidProof
// a proof with an item too many, anywhere      | overlongLeafProof, overlongMessageProof| UnconsumedProof, InvalidProof
// a message proof cut short                    | shortMessageProof                      | InvalidProof
// a message hashed as inner nodes are          | messageHashedOnce                      | InvalidProof
// an inner node of the range as a leaf         | innerNodeAsLeaf                        | InvalidProof
// a block without messages (zero)              | blockWithoutMessages                   | InvalidProof
// a root that nobody signed                    | rootOfAnUnknownBlock                   | UnknownRoot
// a root that has left the ring                | staleRoot                              | UnknownRoot
// the place of a root not yet in the ring      | rootOfTheDeployment                    | UnknownRoot
// a recipient that would lose it               | unlockToNobody, lockToNobody           | InvalidRecipient
// more than 2¹²⁸ locked or unlocked            | lockBeyondTheChainsBalances,           | SafeCastOverflowedUintDowncast,
//                                              | unlockBeyondTheChainsBalances          | AboveLimit
// an amount that is equal modulo 2¹²⁸          | amountModulo                           | InvalidProof
// one unit below the minimum                   | lockBelowTheMinimum                    | BelowMinimum
// one unit above the limit                     | unlockAboveTheLimit                    | AboveLimit
// more than is locked                          | unlockMoreThanIsLocked                 | AboveLimit
// lock or unlock while halted                  | lockWhileHalted, unlockWhileHalted     | DirectionHalted
// halting as a nobody                          | haltAsNobody                           | NotGuardian
// halting alone, by voting twice               | haltAlone                              | AlreadyVoted
// a thirteenth halt                            | thirteenthHalt                         | NoHaltsLeft
// late votes that use up another halt          | lateVotesForAHalt                      | DirectionHalted
// AttacksOnClient.t.sol: commitments           |                                        |
// one signature less than a quorum             | lessThanAQuorum                        | NoQuorum
// nobody signs                                 | nobodySigns                            | NoQuorum
// a signer beyond the set                      | signersBeyondTheSet                    | SignersOutsideSet
// signatures in another order                  | unorderedSignatures                    | WrongSignature
// one signature for two validators             | oneSignatureForTwo                     | WrongSignature
// a signature missing, cut, or too many        | missingSignature, cutSignature,        | WrongSignatureCount
//                                              | superfluousSignature                   |
// a validator twice in the list                | validatorTwice                         | WrongValidators
// validators in another order                  | validatorsReordered                    | WrongValidators
// a list cut short or made longer by the lone  | loneValidatorTwice,                    | WrongValidators
//                                              | loneValidatorLeftOut                   |
// a foreign set with the right id              | foreignValidators                      | WrongValidators
// a length of one set and the root of another  | lengthAndRootOfDifferentSets           | WrongValidators
// inner nodes of the set's tree as validators  | innerNodesAsValidators                 | WrongValidators
// a validator with address zero "signs"        | zeroAddressSigns                       | ECDSAInvalidSignature
// the other s                                  | highS                                  | ECDSAInvalidSignatureS
// v other than 27 and 28                       | badV                                   | ECDSAInvalidSignature
// a root changed after it was signed           | rootChanged, blockChanged, setChanged  | WrongSignature
// two roots in one payload                     | twoRoots, twoRootsOtherOrder           | WrongSignature
// a payload without a root                     | payloadWithoutRoot                     | WrongSignature
// a root of another length                     | shortRoot                              | WrongSignature
// zero as root                                 | zeroRoot                               | ZeroRoot
// a set before the current or after the next   | formerSet, setAfterNext                | WrongSet
// an older or the same block                   | olderBlock, sameBlock                  | NotNewer
// a handover to another id                     | handoverSkipsASet, handoverToItself    | WrongNextSet
// a handover to nobody, too many, or no root   | handoverToNobody, handoverToTooMany,   | InvalidSet
//                                              | handoverToZeroRoot                     |
// a handover with a forged leaf                | handoverWithForgedLeaf                 | InvalidLeafProof
// a handover with the leaf of another chain    | handoverWithForeignLeaf                | InvalidLeafProof
// a handover for block 0                       | handoverForBlockZero                   | EmptyTree
// locking out later sets by a block far ahead  | blockFarAhead                          | (the next set is heard)
// another root for a block still to come       | otherRootForALaterBlock                | (the newest one counts)
// the last id there is                         | lastSetId                              | Panic 0x11
// AttacksOnAge.t.sol: old keys and the veto    |                                        |
// keys without stake, directly                 | oldKeysDirectly                        | TooOld
// posting while submitting is possible         | postWhileFresh                         | NotTooOld
// posting what is not signed, or not proven    | postWithoutSignatures                  | NoQuorum, InvalidLeafProof
// a commitment of the current set              | postWithoutHandover                    | WrongSet
// posting on nothing, or on what is vetoed     | postOnNothing, postOnVetoed            | NotPosted, IsVetoed
// posting twice, with other signers or base    | postTwice, postTwiceOnAnotherBase      | AlreadyPosted
// posting again what was vetoed                | repostVetoed                           | AlreadyPosted
// activating what nobody posted, or nothing    | activateNothing, activateUnknown       | EmptyPath, NotPosted
// activating too early                         | activateTooEarly                       | VetoPeriodRuns
// a young handover below one that has waited   | youngHandoverBelowAnOldOne             | VetoPeriodRuns
// or above it                                  | youngHandoverAboveAnOldOne             | VetoPeriodRuns
// activating what is vetoed                    | activateVetoed                         | IsVetoed
// activating what stands on it                 | activateOnVetoed                       | IsVetoed, NotNext
// a poisoned branch joined to the true one     | poisonedBranch                         | NotNext
// a path in the wrong order, or with a gap     | wrongOrder, gap, gapBetweenEqualSets,  | NotNext
//                                              | twiceInAPath                           |
// sets joined by their roots alone             | joinByRootAlone                        | NotNext
// activating twice                             | activateTwice                          | NotNext
// after the live state has moved on            | activateAfterTheStateMoved             | NotNext
// part of a true path, to make old keys young  | truncatedPathAndOldKeys                | TooOld
// a huge next set in a posted handover         | postHugeSet                            | InvalidSet
// vetoing as a nobody, alone, twice, nothing   | vetoAsNobody, vetoAlone, vetoTwice,    | NotGuardian, AlreadyVoted,
//                                              | vetoNothing, vetoTooLate               | IsVetoed, NotPosted, IsPast

/// @notice The library by itself, to show what the client must not let happen.
contract BareRange {
	function verify(bytes32 root, bytes32[] calldata proof, bytes32 hash, uint256 index, uint256 count)
		external
		pure
		returns (bool)
	{
		MerkleMountainRange.Leaf[] memory leaves = new MerkleMountainRange.Leaf[](1);
		leaves[0] = MerkleMountainRange.Leaf(index, hash);
		return MerkleMountainRange.VerifyProof(root, proof, leaves, count);
	}
}

contract AttacksTest is Bridge {
	function setUp() public {
		vm.warp(1_000 days);
		_openBridge(_newClient());
	}

	function _refused(bytes4 reason, Withdrawal memory withdrawal) private {
		vm.expectRevert(reason);
		_vault.unlock(withdrawal);
	}

	// --- replay

	function test_sameMessageTwice() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		_vault.unlock(withdrawal);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AlreadyUnlocked.selector, 1));
		_vault.unlock(withdrawal);
	}

	function test_sameMessageQueuedTwice() public {
		_vault.unlock(_queue(_messages(), 0));
		// Another leaf and another root, and the proof in it is a different one.
		Withdrawal memory withdrawal = _queue(_only(1, DAN, 10 * OPEN), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AlreadyUnlocked.selector, 1));
		_vault.unlock(withdrawal);
	}

	function test_sameNonceOtherContents() public {
		_vault.unlock(_queue(_messages(), 0));
		Withdrawal memory withdrawal = _queue(_only(1, BEN, OPEN), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AlreadyUnlocked.selector, 1));
		_vault.unlock(withdrawal);
	}

	function _domain(uint256 chainId, address vault, bytes32 genesis) private pure returns (bytes32) {
		return keccak256(abi.encode(keccak256("openledger/bridge/1"), chainId, vault, genesis));
	}

	function test_messageForAnotherL1() public {
		vm.assertEq(_vault.domain(), _domain(block.chainid, address(_vault), GENESIS));
		_refused(OpenVault.InvalidProof.selector, _queueFor(_domain(1, address(_vault), GENESIS), _messages(), 0));
		// The same contract at the same address over there does take it.
		vm.chainId(1);
		OpenVault there = _newVault(_token);
		Withdrawal memory withdrawal = _queueFor(_domain(1, address(there), GENESIS), _messages(), 0);
		_token.approve(address(there), LOCKED);
		there.lock(SOMEBODY, LOCKED);
		there.unlock(withdrawal);
	}

	function test_messageForAnotherVault() public {
		OpenVault other = _newVault(_token);
		_refused(OpenVault.InvalidProof.selector, _queueFor(other.domain(), _messages(), 0));
	}

	function test_messageOfAnotherChain() public {
		bytes32 domain = _domain(block.chainid, address(_vault), keccak256("a fork's genesis"));
		_refused(OpenVault.InvalidProof.selector, _queueFor(domain, _messages(), 0));
	}

	// --- tokens

	function _vaultOf(IERC20 token) private returns (OpenVault vault) {
		vault = _newVault(token);
		token.approve(address(vault), type(uint256).max);
	}

	function test_vaultOfAFakeToken() public {
		HugeToken fake = new HugeToken();
		OpenVault vault = _vaultOf(fake);
		vault.lock(SOMEBODY, LOCKED);
		// What is locked there has a domain of its own: it unlocks nothing here, and what is locked here nothing there.
		_refused(OpenVault.InvalidProof.selector, _queueFor(vault.domain(), _messages(), 0));
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		vm.expectRevert(OpenVault.InvalidProof.selector);
		vault.unlock(withdrawal);
		_vault.unlock(withdrawal);
		vm.assertEq(_token.balanceOf(DAN), 10 * OPEN);
	}

	function test_feeOnTransfer() public {
		OpenVault vault = _vaultOf(new FeeToken());
		vm.expectRevert(abi.encodeWithSelector(OpenVault.InexactTransfer.selector, 99 * OPEN, 100 * OPEN));
		vault.lock(SOMEBODY, 100 * OPEN);
	}

	function test_tokenThatLies() public {
		OpenVault vault = _vaultOf(new LyingToken());
		vm.expectRevert(abi.encodeWithSelector(OpenVault.InexactTransfer.selector, 0, OPEN));
		vault.lock(SOMEBODY, OPEN);
	}

	function test_reenterLock() public {
		ReenteringToken token = new ReenteringToken();
		OpenVault vault = _vaultOf(token);
		// The token is a payer, too: the inner lock alone is all right.
		token.transfer(address(token), OPEN);
		vm.prank(address(token));
		token.approve(address(vault), OPEN);
		vm.prank(address(token));
		vault.lock(SOMEBODY, OPEN);

		token.transfer(address(token), OPEN);
		vm.prank(address(token));
		token.approve(address(vault), OPEN);
		token.reenterLock(vault);
		vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
		vault.lock(SOMEBODY, OPEN);
	}

	function test_reenterUnlock() public {
		ReenteringToken token = new ReenteringToken();
		_vault = _vaultOf(token);
		_vault.lock(SOMEBODY, LOCKED);
		Withdrawal memory first = _queue(_messages(), 0);
		Withdrawal memory second = _queue(_messages(), 1);
		token.reenterUnlock(_vault, second);
		vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
		_vault.unlock(first);

		// One after the other they are all right.
		token.reenterLock(OpenVault(address(0)));
		_vault.unlock(first);
		_vault.unlock(second);
	}

	// --- leaves

	/// @dev With one leaf, the range's root alone is a "proof" of anything at index 1.
	function test_leafIndexBeyondTheRange() public {
		_client = new OpenBeefyClient(_set(0, N), _set(1, N), 0, _timing(), _guardians(), 2);
		_vault = _newVault(_token);
		Update memory update = _update(_leaves(1), 0);
		_client.submit(update);

		Withdrawal memory withdrawal;
		(withdrawal.nonce, withdrawal.recipient, withdrawal.amount) = (1, DAN, OPEN);
		(withdrawal.blockNumber, withdrawal.leafProof) = (1, _one(update.mmrRoot));
		withdrawal.leaf.parentNumber = 1;
		_refused(MerkleMountainRange.OutOfBoundsLeaves.selector, withdrawal);
		withdrawal.leaf.parentNumber = type(uint32).max;
		_refused(MerkleMountainRange.OutOfBoundsLeaves.selector, withdrawal);
	}

	/// @dev Some proofs hold at two indices. The index is one of the hashed fields, so only the true one does here.
	function test_leafAtASecondIndex() public {
		BareRange bare = new BareRange();
		MmrLeaf[] memory leaves = _leaves(16);
		bytes32[] memory hashes = _hashes(leaves);
		uint256 aliases = 0;
		for (uint32 count = 5; count <= 16; ++count) {
			_client.submit(_true(count));
			bytes32 root = _client.rootOf(count);
			for (uint32 index = 0; index < count; ++index) {
				bytes32[] memory proof = Trees.mmrProof(hashes, count, index);
				for (uint32 other = 0; other < count; ++other) {
					try bare.verify(root, proof, hashes[index], other, count) returns (bool found) {
						if (!found || other == index) continue;
					} catch {
						continue;
					}
					++aliases;
					MmrLeaf memory leaf = leaves[index];
					leaf.parentNumber = other;
					vm.assertFalse(_client.verifyLeaf(count, leaf, proof));
					leaf.parentNumber = index;
					vm.assertTrue(_client.verifyLeaf(count, leaf, proof));
				}
			}
		}
		vm.assertTrue(aliases > 0, "the library has no aliases any more");
	}

	function test_emptyLeafProof() public {
		// Block 5 is under the second of three peaks, block 3 under the first.
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.leafProof = new bytes32[](0);
		_refused(MerkleMountainRange.OutOfBoundsLeaves.selector, withdrawal);
		withdrawal.leaf.parentNumber = 3;
		_refused(MerkleMountainRange.ProofExhausted.selector, withdrawal);
	}

	/// @dev Each item is left out in turn.
	function test_shortLeafProof() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		bytes32[] memory proof = withdrawal.leafProof;
		vm.assertEq(proof.length, 3);
		withdrawal.leafProof = new bytes32[](2);
		for (uint256 i = 0; i < 3; ++i) {
			withdrawal.leafProof[0] = proof[i == 0 ? 1 : 0];
			withdrawal.leafProof[1] = proof[i == 2 ? 1 : 2];
			_refused(OpenVault.InvalidProof.selector, withdrawal);
		}
	}

	function test_overlongLeafProof() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.leafProof = Trees.append(withdrawal.leafProof, 0);
		_refused(MerkleMountainRange.UnconsumedProof.selector, withdrawal);
	}

	function test_overlongMessageProof() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.proof = Trees.append(withdrawal.proof, withdrawal.leaf.extra);
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	function test_shortMessageProof() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.proof = _one(withdrawal.proof[0]);
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	/// @dev Inner nodes are hashed once. What is a message must be hashed twice, so none can be passed off as the
	/// other.
	function test_messageHashedOnce() public {
		bytes32[] memory hashes = new bytes32[](2);
		hashes[0] = keccak256(abi.encode(_vault.domain(), uint64(1), BEN, FLOOR));
		hashes[1] = _hash(_vault.domain(), _messages()[1]);
		Withdrawal memory withdrawal = _proveLeaf(_leavesWith(MESSAGES_AT, Trees.messageRoot(hashes)), MESSAGES_AT);
		(withdrawal.nonce, withdrawal.recipient, withdrawal.amount) = (1, BEN, FLOOR);
		withdrawal.proof = _one(hashes[1]);
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	/// @dev The library takes an inner node for a leaf. The client hashes fields, and no fields hash to an inner node.
	function test_innerNodeAsLeaf() public {
		MmrLeaf[] memory leaves = _leaves(8);
		bytes32[] memory hashes = _hashes(leaves);
		bytes32 node = Trees.pair(hashes[0], hashes[1]);
		bytes32[] memory proof = new bytes32[](2);
		proof[0] = Trees.pair(hashes[2], hashes[3]);
		proof[1] = Trees.perfect(hashes, 4, 4);
		bytes32 root = Trees.mmrRoot(hashes, 8);
		Update memory update = _update(leaves, 1);
		// As a range of four leaves, it holds. The number of leaves is signed, too.
		vm.assertTrue(new BareRange().verify(root, proof, node, 0, 4));
		_client.submit(update);
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.blockNumber = 8;
		withdrawal.leafProof = proof;
		withdrawal.leaf.parentNumber = 0;
		(withdrawal.leaf.parentHash, withdrawal.leaf.nextSetRoot) = (hashes[0], hashes[1]);
		_refused(MerkleMountainRange.ProofExhausted.selector, withdrawal);
		withdrawal.leafProof = Trees.append(proof, proof[1]);
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	function test_blockWithoutMessages() public {
		Withdrawal memory withdrawal = _proveLeaf(_leavesWith(MESSAGES_AT, 0), MESSAGES_AT);
		vm.assertTrue(_client.verifyLeaf(withdrawal.blockNumber, withdrawal.leaf, withdrawal.leafProof));
		(withdrawal.nonce, withdrawal.recipient, withdrawal.amount) = (1, DAN, OPEN);
		_refused(OpenVault.InvalidProof.selector, withdrawal);
		withdrawal.proof = _one(bytes32(0));
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	// --- roots

	function _refusedRoot(Withdrawal memory withdrawal) private {
		vm.expectRevert(abi.encodeWithSelector(OpenBeefyClient.UnknownRoot.selector, withdrawal.blockNumber));
		_vault.unlock(withdrawal);
	}

	function test_rootOfAnUnknownBlock() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		withdrawal.blockNumber += 1;
		_refusedRoot(withdrawal);
		withdrawal.blockNumber = 0;
		_refusedRoot(withdrawal);
	}

	function test_staleRoot() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		for (uint32 blockNumber = 8; blockNumber < 8 + 16; ++blockNumber) {
			_client.submit(_true(blockNumber));
		}
		_refusedRoot(withdrawal);
	}

	function test_rootOfTheDeployment() public {
		Withdrawal memory withdrawal;
		(withdrawal.nonce, withdrawal.recipient, withdrawal.amount) = (1, DAN, OPEN);
		withdrawal.blockNumber = SESSION_BLOCKS;
		_refusedRoot(withdrawal);
	}

	// --- recipients and amounts

	function test_unlockToNobody() public {
		address[3] memory nobodies = [address(0), address(_vault), address(_token)];
		for (uint256 i = 0; i < 3; ++i) {
			_refused(OpenVault.InvalidRecipient.selector, _queue(_only(1, nobodies[i], OPEN), 0));
		}
	}

	function test_lockToNobody() public {
		vm.expectRevert(OpenVault.InvalidRecipient.selector);
		_vault.lock(0, OPEN);
	}

	function test_lockBeyondTheChainsBalances() public {
		OpenVault vault = _vaultOf(new HugeToken());
		uint256 amount = uint256(1) << 128;
		vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, amount));
		vault.lock(SOMEBODY, amount);
		vault.lock(SOMEBODY, amount - 1);
		// All of it together must not be more, either.
		vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
		vault.lock(SOMEBODY, OPEN);
	}

	function test_unlockBeyondTheChainsBalances() public {
		_vault = _vaultOf(new HugeToken());
		_vault.lock(SOMEBODY, type(uint128).max);
		uint256 amount = (uint256(1) << 128) + OPEN;
		Withdrawal memory withdrawal = _queue(_only(1, DAN, amount), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AboveLimit.selector, amount, _vault.available()));
		_vault.unlock(withdrawal);
	}

	function test_amountModulo() public {
		Withdrawal memory withdrawal = _queue(_only(1, DAN, OPEN), 0);
		withdrawal.amount += uint256(1) << 128;
		_refused(OpenVault.InvalidProof.selector, withdrawal);
	}

	function test_lockBelowTheMinimum() public {
		vm.expectRevert(abi.encodeWithSelector(OpenVault.BelowMinimum.selector, MIN_LOCK - 1, MIN_LOCK));
		_vault.lock(SOMEBODY, MIN_LOCK - 1);
	}

	function test_unlockAboveTheLimit() public {
		Withdrawal memory withdrawal = _queue(_only(1, DAN, FLOOR + 1), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AboveLimit.selector, FLOOR + 1, FLOOR));
		_vault.unlock(withdrawal);
		_vault.unlock(_queue(_only(1, DAN, FLOOR), 0));
		withdrawal = _queue(_only(2, DAN, 1), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AboveLimit.selector, 1, 0));
		_vault.unlock(withdrawal);
	}

	/// @dev The chain says that more was withdrawn than was ever deposited. What others sent without `lock` is not
	/// touched.
	function test_unlockMoreThanIsLocked() public {
		_vault = _vaultOf(_token);
		_vault.lock(SOMEBODY, OPEN);
		_token.transfer(address(_vault), 100 * OPEN);
		Withdrawal memory withdrawal = _queue(_only(1, DAN, OPEN + 1), 0);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AboveLimit.selector, OPEN + 1, OPEN));
		_vault.unlock(withdrawal);
		_vault.unlock(_queue(_only(1, DAN, OPEN), 0));
	}

	// --- halts

	function test_lockWhileHalted() public {
		_halt(Direction.Inbound);
		uint256 until = block.timestamp + 7 days;
		vm.warp(until - 1);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.DirectionHalted.selector, Direction.Inbound, until));
		_vault.lock(SOMEBODY, OPEN);
	}

	function test_unlockWhileHalted() public {
		Withdrawal memory withdrawal = _queue(_messages(), 0);
		_halt(Direction.Outbound);
		uint256 until = block.timestamp + 7 days;
		vm.warp(until - 1);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.DirectionHalted.selector, Direction.Outbound, until));
		_vault.unlock(withdrawal);
	}

	function test_haltAsNobody() public {
		vm.expectRevert(abi.encodeWithSelector(Guarded.NotGuardian.selector, address(this)));
		_vault.halt(Direction.Outbound);
	}

	function test_haltAlone() public {
		vm.prank(ANN);
		_vault.halt(Direction.Outbound);
		vm.expectRevert(abi.encodeWithSelector(Guarded.AlreadyVoted.selector, ANN));
		vm.prank(ANN);
		_vault.halt(Direction.Outbound);
	}

	function test_thirteenthHalt() public {
		for (uint256 i = 0; i < 12; ++i) {
			_halt(Direction.Outbound);
			vm.warp(block.timestamp + 7 days);
		}
		vm.expectRevert(abi.encodeWithSelector(OpenVault.NoHaltsLeft.selector, Direction.Outbound));
		vm.prank(ANN);
		_vault.halt(Direction.Outbound);
		// The other direction has halts of its own.
		_halt(Direction.Inbound);
	}

	function test_lateVotesForAHalt() public {
		_halt(Direction.Outbound);
		uint256 until = block.timestamp + 7 days;
		vm.warp(until - 1 days - 1);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.DirectionHalted.selector, Direction.Outbound, until));
		vm.prank(CAT);
		_vault.halt(Direction.Outbound);
	}
}
