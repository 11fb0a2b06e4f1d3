//! Reports validators that make two blocks for one slot.
//!
//! BABE's own import reports them too, but in SDK 2609 from headers whose seal has been taken off,
//! which the runtime refuses: `sc-consensus-babe` 0.60 checks in `import_block`, after the verifier
//! has moved the seal into `post_digests`. Here the seal is put back before two headers are
//! compared; BABE's own reports go nowhere ([`crate::consensus`]). Once the SDK does the same, this
//! file can go; the test that two processes with one key are slashed stays.

use std::{collections::BTreeMap, sync::Arc};

use openledger_runtime::{opaque::Block, Hash, Header};
use parking_lot::Mutex;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{
	check_equivocation_proof, AuthorityId, AuthorityIndex, BabeApi, EquivocationProof, Slot,
};
use sp_runtime::traits::Header as _;

use crate::service::Client;

/// Headers kept for comparison: the authors of more than an hour of slots.
const KEPT_HEADERS: usize = 2_048;

/// The first header seen of each slot and author.
type Seen = BTreeMap<(Slot, AuthorityIndex), Header>;

/// Passes blocks on to BABE's import, and compares their authors on the way.
#[derive(Clone)]
pub struct Watch<Inner> {
	inner: Inner,
	client: Arc<Client>,
	pool: OffchainTransactionPoolFactory<Block>,
	seen: Arc<Mutex<Seen>>,
}

impl<Inner> Watch<Inner> {
	/// Watches over an import; reports go through the pool.
	pub fn new(
		inner: Inner,
		client: Arc<Client>,
		pool: OffchainTransactionPoolFactory<Block>,
	) -> Self {
		Self { inner, client, pool, seen: Default::default() }
	}

	fn report(&self, first: Header, second: Header, slot: Slot, index: AuthorityIndex) {
		match self.try_report(first, second, slot, index) {
			Ok(true) => log::info!("Reported that one validator made two blocks for slot {slot}."),
			Ok(false) => {
				log::warn!("Two blocks for slot {slot}, but nothing proves who made them both.")
			}
			Err(error) => log::warn!("Two blocks for slot {slot} could not be reported: {error}."),
		}
	}

	/// Whether there was enough to prove the offence.
	fn try_report(
		&self,
		first_header: Header,
		second_header: Header,
		slot: Slot,
		index: AuthorityIndex,
	) -> Result<bool, ApiError> {
		let parent = *second_header.parent_hash();
		let best = self.client.info().best_hash;
		let proof_of = |offender: AuthorityId| EquivocationProof {
			offender,
			slot,
			first_header: first_header.clone(),
			second_header: second_header.clone(),
		};
		let api = self.client.runtime_api();
		// Around the turn of an epoch the slot may belong to the one after the parent's.
		let authorities = [api.current_epoch(parent)?, api.next_epoch(parent)?];
		let Some(proof) = authorities
			.into_iter()
			.filter_map(|epoch| Some(epoch.authorities.get(index as usize)?.0.clone()))
			.map(proof_of)
			.find(|proof| check_equivocation_proof(proof.clone()))
		else {
			return Ok(false);
		};

		let ownership = |at: Hash| {
			self.client.runtime_api().generate_key_ownership_proof(at, slot, proof.offender.clone())
		};
		let Some(key_owner_proof) = ownership(parent)?.or(ownership(best)?) else {
			return Ok(false);
		};
		// Another instance: one must not be used at two blocks, and the epochs were read at the parent.
		let mut api = self.client.runtime_api();
		api.register_extension(self.pool.offchain_transaction_pool(best));
		api.submit_report_equivocation_unsigned_extrinsic(best, proof, key_owner_proof)?;
		Ok(true)
	}

	/// Remembers a header, or returns the other one of the same slot and author.
	fn other(&self, header: &Header, slot: Slot, index: AuthorityIndex) -> Option<Header> {
		let mut seen = self.seen.lock();
		let first = seen.entry((slot, index)).or_insert_with(|| header.clone()).clone();
		if seen.len() > KEPT_HEADERS {
			seen.pop_first();
		}
		(first.hash() != header.hash()).then_some(first)
	}
}

#[async_trait::async_trait]
impl<Inner> BlockImport<Block> for Watch<Inner>
where
	Inner: BlockImport<Block> + Send + Sync,
{
	type Error = Inner::Error;

	async fn check_block(
		&self,
		block: BlockCheckParams<Block>,
	) -> Result<ImportResult, Self::Error> {
		self.inner.check_block(block).await
	}

	async fn import_block(
		&self,
		block: BlockImportParams<Block>,
	) -> Result<ImportResult, Self::Error> {
		// What is long past is not worth a report: its slash would come too late.
		let past = matches!(block.origin, BlockOrigin::NetworkInitialSync | BlockOrigin::WarpSync);
		let offence = sc_consensus_babe::find_pre_digest::<Block>(&block.header)
			.ok()
			.filter(|_| !past && !block.with_state())
			.and_then(|digest| {
				let mut sealed = block.header.clone();
				for seal in &block.post_digests {
					sealed.digest_mut().push(seal.clone());
				}
				let (slot, index) = (digest.slot(), digest.authority_index());
				let first = self.other(&sealed, slot, index)?;
				Some((first, sealed, slot, index))
			});

		if let Some((first, second, slot, index)) = offence {
			self.report(first, second, slot, index);
		}
		self.inner.import_block(block).await
	}
}
