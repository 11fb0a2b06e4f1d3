//! Who gets what of a fee.

use crate::{plus, receipt::Credit, Nano};
use alloc::vec::Vec;
use openledger_primitives::stored;
use sp_runtime::Permill;

stored! {
	/// How fees are split, as governance has set it. A batch keeps the terms it was submitted under.
	#[derive(Copy)]
	pub struct Terms {
		/// The platform's part of every fee, before everything else.
		pub platform_fee: Nano,
		/// The stakers' part of the rest: γ.
		pub stakers: Permill,
		/// The model's part of the rest: β.
		pub model: Permill,
		/// The operator's part of the model's.
		pub operator: Permill,
	}
}

/// A fee, split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Split {
	/// For the platform.
	pub platform: Nano,
	/// For stakers.
	pub stakers: Nano,
	/// For the model: its operator, its ancestors, its owner.
	pub model: Nano,
	/// For contributors.
	pub contributors: Nano,
}

/// ⌊amount · part⌋.
fn part_of(amount: Nano, part: Permill) -> Nano {
	let product = u128::from(amount).saturating_mul(part.deconstruct().into());
	// A part is at most the whole, so the quotient is at most the amount.
	(product / 1_000_000) as Nano
}

/// Splits a fee; none if it is less than the platform's part, or parts are more than the whole.
///
/// ```text
/// net     = fee − platform_fee
/// stakers = ⌊γ·net⌋      model = ⌊β·net⌋      contributors = net − stakers − model
/// ```
pub fn split(fee: Nano, terms: &Terms) -> Option<Split> {
	let net = fee.checked_sub(terms.platform_fee)?;
	let (stakers, model) = (part_of(net, terms.stakers), part_of(net, terms.model));
	let contributors = net.checked_sub(stakers)?.checked_sub(model)?;
	Some(Split { platform: terms.platform_fee, stakers, model, contributors })
}

/// What one credit gets of the contributors' part: ⌊contributors·w/Σw⌋. What the floors leave over,
/// and everything if no weight is positive, goes to the commons.
pub fn payout(contributors: Nano, credit: &Credit, total_weight: u32) -> Nano {
	u128::from(contributors)
		.saturating_mul(credit.weight.into())
		.checked_div(total_weight.into())
		.map_or(0, |payout| payout as Nano)
}

/// What a royalty is taken from: the model's own share (zero), or what the `k`-th ancestor takes.
pub type TakenFrom = u8;

/// The model's share, split.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelSplit {
	/// For the operator.
	pub operator: Nano,
	/// For each ancestor, less what its own ancestors take of it.
	pub ancestors: Vec<Nano>,
	/// For the owner: the rest.
	pub owner: Nano,
}

/// Splits the model's share: first the operator's part, then nested royalties, the rest for the
/// owner. An ancestor takes its royalty of what is left of the share (`0`), or of what the ancestor
/// before it in the list takes (`k`, counted from one), whatever others take of the same; none if one
/// takes from what is not before it, or more is taken than there is.
pub fn split_model(
	share: Nano,
	operator: Permill,
	royalties: &[(Permill, TakenFrom)],
) -> Option<ModelSplit> {
	let operator = part_of(share, operator);
	// What each takes before its own ancestors do, and after; at zero is the model itself.
	let mut gross = Vec::from([share.checked_sub(operator)?]);
	let mut net = gross.clone();
	for (royalty, from) in royalties {
		let from = usize::from(*from);
		let taken = part_of(*gross.get(from)?, *royalty);
		let left = net.get_mut(from)?;
		*left = left.checked_sub(taken)?;
		gross.push(taken);
		net.push(taken);
	}
	let mut net = net.into_iter();
	let owner = net.next()?;
	Some(ModelSplit { operator, ancestors: net.collect(), owner })
}

/// What a contribution has earned, split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EarnedSplit {
	/// For who has the right to earn.
	pub earner: Nano,
	/// For the reviewers who accepted it.
	pub curators: Nano,
	/// For the commons: what penalties of its contributor take.
	pub commons: Nano,
}

/// Splits what a contribution has earned: curators take their share of it, penalties theirs of what
/// is left.
pub fn split_earned(amount: Nano, curators: Permill, penalty: Permill) -> EarnedSplit {
	let curators = part_of(amount, curators);
	let left = amount.saturating_sub(curators);
	let commons = part_of(left, penalty);
	EarnedSplit { earner: left.saturating_sub(commons), curators, commons }
}

/// The sum of everything.
pub fn sum(amounts: impl IntoIterator<Item = Nano>) -> Option<Nano> {
	amounts.into_iter().try_fold(0, plus)
}
