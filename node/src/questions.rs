//! Asks the runtime of a block for what methods of this chain answer.

use std::sync::Arc;

use jsonrpsee::{
	core::RpcResult,
	types::{ErrorObject, ErrorObjectOwned},
};
use openledger_runtime::{opaque::Block, Hash};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockStatus;

use crate::service::Client;

// Above the codes of the SDK's methods, which end with the 9,000s of BABE.
const UNKNOWN_BLOCK: i32 = 10_001;
const PRUNED_BLOCK: i32 = 10_002;
const NO_ANSWER: i32 = 10_003;

/// Asks runtimes.
#[derive(Clone)]
pub struct Questions {
	client: Arc<Client>,
}

/// What the client makes callable of a runtime.
type Api = <Client as ProvideRuntimeApi<Block>>::Api;

impl Questions {
	/// Reads from this chain.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client }
	}

	/// Asks the runtime of this block, or of the best one.
	pub fn ask<Answer>(
		&self,
		at: Option<Hash>,
		question: impl FnOnce(&Api, Hash) -> Result<Answer, ApiError>,
	) -> RpcResult<Answer> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		question(&self.client.runtime_api(), at).map_err(|error| self.explain(at, &error))
	}

	/// Why a block gave no answer.
	fn explain(&self, at: Hash, error: &ApiError) -> ErrorObjectOwned {
		let (code, sentence) = match self.client.block_status(at) {
			Ok(BlockStatus::Unknown) => (
				UNKNOWN_BLOCK,
				format!(
					"This node has no block {at:?}: take a hash that chain_getBlockHash gives, or leave \
					 it out for the best block.",
				),
			),
			Ok(BlockStatus::InChainPruned) => (
				PRUNED_BLOCK,
				format!(
					"This node keeps no state of block {at:?}: ask one that runs with --state-pruning \
					 archive, or leave the hash out for the best block.",
				),
			),
			_ => (
				NO_ANSWER,
				format!(
					"The runtime of block {at:?} gave no answer: it is older than this method, or it \
					 failed. Ask about a later block; if that fails too, the node's log says more.",
				),
			),
		};
		ErrorObject::owned(code, sentence, Some(error.to_string()))
	}
}
