//! JSON-RPC methods of this chain, beside those every node serves (state, chain, author, system,
//! `chainHead`, `transactionWatch`). Its own ones are in [`crate::record_rpc`]
//! and [`crate::lanes_rpc`].

use std::{error::Error, sync::Arc};

use jsonrpsee::RpcModule;
use mmr_rpc::{Mmr, MmrApiServer};
use openledger_runtime::{opaque::Block, AccountId, BlockNumber, Hash, Nonce};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_client_api::Backend as _;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_beefy::BeefyRPCLinks;
use sc_consensus_beefy_rpc::{Beefy, BeefyApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId;
use sp_keystore::KeystorePtr;
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::{
	lanes_rpc::LanesRpcServer,
	questions::Questions,
	record_rpc::RecordRpcServer,
	service::{Backend, Client, SelectChain, TransactionPool},
};

/// What the methods read from.
pub struct Sources {
	/// The chain.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<Backend>,
	/// Pending transactions.
	pub transaction_pool: Arc<TransactionPool>,
	/// Picks the best chain.
	pub select_chain: SelectChain,
	/// The specification the node runs, without sync state.
	pub chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
	/// Keys of this node, to say which slots are its own.
	pub keystore: KeystorePtr,
	/// Epochs of BABE.
	pub babe: BabeWorkerHandle<Block>,
	/// State of GRANDPA.
	pub grandpa: GrandpaSources,
	/// Finality of BEEFY.
	pub beefy: BeefyRPCLinks<Block, BeefyId>,
}

/// What the GRANDPA methods read from.
pub struct GrandpaSources {
	/// Votes of the running rounds.
	pub voter_state: SharedVoterState,
	/// Current and coming voters.
	pub authorities: SharedAuthoritySet<Hash, BlockNumber>,
	/// New justifications.
	pub justifications: GrandpaJustificationStream<Block>,
	/// Proofs for old blocks.
	pub proofs: Arc<FinalityProofProvider<Backend, Block>>,
}

/// Builds the methods; called once for the server and once for calls from inside the node.
pub fn create(
	sources: &Sources,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
	let Sources {
		client,
		backend,
		transaction_pool,
		select_chain,
		chain_spec,
		keystore,
		babe,
		grandpa,
		beefy,
	} = sources;
	let mut module = RpcModule::new(());

	module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(
		System::<_, _, Block>::new(client.clone(), transaction_pool.clone()),
	))?;
	module.merge(TransactionPayment::<_, Block>::new(client.clone()).into_rpc())?;
	let questions = Questions::new(client.clone());
	module.merge(RecordRpcServer::into_rpc(questions.clone()))?;
	module.merge(LanesRpcServer::into_rpc(questions))?;
	module.merge(
		Babe::new(client.clone(), babe.clone(), keystore.clone(), select_chain.clone()).into_rpc(),
	)?;
	module.merge(
		Grandpa::new(
			executor.clone(),
			grandpa.authorities.clone(),
			grandpa.voter_state.clone(),
			grandpa.justifications.clone(),
			grandpa.proofs.clone(),
		)
		.into_rpc(),
	)?;
	module.merge(
		Beefy::<Block, BeefyId>::new(
			beefy.from_voter_justif_stream.clone(),
			beefy.from_voter_best_beefy_stream.clone(),
			executor,
		)?
		.into_rpc(),
	)?;
	if let Some(storage) = backend.offchain_storage() {
		module.merge(MmrApiServer::<Hash, BlockNumber, Hash>::into_rpc(Mmr::<
			_,
			(Block, Hash),
			_,
		>::new(
			client.clone(),
			storage,
		)))?;
	}
	module.merge(
		SyncState::new(
			chain_spec.cloned_box(),
			client.clone(),
			grandpa.authorities.clone(),
			babe.clone(),
		)?
		.into_rpc(),
	)?;
	Ok(module)
}
