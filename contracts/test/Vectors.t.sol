// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf, ValidatorSet} from "../src/BeefyCodec.sol";
import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {OpenVault, Withdrawal} from "../src/OpenVault.sol";
import {Codec} from "./Client.t.sol";
import {Message} from "./support/Bridge.sol";
import {Trees} from "./support/Trees.sol";
import {VaultAnywhere} from "./support/VaultAnywhere.sol";

/// @notice What the runtime computes, verified here; test/vectors/README.md describes the files. A file that is missing
/// or has nothing in it fails.
contract VectorsTest is VaultAnywhere {
	struct SetVector {
		uint64 id;
		address[] validators;
		bytes32 root;
	}

	/// @dev What the runtime says of a leaf beside its fields.
	struct EncodedVector {
		bytes encoded;
		bytes32 hash;
	}

	struct ProofVector {
		uint32 blockNumber;
		uint32 leafIndex;
		bytes32[] items;
	}

	struct DomainVector {
		uint64 l1ChainId;
		address vault;
		bytes32 genesisHash;
		bytes32 domain;
	}

	struct MessageVector {
		uint64 nonce;
		address recipient;
		uint256 amount;
		bytes32 leaf;
		bytes32[] proof;
	}

	struct BlockVector {
		bytes32 domain;
		bytes32 root;
	}

	string private constant SET = "SetVector(uint64 id,address[] validators,bytes32 root)";
	string private constant LEAF = "MmrLeaf(uint8 version,uint32 parentNumber,bytes32 parentHash,"
		"uint64 nextSetId,uint32 nextSetLength,bytes32 nextSetRoot,bytes32 extra)";
	string private constant ENCODED = "EncodedVector(bytes encoded,bytes32 hash)";
	string private constant PROOF = "ProofVector(uint32 blockNumber,uint32 leafIndex,bytes32[] items)";
	string private constant DOMAIN = "DomainVector(uint64 l1ChainId,address vault,bytes32 genesisHash,bytes32 domain)";
	string private constant MESSAGE =
		"MessageVector(uint64 nonce,address recipient,uint256 amount,bytes32 leaf,bytes32[] proof)";
	string private constant BLOCK = "BlockVector(bytes32 domain,bytes32 root)";

	mapping(bytes32 domain => OpenVault vault) private _vaults;

	function _read(string memory name) private view returns (string memory) {
		return vm.readFile(string.concat("test/vectors/", name));
	}

	/// @dev A leaf encodes and hashes to what the runtime says.
	function _check(MmrLeaf memory leaf, EncodedVector memory expected) private view {
		vm.assertEq(Trees.encodeLeaf(leaf), expected.encoded);
		vm.assertEq(_client.leafHash(leaf), expected.hash);
	}

	function test_sets() public {
		string memory json = _read("sets.json");
		SetVector[] memory sets = abi.decode(vm.parseJsonTypeArray(json, ".sets", SET), (SetVector[]));
		vm.assertGe(sets.length, 10);
		Codec codec = new Codec();
		for (uint256 i = 0; i < sets.length; ++i) {
			vm.assertEq(codec.setRoot(sets[i].validators), sets[i].root);
		}
	}

	/// @dev Every message, unlocked from a vault at the address, on the L1 and for the genesis that its domain names.
	function test_messages() public {
		string memory json = _read("messages.json");
		DomainVector[] memory domains = abi.decode(vm.parseJsonTypeArray(json, ".domains", DOMAIN), (DomainVector[]));
		for (uint256 i = 0; i < domains.length; ++i) {
			vm.chainId(domains[i].l1ChainId);
			OpenVault vault = _vaultAt(domains[i].vault, _agelessClient(), domains[i].genesisHash);
			vm.assertEq(vault.domain(), domains[i].domain);
			_vaults[domains[i].domain] = vault;
		}
		BlockVector[] memory blocks = abi.decode(vm.parseJsonTypeArray(json, ".blocks", BLOCK), (BlockVector[]));
		vm.assertGe(blocks.length, 10);
		for (uint256 i = 0; i < blocks.length; ++i) {
			string memory key = string.concat(".blocks[", vm.toString(i), "].messages");
			MessageVector[] memory messages = abi.decode(vm.parseJsonTypeArray(json, key, MESSAGE), (MessageVector[]));
			vm.assertGe(messages.length, 1);
			// In calls of their own, so that their memory is given back.
			for (uint256 k = 0; k < messages.length; ++k) {
				this.checkMessage(blocks[i], messages[k]);
			}
		}
	}

	function checkMessage(BlockVector calldata block_, MessageVector calldata vector) external {
		OpenVault vault = _vaults[block_.domain];
		_client = vault.client();
		Message memory message = Message(vector.nonce, vector.recipient, vector.amount);
		vm.assertEq(_hash(vault.domain(), message), vector.leaf);
		_unlockFrom(vault, block_.root, vector.proof, message);
	}

	/// @dev Every root is signed, and every leaf is found under it.
	function test_mmr() public {
		_client = new OpenBeefyClient(_set(1, N), _set(2, N), 0, _timing(), _guardians(), 2);
		string memory json = _read("mmr.json");
		MmrLeaf[] memory leaves = abi.decode(vm.parseJsonTypeArray(json, ".leaves", LEAF), (MmrLeaf[]));
		EncodedVector[] memory encoded = abi.decode(vm.parseJsonTypeArray(json, ".leaves", ENCODED), (EncodedVector[]));
		for (uint256 i = 0; i < leaves.length; ++i) {
			_check(leaves[i], encoded[i]);
		}

		bytes32[] memory roots = vm.parseJsonBytes32Array(json, ".roots");
		ProofVector[] memory proofs = abi.decode(vm.parseJsonTypeArray(json, ".proofs", PROOF), (ProofVector[]));
		vm.assertGe(proofs.length, 100);
		for (uint256 i = 0; i < proofs.length; ++i) {
			_checkProof(leaves, roots[proofs[i].blockNumber - 1], proofs[i]);
		}
	}

	function _checkProof(MmrLeaf[] memory leaves, bytes32 root, ProofVector memory proof) private {
		if (_client.latestBlock() != proof.blockNumber) {
			Update memory update;
			(update.mmrRoot, update.blockNumber, update.setId) = (root, proof.blockNumber, 1);
			update.validators = _validators(1, N);
			_sign(update, 7);
			_client.submit(update);
		}
		MmrLeaf memory leaf = leaves[proof.leafIndex];
		vm.assertEq(leaf.parentNumber, proof.leafIndex);
		vm.assertTrue(_client.verifyLeaf(proof.blockNumber, leaf, proof.items));
		// The tests' own range is the runtime's, too.
		bytes32[] memory hashes = _hashes(leaves);
		vm.assertEq(Trees.mmrRoot(hashes, proof.blockNumber), root);
		bytes32[] memory items = Trees.mmrProof(hashes, proof.blockNumber, proof.leafIndex);
		vm.assertEq(abi.encode(items), abi.encode(proof.items));
	}

	/// @dev A client follows the chain from update to update, and everything that was withdrawn there is unlocked here.
	function test_chain() public {
		string memory json = _read("chain.json");
		vm.chainId(_uint(json, ".l1ChainId"));
		OpenVault vault = _deployedFor(json);
		vm.assertEq(vault.domain(), vm.parseJsonBytes32(json, ".domain"));

		uint256 handovers = 0;
		for (uint256 i = 0; _has(json, string.concat(".updates[", vm.toString(i), "]")); ++i) {
			if (_follow(json, string.concat(".updates[", vm.toString(i), "]"))) ++handovers;
		}
		vm.assertGe(handovers, 2);
		uint256 unlocked = 0;
		for (; _has(json, string.concat(".withdrawals[", vm.toString(unlocked), "]")); ++unlocked) {
			_unlockAgain(vault, json, string.concat(".withdrawals[", vm.toString(unlocked), "]"));
		}
		vm.assertGe(unlocked, 2);
	}

	function _deployedFor(string memory json) private returns (OpenVault) {
		ValidatorSet memory current = _setAt(json, ".current");
		ValidatorSet memory next = _setAt(json, ".next");
		uint32 blockNumber = uint32(_uint(json, ".blockNumber"));
		OpenBeefyClient client = new OpenBeefyClient(current, next, blockNumber, _timing(), _guardians(), 2);
		bytes32 genesis = vm.parseJsonBytes32(json, ".genesisHash");
		return _vaultAt(vm.parseJsonAddress(json, ".vault"), client, genesis);
	}

	function _setAt(string memory json, string memory key) private returns (ValidatorSet memory) {
		SetVector memory set = abi.decode(vm.parseJsonType(json, key, SET), (SetVector));
		vm.assertEq(new Codec().setRoot(set.validators), set.root);
		return ValidatorSet({id: set.id, length: uint32(set.validators.length), root: set.root});
	}

	function _has(string memory json, string memory key) private view returns (bool) {
		return vm.keyExistsJson(json, key);
	}

	function _uint(string memory json, string memory key) private pure returns (uint256) {
		return vm.parseJsonUint(json, key);
	}

	function _leafAt(string memory json, string memory key) private view returns (MmrLeaf memory leaf) {
		key = string.concat(key, ".leaf");
		leaf = abi.decode(vm.parseJsonType(json, key, LEAF), (MmrLeaf));
		_check(leaf, abi.decode(vm.parseJsonType(json, key, ENCODED), (EncodedVector)));
	}

	function _follow(string memory json, string memory key) private returns (bool handover) {
		Update memory update;
		update.mmrRoot = vm.parseJsonBytes32(json, string.concat(key, ".mmrRoot"));
		update.blockNumber = uint32(_uint(json, string.concat(key, ".blockNumber")));
		update.setId = uint64(_uint(json, string.concat(key, ".setId")));
		update.validators = vm.parseJsonAddressArray(json, string.concat(key, ".validators"));
		update.signers = _uint(json, string.concat(key, ".signers"));
		update.signatures = vm.parseJsonBytes(json, string.concat(key, ".signatures"));
		update.leaf = _leafAt(json, key);
		update.leafProof = vm.parseJsonBytes32Array(json, string.concat(key, ".leafProof"));

		bytes memory commitment = vm.parseJsonBytes(json, string.concat(key, ".commitment"));
		bytes32 hash = new Codec().commitmentHash(update.mmrRoot, update.blockNumber, update.setId);
		vm.assertEq(hash, keccak256(commitment));
		handover = vm.parseJsonBool(json, string.concat(key, ".handover"));
		vm.assertTrue(handover == (update.setId == _client.nextSet().id));
		_client.submit(update);
		vm.assertEq(_client.currentSet().id, update.setId);
		vm.assertEq(_client.nextSet().root, update.leaf.nextSetRoot);
		vm.assertTrue(_client.verifyLeaf(update.blockNumber, update.leaf, update.leafProof));
	}

	function _unlockAgain(OpenVault vault, string memory json, string memory key) private {
		Withdrawal memory withdrawal;
		withdrawal.nonce = uint64(_uint(json, string.concat(key, ".nonce")));
		withdrawal.recipient = vm.parseJsonAddress(json, string.concat(key, ".recipient"));
		withdrawal.amount = _uint(json, string.concat(key, ".amount"));
		withdrawal.proof = vm.parseJsonBytes32Array(json, string.concat(key, ".proof"));
		withdrawal.leaf = _leafAt(json, key);
		withdrawal.blockNumber = uint32(_uint(json, string.concat(key, ".blockNumber")));
		withdrawal.leafProof = vm.parseJsonBytes32Array(json, string.concat(key, ".leafProof"));

		vault.lock(SOMEBODY, withdrawal.amount);
		vault.unlock(withdrawal);
		vm.assertEq(vault.token().balanceOf(withdrawal.recipient), withdrawal.amount);
		vm.expectRevert(abi.encodeWithSelector(OpenVault.AlreadyUnlocked.selector, withdrawal.nonce));
		vault.unlock(withdrawal);
	}
}
