//! `payer`: what a payer has with a model, and the vouchers that it signs.

use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
};

use anyhow::{bail, Context as _, Result};
use openledger_primitives::{
	records::{Epoch, ModelId, VersionNumber},
	units::Nano,
};
use openledger_runtime::{lanes::PayerInfo, AccountId, Runtime};
use openledger_settlement::{
	chain::Chain as Links,
	parties::{TermsNumber, Voucher},
	price::{fee, Price},
	receipt::Core,
	split::Terms,
	voucher::{message, Bought},
};
use pallet_model_registry::Versions;
use pallet_rewards::{Call, Entry};
use serde_json::{json, Value};
use sp_core::H256;

use super::{
	done,
	lane::{
		context::{entries, price, terms},
		units,
	},
	Session,
};
use crate::{
	args::{show_account, show_hash, show_nano},
	cli::lane::{Payer, Sign},
	sales::Sales,
	sending::Cost,
	state::State,
	talk::Answer,
	vouchers::{signers, Vouchers},
};

/// Does what was asked.
pub async fn run(command: &Payer, session: &Session<'_>) -> Result<Answer> {
	let mut costs = Vec::new();
	let (call, said, model, payer) = match command {
		Payer::Show { model, payer } => {
			return show(*model, &session.account(payer.as_ref())?, session).await;
		}
		Payer::Sign(command) => return sign(command, session).await,
		Payer::Open { model, amount, signer } => {
			let fee = session.chain.rewards("OpeningFee")?;
			costs.push(Cost::new(fee, "for the entry, which stays for ever"));
			costs.push(Cost::new(units(*amount), "into the entry"));
			let call = Call::<Runtime>::open_entry {
				model: *model,
				amount: *amount,
				signer: signer.clone(),
			};
			(call, format!("You have an entry with model {model}"), *model, None)
		}
		Payer::TopUp { model, amount, payer } => {
			costs.push(Cost::new(units(*amount), "into the entry"));
			let payer = session.account(payer.as_ref())?;
			let call = Call::top_up { model: *model, payer: payer.clone(), amount: *amount };
			let said = format!("{} has more to spend with model {model}", show_account(&payer));
			(call, said, *model, Some(payer))
		}
		Payer::SetSigner { model, signer } => {
			let delay: u32 = session.chain.rewards("WithdrawalDelay")?;
			let said = format!(
				"{} signs your vouchers for model {model}; those of who did before count for {delay} blocks \
				 more",
				show_account(signer),
			);
			(Call::set_signer { model: *model, signer: signer.clone() }, said, *model, None)
		}
		Payer::Withdraw { model, amount } => {
			let delay: u32 = session.chain.rewards("WithdrawalDelay")?;
			let said = format!(
				"{} OPEN leave the entry with model {model}: `payer take {model}` in {delay} blocks",
				show_nano(*amount),
			);
			(Call::withdraw { model: *model, amount: *amount }, said, *model, None)
		}
		Payer::Take { model, payer } => {
			let payer = session.account(payer.as_ref())?;
			let said = format!("{} has got what has left model {model}", show_account(&payer));
			(
				Call::take_withdrawn { model: *model, payer: payer.clone() },
				said,
				*model,
				Some(payer),
			)
		}
	};
	let actor = session.actor()?;
	let included = actor.perform(call, costs).await?;
	let payer = payer.unwrap_or_else(|| actor.account().clone());
	let after = session.chain.at(included.hash).await?;
	let entry = info(&after, model, &payer).await?;
	Ok(done(said, &[included], info_json(model, &payer, &entry)))
}

/// What a payer has that must be there.
async fn info(state: &State<'_>, model: ModelId, payer: &AccountId) -> Result<PayerInfo> {
	let info: Option<PayerInfo> = state.ask("LanesApi_payer", (model, payer)).await?;
	info.with_context(|| {
		format!("{} has no entry with model {model}: `payer open`.", show_account(payer))
	})
}

fn info_json(model: ModelId, payer: &AccountId, info: &PayerInfo) -> Value {
	json!({
		"model": model,
		"payer": show_account(payer),
		"balance": show_nano(info.balance),
		"leaving": show_nano(info.leaving),
		"leavesAt": info.leaves_at,
		"count": info.count,
		"cumulative": info.cumulative.to_string(),
		"head": show_hash(info.head),
		"signer": show_account(&info.signer),
		"formerSigner": info.former_signer.as_ref().map(show_account),
	})
}

async fn show(model: ModelId, payer: &AccountId, session: &Session<'_>) -> Result<Answer> {
	let info = info(&session.chain.best().await?, model, payer).await?;
	let mut lines = vec![
		format!("{} with model {model}:", show_account(payer)),
		format!("  left      {} OPEN", show_nano(info.balance)),
		format!("  bought    {} inferences for {} OPEN", info.count, show_nano(info.cumulative)),
		format!("  head      {}", show_hash(info.head)),
		format!("  signer    {}", show_account(&info.signer)),
	];
	if let Some(former) = &info.former_signer {
		lines.push(format!("  formerly  {}, whose vouchers still count", show_account(former)));
	}
	if let Some(at) = info.leaves_at {
		lines.push(format!("  leaving   {} OPEN, from block {at} on", show_nano(info.leaving)));
	}
	Ok(Answer { text: lines.join("\n"), json: info_json(model, payer, &info) })
}

/// What receipts of a payer are checked against.
struct Checks {
	model: ModelId,
	versions: BTreeSet<VersionNumber>,
	prices: BTreeMap<Epoch, Price>,
	platform_fee: Nano,
}

impl Checks {
	/// Reads all that these receipts need.
	async fn read(
		state: &State<'_>,
		model: ModelId,
		number: Option<TermsNumber>,
		cores: &[(u32, Core)],
	) -> Result<Self> {
		let (_, Terms { platform_fee, .. }) = terms(state, number).await?;
		let mut checks =
			Self { model, versions: BTreeSet::new(), prices: BTreeMap::new(), platform_fee };
		let named: BTreeSet<_> = cores.iter().map(|(_, core)| core.version).collect();
		for version in named {
			if state.double::<Versions<Runtime>, _, _, _>(model, version).await?.is_some() {
				checks.versions.insert(version);
			}
		}
		let epochs: BTreeSet<_> = cores.iter().map(|(_, core)| core.epoch).collect();
		for epoch in epochs {
			checks.prices.insert(epoch, price(state, model, epoch).await?);
		}
		Ok(checks)
	}

	/// Why a receipt is not to be paid, if so.
	fn refuse(&self, core: &Core) -> Option<String> {
		let Core { version, epoch, tokens_in, tokens_out, .. } = *core;
		if !self.versions.contains(&version) {
			return Some(format!("there is no version {version} of model {}", self.model));
		}
		let Some(price) = self.prices.get(&epoch) else {
			return Some(format!("there is no price epoch {epoch} of model {}", self.model));
		};
		let must = fee(*price, tokens_in, tokens_out, self.platform_fee);
		(must != Some(core.fee)).then(|| {
			let must = must.map_or("no possible amount of".into(), show_nano);
			format!(
				"{tokens_in} tokens in and {tokens_out} out cost {must} OPEN, and it asks for {}",
				show_nano(core.fee),
			)
		})
	}
}

/// What a payer has bought with these.
fn buy(before: Bought, cores: &[(u32, Core)]) -> Result<Bought> {
	let links = Links::default();
	cores.iter().try_fold(before, |bought, (_, core)| {
		let cumulative = bought.cumulative.checked_add(core.fee);
		Ok(Bought {
			count: bought.count.saturating_add(1),
			cumulative: cumulative.context("The sum of the fees is no possible amount.")?,
			head: links.link(bought.head, core),
		})
	})
}

/// What a payer buys by a sales file, with the places; each names the output that is there.
fn cores_of(path: &Path, payer: &AccountId, session: &Session<'_>) -> Result<Vec<(u32, Core)>> {
	let nothing = || format!("{} has bought nothing in {}.", show_account(payer), path.display());
	let payers = Sales::payers_of(path)?;
	let position = payers.binary_search(payer).ok().with_context(nothing)?;
	let mut cores = Vec::new();
	Sales::read(path, session.talk, |nth, sale| {
		if usize::from(sale.receipt.payer) != position {
			return Ok(());
		}
		if let Some(why) = sale.wrong_output() {
			bail!("is not to be paid: {why}");
		}
		cores.push((nth, sale.receipt.core));
		Ok(())
	})?;
	if cores.is_empty() {
		bail!(nothing());
	}
	Ok(cores)
}

/// Signs for what was bought, after checking it.
async fn sign(command: &Sign, session: &Session<'_>) -> Result<Answer> {
	let Sign { model, sales, payer, terms, out } = command;
	let model = *model;
	let actor = session.actor()?;
	let payer = payer.clone().unwrap_or_else(|| actor.account().clone());
	let address = show_account(&payer);
	let best = session.chain.best().await?;
	let entry = entries(&best, model, std::slice::from_ref(&payer)).await?.pop();
	let entry = entry.context("The node has no answer about the entry.")?;
	let clock = best.clock().await?;
	if !signers(&entry, clock).any(|signer| signer == actor.account()) {
		bail!(
			"{} signs the vouchers of {address} for model {model}, and not {}.",
			show_account(&entry.signer),
			show_account(actor.account()),
		);
	}
	let cores = cores_of(sales, &payer, session)?;
	let checks = Checks::read(&best, model, *terms, &cores).await?;
	for (nth, core) in &cores {
		if let Some(why) = checks.refuse(core) {
			bail!("Receipt {nth} of {} is not to be paid: {why}.", sales.display());
		}
	}
	let after = buy(entry.bought, &cores)?;
	let cost = agree(&address, model, &entry, &cores, &after, session)?;
	let signature = actor.signer.sign(&message(session.chain.genesis, model, &payer, &after));
	let voucher = Voucher { payer: payer.clone(), bought: after, signature };
	let mut vouchers = match out {
		Some(out) => Vouchers::read_or_new(out)?,
		None => Vouchers::default(),
	};
	vouchers.put(voucher);
	let text = match out {
		Some(out) => {
			vouchers.write(out)?;
			format!("The voucher of {address} is in {}.", out.display())
		}
		None => vouchers.to_json()?,
	};
	let json = json!({
		"model": model,
		"payer": address,
		"inferences": cores.len(),
		"cost": show_nano(cost),
		"vouchers": serde_json::from_str::<Value>(&vouchers.to_json()?)?,
	});
	Ok(Answer { text, json })
}

/// Shows what is signed for, makes sure that it is covered, and asks.
fn agree(
	address: &str,
	model: ModelId,
	entry: &Entry,
	cores: &[(u32, Core)],
	after: &Bought,
	session: &Session<'_>,
) -> Result<Nano> {
	let cost = after.cumulative.saturating_sub(entry.bought.cumulative);
	let hidden = cores.iter().filter(|(_, core)| core.private).count();
	session.talk.say(format!(
		"{address} signs for {} inferences of model {model}, {hidden} of them private:",
		cores.len(),
	));
	session.talk.say(format!(
		"  {} OPEN, of {} in the entry",
		show_nano(cost),
		show_nano(entry.held())
	));
	session.talk.say(format!(
		"  {} inferences and {} OPEN in all, head {}",
		after.count,
		show_nano(after.cumulative),
		show_hash(H256(after.head.0)),
	));
	if cost > entry.held() {
		bail!(
			"The entry of {address} with model {model} has {} OPEN, and this costs {}: `payer top-up`. Nothing \
			 was signed.",
			show_nano(entry.held()),
			show_nano(cost),
		);
	}
	session.talk.confirm_to("sign", "signed")?;
	Ok(cost)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::sales::tests::sales;
	use openledger_settlement::build::Batch;

	#[test]
	fn what_is_bought_is_what_a_batch_says() {
		let (context, sales) = sales(50, 2);
		let before = [
			Bought { count: 3, cumulative: 30, ..Default::default() },
			Bought { count: 4, cumulative: 40, ..Default::default() },
		];
		let receipts: Vec<_> = sales.into_iter().map(|sale| sale.receipt).collect();
		let batch = Batch::build(context, before.to_vec(), receipts.clone()).unwrap();
		for (payer, (before, purchase)) in before.into_iter().zip(batch.purchases()).enumerate() {
			let own = receipts.iter().filter(|receipt| usize::from(receipt.payer) == payer);
			let cores: Vec<_> = (0..).zip(own.map(|receipt| receipt.core)).collect();
			assert_eq!(buy(before, &cores).unwrap(), purchase.after);
			let full = Bought { cumulative: u64::MAX, ..before };
			assert!(buy(full, &cores).is_err());
		}
	}

	#[test]
	fn a_receipt_that_is_not_to_be_paid_is_refused() {
		let (context, sales) = sales(3, 1);
		let core = sales[1].receipt.core;
		let checks = Checks {
			model: 7,
			versions: [core.version].into(),
			prices: [(core.epoch, context.price)].into(),
			platform_fee: context.terms.platform_fee,
		};
		assert_eq!(checks.refuse(&core), None);
		let says = |core: Core| checks.refuse(&core).unwrap();
		assert!(says(Core { fee: core.fee + 1, ..core }).contains("asks for"));
		assert!(says(Core { tokens_in: core.tokens_in + 1_000, ..core }).contains("tokens in"));
		assert!(says(Core { version: core.version + 1, ..core }).contains("no version"));
		assert!(says(Core { epoch: core.epoch + 1, ..core }).contains("no price epoch"));
	}
}
