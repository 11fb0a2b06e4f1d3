//! Weights measured by `scripts/weights.sh`, a file per subject. Generated: measure again rather than edit.

mod block_weights;
mod extrinsic_weights;
pub mod pallet_attribution;
pub mod pallet_datanets;
pub mod pallet_ethereum_bridge;
pub mod pallet_model_registry;
pub mod pallet_rewards;
pub mod snowbridge_pallet_ethereum_client;

pub use block_weights::BlockExecutionWeight;
pub use extrinsic_weights::ExtrinsicBaseWeight;
