// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "../../src/BeefyCodec.sol";
import {OpenBeefyClient} from "../../src/OpenBeefyClient.sol";
import {Direction, Limits, OpenVault, Withdrawal} from "../../src/OpenVault.sol";
import {OpenToken} from "../OpenToken.sol";
import {Chain} from "./Chain.sol";
import {Trees} from "./Trees.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A message as the chain queues it.
struct Message {
	uint64 nonce;
	address recipient;
	uint256 amount;
}

/// @notice The chain with a vault on Ethereum in which some OPEN is locked, and messages to it.
abstract contract Bridge is Chain {
	uint256 internal constant OPEN = 1e18;
	uint256 internal constant MIN_LOCK = OPEN / 100;
	uint256 internal constant FLOOR = 1_000 * OPEN;
	uint256 internal constant SHARE_BPS = 1_000;
	uint256 internal constant LOCKED = 5_000 * OPEN;
	bytes32 internal constant SOMEBODY = keccak256("an account on the chain");
	address internal constant DAN = address(0xD11);

	/// @dev The block whose messages the tests execute, and the first block whose root they prove them against.
	uint32 internal constant MESSAGES_AT = 5;
	uint32 internal constant SIGNED_AT = 7;

	OpenToken internal _token;
	OpenBeefyClient internal _client;
	OpenVault internal _vault;

	function _openBridge(OpenBeefyClient client) internal {
		_token = new OpenToken();
		_client = client;
		_vault = _newVault(_token);
		_token.approve(address(_vault), type(uint256).max);
		_vault.lock(SOMEBODY, LOCKED);
	}

	function _limits() internal pure returns (Limits memory) {
		return Limits({minLock: MIN_LOCK, dailyFloor: FLOOR, dailyShareBps: SHARE_BPS});
	}

	function _newVault(IERC20 token) internal returns (OpenVault) {
		return new OpenVault(token, _client, GENESIS, _limits(), _guardians(), 2);
	}

	function _hash(bytes32 domain, Message memory message) internal pure returns (bytes32) {
		bytes memory encoded = abi.encode(domain, message.nonce, message.recipient, message.amount);
		return keccak256(bytes.concat(keccak256(encoded)));
	}

	/// @dev Five messages of ten OPEN, with nonces from 1.
	function _messages() internal pure returns (Message[] memory list) {
		list = new Message[](5);
		for (uint64 i = 0; i < 5; ++i) {
			list[i] = Message({nonce: i + 1, recipient: DAN, amount: 10 * OPEN});
		}
	}

	function _only(uint64 nonce, address recipient, uint256 amount) internal pure returns (Message[] memory list) {
		list = new Message[](1);
		list[0] = Message({nonce: nonce, recipient: recipient, amount: amount});
	}

	/// @dev The chain queues these messages for the vault and signs, the client learns of it, and this proves one of
	/// them.
	function _queue(Message[] memory messages, uint256 index) internal returns (Withdrawal memory) {
		return _queueFor(_vault.domain(), messages, index);
	}

	function _queueFor(bytes32 domain, Message[] memory messages, uint256 index)
		internal
		returns (Withdrawal memory withdrawal)
	{
		bytes32[] memory hashes = new bytes32[](messages.length);
		for (uint256 i = 0; i < hashes.length; ++i) {
			hashes[i] = _hash(domain, messages[i]);
		}
		withdrawal = _proveLeaf(_leavesWith(MESSAGES_AT, Trees.messageRoot(hashes)), MESSAGES_AT);
		withdrawal.nonce = messages[index].nonce;
		withdrawal.recipient = messages[index].recipient;
		withdrawal.amount = messages[index].amount;
		withdrawal.proof = Trees.messageProof(hashes, index);
	}

	/// @dev The chain's leaves up to a block that the client does not know, with a root of messages in one of them.
	function _leavesWith(uint32 index, bytes32 extra) internal view returns (MmrLeaf[] memory leaves) {
		uint32 latest = _client.latestBlock();
		leaves = _leaves(latest < SIGNED_AT ? SIGNED_AT : latest + 1);
		leaves[index].extra = extra;
	}

	/// @dev The client learns of these leaves; the proof of one of them, without a message.
	function _proveLeaf(MmrLeaf[] memory leaves, uint32 index) internal returns (Withdrawal memory withdrawal) {
		_client.submit(_update(leaves, _client.currentSet().id));
		bytes32[] memory hashes = _hashes(leaves);
		withdrawal.leaf = leaves[index];
		withdrawal.blockNumber = uint32(hashes.length);
		withdrawal.leafProof = Trees.mmrProof(hashes, hashes.length, index);
	}

	function _halt(Direction direction) internal {
		for (uint256 i = 0; i < 2; ++i) {
			vm.prank(_guardians()[i]);
			_vault.halt(direction);
		}
	}
}
