//! Every refusal, from the call that meets it; state must not change by it.

use super::*;

/// What a call is refused for, and how to come to it.
struct Row {
	name: &'static str,
	before: fn(),
	call: fn() -> RuntimeCall,
	origin: fn() -> RuntimeOrigin,
	error: DispatchError,
}

fn relayer() -> RuntimeOrigin {
	signed(RELAYER)
}

fn submission(change: fn(&mut EventProof)) -> RuntimeCall {
	let mut proof = deposit(9, &ALICE, 1_000);
	change(&mut proof);
	Call::submit_deposit { proof }.into()
}

fn nothing() {}

fn without_vault() {
	TheVault::<Test>::kill();
}

fn backed() {
	pre_lock(1);
}

fn row(name: &'static str, before: fn(), call: fn() -> RuntimeCall, error: Error<Test>) -> Row {
	Row { name, before, call, origin: relayer, error: error.into() }
}

fn rows() -> Vec<Row> {
	use Error::*;
	vec![
		row("halted inbound", || halt(Direction::Inbound), || submission(|_| ()), Halted),
		row("no vault", without_vault, || submission(|_| ()), VaultNotSet),
		row(
			"another contract's event",
			nothing,
			|| submission(|proof| proof.event_log.address = H160::repeat_byte(1)),
			WrongEmitter,
		),
		row(
			"another event of the vault",
			nothing,
			|| submission(|proof| proof.event_log.topics[0] = H256::repeat_byte(1)),
			WrongTopic,
		),
		row(
			"no topics",
			nothing,
			|| submission(|proof| proof.event_log.topics.clear()),
			WrongTopic,
		),
		row(
			"a topic too few",
			nothing,
			|| submission(|proof| proof.event_log.topics.truncate(3)),
			InvalidLog,
		),
		row(
			"data too long",
			nothing,
			|| submission(|proof| proof.event_log.data.push(0)),
			InvalidLog,
		),
		row("executed before", || submit(9, &BOB, 5_000), || submission(|_| ()), AlreadyProcessed),
		row(
			"for nobody",
			nothing,
			|| submission(|proof| proof.event_log.topics[3] = H256::zero()),
			InvalidRecipient,
		),
		row(
			"more than 128 bits",
			nothing,
			|| submission(|proof| proof.event_log.data[15] = 1),
			AmountOverflow,
		),
		row(
			"more than there is",
			nothing,
			|| Call::submit_deposit { proof: deposit(9, &ALICE, SUPPLY + 1) }.into(),
			AmountOverflow,
		),
		row(
			"nothing",
			nothing,
			|| Call::submit_deposit { proof: deposit(9, &ALICE, 0) }.into(),
			AmountOverflow,
		),
		row(
			"too long a proof",
			nothing,
			|| submission(|proof| proof.proof.receipt_proof = vec![vec![0; 50_000]; 2]),
			ProofTooLarge,
		),
		row(
			"not believed",
			|| Believed::set(false),
			|| submission(|_| ()),
			Verification(VerificationError::InvalidProof),
		),
		row(
			"claims while halted",
			|| {
				submit(2, &NOBODY, 1);
				halt(Direction::Inbound);
			},
			|| Call::claim_parked { nonce: 2 }.into(),
			Halted,
		),
		row(
			"nothing parked",
			|| submit(2, &ALICE, 1_000),
			|| Call::claim_parked { nonce: 2 }.into(),
			NothingParked,
		),
		row(
			"no room to claim",
			|| {
				submit(2, &ALICE, 50_000);
				submit(3, &ALICE, 50_000);
			},
			|| Call::claim_parked { nonce: 3 }.into(),
			RateLimited,
		),
		row(
			"no room below the cap",
			|| {
				set(Limits { supply_cap: GENESIS, ..LIMITS });
				submit(3, &ALICE, 1);
			},
			|| Call::claim_parked { nonce: 3 }.into(),
			SupplyCapExceeded,
		),
		row(
			"withdraws while halted",
			|| {
				backed();
				halt(Direction::Outbound);
			},
			|| Call::withdraw { recipient: CAROL, amount: 1_000 }.into(),
			Halted,
		),
		row(
			"withdraws without a vault",
			without_vault,
			|| Call::withdraw { recipient: CAROL, amount: 1_000 }.into(),
			VaultNotSet,
		),
		row(
			"withdraws to nobody",
			backed,
			|| Call::withdraw { recipient: H160::zero(), amount: 1_000 }.into(),
			InvalidRecipient,
		),
		row(
			"withdraws to the vault",
			backed,
			|| Call::withdraw { recipient: VAULT.address, amount: 1_000 }.into(),
			InvalidRecipient,
		),
		row(
			"withdraws to the token",
			backed,
			|| Call::withdraw { recipient: VAULT.token, amount: 1_000 }.into(),
			InvalidRecipient,
		),
		row(
			"withdraws too little",
			backed,
			|| Call::withdraw { recipient: CAROL, amount: 99 }.into(),
			BelowMinimum,
		),
		row(
			"withdraws too much",
			backed,
			|| Call::withdraw { recipient: CAROL, amount: 20_001 }.into(),
			AboveMaximum,
		),
		row(
			"withdraws what is not backed",
			nothing,
			|| Call::withdraw { recipient: CAROL, amount: 1_000 }.into(),
			InsufficientBacking,
		),
		row(
			"withdraws over the limit",
			|| {
				backed();
				for _ in 0..2 {
					assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 20_000));
				}
			},
			|| Call::withdraw { recipient: CAROL, amount: 100 }.into(),
			RateLimited,
		),
		row(
			"withdraws into a full block",
			|| {
				backed();
				for _ in 0..MESSAGES {
					assert_ok!(Bridge::withdraw(signed(ALICE), CAROL, 100));
				}
			},
			|| Call::withdraw { recipient: CAROL, amount: 100 }.into(),
			QueueFull,
		),
		Row {
			name: "withdraws what it does not have",
			before: backed,
			call: || Call::withdraw { recipient: CAROL, amount: 100 }.into(),
			origin: || signed(NOBODY),
			error: sp_runtime::TokenError::FundsUnavailable.into(),
		},
		Row {
			name: "names the vault again",
			before: nothing,
			call: || {
				let Vault { chain_id, address, token } = VAULT;
				Call::set_vault { chain_id, vault: address, token }.into()
			},
			origin: RuntimeOrigin::root,
			error: VaultAlreadySet::<Test>.into(),
		},
		Row {
			name: "names what can be no vault",
			before: without_vault,
			call: || {
				Call::set_vault { chain_id: 1, vault: H160::zero(), token: VAULT.token }.into()
			},
			origin: RuntimeOrigin::root,
			error: InvalidVault::<Test>.into(),
		},
		Row {
			name: "sets limits that contradict each other",
			before: nothing,
			call: || Call::set_limits { limits: Limits { min_withdrawal: 0, ..LIMITS } }.into(),
			origin: RuntimeOrigin::root,
			error: LimitsOutOfRange::<Test>.into(),
		},
		not_allowed("halts", || Call::halt { direction: Direction::Inbound }.into()),
		not_allowed("resumes", || Call::resume { direction: Direction::Inbound }.into()),
		not_allowed("sets limits", || Call::set_limits { limits: LIMITS }.into()),
		not_allowed("names a vault", || {
			Call::set_vault { chain_id: 1, vault: CAROL, token: VAULT.token }.into()
		}),
	]
}

fn not_allowed(name: &'static str, call: fn() -> RuntimeCall) -> Row {
	Row { name, before: nothing, call, origin: relayer, error: DispatchError::BadOrigin }
}

fn halt(direction: Direction) {
	assert_ok!(Bridge::halt(signed(GUARD), direction));
}

fn set(limits: Limits) {
	assert_ok!(Bridge::set_limits(RuntimeOrigin::root(), limits));
}

#[test]
fn every_refusal_is_exact_and_changes_nothing() {
	use sp_runtime::{traits::Dispatchable, StateVersion};
	let mut met = std::collections::BTreeSet::new();
	for Row { name, before, call, origin, error } in rows() {
		new_test_ext().execute_with(|| {
			before();
			let root = sp_io::storage::root(StateVersion::V1);
			let refused = call().dispatch(origin()).expect_err(name);
			assert_eq!(refused.error, error, "{name}");
			assert_eq!(sp_io::storage::root(StateVersion::V1), root, "{name}: state has changed");
			if let DispatchError::Module(error) = error {
				met.extend(error.message);
			}
		});
	}
	// A new error must find its row.
	let all = [
		"AboveMaximum",
		"AlreadyProcessed",
		"AmountOverflow",
		"BelowMinimum",
		"Halted",
		"InsufficientBacking",
		"InvalidLog",
		"InvalidRecipient",
		"InvalidVault",
		"LimitsOutOfRange",
		"NothingParked",
		"ProofTooLarge",
		"QueueFull",
		"RateLimited",
		"SupplyCapExceeded",
		"VaultAlreadySet",
		"VaultNotSet",
		"Verification",
		"WrongEmitter",
		"WrongTopic",
	];
	assert_eq!(met.into_iter().collect::<Vec<_>>(), all);
}
