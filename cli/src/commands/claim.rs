//! `claim`: what contributions and models have earned.

use std::ops::RangeInclusive;

use anyhow::{bail, Result};
use openledger_primitives::{
	records::{ContributionIndex, ContributionRef, DatanetId, Standing},
	units::Nano,
};
use openledger_runtime::{
	lanes::{ClaimInfo, ClaimableInfo},
	AccountId, Runtime, RuntimeCall, RuntimeEvent,
};
use pallet_datanets::Contributions;
use pallet_rewards::{Call, Claimable, ClaimsOf, Earnings, Event, Owed};
use serde_json::json;

use super::{done, Session};
use crate::{
	args::{show_account, show_contribution, show_nano},
	cli::lane::Claim,
	sending::Included,
	talk::Answer,
};

/// Does what was asked.
pub async fn run(command: &Claim, session: &Session<'_>) -> Result<Answer> {
	match command {
		Claim::Contributions { datanet, places, curation } => {
			contributions(*datanet, places, *curation, session).await
		}
		Claim::Account { accounts } => account(accounts, session).await,
		Claim::Show { account } => show(&session.account(account.as_ref())?, session).await,
	}
}

/// Claims for all of these items, as many in a call as fit.
async fn claim<T>(
	items: &[T],
	call: impl Fn(&[T]) -> RuntimeCall,
	session: &Session<'_>,
) -> Result<Vec<Included>> {
	let actor = session.actor()?;
	let most: u32 = session.chain.rewards("MaxClaims")?;
	let size = actor.fit(items, most as usize, &call).await?.size;
	actor.perform_all(items.chunks(size).map(call).collect(), Vec::new()).await
}

/// Items of a call; they were cut to size before.
fn bounded<T: Clone>(items: &[T]) -> ClaimsOf<Runtime, T> {
	ClaimsOf::<Runtime, T>::truncate_from(items.to_vec())
}

/// What was paid by claims, to whomever.
fn paid(included: &[Included]) -> Nano {
	let amount = |event: &RuntimeEvent| match event {
		RuntimeEvent::Rewards(
			Event::Claimed { amount, .. } | Event::AccountClaimed { amount, .. },
		) => Some(*amount),
		_ => None,
	};
	let events = included.iter().flat_map(|included| &included.events);
	events.filter_map(amount).fold(0, Nano::saturating_add)
}

/// Which of them have something to claim now, and how much together.
fn claimable(
	found: impl IntoIterator<Item = (ContributionRef, Option<Owed>, Option<Standing>)>,
	curation: bool,
) -> (Vec<ContributionRef>, Nano) {
	let part = |owed: Owed| if curation { owed.curators } else { owed.earner };
	let due = found.into_iter().filter_map(|(at, owed, standing)| {
		let amount = part(owed?);
		(amount > 0 && standing != Some(Standing::Flagged)).then_some((at, amount))
	});
	let (all, amounts): (Vec<_>, Vec<_>) = due.unzip();
	(all, amounts.into_iter().fold(0, Nano::saturating_add))
}

async fn contributions(
	datanet: DatanetId,
	places: &RangeInclusive<ContributionIndex>,
	curation: bool,
	session: &Session<'_>,
) -> Result<Answer> {
	let best = session.chain.best().await?;
	let length = super::datanet(&best, datanet).await?.length;
	let last = (*places.end()).min(length.saturating_sub(1));
	let keys: Vec<_> = (*places.start()..=last).map(|index| (datanet, index)).collect();
	let owed = best.doubles::<Earnings<Runtime>, _, _, _>(keys.clone()).await?;
	let records = best.doubles::<Contributions<Runtime>, _, _, _>(keys.clone()).await?;
	let standings = records.into_iter().map(|record| record.map(|record| record.standing));
	let found = keys.into_iter().zip(owed).zip(standings);
	let found = found.map(|(((datanet, index), owed), standing)| {
		(ContributionRef { datanet, index }, owed, standing)
	});
	let (due, amount) = claimable(found, curation);
	if due.is_empty() {
		bail!("None of these contributions has anything to claim now.");
	}
	session.talk.say(format!(
		"{} contributions have {} OPEN to claim, for {}.",
		due.len(),
		show_nano(amount),
		if curation { "their reviewers" } else { "their payees; of voided ones for the commons" },
	));
	let call = |items: &[ContributionRef]| -> RuntimeCall {
		let contributions = bounded(items);
		match curation {
			true => Call::<Runtime>::claim_curation { contributions }.into(),
			false => Call::<Runtime>::claim { contributions }.into(),
		}
	};
	let included = claim(&due, call, session).await?;
	let amount = if curation { amount } else { paid(&included) };
	let text = format!("{} OPEN of {} contributions are paid", show_nano(amount), due.len());
	let json = json!({
		"contributions": due.iter().map(|at| show_contribution(*at)).collect::<Vec<_>>(),
		"curation": curation,
		"paid": show_nano(amount),
	});
	Ok(done(text, &included, json))
}

async fn account(named: &[AccountId], session: &Session<'_>) -> Result<Answer> {
	let accounts = match named {
		[] => vec![session.account(None)?],
		named => named.to_vec(),
	};
	let best = session.chain.best().await?;
	let amounts = best.maps::<Claimable<Runtime>, _, _>(&accounts).await?;
	let due = accounts.iter().zip(amounts);
	let due = due.filter(|(_, amount)| amount.unwrap_or_default() > 0);
	let due: Vec<_> = due.map(|(account, _)| account.clone()).collect();
	if due.is_empty() {
		bail!("Nothing was earned by models that could be claimed for these accounts.");
	}
	let call = |items: &[AccountId]| -> RuntimeCall {
		Call::<Runtime>::claim_account { accounts: bounded(items) }.into()
	};
	let included = claim(&due, call, session).await?;
	let paid = show_nano(paid(&included));
	let text = format!("{paid} OPEN are paid to {} accounts", due.len());
	let json =
		json!({ "accounts": due.iter().map(show_account).collect::<Vec<_>>(), "paid": paid });
	Ok(done(text, &included, json))
}

async fn show(account: &AccountId, session: &Session<'_>) -> Result<Answer> {
	let best = session.chain.best().await?;
	let spinner = session.talk.spinner("Looking through what contributions are owed");
	let (mut all, mut after) = (Vec::<ClaimInfo>::new(), None::<ContributionRef>);
	let by_models = loop {
		let page: ClaimableInfo = best.ask("LanesApi_claimable", (account, after)).await?;
		all.extend(page.contributions);
		after = page.next;
		if after.is_none() {
			break page.account;
		}
	};
	spinner.finish_and_clear();
	all.sort_by_key(|claim| claim.contribution);
	let sum = |part: fn(&ClaimInfo) -> Nano| all.iter().map(part).fold(0, Nano::saturating_add);
	let (earned, curated) = (sum(|claim| claim.earner), sum(|claim| claim.curation));
	let mut lines = vec![
		format!("{} can claim:", show_account(account)),
		format!("  {} OPEN by models (`claim account`)", show_nano(by_models)),
		format!("  {} OPEN by contributions (`claim contributions`)", show_nano(earned)),
		format!("  {} OPEN as a reviewer (`claim contributions --curation`)", show_nano(curated)),
	];
	lines.extend(all.iter().map(|claim| {
		format!(
			"    {:<12}  {} OPEN{}",
			show_contribution(claim.contribution),
			show_nano(claim.earner),
			match claim.curation {
				0 => String::new(),
				curation => format!(", {} OPEN as a reviewer", show_nano(curation)),
			},
		)
	}));
	let contributions = all.iter().map(|claim| {
		json!({
			"contribution": show_contribution(claim.contribution),
			"earner": show_nano(claim.earner),
			"curation": show_nano(claim.curation),
		})
	});
	let json = json!({
		"account": show_account(account),
		"models": show_nano(by_models),
		"earner": show_nano(earned),
		"curation": show_nano(curated),
		"contributions": contributions.collect::<Vec<_>>(),
	});
	Ok(Answer { text: lines.join("\n"), json })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_what_can_be_claimed_now_is_claimed() {
		let at = |index| ContributionRef { datanet: 3, index };
		let owed = |earner, curators| Some(Owed { earner, curators });
		let found = [
			(at(0), owed(10, 1), Some(Standing::Valid)),
			(at(1), None, Some(Standing::Valid)),
			(at(2), owed(20, 0), Some(Standing::Flagged)),
			(at(3), owed(0, 5), Some(Standing::Valid)),
			// What was voided is claimed for the commons.
			(at(4), owed(40, 0), Some(Standing::Voided)),
		];
		assert_eq!(claimable(found, false), (vec![at(0), at(4)], 50));
		assert_eq!(claimable(found, true), (vec![at(0), at(3)], 6));
	}
}
