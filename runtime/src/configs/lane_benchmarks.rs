//! What benchmarks of lanes and of their money need of the other pallets: the records are written, not
//! earned, and every list in them is as long as it may be.

use crate::{
	configs::{
		lanes::{EarningsPot, EscrowPot, PayersPot},
		parameters::{
			clamps,
			dynamic_params::{inference, issuance},
			effective, RuntimeParameters,
		},
		record::{MaxCuratorShare, MaxRoyalty},
	},
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeHoldReason, System,
};
use frame_benchmarking::account;
use frame_support::{
	traits::{
		dynamic_params::AggregatedKeyValue,
		fungible::{Mutate, MutateHold},
	},
	BoundedVec,
};
use openledger_primitives::{
	content::ContentId,
	records::{
		ContributionKind, ContributionRef, Licence, ModelId, ModelKind, Precedence, Snapshot,
		Standing, Terms, MAX_REFERENCES,
	},
	units::OPEN,
};
use openledger_settlement::{price::Price, voucher::Bought, Nano, MAX_PAYEES};
use pallet_datanets::{
	Contribution, Contributions, FormerReviewers, Grounds, Payees, Reputation, Reputations, Seats,
	Work, MAX_QUORUM,
};
use pallet_model_registry::{
	Ancestor, DerivativeTerms, HoldReason, Lineage, Method, Model, Models, Operator, Operators,
	PriceEpoch, Prices, Version, Versions, MAX_ANCESTORS, MAX_SNAPSHOTS, MAX_URI,
};
use pallet_rewards::{Entry, FormerSigner, Leaving, Payers};
use sp_core::H256;

/// What everybody gets.
const ENDOWMENT: Balance = 10_000_000_000 * OPEN;
/// A bond that covers demands of all steps of the largest batch.
const BOND: Balance = 1_000_000_000 * OPEN;
/// Contributions of each datanet.
const LENGTH: u32 = MAX_PAYEES / MAX_SNAPSHOTS;

/// Makes it.
pub struct LaneBenchmarks;

fn fund(account: &AccountId) {
	Balances::set_balance(account, ENDOWMENT);
}

fn set_clock(now: BlockNumber) {
	System::set_block_number(now);
}

fn set(parameter: RuntimeParameters) {
	let (key, value) = parameter.into_parts();
	pallet_parameters::Parameters::<Runtime>::set(key, value);
}

fn licence() -> Licence {
	let terms = Terms { commercial: true, share_alike: false, attribution: true };
	Licence::Custom { text: H256::repeat_byte(1), terms }
}

/// A model of the `nth` owner.
fn insert_model(nth: u32, lineage: Lineage) {
	let record = Model {
		owner: account("owner", nth, 0),
		kind: ModelKind::FineTune,
		terms: DerivativeTerms { allowed: true, royalty: MaxRoyalty::get() },
		lineage,
		versions: 1,
		active: Some(0),
		epochs: 1,
		deposit: 0,
		deprecated: false,
	};
	Models::<Runtime>::insert(nth, record);
}

/// Each of its ancestors was made from the next.
fn model() -> ModelId {
	let model = MAX_ANCESTORS;
	(0..model).for_each(|nth| insert_model(nth, Lineage::default()));
	let ancestor = |nth: u32| Ancestor { model: nth, royalty: MaxRoyalty::get(), of: nth as u8 };
	insert_model(model, Lineage::truncate_from((0..model).map(ancestor).collect()));

	let snapshot = |datanet| Snapshot { datanet, length: LENGTH };
	let references = MAX_SNAPSHOTS..MAX_SNAPSHOTS.saturating_add(MAX_REFERENCES);
	let version = Version {
		weights: H256::repeat_byte(1),
		config: H256::repeat_byte(2),
		training_log: H256::repeat_byte(3),
		licence: licence(),
		snapshots: BoundedVec::truncate_from((0..MAX_SNAPSHOTS).map(snapshot).collect()),
		references: BoundedVec::truncate_from(references.map(snapshot).collect()),
		parents: BoundedVec::truncate_from([0].to_vec()),
		method: Method::Retrieval { table: H256::repeat_byte(4), top: u8::MAX },
		added: 0,
		uri: BoundedVec::truncate_from([b'x'; MAX_URI as usize].to_vec()),
	};
	Versions::<Runtime>::insert(model, 0, version);
	let price = Price { rate_in: 1_000_000_000, rate_out: 1_000_000_000 };
	Prices::<Runtime>::insert(model, 0, PriceEpoch { price, from: 0 });
	model
}

/// As many in each datanet as in the others.
fn contribution(nth: u32) -> ContributionRef {
	ContributionRef {
		datanet: nth.checked_div(LENGTH).unwrap_or_default(),
		index: nth.checked_rem(LENGTH).unwrap_or_default(),
	}
}

/// Its contributor has the most penalties, and has given the right to earn away.
fn accept(nth: u32, content: ContentId, size: u64) {
	let contributor: AccountId = account("contributor", nth, 0);
	let points = Reputation { points: u32::MAX, ..Reputation::default() };
	Reputations::<Runtime>::insert(&contributor, points);
	let ContributionRef { datanet, index } = contribution(nth);
	let first = index.saturating_mul(MAX_QUORUM) as u16;
	let seats = (first..).take(MAX_QUORUM as usize);
	let contribution = Contribution {
		contributor,
		earner: Some(account("earner", nth, 0)),
		work: Work {
			content,
			size,
			kind: ContributionKind::Label,
			licence: licence(),
			subject: Some(ContributionRef { datanet: 0, index: 0 }),
		},
		// Not in block zero, where references are.
		precedence: Precedence::new(1, nth),
		accepted: 1,
		bond: 0,
		curator_share: MaxCuratorShare::get(),
		acceptors: Seats::truncate_from(seats.collect()),
		judged: Grounds::default(),
		standing: Standing::Valid,
	};
	Contributions::<Runtime>::insert(datanet, index, contribution);
}

impl pallet_attribution::BenchmarkHelper<AccountId> for LaneBenchmarks {
	fn fund(account: &AccountId) {
		fund(account);
	}

	fn set_clock(now: BlockNumber) {
		set_clock(now);
	}

	fn model() -> ModelId {
		[PayersPot::get(), EscrowPot::get(), EarningsPot::get()].iter().for_each(fund);
		model()
	}

	fn operate(model: ModelId, operator: &AccountId) {
		let reason = RuntimeHoldReason::ModelRegistry(HoldReason::OperatorBond);
		if Balances::hold(&reason, operator, BOND).is_ok() {
			let operator = Operator { account: operator.clone(), bond: BOND };
			Operators::<Runtime>::insert(model, operator);
		}
	}

	fn contribution(nth: u32) -> ContributionRef {
		contribution(nth)
	}

	fn accept(nth: u32, content: ContentId, size: u64) {
		accept(nth, content, size);
	}

	fn open_entry(model: ModelId, payer: &AccountId, signer: &AccountId, amount: Nano) {
		let former = FormerSigner { account: payer.clone(), until: BlockNumber::MAX };
		let entry = Entry {
			balance: 1,
			leaving: Some(Leaving { amount, at: BlockNumber::MAX }),
			bought: Bought::default(),
			signer: signer.clone(),
			former_signer: Some(former),
		};
		Payers::<Runtime>::insert(model, payer, entry);
	}
}

impl pallet_rewards::BenchmarkHelper for LaneBenchmarks {
	fn fund(account: &AccountId) {
		fund(account);
	}

	fn set_clock(now: BlockNumber) {
		set_clock(now);
	}

	fn model() -> ModelId {
		model()
	}

	/// Its curators have left since, so that looking for them takes two reads each.
	fn contribution(nth: u32) -> ContributionRef {
		accept(nth, ContentId::default(), 1);
		let at = contribution(nth);
		let first = at.index.saturating_mul(MAX_QUORUM) as u16;
		for seat in (first..).take(MAX_QUORUM as usize) {
			let curator: AccountId = account("curator", nth, seat.into());
			FormerReviewers::<Runtime>::insert(at.datanet, seat, curator);
		}
		let earner: AccountId = account("earner", nth, 0);
		let payee: AccountId = account("payee", nth, 0);
		Payees::<Runtime>::insert(earner, payee);
		at
	}

	fn change_terms() {
		let fee = effective::platform_fee().saturating_add(1);
		set(RuntimeParameters::Inference(inference::Parameters::PlatformFee(
			inference::PlatformFee,
			Some(fee),
		)));
	}

	fn start_stream() {
		set(RuntimeParameters::Issuance(issuance::Parameters::StreamAmount(
			issuance::StreamAmount,
			Some(*clamps::STREAM_AMOUNT.end()),
		)));
	}
}
