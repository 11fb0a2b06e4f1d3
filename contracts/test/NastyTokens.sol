// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OpenVault, Withdrawal} from "../src/OpenVault.sol";
import {OpenToken} from "./OpenToken.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice Takes one percent of every transfer for itself.
contract FeeToken is OpenToken {
	function _update(address from, address to, uint256 value) internal override {
		uint256 fee = from == address(0) ? 0 : value / 100;
		super._update(from, to, value - fee);
		if (fee != 0) super._update(from, address(this), fee);
	}
}

/// @notice Says that it transferred, and does not.
contract LyingToken is OpenToken {
	function transferFrom(address, address, uint256) public pure override returns (bool) {
		return true;
	}
}

/// @notice Has more units than a balance of the chain can hold.
contract HugeToken is ERC20 {
	constructor() ERC20("Huge", "HUGE") {
		_mint(msg.sender, type(uint256).max);
	}
}

/// @notice Calls the vault again while a transfer runs.
contract ReenteringToken is OpenToken {
	OpenVault private _vault;
	bool private _unlocks;
	Withdrawal private _withdrawal;

	function reenterLock(OpenVault vault) external {
		_vault = vault;
	}

	function reenterUnlock(OpenVault vault, Withdrawal calldata withdrawal) external {
		(_vault, _unlocks, _withdrawal) = (vault, true, withdrawal);
	}

	function _update(address from, address to, uint256 value) internal override {
		super._update(from, to, value);
		OpenVault vault = _vault;
		if (address(vault) == address(0)) return;
		_vault = OpenVault(address(0));
		if (_unlocks) vault.unlock(_withdrawal);
		else vault.lock(bytes32(uint256(1)), value);
	}
}
