//! JSON-RPC methods `openledger_*`: what the runtime answers about lanes and their money.

use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use openledger_primitives::records::{BatchNumber, ContributionRef, ModelId, VersionNumber};
use openledger_runtime::{
	lanes::{BatchInfo, ClaimableInfo, LaneInfo, LanesApi, PayerInfo, RevenueInfo},
	AccountId, Hash,
};

use crate::questions::Questions;

/// Reads lanes; see [`LanesApi`]. Every method takes a block as its last parameter; without it the
/// answer is that of the best block. Amounts are digits, because JavaScript reads numbers of that size
/// wrongly.
// `blocking`: a call into the runtime on a thread of its own, so that the server's threads stay free.
#[rpc(server, namespace = "openledger")]
pub trait LanesRpc {
	/// A lane, and what an inference is sold under now.
	#[method(name = "lane", blocking)]
	fn lane(&self, model: ModelId, at: Option<Hash>) -> RpcResult<Option<LaneInfo>>;

	/// A batch that is not closed, with what is drawn and demanded of it.
	#[method(name = "batch", blocking)]
	fn batch(
		&self,
		model: ModelId,
		batch: BatchNumber,
		at: Option<Hash>,
	) -> RpcResult<Option<BatchInfo>>;

	/// What a payer has with a model.
	#[method(name = "payer", blocking)]
	fn payer(
		&self,
		model: ModelId,
		payer: AccountId,
		at: Option<Hash>,
	) -> RpcResult<Option<PayerInfo>>;

	/// A page of what an account can claim, from the contribution after `after` on.
	#[method(name = "claimable", blocking)]
	fn claimable(
		&self,
		account: AccountId,
		after: Option<ContributionRef>,
		at: Option<Hash>,
	) -> RpcResult<ClaimableInfo>;

	/// What a version of a model has sold, in batches that became final.
	#[method(name = "revenue", blocking)]
	fn revenue(
		&self,
		model: ModelId,
		version: VersionNumber,
		at: Option<Hash>,
	) -> RpcResult<RevenueInfo>;
}

impl LanesRpcServer for Questions {
	fn lane(&self, model: ModelId, at: Option<Hash>) -> RpcResult<Option<LaneInfo>> {
		self.ask(at, |api, at| api.lane(at, model))
	}

	fn batch(
		&self,
		model: ModelId,
		batch: BatchNumber,
		at: Option<Hash>,
	) -> RpcResult<Option<BatchInfo>> {
		self.ask(at, |api, at| api.batch(at, model, batch))
	}

	fn payer(
		&self,
		model: ModelId,
		payer: AccountId,
		at: Option<Hash>,
	) -> RpcResult<Option<PayerInfo>> {
		self.ask(at, |api, at| api.payer(at, model, payer))
	}

	fn claimable(
		&self,
		account: AccountId,
		after: Option<ContributionRef>,
		at: Option<Hash>,
	) -> RpcResult<ClaimableInfo> {
		self.ask(at, |api, at| api.claimable(at, account, after))
	}

	fn revenue(
		&self,
		model: ModelId,
		version: VersionNumber,
		at: Option<Hash>,
	) -> RpcResult<RevenueInfo> {
		self.ask(at, |api, at| api.revenue(at, model, version))
	}
}
