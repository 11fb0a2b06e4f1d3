// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "../src/BeefyCodec.sol";
import {OpenVault} from "../src/OpenVault.sol";
import {Codec} from "./Client.t.sol";
import {Message} from "./support/Bridge.sol";
import {Trees} from "./support/Trees.sol";
import {VaultAnywhere} from "./support/VaultAnywhere.sol";

/// @notice The other way round: solidity.json has what these contracts compute, and a test of the runtime checks it.
/// The contracts are asked where they answer; a message counts as computed once the vault has unlocked it.
///
/// `npm run vectors` writes the file.
contract SolidityVectorsTest is VaultAnywhere {
	string private constant FILE = "test/vectors/solidity.json";
	Codec private _codec;

	function test_solidity() public {
		_codec = new Codec();
		string memory json = string.concat(
			"{\n", _key("sets"), _sets(), ",\n", _key("domains"), _domains(), ",\n", _key("blocks"), _blocks(), ",\n"
		);
		json = string.concat(json, _key("leaves"), _someLeaves(), ",\n", _key("commitments"), _commitments(), "\n}\n");
		if (vm.envOr("WRITE_VECTORS", false)) vm.writeFile(FILE, json);
		vm.assertEq(vm.readFile(FILE), json);
	}

	// --- JSON

	function _key(string memory name) private pure returns (string memory) {
		return string.concat('"', name, '": ');
	}

	function _text(string memory name, string memory value) private pure returns (string memory) {
		return string.concat(_key(name), '"', value, '"');
	}

	function _number(string memory name, uint256 value) private pure returns (string memory) {
		return string.concat(_key(name), vm.toString(value));
	}

	/// @dev Appends to a list, which `_end` closes.
	function _item(string memory list, string memory value) private pure returns (string memory) {
		return string.concat(list, bytes(list).length == 0 ? "[\n" : ",\n", value);
	}

	function _end(string memory list) private pure returns (string memory) {
		return string.concat(list, "\n]");
	}

	function _hashList(bytes32[] memory hashes) private pure returns (string memory list) {
		for (uint256 i = 0; i < hashes.length; ++i) {
			list = string.concat(list, i == 0 ? '"' : ', "', vm.toString(hashes[i]), '"');
		}
		return string.concat("[", list, "]");
	}

	// --- what is in it

	function _sets() private view returns (string memory list) {
		uint256[8] memory sizes = [uint256(1), 2, 3, 4, 7, 21, 50, 100];
		for (uint64 i = 0; i < sizes.length; ++i) {
			address[] memory validators = _validators(i, sizes[i]);
			string memory addresses = "";
			for (uint256 k = 0; k < validators.length; ++k) {
				addresses = string.concat(addresses, k == 0 ? '"' : ', "', _lower(validators[k]), '"');
			}
			string memory root = vm.toString(_codec.setRoot(validators));
			list = _item(
				list,
				string.concat(
					"{",
					_text("id", vm.toString(i)),
					", ",
					_key("validators"),
					"[",
					addresses,
					"], ",
					_text("root", root),
					"}"
				)
			);
		}
		return _end(list);
	}

	/// @dev Without the capitals of a checksum.
	function _lower(address account) private pure returns (string memory) {
		return vm.toString(abi.encodePacked(account));
	}

	function _place(uint256 i) private pure returns (uint64 chainId, address place, bytes32 genesis) {
		chainId = i == 0 ? 1 : 31_337;
		place = address(uint160(uint256(keccak256(abi.encode("vault", i)))));
		genesis = keccak256(abi.encode("genesis", i));
	}

	function _domains() private returns (string memory list) {
		for (uint256 i = 0; i < 2; ++i) {
			(uint64 chainId, address place, bytes32 genesis) = _place(i);
			vm.chainId(chainId);
			bytes32 domain = _vaultAt(place, _agelessClient(), genesis).domain();
			string memory one =
				string.concat("{", _text("l1ChainId", vm.toString(chainId)), ", ", _text("vault", _lower(place)), ", ");
			one = string.concat(
				one, _text("genesisHash", vm.toString(genesis)), ", ", _text("domain", vm.toString(domain)), "}"
			);
			list = _item(list, one);
		}
		return _end(list);
	}

	function _blocks() private returns (string memory list) {
		uint256[6] memory sizes = [uint256(1), 2, 3, 4, 7, 16];
		uint64 nonce = 1;
		for (uint256 i = 0; i < sizes.length; ++i) {
			(, address place,) = _place(i % 2);
			list = _item(list, _block(OpenVault(place), nonce, sizes[i]));
			nonce += uint64(sizes[i]) + (i == 2 ? 1 << 60 : 0);
		}
		return _end(list);
	}

	function _block(OpenVault vault, uint64 first, uint256 size) private returns (string memory) {
		_client = vault.client();
		bytes32 domain = vault.domain();
		Message[] memory messages = new Message[](size);
		bytes32[] memory hashes = new bytes32[](size);
		for (uint256 i = 0; i < size; ++i) {
			bytes32 seed = keccak256(abi.encode("message", first, i));
			messages[i] = Message(first + uint64(i), address(bytes20(seed)), uint128(uint256(seed)) >> (i * 8));
			hashes[i] = _hash(domain, messages[i]);
		}
		bytes32 root = Trees.messageRoot(hashes);
		string memory list = "";
		for (uint256 i = 0; i < size; ++i) {
			bytes32[] memory proof = Trees.messageProof(hashes, i);
			_unlockFrom(vault, root, proof, messages[i]);
			list = _item(list, _message(messages[i], hashes[i], proof));
		}
		return string.concat(
			"{",
			_text("domain", vm.toString(domain)),
			", ",
			_text("root", vm.toString(root)),
			", ",
			_key("messages"),
			_end(list),
			"}"
		);
	}

	function _message(Message memory message, bytes32 hash, bytes32[] memory proof)
		private
		pure
		returns (string memory)
	{
		string memory one = string.concat(
			"{", _text("nonce", vm.toString(message.nonce)), ", ", _text("recipient", _lower(message.recipient))
		);
		one = string.concat(
			one, ", ", _text("amount", vm.toString(message.amount)), ", ", _text("leaf", vm.toString(hash))
		);
		return string.concat(one, ", ", _key("proof"), _hashList(proof), "}");
	}

	function _someLeaves() private returns (string memory list) {
		_client = _newClient();
		MmrLeaf[] memory leaves = _leaves(6);
		leaves[1].extra = keccak256("messages");
		leaves[2] =
			MmrLeaf(255, type(uint32).max, keccak256("hash"), type(uint64).max, type(uint32).max, keccak256("root"), 0);
		leaves[3].version = 1;
		for (uint256 i = 0; i < leaves.length; ++i) {
			list = _item(list, _leafJson(leaves[i]));
		}
		return _end(list);
	}

	function _leafJson(MmrLeaf memory leaf) private view returns (string memory) {
		bytes memory encoded = Trees.encodeLeaf(leaf);
		bytes32 hash = _client.leafHash(leaf);
		vm.assertEq(hash, keccak256(encoded));
		string memory one = string.concat(
			"{",
			_number("version", leaf.version),
			", ",
			_number("parentNumber", leaf.parentNumber),
			", ",
			_text("parentHash", vm.toString(leaf.parentHash))
		);
		one = string.concat(
			one,
			", ",
			_text("nextSetId", vm.toString(leaf.nextSetId)),
			", ",
			_number("nextSetLength", leaf.nextSetLength)
		);
		one = string.concat(
			one,
			", ",
			_text("nextSetRoot", vm.toString(leaf.nextSetRoot)),
			", ",
			_text("extra", vm.toString(leaf.extra))
		);
		return
			string.concat(
				one, ", ", _text("encoded", vm.toString(encoded)), ", ", _text("hash", vm.toString(hash)), "}"
			);
	}

	function _commitments() private view returns (string memory list) {
		uint32[4] memory numbers = [uint32(0), 1, 0x01020304, type(uint32).max];
		uint64[4] memory ids = [uint64(0), 1, 0x0102030405060708, type(uint64).max];
		for (uint256 i = 0; i < 4; ++i) {
			bytes32 root = keccak256(abi.encode("root", i));
			bytes memory items = Trees.item("mh", bytes.concat(root));
			bytes memory encoded = Trees.encodeCommitment(1, items, numbers[i], ids[i]);
			bytes32 hash = _codec.commitmentHash(root, numbers[i], ids[i]);
			vm.assertEq(hash, keccak256(encoded));
			string memory one = string.concat(
				"{",
				_text("mmrRoot", vm.toString(root)),
				", ",
				_number("blockNumber", numbers[i]),
				", ",
				_text("setId", vm.toString(ids[i]))
			);
			list = _item(
				list,
				string.concat(
					one, ", ", _text("encoded", vm.toString(encoded)), ", ", _text("hash", vm.toString(hash)), "}"
				)
			);
		}
		return _end(list);
	}
}
