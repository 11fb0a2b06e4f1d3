// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MmrLeaf} from "../src/BeefyCodec.sol";
import {OpenBeefyClient, Update} from "../src/OpenBeefyClient.sol";
import {Withdrawal} from "../src/OpenVault.sol";
import {Bridge} from "./support/Bridge.sol";
import {Trees} from "./support/Trees.sol";

interface GasVm {
	struct Gas {
		uint64 gasLimit;
		uint64 gasTotalUsed;
		uint64 gasMemoryUsed;
		int64 gasRefunded;
		uint64 gasRemaining;
	}

	function lastCallGas() external view returns (Gas memory);
}

/// @notice What transactions cost in all, with 21,000 and calldata, on cold storage: each call is a transaction of its
/// own here. `npm run gas` prints what this logs.
contract GasTest is Bridge {
	// forge prints events of this name.
	// solhint-disable-next-line event-name-capwords
	event log(string line);

	/// @dev A mountain range after nine months of blocks.
	uint32 private constant BLOCKS = 1 << 22;
	uint32 private constant INDEX = 0x2aaaaa;

	function setUp() public {
		_openBridge(_newClient());
	}

	function _used() private view returns (uint256) {
		return GasVm(address(vm)).lastCallGas().gasTotalUsed;
	}

	/// @dev A leaf under a root that set `setId` signs, 22 levels up.
	function _deep(MmrLeaf memory leaf, uint32 blockNumber, uint64 setId, uint256 n)
		private
		pure
		returns (Update memory update)
	{
		leaf.parentNumber = INDEX;
		update.leaf = leaf;
		update.leafProof = new bytes32[](22);
		bytes32 node = keccak256(Trees.encodeLeaf(leaf));
		for (uint256 i = 0; i < 22; ++i) {
			bytes32 sibling = keccak256(abi.encode("sibling", i));
			update.leafProof[i] = sibling;
			node = (INDEX >> i) & 1 == 0 ? Trees.pair(node, sibling) : Trees.pair(sibling, node);
		}
		update.mmrRoot = node;
		update.blockNumber = blockNumber;
		update.setId = setId;
		update.validators = _validators(setId, n);
		_sign(update, (1 << (n - (n - 1) / 3)) - 1);
	}

	function _line(string memory what, uint256 n, uint256 gas) private pure returns (string memory) {
		return string.concat('"', what, n == 0 ? "" : vm.toString(n), '":', vm.toString(gas));
	}

	/// forge-config: default.isolate = true
	function test_gasOfUpdates() public {
		uint256[4] memory sizes = [uint256(4), 21, 50, 100];
		// BRIDGE: what a prototype without events, ring and staleness needed on warm storage.
		uint256[4] memory most = [uint256(75_000), 171_000, 327_000, 596_000];
		string memory line = "";
		for (uint256 k = 0; k < 4; ++k) {
			uint256 n = sizes[k];
			OpenBeefyClient client = new OpenBeefyClient(_set(1, n), _set(2, n), 4, _timing(), _guardians(), 2);
			MmrLeaf memory leaf = _leaves(8)[7];
			(leaf.nextSetLength, leaf.nextSetRoot) = (uint32(n), _set(3, n).root);
			Update memory update = _deep(leaf, BLOCKS - 32, 1, n);
			delete update.leaf;
			delete update.leafProof;
			client.submit(update);
			uint256 first = _used();
			uint256 usual = 0;
			for (uint32 i = 1; i <= 16; ++i) {
				update.blockNumber += 1;
				_sign(update, update.signers);
				client.submit(update);
				usual = _used();
			}
			client.submit(_deep(leaf, BLOCKS, 2, n));
			uint256 handover = _used();
			vm.assertLe(usual, most[k]);
			line = string.concat(
				line,
				k == 0 ? "" : ",",
				_line("firstUpdate", n, first),
				",",
				_line("update", n, usual),
				",",
				_line("handover", n, handover)
			);
		}
		emit log(string.concat("{", line, "}"));
	}

	/// forge-config: default.isolate = true
	function test_gasOfTransfers() public {
		_vault.lock(SOMEBODY, 7 * OPEN);
		uint256 lock = _used();

		// The first message of 256 pays for the storage in which the others are marked, too.
		_vault.unlock(_queue(_only(1, DAN, 3 * OPEN), 0));
		Withdrawal memory withdrawal;
		(withdrawal.nonce, withdrawal.recipient, withdrawal.amount) = (2, ANN, 3 * OPEN);
		withdrawal.proof = new bytes32[](5);
		bytes32 node = _hash(_vault.domain(), _only(2, ANN, 3 * OPEN)[0]);
		for (uint256 i = 0; i < 5; ++i) {
			withdrawal.proof[i] = keccak256(abi.encode("message", i));
			node = Trees.sortedPair(node, withdrawal.proof[i]);
		}
		MmrLeaf memory leaf = _leaves(8)[7];
		leaf.extra = node;
		Update memory update = _deep(leaf, BLOCKS, 1, N);
		_client.submit(update);
		(withdrawal.leaf, withdrawal.leafProof, withdrawal.blockNumber) = (update.leaf, update.leafProof, BLOCKS);
		_vault.unlock(withdrawal);
		uint256 unlock = _used();

		vm.assertLe(lock, 77_000);
		vm.assertLe(unlock, 143_000);
		emit log(string.concat("{", _line("lock", 0, lock), ",", _line("unlock", 0, unlock), "}"));
	}
}
