//! A runtime with the client in it.

use beacon_kit::{Config, Update};
use frame_support::{
	derive_impl, dispatch::DispatchResultWithPostInfo, parameter_types, traits::ConstU32,
};
use snowbridge_beacon_primitives::ForkVersions;
use snowbridge_pallet_ethereum_client as client;
use sp_core::H256;
use sp_runtime::{traits::Dispatchable, BuildStorage};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Client = snowbridge_pallet_ethereum_client;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	pub Forks: ForkVersions = Config::default().forks;
}

impl client::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ForkVersions = Forks;
	type FreeHeadersInterval = ConstU32<32>;
	type WeightInfo = ();
}

/// Runs a test in a fresh runtime.
pub fn run(test: impl FnOnce()) {
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(test)
}

/// Submits an update as a call, so that a refused one leaves no trace.
pub fn submit(update: Update) -> DispatchResultWithPostInfo {
	let call = client::Call::<Test>::submit { update: Box::new(update) };
	RuntimeCall::Client(call).dispatch(RuntimeOrigin::signed(1))
}

/// The last final block that the client knows.
pub fn latest() -> H256 {
	Client::latest_finalized_block_root()
}
