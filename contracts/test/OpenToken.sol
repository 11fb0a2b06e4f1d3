// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";

/// @title A token like OPEN on Ethereum, for tests and development networks
/// @notice A fixed supply of 10⁹ OPEN with 18 decimals, burnable, without an owner and without permit.
contract OpenToken is ERC20, ERC20Burnable {
	constructor() ERC20("OpenLedger", "OPEN") {
		_mint(msg.sender, 1e27);
	}
}
