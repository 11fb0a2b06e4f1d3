//! Where both sides are, what waits, and what would be done next.

use alloy::primitives::U256;
use anyhow::{bail, Result};
use serde_json::{json, Map, Value};
use subxt::utils::AccountId32;

use crate::{
	chain,
	inbound::{self, Inbound},
	outbound::{self, Outbound},
	plan::{beefy::Wanted, deposits::wanted_slot},
	relay::{now, Relay},
};

/// How many that wait are named one by one to people.
const NAMED: usize = 20;

/// Looks at everything. What cannot be read is named instead.
pub async fn status(relay: &Relay, as_json: bool) -> Result<String> {
	let parts = [
		("ethereumToChain", to_chain(relay).await),
		("chainToEthereum", to_ethereum(relay).await),
		("accounts", accounts(relay).await),
	];
	let failed = parts.iter().any(|(_, part)| part.is_err());
	let parts: Map<String, Value> = parts
		.into_iter()
		.map(|(name, part)| {
			let part = part.unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
			(name.to_string(), part)
		})
		.collect();
	let text = if as_json { Value::Object(parts).to_string() } else { for_people(&parts) };
	if failed {
		// What is known is still the answer.
		println!("{text}");
		bail!("Not everything could be read.");
	}
	Ok(text)
}

async fn to_chain(relay: &Relay) -> Result<Value> {
	let connection = relay.node.connection().await?;
	let best = connection.best().await?;
	let moment = inbound::look(relay, &connection, &best).await?;
	let steps = Inbound::default().plan(relay, &connection, &best, &moment).await?;
	let (step, _) = inbound::decide(relay, &moment, wanted_slot(steps.values())).await?;
	let waiting: Vec<Value> = steps
		.iter()
		.map(|(nonce, step)| json!({ "nonce": nonce, "state": step.to_string() }))
		.collect();
	let client = moment.state.client;
	let age = now().saturating_sub(moment.clock.time_of(client.slot));
	Ok(json!({
		"finalizedSlot": moment.latest.finalized_header.beacon.slot,
		"finalizedBlock": moment.final_block(),
		"clientSlot": client.slot,
		"clientAgeSeconds": age,
		"clientHalted": client.halted,
		"nextCommitteeKnown": client.next_known,
		"next": step.to_string(),
		"depositsHalted": moment.bridge.inbound_halted,
		"parked": open(moment.bridge.parked),
		"mintable": open(moment.bridge.mintable),
		"waiting": waiting,
	}))
}

async fn to_ethereum(relay: &Relay) -> Result<Value> {
	let connection = relay.node.connection().await?;
	let finalized = connection.finalized().await?;
	let bridge = chain::bridge(&finalized).await?;
	let contracts = relay.contracts(&bridge).await?;
	let mut state = Outbound::default();
	let steps = state.plan(relay, &finalized, contracts, bridge.withdrawals).await?;
	let wanted = Wanted { block: outbound::lowest_root(&steps), every: None };
	let (moment, step) = state.decide(relay, &connection, contracts.client, wanted).await?;
	let vault = outbound::vault(relay, contracts).await?;
	let waiting: Vec<Value> = steps
		.iter()
		.map(|(nonce, (withdrawal, step))| {
			let amount = open(withdrawal.amount);
			json!({ "nonce": nonce, "amount": amount, "block": withdrawal.block, "state": step.to_string() })
		})
		.collect();
	let light = moment.light;
	Ok(json!({
		"vault": contracts.vault.to_string(),
		"client": contracts.client.to_string(),
		"beefyBlock": moment.chain.block,
		"beefySet": moment.chain.set,
		"l1Block": light.block,
		"l1Set": light.set,
		"l1AgeSeconds": light.now.saturating_sub(light.office_since),
		"l1TooOld": light.is_too_old(),
		"handoverDeadline": light.handover_deadline(),
		"next": step.to_string(),
		"withdrawals": bridge.withdrawals,
		"withdrawalsHalted": bridge.outbound_halted,
		"vaultHaltedUntil": vault.halted_until,
		"available": open(u128::try_from(vault.available).unwrap_or(u128::MAX)),
		"waiting": waiting,
	}))
}

async fn accounts(relay: &Relay) -> Result<Value> {
	let mut accounts = Map::new();
	if let Some(key) = &relay.key {
		let connection = relay.node.connection().await?;
		let balance = connection.balance(&connection.best().await?, key).await?;
		let address = AccountId32(key.public_key().0).to_string();
		accounts.insert("chain".into(), json!({ "address": address, "open": open(balance) }));
	}
	if let Some(account) = relay.ethereum.account() {
		let balance = relay.ethereum.balance(account).await?;
		let balance = u128::try_from(balance.min(U256::from(u128::MAX))).unwrap_or(u128::MAX);
		accounts.insert(
			"ethereum".into(),
			json!({ "address": account.to_string(), "ether": open(balance) }),
		);
	}
	Ok(Value::Object(accounts))
}

/// An amount of 10^-18 units as the shortest decimal number.
fn open(units: u128) -> String {
	const ONE: u128 = 1_000_000_000_000_000_000;
	let part = format!("{:018}", units % ONE);
	match part.trim_end_matches('0') {
		"" => (units / ONE).to_string(),
		part => format!("{}.{part}", units / ONE),
	}
}

fn ago(seconds: u64) -> String {
	match seconds {
		0..=119 => format!("{seconds} seconds"),
		120..=7_199 => format!("{} minutes", seconds / 60),
		7_200..=172_799 => format!("{} hours", seconds / 3_600),
		_ => format!("{} days", seconds / 86_400),
	}
}

/// A part of the answer, as people read it.
struct Part<'a>(Option<&'a Value>);

impl<'a> Part<'a> {
	fn get(&self, key: &str) -> Option<&'a Value> {
		self.0.and_then(|part| part.get(key))
	}

	/// A value, without quotes.
	fn say(&self, key: &str) -> String {
		self.get(key).map_or_else(String::new, |value| match value.as_str() {
			Some(text) => text.into(),
			None => value.to_string(),
		})
	}

	fn ago(&self, key: &str) -> String {
		ago(self.get(key).and_then(Value::as_u64).unwrap_or_default())
	}

	fn is(&self, key: &str) -> bool {
		self.get(key) == Some(&Value::Bool(true))
	}

	fn waiting(&self) -> &'a [Value] {
		self.get("waiting").and_then(Value::as_array).map_or(&[], Vec::as_slice)
	}

	/// What waits, one by one.
	fn list(&self, kind: &str) -> String {
		let all = self.waiting();
		let mut text = String::new();
		for one in all.iter().take(NAMED) {
			let one = Part(Some(one));
			text += &format!("    {kind} {} {}\n", one.say("nonce"), one.say("state"));
		}
		if all.len() > NAMED {
			text += &format!("    and {} more (--json names all)\n", all.len() - NAMED);
		}
		text
	}
}

fn for_people(parts: &Map<String, Value>) -> String {
	let section = |title: &str, name: &str, describe: fn(Part) -> String| {
		let part = Part(parts.get(name));
		let text = match part.get("error") {
			Some(_) => format!("  {}\n", part.say("error")),
			None => describe(part),
		};
		format!("{title}\n{text}")
	};
	let text = [
		section("Ethereum -> chain", "ethereumToChain", people_to_chain),
		section("Chain -> Ethereum", "chainToEthereum", people_to_ethereum),
		section("Accounts for fees", "accounts", people_accounts),
	];
	text.concat().trim_end().to_string()
}

fn people_to_chain(of: Part) -> String {
	let halted = if of.is("depositsHalted") { ", HALTED by the committee" } else { "" };
	format!(
		"  Ethereum has finalised slot {}, block {}\n  the chain's beacon client is at slot {}, {} old; next: {}\n  \
		 {} deposits not executed{halted}; {} OPEN parked\n{}",
		of.say("finalizedSlot"),
		of.say("finalizedBlock"),
		of.say("clientSlot"),
		of.ago("clientAgeSeconds"),
		of.say("next"),
		of.waiting().len(),
		of.say("parked"),
		of.list("deposit"),
	)
}

fn people_to_ethereum(of: Part) -> String {
	let halted = if of.is("withdrawalsHalted") { ", HALTED by the committee" } else { "" };
	format!(
		"  BEEFY has made block {} final, validator set {}\n  Ethereum knows block {}, validator set {}, in office at \
		 most {} ago; next: {}\n  {} withdrawals{halted}, {} of them not unlocked; {} OPEN may leave the vault now\n{}",
		of.say("beefyBlock"),
		of.say("beefySet"),
		of.say("l1Block"),
		of.say("l1Set"),
		of.ago("l1AgeSeconds"),
		of.say("next"),
		of.say("withdrawals"),
		of.waiting().len(),
		of.say("available"),
		of.list("withdrawal"),
	)
}

fn people_accounts(of: Part) -> String {
	let line = |(name, unit): (&str, &str)| {
		let account = Part(of.get(name));
		match account.get("address") {
			Some(_) => format!(
				"  {name}: {} has {} {}\n",
				account.say("address"),
				account.say(unit),
				unit.to_uppercase()
			),
			None => format!("  {name}: no key is named\n"),
		}
	};
	[("chain", "open"), ("ethereum", "ether")].map(line).concat()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_are_as_short_as_they_can_be() {
		assert_eq!(open(0), "0");
		assert_eq!(open(1), "0.000000000000000001");
		assert_eq!(open(12_500_000_000_000_000_000), "12.5");
	}

	#[test]
	fn people_read_what_waits_and_what_could_not_be_read() {
		let waiting: Vec<_> =
			(1..=25).map(|nonce| json!({ "nonce": nonce, "state": "waits" })).collect();
		let parts = json!({
			"ethereumToChain": {
				"finalizedSlot": 9, "finalizedBlock": 8, "clientSlot": 7, "clientAgeSeconds": 7_200, "next": "nothing",
				"depositsHalted": true, "parked": "1.5", "waiting": waiting,
			},
			"chainToEthereum": { "error": "The Ethereum node: gone" },
			"accounts": { "chain": { "address": "5abc", "open": "2" } },
		});
		let text = for_people(parts.as_object().unwrap());
		for expected in [
			"slot 7, 2 hours old; next: nothing",
			"25 deposits not executed, HALTED by the committee; 1.5 OPEN parked",
			"deposit 20 waits",
			"and 5 more",
			"  The Ethereum node: gone",
			"chain: 5abc has 2 OPEN",
			"ethereum: no key is named",
		] {
			assert!(text.contains(expected), "{expected} is not in:\n{text}");
		}
		assert!(!text.contains("deposit 21 waits"));
	}
}
