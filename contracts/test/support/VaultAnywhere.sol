// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenBeefyClient} from "../../src/OpenBeefyClient.sol";
import {Limits, OpenVault, Withdrawal} from "../../src/OpenVault.sol";
import {HugeToken} from "../NastyTokens.sol";
import {Bridge, Message} from "./Bridge.sol";

/// @notice Vaults at addresses that somebody else has chosen, for domains that have them in it.
abstract contract VaultAnywhere is Bridge {
	/// @dev A vault as if it had been deployed at `place`, with a token of its own, and a limit that lets any message
	/// through.
	function _vaultAt(address place, OpenBeefyClient client, bytes32 genesis) internal returns (OpenVault vault) {
		HugeToken token = new HugeToken();
		_client = client;
		Limits memory limits = Limits({minLock: 1, dailyFloor: type(uint128).max, dailyShareBps: 0});
		bytes memory arguments = abi.encode(token, client, genesis, limits, _guardians(), 2);
		// The constructor runs there and answers with the code that belongs there.
		vm.etch(place, bytes.concat(vm.getCode("OpenVault.sol:OpenVault"), arguments));
		// solhint-disable-next-line avoid-low-level-calls
		(bool made, bytes memory code) = place.call("");
		vm.assertTrue(made);
		vm.etch(place, code);
		vault = OpenVault(place);
		token.approve(place, type(uint256).max);
	}

	/// @dev Unlocks a message of a block with this root, and what it takes is locked before.
	function _unlockFrom(OpenVault vault, bytes32 root, bytes32[] memory proof, Message memory message) internal {
		if (message.amount != 0) vault.lock(SOMEBODY, message.amount);
		Withdrawal memory withdrawal = _proveLeaf(_leavesWith(MESSAGES_AT, root), MESSAGES_AT);
		(withdrawal.nonce, withdrawal.recipient) = (message.nonce, message.recipient);
		withdrawal.amount = message.amount;
		withdrawal.proof = proof;
		uint256 before = vault.token().balanceOf(message.recipient);
		vault.unlock(withdrawal);
		vm.assertEq(vault.token().balanceOf(message.recipient), before + message.amount);
		vm.warp(block.timestamp + 1 days);
	}
}
