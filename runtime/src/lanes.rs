//! What nodes and tools ask about lanes and their money: answers that join what several pallets
//! store. Every answer is bounded, so that no question stalls a node. Amounts are in nano-OPEN, but
//! for bonds and deposits, which are in the smallest unit.

use crate::{
	answers::answer, AccountId, Attribution, Balance, BlockNumber, Datanets, ModelRegistry,
	Rewards, Runtime,
};
use alloc::vec::Vec;
use openledger_primitives::{
	records::{
		BatchNumber, ContributionRef, Epoch, InspectContributions, ModelId, Standing, VersionNumber,
	},
	units::Nano,
};
use openledger_settlement::parties::{Operators, TermsNumber};
use pallet_attribution::{Batch, Batches, Demands, DrawnStep, Lanes, Status};
use pallet_rewards::{Claimable, Earnings, Entry, Owed, Payers, Revenue};
use sp_core::H256;
use sp_runtime::{traits::BlockNumberProvider, Permill};

/// The most batches, demands and contributions in an answer.
pub const PAGE: usize = 1_000;

answer! {
	/// A lane, and what an inference is sold under now.
	pub struct LaneInfo {
		/// The number of the next batch.
		pub next: BatchNumber,
		/// The batches that are neither closed nor void, at most [`PAGE`] of them.
		pub open: Vec<BatchNumber>,
		/// Who operates the model, bonded.
		pub operator: Option<AccountId>,
		/// The operator's bond.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub bond: Balance,
		/// How much of it covers no batch yet.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub free_bond: Balance,
		/// The price epoch in force.
		pub epoch: Option<Epoch>,
		/// Its price of a thousand tokens of questions,
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub rate_in: Nano,
		/// and of answers.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub rate_out: Nano,
		/// The terms in force.
		pub terms: TermsInfo,
	}
}

answer! {
	/// Terms of splitting.
	#[derive(Copy)]
	pub struct TermsInfo {
		/// Their number.
		pub number: TermsNumber,
		/// What the platform gets of each fee.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub platform_fee: Nano,
		/// The stakers' part of what is left.
		pub stakers: Permill,
		/// The model's part of what is left.
		pub model: Permill,
		/// The operator's part of the model's.
		pub operator: Permill,
	}
}

answer! {
	/// A batch that is not closed.
	pub struct BatchInfo {
		/// Whose bond answers for it.
		pub operator: AccountId,
		/// The version that answered.
		pub version: VersionNumber,
		/// The price epoch of its receipts.
		pub epoch: Epoch,
		/// How many inferences it has.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub receipts: u64,
		/// What they cost together.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub fees: Nano,
		/// The root of its trace.
		pub trace: H256,
		/// How far it is.
		pub stage: Stage,
		/// Whether its operator was slashed, so that another must adopt it.
		pub orphan: bool,
		/// The first block in which it may be final by time, by the clock of deadlines.
		pub deadline: BlockNumber,
		/// When the last opening was published.
		pub answered: BlockNumber,
		/// The attestors who signed for it.
		pub signers: Vec<AccountId>,
		/// What is drawn; none while the seed is not known.
		pub draws: Option<DrawsInfo>,
		/// Demands that are not answered, at most [`PAGE`] of them.
		pub demands: Vec<DemandInfo>,
		/// Now, by the clock of deadlines.
		pub now: BlockNumber,
	}
}

answer! {
	/// How far a batch is.
	#[derive(Copy)]
	pub enum Stage {
		/// It waits to be final.
		#[codec(index = 0)]
		Pending,
		/// It is final, and is being paid.
		#[codec(index = 1)]
		Paying,
		/// It was final early and is paid, and can still fall.
		#[codec(index = 2)]
		Paid,
	}
}

answer! {
	/// What is drawn of a batch.
	pub struct DrawsInfo {
		/// The steps.
		pub steps: Vec<DrawInfo>,
		/// The last block for the answers.
		pub until: BlockNumber,
	}
}

answer! {
	/// A step that is drawn.
	#[derive(Copy)]
	pub struct DrawInfo {
		/// The step.
		pub step: u32,
		/// The place in it of the receipt to disclose.
		pub receipt: u32,
		/// Whether it was answered.
		pub answered: bool,
	}
}

answer! {
	/// A demand that is not answered.
	pub struct DemandInfo {
		/// The receipt's place in the batch.
		pub receipt: u32,
		/// Who wants to see it.
		pub by: AccountId,
		/// What they have deposited.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub deposit: Balance,
		/// The last block for the answer.
		pub until: BlockNumber,
	}
}

answer! {
	/// What a payer has with a model.
	pub struct PayerInfo {
		/// What can be spent or withdrawn.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub balance: Nano,
		/// What is being withdrawn,
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub leaving: Nano,
		/// and from which block on it can be taken.
		pub leaves_at: Option<BlockNumber>,
		/// How many inferences were bought,
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub count: u64,
		/// for how much together,
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub cumulative: Nano,
		/// and the head of the chain of their cores.
		pub head: H256,
		/// Who signs vouchers.
		pub signer: AccountId,
		/// Who signed them before, if that still counts.
		pub former_signer: Option<AccountId>,
	}
}

answer! {
	/// What an account can claim.
	pub struct ClaimableInfo {
		/// By models.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub account: Nano,
		/// By contributions that pay it, as earner or with other curators.
		pub contributions: Vec<ClaimInfo>,
		/// The last contribution that was looked at, if there are more: to be named as `after`.
		pub next: Option<ContributionRef>,
	}
}

answer! {
	/// What can be claimed for a contribution.
	#[derive(Copy)]
	pub struct ClaimInfo {
		/// The contribution.
		pub contribution: ContributionRef,
		/// The account's as its payee.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub earner: Nano,
		/// The account's as one of its curators.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub curation: Nano,
	}
}

answer! {
	/// What a version has sold, in batches that became final.
	#[derive(Copy)]
	pub struct RevenueInfo {
		/// How many inferences.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub receipts: u64,
		/// What they cost together.
		#[cfg_attr(feature = "std", serde(with = "crate::answers::as_digits"))]
		pub fees: u128,
	}
}

sp_api::decl_runtime_apis! {
	/// Reads lanes and their money.
	pub trait LanesApi {
		/// A lane, and what an inference is sold under now; none if there is no such model.
		fn lane(model: ModelId) -> Option<LaneInfo>;

		/// A batch that is not closed.
		fn batch(model: ModelId, batch: BatchNumber) -> Option<BatchInfo>;

		/// What a payer has with a model.
		fn payer(model: ModelId, payer: AccountId) -> Option<PayerInfo>;

		/// What an account can claim: the contributions are looked for among [`PAGE`] that are owed
		/// something, from the one after `after` on.
		fn claimable(account: AccountId, after: Option<ContributionRef>) -> ClaimableInfo;

		/// What a version of a model has sold.
		fn revenue(model: ModelId, version: VersionNumber) -> RevenueInfo;
	}
}

/// See [`LanesApi::lane`].
pub fn lane(model: ModelId) -> Option<LaneInfo> {
	pallet_model_registry::Models::<Runtime>::get(model)?;
	let operator = <ModelRegistry as Operators<AccountId>>::operator(model);
	let bond = |account| <ModelRegistry as Operators<AccountId>>::bond(model, account);
	let price = ModelRegistry::price_at(model, now());
	let (rate_in, rate_out) =
		price.as_ref().map_or((0, 0), |(_, epoch)| (epoch.price.rate_in, epoch.price.rate_out));
	let (number, terms) = Rewards::terms_in_force();
	Some(LaneInfo {
		next: Lanes::<Runtime>::get(model).next,
		open: Batches::<Runtime>::iter_key_prefix(model).take(PAGE).collect(),
		bond: operator.as_ref().map_or(0, bond),
		free_bond: operator.clone().map_or(0, |operator| Attribution::free_bond(model, operator)),
		operator,
		epoch: price.map(|(number, _)| number),
		rate_in,
		rate_out,
		terms: TermsInfo {
			number,
			platform_fee: terms.platform_fee,
			stakers: terms.stakers,
			model: terms.model,
			operator: terms.operator,
		},
	})
}

fn now() -> BlockNumber {
	<Runtime as pallet_attribution::Config>::Clock::current_block_number()
}

/// See [`LanesApi::batch`].
pub fn batch(model: ModelId, number: BatchNumber) -> Option<BatchInfo> {
	let record: Batch<AccountId> = Batches::<Runtime>::get(model, number)?;
	let draws = Attribution::draws(model, number).map(|(steps, until)| {
		let info = |DrawnStep { step, receipt, answered }| DrawInfo { step, receipt, answered };
		DrawsInfo { steps: steps.into_iter().map(info).collect(), until }
	});
	let demands = Demands::<Runtime>::iter_prefix((model, number))
		.take(PAGE)
		.map(|(receipt, demand)| DemandInfo {
			receipt,
			by: demand.by,
			deposit: demand.deposit,
			until: demand.until,
		})
		.collect();
	let slashed = pallet_attribution::Exposures::<Runtime>::get(model, &record.operator).slashed;
	Some(BatchInfo {
		version: record.version,
		epoch: record.epoch,
		receipts: record.totals.receipts,
		fees: record.totals.fees,
		trace: record.trace.root,
		stage: match record.status {
			Status::Pending => Stage::Pending,
			Status::Paying { .. } => Stage::Paying,
			Status::Paid => Stage::Paid,
		},
		orphan: slashed.is_some() && record.status == Status::Pending,
		deadline: record.deadline,
		answered: record.answered,
		signers: record.signers.into(),
		operator: record.operator,
		draws,
		demands,
		now: now(),
	})
}

/// See [`LanesApi::payer`].
pub fn payer(model: ModelId, payer: AccountId) -> Option<PayerInfo> {
	let Entry { balance, leaving, bought, signer, former_signer } =
		Payers::<Runtime>::get(model, payer)?;
	Some(PayerInfo {
		balance,
		leaving: leaving.map_or(0, |leaving| leaving.amount),
		leaves_at: leaving.map(|leaving| leaving.at),
		count: bought.count,
		cumulative: bought.cumulative,
		head: bought.head.0.into(),
		signer,
		former_signer: former_signer
			.filter(|former| now() <= former.until)
			.map(|former| former.account),
	})
}

/// See [`LanesApi::claimable`].
pub fn claimable(account: AccountId, after: Option<ContributionRef>) -> ClaimableInfo {
	let owed: Vec<_> = match after {
		Some(ContributionRef { datanet, index }) => {
			let key = Earnings::<Runtime>::hashed_key_for(datanet, index);
			Earnings::<Runtime>::iter_from(key).take(PAGE).collect()
		}
		None => Earnings::<Runtime>::iter().take(PAGE).collect(),
	};
	let next = (owed.len() == PAGE)
		.then(|| owed.last())
		.flatten()
		.map(|(datanet, index, _)| ContributionRef { datanet: *datanet, index: *index });
	let contributions = owed
		.into_iter()
		.filter_map(|(datanet, index, owed)| {
			claim(&account, ContributionRef { datanet, index }, owed)
		})
		.collect();
	ClaimableInfo { account: Claimable::<Runtime>::get(&account), contributions, next }
}

/// What of it is this account's; none if nothing is.
fn claim(account: &AccountId, contribution: ContributionRef, owed: Owed) -> Option<ClaimInfo> {
	let (standing, payee) = Datanets::payee(contribution)?;
	if standing != Standing::Valid {
		return None;
	}
	let earner = if payee == *account { owed.earner } else { 0 };
	let curators = match owed.curators {
		0 => Vec::new(),
		_ => Datanets::curators(contribution),
	};
	let each = owed.curators.checked_div(curators.len() as Nano).unwrap_or_default();
	let curation = if curators.contains(account) { each } else { 0 };
	(earner > 0 || curation > 0).then_some(ClaimInfo { contribution, earner, curation })
}

/// See [`LanesApi::revenue`].
pub fn revenue(model: ModelId, version: VersionNumber) -> RevenueInfo {
	let sold = Revenue::<Runtime>::get(model, version);
	RevenueInfo { receipts: sold.receipts, fees: sold.fees }
}
