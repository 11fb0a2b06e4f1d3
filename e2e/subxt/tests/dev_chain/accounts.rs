//! What accounts do: transfers, staking, pools, proxies, multisigs.

use anyhow::{ensure, Context, Result};
use sp_crypto_hashing::blake2_256;
use subxt::{
	dynamic::{At, Value},
	ext::codec::Encode,
};
use subxt_signer::sr25519::Keypair;

use crate::chain::{account, address, call, event, id, variant, variant_name, Call, Chain, OPEN};

/// How many accounts are funded, with 1,000 OPEN each.
pub const SENDERS: u32 = 50;

/// The signers of this file; those of `bad_calls` are others.
pub const STAKER: u32 = 1;
pub const POOL_MEMBER: u32 = 3;
const TRANSFER_SIGNER: u32 = 0;
const POOL_CREATOR: u32 = 2;
const PRINCIPAL: u32 = 4;
const PROXY: u32 = 5;
const SIGNATORIES: [u32; 3] = [6, 7, 8];

/// An account that the first transaction funds.
pub fn sender(index: u32) -> Result<Keypair> {
	account(&format!("//subxt//sender//{index}"))
}

pub async fn fund_the_senders(chain: &Chain) -> Result<()> {
	println!("- a batch of transfers funds {SENDERS} accounts");
	let mut transfers = Vec::new();
	for index in 0..SENDERS {
		transfers.push(transfer_of(address(&sender(index)?), 1_000 * OPEN).into_value());
	}
	let calls = Value::unnamed_composite(transfers);
	chain.send(&account("//Alice")?, &call("Utility", "batch_all", [("calls", calls)])).await?;
	Ok(())
}

pub fn transfer_of(to: Value, amount: u128) -> Call {
	call("Balances", "transfer_keep_alive", [("dest", to), ("value", Value::u128(amount))])
}

pub async fn transfer(chain: &Chain) -> Result<()> {
	println!("- a transfer moves exactly its amount");
	let (from, to) = (sender(TRANSFER_SIGNER)?, account("//subxt//newcomer")?);
	let events = chain.send(&from, &transfer_of(address(&to), 7 * OPEN)).await?;
	let transfer = event(&events, "Balances", "Transfer")?;
	let amount = transfer.at("amount").and_then(Value::as_u128);
	ensure!(amount == Some(7 * OPEN), "The event reports another transfer: {transfer:?}");
	let received = chain.free_balance(&to).await?;
	ensure!(received == 7 * OPEN, "{received} arrived instead of 7 OPEN.");
	Ok(())
}

pub async fn bond_and_nominate(chain: &Chain) -> Result<()> {
	println!("- an account bonds and nominates");
	let (staker, validator) = (sender(STAKER)?, account("//Alice")?);
	let bond = [("value", Value::u128(500 * OPEN)), ("payee", variant("Staked", []))];
	chain.send(&staker, &call("Staking", "bond", bond)).await?;
	let targets = Value::unnamed_composite([address(&validator)]);
	chain.send(&staker, &call("Staking", "nominate", [("targets", targets)])).await?;

	let ledger = chain.read("Staking", "Ledger", [id(&staker)]).await?;
	let active = ledger.at("active").and_then(Value::as_u128);
	ensure!(active == Some(500 * OPEN), "The ledger has another bond: {ledger}");
	let nominations = chain.read("Staking", "Nominators", [id(&staker)]).await?;
	let named = nominations.at("targets").at(0).at(0).at(0) == Some(&id(&validator));
	ensure!(named, "Others are nominated: {nominations}");
	// A voter that no bag holds is not elected with.
	chain.read("VoterList", "ListNodes", [id(&staker)]).await?;
	Ok(())
}

pub async fn create_and_join_a_pool(chain: &Chain) -> Result<()> {
	println!("- an account creates a nomination pool and another joins it");
	let (creator, member) = (sender(POOL_CREATOR)?, sender(POOL_MEMBER)?);
	let create = [
		("amount", Value::u128(100 * OPEN)),
		("root", address(&creator)),
		("nominator", address(&creator)),
		("bouncer", address(&creator)),
	];
	chain.send(&creator, &call("NominationPools", "create", create)).await?;
	let pool = chain.read("NominationPools", "LastPoolId", []).await?;
	let join = [("amount", Value::u128(50 * OPEN)), ("pool_id", pool.clone())];
	chain.send(&member, &call("NominationPools", "join", join)).await?;

	let membership = chain.read("NominationPools", "PoolMembers", [id(&member)]).await?;
	let joined = (membership.at("pool_id"), membership.at("points").and_then(Value::as_u128));
	ensure!(joined == (Some(&pool), Some(50 * OPEN)), "The member has other points: {membership}");
	let bonded = chain.read("NominationPools", "BondedPools", [pool]).await?;
	let points = bonded.at("points").and_then(Value::as_u128);
	ensure!(points == Some(150 * OPEN), "The pool has other points: {bonded}");
	Ok(())
}

pub async fn act_through_a_proxy(chain: &Chain) -> Result<()> {
	println!("- a proxy acts for its principal");
	let (principal, proxy) = (sender(PRINCIPAL)?, sender(PROXY)?);
	let recipient = account("//subxt//by-proxy")?;
	let add = [
		("delegate", address(&proxy)),
		("proxy_type", variant("Any", [])),
		("delay", Value::u128(0)),
	];
	chain.send(&principal, &call("Proxy", "add_proxy", add)).await?;
	let transfer = transfer_of(address(&recipient), 3 * OPEN).into_value();
	let act = [
		("real", address(&principal)),
		("force_proxy_type", variant("None", [])),
		("call", transfer),
	];
	let events = chain.send(&proxy, &call("Proxy", "proxy", act)).await?;
	let executed = event(&events, "Proxy", "ProxyExecuted")?;
	ensure!(variant_name(executed.at("result")) == "Ok", "The call failed: {executed:?}");
	let received = chain.free_balance(&recipient).await?;
	ensure!(received == 3 * OPEN, "{received} arrived instead of 3 OPEN.");
	Ok(())
}

pub async fn two_of_three(chain: &Chain) -> Result<()> {
	println!("- two of three signatories execute a multisig call");
	let [first, second, third] = SIGNATORIES.map(sender);
	let (first, second, third) = (first?, second?, third?);
	let mut accounts = [&first, &second, &third].map(|key| key.public_key().0);
	accounts.sort();
	let multisig = multisig_account(&accounts, 2);
	let multisig_id = Value::unnamed_composite([Value::from_bytes(multisig)]);
	let fund = transfer_of(variant("Id", [Value::from_bytes(multisig)]), 50 * OPEN);
	chain.send(&third, &fund).await?;

	let recipient = account("//subxt//by-multisig")?;
	let approval = |signer: [u8; 32], timepoint: Value| {
		let others = accounts.iter().filter(|account| **account != signer);
		let max_weight = [("ref_time", 10_000_000_000), ("proof_size", 100_000)];
		let arguments = [
			("threshold", Value::u128(2)),
			("other_signatories", Value::unnamed_composite(others.map(Value::from_bytes))),
			("maybe_timepoint", timepoint),
			("call", transfer_of(address(&recipient), 20 * OPEN).into_value()),
			("max_weight", Value::named_composite(max_weight.map(|(k, v)| (k, Value::u128(v))))),
		];
		call("Multisig", "as_multi", arguments)
	};
	let proposal = approval(first.public_key().0, variant("None", []));
	let opened = event(&chain.send(&first, &proposal).await?, "Multisig", "NewMultisig")?;
	ensure!(opened.at("multisig") == Some(&multisig_id), "It has another account: {opened:?}");
	ensure!(chain.free_balance(&recipient).await? == 0, "One of three was enough.");

	let call_hash = opened.at("call_hash").context("The event names no call.")?.clone();
	let open =
		chain.read("Multisig", "Multisigs", [Value::from_bytes(multisig), call_hash]).await?;
	let when = open.at("when").context("A multisig operation has no timepoint.")?.clone();
	let consent = approval(second.public_key().0, variant("Some", [when]));
	let events = chain.send(&second, &consent).await?;
	let executed = event(&events, "Multisig", "MultisigExecuted")?;
	ensure!(variant_name(executed.at("result")) == "Ok", "The call failed: {executed:?}");
	let received = chain.free_balance(&recipient).await?;
	ensure!(received == 20 * OPEN, "{received} arrived instead of 20 OPEN.");
	Ok(())
}

/// The account of a multisig, as every client derives it from its sorted signatories.
fn multisig_account(sorted: &[[u8; 32]], threshold: u16) -> [u8; 32] {
	blake2_256(&(b"modlpy/utilisuba", sorted, threshold).encode())
}
