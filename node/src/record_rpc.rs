//! JSON-RPC methods `openledger_*`: what the runtime answers about the record, for scripts and pages
//! that speak nothing but JSON.

use std::sync::Arc;

use jsonrpsee::{
	core::RpcResult,
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionIndex, DatanetId, ModelId, Snapshot, VersionNumber},
};
use openledger_runtime::{
	opaque::Block,
	record::{ContributionInfo, Ingredient, RecordApi, Registered},
	Hash,
};
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockStatus;

use crate::service::Client;

// Above the codes of the SDK's methods, which end with the 9,000s of BABE.
const UNKNOWN_BLOCK: i32 = 10_001;
const PRUNED_BLOCK: i32 = 10_002;
const NO_ANSWER: i32 = 10_003;

/// Reads the record; see [`RecordApi`]. Every method takes a block as its last parameter; without it
/// the answer is that of the best block.
// `blocking`: a call into the runtime on a thread of its own, so that the server's threads stay free.
#[rpc(server, namespace = "openledger")]
pub trait RecordRpc {
	/// What went into a version, the active one if none is named.
	#[method(name = "provenance", blocking)]
	fn provenance(
		&self,
		model: ModelId,
		version: Option<VersionNumber>,
		at: Option<Hash>,
	) -> RpcResult<Option<Vec<Ingredient>>>;

	/// A page of the first `length` contributions of a datanet, from this place on.
	#[method(name = "contributions", blocking)]
	fn contributions(
		&self,
		datanet: DatanetId,
		length: u32,
		from: ContributionIndex,
		at: Option<Hash>,
	) -> RpcResult<Vec<ContributionInfo>>;

	/// Where a content is registered, and who contributed it.
	#[method(name = "registered", blocking)]
	fn registered(&self, content_id: ContentId, at: Option<Hash>) -> RpcResult<Option<Registered>>;

	/// A page of the models that use a datanet, from the one after `after` on.
	#[method(name = "usersOf", blocking)]
	fn users_of(
		&self,
		datanet: DatanetId,
		after: Option<ModelId>,
		at: Option<Hash>,
	) -> RpcResult<Vec<(ModelId, VersionNumber)>>;

	/// What an inference would cost, in the smallest unit of OPEN: digits, because JavaScript reads
	/// numbers of that size wrongly.
	#[method(name = "feeQuote", blocking)]
	fn fee_quote(
		&self,
		model: ModelId,
		tokens_in: u32,
		tokens_out: u32,
		at: Option<Hash>,
	) -> RpcResult<Option<String>>;
}

/// Asks the runtime of a block.
pub struct Record {
	client: Arc<Client>,
}

/// What the client makes callable of a runtime.
type Api = <Client as ProvideRuntimeApi<Block>>::Api;

impl Record {
	/// Reads from this chain.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client }
	}

	fn ask<Answer>(
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

impl RecordRpcServer for Record {
	fn provenance(
		&self,
		model: ModelId,
		version: Option<VersionNumber>,
		at: Option<Hash>,
	) -> RpcResult<Option<Vec<Ingredient>>> {
		self.ask(at, |api, at| api.provenance(at, model, version))
	}

	fn contributions(
		&self,
		datanet: DatanetId,
		length: u32,
		from: ContributionIndex,
		at: Option<Hash>,
	) -> RpcResult<Vec<ContributionInfo>> {
		self.ask(at, |api, at| api.contributions(at, Snapshot { datanet, length }, from))
	}

	fn registered(&self, content_id: ContentId, at: Option<Hash>) -> RpcResult<Option<Registered>> {
		self.ask(at, |api, at| api.registered(at, content_id))
	}

	fn users_of(
		&self,
		datanet: DatanetId,
		after: Option<ModelId>,
		at: Option<Hash>,
	) -> RpcResult<Vec<(ModelId, VersionNumber)>> {
		self.ask(at, |api, at| api.users_of(at, datanet, after))
	}

	fn fee_quote(
		&self,
		model: ModelId,
		tokens_in: u32,
		tokens_out: u32,
		at: Option<Hash>,
	) -> RpcResult<Option<String>> {
		let fee = self.ask(at, |api, at| api.fee_quote(at, model, tokens_in, tokens_out))?;
		Ok(fee.map(|fee| fee.to_string()))
	}
}
