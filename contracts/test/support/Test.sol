// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes of forge that these tests use.
interface Vm {
	function addr(uint256 key) external pure returns (address);
	function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
	function warp(uint256 time) external;
	function chainId(uint256 id) external;
	function prank(address sender) external;
	function etch(address target, bytes calldata code) external;
	function expectRevert(bytes4 selector) external;
	function expectRevert(bytes calldata data) external;
	function expectEmit(address emitter) external;
	function assume(bool condition) external pure;
	function assertEq(uint256 left, uint256 right) external pure;
	function assertEq(bytes32 left, bytes32 right) external pure;
	function assertEq(address left, address right) external pure;
	function assertEq(bytes calldata left, bytes calldata right) external pure;
	function assertEq(string calldata left, string calldata right) external pure;
	function assertTrue(bool condition) external pure;
	function assertTrue(bool condition, string calldata reason) external pure;
	function assertFalse(bool condition) external pure;
	function assertFalse(bool condition, string calldata reason) external pure;
	function assertLe(uint256 left, uint256 right) external pure;
	function assertGe(uint256 left, uint256 right) external pure;
	function readFile(string calldata path) external view returns (string memory);
	function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
	function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
	function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
	function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
	function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
	function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
	function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
	function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
	function parseJsonType(string calldata json, string calldata key, string calldata description)
		external
		pure
		returns (bytes memory);
	function parseJsonTypeArray(string calldata json, string calldata key, string calldata description)
		external
		pure
		returns (bytes memory);
	function toString(uint256 value) external pure returns (string memory);
	function toString(address value) external pure returns (string memory);
	function toString(bytes32 value) external pure returns (string memory);
	function toString(bytes calldata value) external pure returns (string memory);
	function getCode(string calldata artifact) external view returns (bytes memory);
	function envOr(string calldata name, bool fallback_) external view returns (bool);
	function writeFile(string calldata path, string calldata data) external;
}

/// @notice What every test has. There is no forge-std, because npm has no official package of it.
abstract contract Test {
	// Called as everywhere.
	// solhint-disable-next-line const-name-snakecase
	Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

	/// @dev Into `[low, high]`, without favouring values far from the edges.
	function _within(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
		return low + value % (high - low + 1);
	}

	function _one(address item) internal pure returns (address[] memory list) {
		list = new address[](1);
		list[0] = item;
	}

	function _one(bytes32 item) internal pure returns (bytes32[] memory list) {
		list = new bytes32[](1);
		list[0] = item;
	}
}
