//! JSON-RPC methods `openledger_*`: what the runtime answers about the record, for scripts and pages
//! that speak nothing but JSON. Those about lanes are in [`crate::lanes_rpc`].

use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use openledger_primitives::{
	content::ContentId,
	records::{ContributionIndex, DatanetId, ModelId, Snapshot, VersionNumber},
};
use openledger_runtime::{
	record::{ContributionInfo, Ingredient, RecordApi, Registered},
	Hash,
};

use crate::questions::Questions;

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

impl RecordRpcServer for Questions {
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
