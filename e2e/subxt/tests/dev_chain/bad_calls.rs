//! Each bad call fails with the error that names what is wrong with it.

use anyhow::{ensure, Result};
use subxt::dynamic::Value;

use crate::{
	accounts::{sender, transfer_of, POOL_MEMBER, SENDERS, STAKER},
	chain::{account, address, call, id, variant, Call, Chain, OPEN},
};

/// From here on, each call has a signer of its own: an account that did nothing before.
const FIRST_SIGNER: u32 = 20;

const NO_SUCH_INDEX: u128 = 4_242;

/// A call and its error; some need a signer who has done something before.
struct BadCall {
	what: &'static str,
	signer: Option<u32>,
	call: Call,
	error: &'static str,
}

pub async fn each_fails_with_its_error(chain: &Chain) -> Result<()> {
	println!("- each bad call fails with its error");
	let bad_calls = bad_calls()?;
	let mut calls = Vec::new();
	for (bad, index) in bad_calls.iter().zip(FIRST_SIGNER..SENDERS) {
		calls.push((sender(bad.signer.unwrap_or(index))?, bad.call.clone()));
	}
	ensure!(calls.len() == bad_calls.len(), "There are more bad calls than accounts for them.");
	let mut wrong = Vec::new();
	for (bad, error) in bad_calls.iter().zip(chain.errors(&calls).await?) {
		println!("  {}: {error}", bad.what);
		if error != bad.error {
			wrong.push(format!("{}: {} was expected, not {error}", bad.what, bad.error));
		}
	}
	ensure!(wrong.is_empty(), "Calls fail with other errors:\n{}", wrong.join("\n"));
	Ok(())
}

fn bad_calls() -> Result<Vec<BadCall>> {
	let (alice, nobody) = (account("//Alice")?, account("//subxt//nobody")?);
	let remark = || call("System", "remark", [("remark", Value::from_bytes([0]))]).into_value();
	let burn = || {
		call("Balances", "burn", [("value", Value::u128(OPEN)), ("keep_alive", Value::bool(true))])
	};
	let bond = |payee| {
		call("Staking", "bond", [("value", Value::u128(100 * OPEN)), ("payee", variant(payee, []))])
	};
	let join = |pool| {
		let arguments = [("amount", Value::u128(50 * OPEN)), ("pool_id", Value::u128(pool))];
		call("NominationPools", "join", arguments)
	};
	let approve = |threshold, others: Vec<Value>| {
		let weight = [("ref_time", Value::u128(0)), ("proof_size", Value::u128(0))];
		let arguments = [
			("threshold", Value::u128(threshold)),
			("other_signatories", Value::unnamed_composite(others)),
			("maybe_timepoint", variant("None", [])),
			("call_hash", Value::from_bytes([0x11; 32])),
			("max_weight", Value::named_composite(weight)),
		];
		call("Multisig", "approve_as_multi", arguments)
	};
	let mut unsorted = [alice.public_key().0, nobody.public_key().0];
	unsorted.sort();
	unsorted.reverse();

	let by = |signer, what, call, error| BadCall { what, signer, call, error };
	let bad = |what, call, error| by(None, what, call, error);
	Ok(vec![
		bad(
			"transferring more than one has",
			transfer_of(address(&alice), 1_000_000 * OPEN),
			"Token.FundsUnavailable",
		),
		bad(
			"giving a new account less than the existential deposit",
			transfer_of(address(&nobody), OPEN / 1_000),
			"Token.BelowMinimum",
		),
		bad(
			"moving the funds of somebody else",
			call(
				"Balances",
				"force_transfer",
				[
					("source", address(&alice)),
					("dest", address(&nobody)),
					("value", Value::u128(OPEN)),
				],
			),
			"BadOrigin",
		),
		bad("burning OPEN", burn(), "System.CallFiltered"),
		bad(
			"burning OPEN inside a batch",
			call(
				"Utility",
				"batch_all",
				[("calls", Value::unnamed_composite([burn().into_value()]))],
			),
			"System.CallFiltered",
		),
		by(Some(STAKER), "bonding twice", bond("Staked"), "Staking.AlreadyBonded"),
		bad("bonding with rewards to nobody", bond("None"), "System.CallFiltered"),
		bad(
			"unbonding without a bond",
			call("Staking", "unbond", [("value", Value::u128(OPEN))]),
			"Staking.NotController",
		),
		bad(
			"setting the number of validators without a vote",
			call("Staking", "set_validator_count", [("new", Value::u128(1))]),
			"BadOrigin",
		),
		bad(
			"paying out an era that has not been",
			call(
				"Staking",
				"payout_stakers_by_page",
				[
					("validator_stash", id(&alice)),
					("era", Value::u128(NO_SUCH_INDEX)),
					("page", Value::u128(0)),
				],
			),
			"Staking.InvalidEraToReward",
		),
		bad(
			"joining a pool that does not exist",
			join(NO_SUCH_INDEX),
			"NominationPools.PoolNotFound",
		),
		by(
			Some(POOL_MEMBER),
			"joining a second time",
			join(1),
			"NominationPools.AccountBelongsToOtherPool",
		),
		bad(
			"setting session keys without a proof of owning them",
			call(
				"Session",
				"set_keys",
				[
					(
						"keys",
						Value::named_composite([
							("babe", Value::from_bytes([0x22; 32])),
							("grandpa", Value::from_bytes([0x22; 32])),
							("beefy", Value::from_bytes([0x22; 33])),
							("authority_discovery", Value::from_bytes([0x22; 32])),
						]),
					),
					("proof", Value::from_bytes([])),
				],
			),
			"Session.InvalidProof",
		),
		bad(
			"purging keys that were never set",
			call("Session", "purge_keys", []),
			"Session.NoKeys",
		),
		bad(
			"acting as a proxy of a stranger",
			call(
				"Proxy",
				"proxy",
				[
					("real", address(&alice)),
					("force_proxy_type", variant("None", [])),
					("call", remark()),
				],
			),
			"Proxy.NotProxy",
		),
		bad(
			"removing a proxy that was never added",
			call(
				"Proxy",
				"remove_proxy",
				[
					("delegate", address(&nobody)),
					("proxy_type", variant("Any", [])),
					("delay", Value::u128(0)),
				],
			),
			"Proxy.NotFound",
		),
		bad("a multisig of one", approve(1, vec![id(&alice)]), "Multisig.MinimumThreshold"),
		bad(
			"a multisig with unsorted signatories",
			approve(2, unsorted.map(Value::from_bytes).to_vec()),
			"Multisig.SignatoriesOutOfOrder",
		),
		bad(
			"voting on a referendum that does not exist",
			call(
				"ConvictionVoting",
				"vote",
				[
					("poll_index", Value::u128(NO_SUCH_INDEX)),
					(
						"vote",
						Value::named_variant(
							"Standard",
							[("vote", Value::u128(0x80)), ("balance", Value::u128(OPEN))],
						),
					),
				],
			),
			"ConvictionVoting.NotOngoing",
		),
		bad(
			"spending from the treasury without a vote",
			call(
				"Treasury",
				"spend_local",
				[("amount", Value::u128(OPEN)), ("beneficiary", address(&nobody))],
			),
			"BadOrigin",
		),
		bad(
			"proposing to a committee one is no member of",
			call(
				"TechnicalCommittee",
				"propose",
				[
					("threshold", Value::u128(2)),
					("proposal", remark()),
					("length_bound", Value::u128(100)),
				],
			),
			"TechnicalCommittee.NotMember",
		),
		bad(
			"removing a preimage that was never noted",
			call("Preimage", "unnote_preimage", [("hash", Value::from_bytes([0x11; 32]))]),
			"Preimage.NotNoted",
		),
		bad(
			"clearing an identity one does not have",
			call("Identity", "clear_identity", []),
			"Identity.NoIdentity",
		),
		bad("vesting nothing", call("Vesting", "vest", []), "Vesting.NotVesting"),
	])
}
