//! Weights measured by `scripts/weights.sh`, a file per subject. Generated: measure again rather than edit.

mod block_weights;
mod extrinsic_weights;

pub use block_weights::BlockExecutionWeight;
pub use extrinsic_weights::ExtrinsicBaseWeight;
