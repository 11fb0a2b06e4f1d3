//! A cheat commits to receipts and executes something else, recomputes everything downstream, and
//! has payers who sign whatever it wants. One opening brings each of them down, or it is refused at
//! once. Tests without a file are here; `docs/fraud-tests.md` says which notice that a check is gone.
//!
//! | cheat | test | what stops it |
//! |---|---|---|
//! | a fee that the tokens do not cost | `another_fee_than_the_tokens_cost_falls` | `execute`: `Fee` |
//! | tokens that the payer never bought | `tokens_that_nobody_bought_fall` | `execute`: `Fee` |
//! | another version or price epoch | `another_version_falls`, `another_price_epoch_falls` | `execute`: `Version`, `Epoch` |
//! | a payer who is none | `a_payer_who_is_none_falls` | `execute`: `Payer` |
//! | credits twice or out of order | `credits_out_of_order_fall` | `total_weight`: `Credits` |
//! | a contribution outside the snapshot | `a_contribution_outside_the_snapshot_falls` | `execute`: `OutsideSnapshots` |
//! | another core than was sold | `another_output_than_was_executed_falls` | `check`: the root behind the step |
//! | another head, with a voucher over it | `a_head_that_is_no_chains_falls` | the same |
//! | a payer who pays more or less | `a_payer_who_pays_another_price_falls` | the same |
//! | another payer | `a_payer_charged_for_another_falls` | the same |
//! | another credit, payout or diff | `a_credit_moved_to_a_friend_falls`, `what_nobody_earned_falls` | the same |
//! | private receipts as disclosed ones | `private_receipts_passed_off_as_disclosed_fall` | the same |
//! | another split or total | `another_split_falls`, `the_commons_robbed_for_the_model_fall` | the same |
//! | another order | `another_order_falls` | the same |
//! | a state that leads nowhere | `a_state_that_leads_nowhere_falls` | the same |
//! | a receipt less or more | `a_receipt_left_out_falls`, `a_receipt_paid_twice_falls` | `check`: `Count` |
//! | credits that do not follow from the matches | `challenges`: `credits_that_do_not_follow…`, `wrong_credits_that_are_disclosed…` | `judge`: `Sum`; `do_open`: `right` |
//! | chunks that are not there | `challenges`: `a_chunk_that_the_contribution_has_not_falls`, `a_chunk_beyond…` | `judge`: `Match` |
//! | a withheld step | `challenges`: `a_withheld_step…`, `draws_that_are_not_answered…` | `do_expire_demand`, `do_expire_draws` |
//! | an answer that shows something else | `challenges`: `a_disclosure_must_be_the_receipts` | `check_disclosure` |
//! | a diff or totals apart from the trace | `submission`: `somebody_who_earns…`, `totals_that…` | `ends`, `commit` |
//! | a batch or a voucher again | `submission`: `a_batch_submitted_again`; `a_voucher_is_cashed_once` | `Purchase::cost` |
//! | a forged, stale or foreign signature | `submission`: `a_forged_signature`; `what_was_not_signed_for_this_is_refused` | `is_signed` |
//! | a price or terms not in force | `what_is_not_in_force_is_refused` | `Models::price`, `Ledger::terms` |
//! | a version without evidence, or none | `refusals`: `a_submission` | `do_submit` |
//! | more than the bond answers for | `submission`: `more_than_the_bond_covers`, `more_steps_than…` | `expose` |
//! | the next batches of who was slashed | `orphans`: `a_slashed_operator_submits_nothing…` | `expose`: `slashed` |
//! | attestors who sign what is wrong | `who_signed_what_is_wrong_loses_its_stake`; `attestation` | `void`, `slash_attestor` |
//! | attestors who sign and leave | `the_word_of_who_leaves_makes_nothing_final` | `stake_of` |
//! | challenging oneself | `who_challenges_itself_loses` | `reward` |
//! | a false demand, a false challenge | `challenges`: `a_false_demand…`, `no_evidence…`; `nothing_said_of_an_honest_batch_brings_it_down` | `pay_demand`, `check`, `judge` |
//! | waiting for a pause | `challenges`: `a_pause_runs_no_clock_out`; `a_pause_ends_nothing` | `Clock` |

use super::*;
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{records::ContributionRef, tree::Tree};
use openledger_settlement::{
	build::{challenge, Batch as Built, Rule},
	chain::Chain,
	execute::{execute, Context, Failure, Wrong},
	opening::{Opening, ProvenLeaf},
	price::Price,
	receipt::Receipt,
	retrieval::Evidence,
	sample::Random,
	state::{Earned, State},
	trace::{leaf_hash, Submitted},
	voucher::{message, Bought},
};
use pallet_rewards::Error as LedgerError;
use sp_core::Pair;
use sp_runtime::MultiSignature;

/// Executes other receipts than those it commits to.
struct Instead<F>(F);

impl<F: Fn(&mut Vec<Receipt>) + Sync> Rule for Instead<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut receipts = receipts.to_vec();
		(self.0)(&mut receipts);
		execute(context, chain, state, &receipts)
	}
}

/// Executes under another context than the batch's.
struct Under<F>(F);

impl<F: Fn(&mut Context) + Sync> Rule for Under<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut context = context.clone();
		(self.0)(&mut context);
		execute(&context, chain, state, receipts)
	}
}

/// Executes the rule, and bends the totals.
struct Bend<F>(F);

impl<F: Fn(&mut Totals) + Sync> Rule for Bend<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)?;
		let mut totals = state.totals()?;
		(self.0)(&mut totals);
		state.set_totals(totals)?;
		Ok(())
	}
}

/// Executes the rule, and bends what the first payer has bought, and the totals.
struct Books<F>(F);

impl<F: Fn(&mut Bought, &mut Totals) + Sync> Rule for Books<F> {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)?;
		let mut totals = state.totals()?;
		let mut bought = state.bought(0)?.unwrap();
		(self.0)(&mut bought, &mut totals);
		state.set_bought(0, bought)?;
		Ok(state.set_totals(totals)?)
	}
}

/// Executes the rule, and gives a contribution what is the commons'.
struct Gift(ContributionRef);

impl Rule for Gift {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		execute(context, chain, state, receipts)?;
		let totals = state.totals()?;
		let Earned { disclosed, private } = state.earned(self.0)?;
		let disclosed = disclosed + totals.commons;
		state.set_earned(self.0, Earned { disclosed, private })?;
		Ok(state.set_totals(Totals { commons: 0, ..totals })?)
	}
}

/// The batch falls by opening this step, as this wrong: its payers are whole, its operator has lost
/// the bond, the challenger has its part, and a batch that was honest is not missed.
fn falls<R: Rule>(batch: &Built<R>, step: u32, wrong: Wrong) {
	falls_by(batch, batch.open(step).unwrap(), wrong);
}

fn falls_by<R: Rule>(batch: &Built<R>, opening: Opening, wrong: Wrong) {
	brought_down(submission(batch), opening, wrong);
}

fn brought_down(submission: Submission<AccountId>, opening: Opening, wrong: Wrong) {
	let step = opening.step;
	let whole = balances();
	let bought = bought();
	let number = Lanes::<Test>::get(MODEL).next;
	assert_ok!(Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission)));
	let (challenger, treasury) = (wealth("challenger"), in_pot(104));
	assert_ok!(Attribution::open(
		signed("challenger"),
		MODEL,
		number,
		Box::new(opening),
		Default::default(),
	));
	assert_eq!(last_void(), Some((Fault::Wrong { step, wrong }, BOND, 50 * DEMAND)));
	assert_eq!(wealth("challenger") - challenger, 50 * DEMAND);
	assert_eq!(in_pot(104) - treasury, BOND - 50 * DEMAND);
	assert_eq!(in_pot(102), 0);
	assert_eq!(balances(), whole);
	// What they bought stays bought: the vouchers are good for nothing more.
	assert_ne!(super::super::mock::bought(), bought);
	check();
}

/// Commits to receipts with this in one of them, executes what it was before.
fn committed(step: u32, wrong: Wrong, change: impl Fn(&mut Receipt) + Sync) {
	build_and_execute(|| {
		let honest = sell(100, false, 1);
		let at = (step * openledger_settlement::STEP) as usize + 3;
		let mut sales = honest.clone();
		change(&mut sales.receipts[at]);
		let (before, after) = (honest.receipts[at].clone(), sales.receipts[at].clone());
		let rule = Instead(move |receipts: &mut Vec<Receipt>| {
			receipts.iter_mut().filter(|receipt| **receipt == after).for_each(|receipt| {
				*receipt = before.clone();
			});
		});
		falls(&build_by(rule, &sales), step, wrong);
	});
}

/// Commits to honest receipts, executes others. Who watches opens the first step of them.
fn executed(instead: impl Fn(&mut Vec<Receipt>) + Sync) {
	build_and_execute(|| {
		let batch = build_by(Instead(instead), &sell(100, true, 1));
		let opening =
			challenge(batch.context(), bought(), batch.receipts(), batch.leaves()).unwrap();
		assert_eq!(opening.step, 0);
		falls_by(&batch, opening, Wrong::Root);
	});
}

#[test]
fn another_fee_than_the_tokens_cost_falls() {
	committed(1, Wrong::Fee, |receipt| receipt.core.fee += 1);
}

#[test]
fn tokens_that_nobody_bought_fall() {
	committed(2, Wrong::Fee, |receipt| receipt.core.tokens_out += 1);
}

#[test]
fn another_version_falls() {
	committed(0, Wrong::Version, |receipt| receipt.core.version = 1);
}

#[test]
fn another_price_epoch_falls() {
	committed(0, Wrong::Epoch, |receipt| receipt.core.epoch = 1);
}

#[test]
fn a_payer_who_is_none_falls() {
	committed(1, Wrong::Payer, |receipt| receipt.payer = PAYERS as u16);
}

#[test]
fn a_contribution_outside_the_snapshot_falls() {
	committed(1, Wrong::OutsideSnapshots, |receipt| {
		let last = receipt.credits.len() - 1;
		receipt.credits[last].index = LENGTH;
	});
}

#[test]
fn credits_out_of_order_fall() {
	committed(1, Wrong::Credits, |receipt| {
		let first = receipt.credits[0];
		let _ = receipt.credits.try_insert(0, first);
	});
}

#[test]
fn another_output_than_was_executed_falls() {
	committed(1, Wrong::Root, |receipt| receipt.core.output = Default::default());
}

#[test]
fn a_credit_moved_to_a_friend_falls() {
	executed(|receipts| {
		for receipt in receipts.iter_mut() {
			receipt.credits[0].index = 0;
			receipt.credits.truncate(1);
		}
	});
}

#[test]
fn a_payer_charged_for_another_falls() {
	executed(|receipts| {
		for receipt in receipts {
			receipt.payer = (receipt.payer + 1) % PAYERS as u16;
		}
	});
}

#[test]
fn private_receipts_passed_off_as_disclosed_fall() {
	executed(|receipts| receipts.iter_mut().for_each(|receipt| receipt.core.private = false));
}

#[test]
fn another_order_falls() {
	executed(|receipts| receipts.reverse());
}

#[test]
fn a_receipt_left_out_falls() {
	build_and_execute(|| {
		let rule = Instead(|receipts: &mut Vec<Receipt>| {
			if receipts.len() == 32 {
				receipts.pop();
			}
		});
		// Three receipts less: the last step is said to have one receipt, and has four.
		falls(&build_by(rule, &sell(100, false, 1)), 3, Wrong::Count);
	});
}

#[test]
fn a_receipt_paid_twice_falls() {
	build_and_execute(|| {
		let rule = Instead(|receipts: &mut Vec<Receipt>| {
			if receipts.len() == 4 {
				let last = receipts[3].clone();
				receipts.push(last);
			}
		});
		falls(&build_by(rule, &sell(100, false, 1)), 3, Wrong::Count);
	});
}

#[test]
fn another_split_falls() {
	build_and_execute(|| {
		let rule = Under(|context: &mut Context| context.terms.stakers = Permill::zero());
		falls(&build_by(rule, &sell(100, false, 1)), 2, Wrong::Root);
	});
}

#[test]
fn the_commons_robbed_for_the_model_fall() {
	build_and_execute(|| {
		let rule = Bend(|totals: &mut Totals| {
			if totals.commons > 0 {
				totals.commons -= 1;
				totals.model += 1;
			}
		});
		falls(&build_by(rule, &sell(100, false, 1)), 1, Wrong::Root);
	});
}

#[test]
fn who_challenges_itself_loses() {
	build_and_execute(|| {
		let rule = Under(|context: &mut Context| context.terms.stakers = Permill::zero());
		let batch = build_by(rule, &sell(100, false, 1));
		let before = wealth("operator") + wealth("challenger");
		falls(&batch, 0, Wrong::Root);
		assert_eq!(before - wealth("operator") - wealth("challenger"), BOND - 50 * DEMAND);
	});
}

/// Bends books in every step. Who watches opens the first.
fn booked(books: impl Fn(&mut Bought, &mut Totals) + Sync) {
	build_and_execute(|| {
		let batch = build_by(Books(books), &sell(100, true, 1));
		let opening =
			challenge(batch.context(), bought(), batch.receipts(), batch.leaves()).unwrap();
		falls_by(&batch, opening, Wrong::Root);
	});
}

#[test]
fn a_head_that_is_no_chains_falls() {
	booked(|bought, _| bought.head.0[0] ^= 1);
}

#[test]
fn a_payer_who_pays_another_price_falls() {
	booked(|bought, totals| {
		bought.cumulative += 5;
		(totals.fees, totals.model) = (totals.fees + 5, totals.model + 5);
	});
	booked(|bought, totals| {
		bought.cumulative -= 5;
		(totals.fees, totals.model) = (totals.fees - 5, totals.model - 5);
	});
}

#[test]
fn what_nobody_earned_falls() {
	// One that the version was trained on, and one that is not there.
	for index in [0, LENGTH] {
		build_and_execute(|| {
			let gift = Gift(ContributionRef { datanet: DATANET, index });
			falls(&build_by(gift, &sell(100, true, 1)), 0, Wrong::Root);
		});
	}
}

/// Nobody can open the step behind it, but the one before shows it.
#[test]
fn a_state_that_leads_nowhere_falls() {
	build_and_execute(|| {
		let batch = build(&sell(100, false, 1));
		let mut leaves = batch.leaves().to_vec();
		leaves[1].state = H256::repeat_byte(7);
		let hashes = (0..).zip(&leaves).map(|(step, leaf)| leaf_hash(step, *leaf)).collect();
		let tree = Tree::new(hashes).unwrap();
		let (root, last_receipts) = (tree.root(), leaves[3].receipts);
		let trace = Submitted { root, last_receipts, proof: tree.prove(3).unwrap() };
		let submission = Submission { trace, ..submission(&batch) };
		let opening = Opening {
			state: leaves[1].state,
			proof: tree.prove(1).unwrap(),
			before: Some(ProvenLeaf { leaf: leaves[0], proof: tree.prove(0).unwrap() }),
			..batch.open(1).unwrap()
		};
		brought_down(submission, opening, Wrong::Root);
	});
}

fn refused(submission: Submission<AccountId>, error: impl Into<sp_runtime::DispatchError>) {
	let call = Attribution::submit_batch(signed("operator"), MODEL, Box::new(submission));
	assert_noop!(call, error.into());
}

#[test]
fn a_voucher_is_cashed_once() {
	build_and_execute(|| {
		let first = submission(&build(&sell(100, false, 1)));
		submit(&build(&sell(100, false, 1)));
		let second = submission(&build(&sell(100, false, 2)));
		for place in 0..PAYERS {
			// The last one, and one from before it.
			let name = &payers(PAYERS)[place];
			for bought in [first.vouchers[place].bought, Bought::default()] {
				let mut again = second.clone();
				again.vouchers[place] = voucher(name, bought);
				refused(again, LedgerError::<Test>::StaleVoucher);
			}
		}
	});
}

#[test]
fn what_was_not_signed_for_this_is_refused() {
	build_and_execute(|| {
		let batch = build(&sell(100, false, 1));
		let name = &payers(PAYERS)[0];
		let with = |signature| {
			let mut changed = submission(&batch);
			changed.vouchers[0].signature = MultiSignature::Sr25519(signature);
			changed
		};
		let bought = submission(&batch).vouchers[0].bought;
		let here = System::block_hash(0);
		let sign = |by: &str, genesis, model, payer: &str| {
			key(by).sign(&message(genesis, model, &account(payer), &bought))
		};
		let other = &payers(PAYERS)[1];
		let elsewhere = [
			sign(name, H256::repeat_byte(1), MODEL, name),
			sign(name, here, ANCESTOR, name),
			sign(name, here, MODEL, other),
			sign(other, here, MODEL, name),
			sign("operator", here, MODEL, name),
		];
		for signature in elsewhere {
			refused(with(signature), LedgerError::<Test>::BadSignature);
		}
		// Who signed before may for a while, and then no longer.
		assert_ok!(Rewards::set_signer(signed(name), MODEL, account("stranger")));
		pass(51);
		refused(submission(&batch), LedgerError::<Test>::BadSignature);
		let right = with(sign("stranger", here, MODEL, name));
		assert_ok!(Attribution::submit_batch(signed("operator"), MODEL, Box::new(right)));
	});
}

#[test]
fn what_is_not_in_force_is_refused() {
	build_and_execute(|| {
		let batch = build(&sell(100, false, 1));
		let price = Price { rate_in: 1, rate_out: 1 };
		assert_ok!(Registry::set_price(signed("owner"), MODEL, price));
		TermsSet::mutate(|terms| terms.stakers = Permill::zero());
		// What is to come is not in force, and what was is for a while.
		refused(Submission { epoch: 1, ..submission(&batch) }, Error::<Test>::PriceNotInForce);
		pass(15);
		refused(Submission { terms: 2, ..submission(&batch) }, Error::<Test>::TermsNotInForce);
		let late = submission(&build(&sell(100, false, 2)));
		submit(&batch);
		pass(1);
		refused(late.clone(), Error::<Test>::TermsNotInForce);
		pass(9);
		refused(late, Error::<Test>::PriceNotInForce);
	});
}

#[test]
fn who_signed_what_is_wrong_loses_its_stake() {
	build_and_execute(|| {
		let batch = build_by(Instead(|receipts: &mut Vec<Receipt>| receipts.reverse()), {
			&sell(100, false, 1)
		});
		let number = submit(&batch);
		for name in ["attestor-1", "attestor-2"] {
			assert_ok!(Attribution::stake(signed(name), MIN_STAKE));
		}
		assert_ok!(Attribution::attest(signed("attestor-1"), MODEL, number));
		// Leaving does not help.
		assert_ok!(Attribution::leave(signed("attestor-1")));
		let wrong = batch.open(0).unwrap();
		let call = Attribution::open(
			signed("challenger"),
			MODEL,
			number,
			Box::new(wrong),
			Default::default(),
		);
		assert_ok!(call);
		let fault = Fault::Wrong { step: 0, wrong: Wrong::Root };
		assert_eq!(last_void(), Some((fault, BOND + MIN_STAKE, 50 * DEMAND)));
		assert_eq!(wealth("attestor-1"), ENDOWMENT - MIN_STAKE);
		// Who did not sign has lost nothing.
		assert_eq!(wealth("attestor-2"), ENDOWMENT);
		assert_eq!(TotalStake::<Test>::get(), MIN_STAKE);
	});
}

#[test]
fn the_word_of_who_leaves_makes_nothing_final() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		answer_draws(number, &batch, &sales);
		assert_ok!(Attribution::stake(signed("attestor-1"), 10 * MIN_STAKE));
		assert_ok!(Attribution::attest(signed("attestor-1"), MODEL, number));
		assert_ok!(Attribution::leave(signed("attestor-1")));
		let finalise = || Attribution::finalise(signed("stranger"), MODEL, number, 100);
		assert_noop!(finalise(), Error::<Test>::TooEarly);
		pass(WINDOW);
		assert_ok!(finalise());
	});
}

/// Calls about an honest batch with some of their bytes changed, as far as they are calls still.
#[test]
fn nothing_said_of_an_honest_batch_brings_it_down() {
	build_and_execute(|| {
		let sales = sell(100, true, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		let mut random = Random(3);
		let (mut decoded, mut done) = (0, 0);
		for nth in 0..3_000 {
			let step = nth % 4;
			let receipt = random.below(batch.trace().receipts_in(step));
			let opening = Box::new(batch.open(step).unwrap());
			let disclosed = disclosure(&sales, step * openledger_settlement::STEP + receipt);
			let call = match random.below(2) {
				0 => Call::<Test>::open {
					model: MODEL,
					batch: number,
					opening,
					disclosures: vec![disclosed].try_into().unwrap(),
				},
				_ => Call::<Test>::wrong_credit {
					model: MODEL,
					batch: number,
					opening: Box::new(Opening { nodes: vec![], ..*opening }),
					challenge: Box::new(CreditChallenge {
						receipt: disclosed.receipt,
						citations: disclosed.citations,
						evidence: Evidence::Sum,
					}),
				},
			};
			let mut bytes = call.encode();
			for _ in 0..1 + random.below(2) {
				// Behind the names of the call, the model and the batch.
				let at = 9 + random.below(bytes.len() as u32 - 9) as usize;
				match random.below(4) {
					0 => drop(bytes.remove(at)),
					1 => bytes.insert(at, random.below(256) as u8),
					_ => bytes[at] ^= random.below(255) as u8 + 1,
				}
			}
			let Ok(call) = Call::<Test>::decode(&mut &bytes[..]) else { continue };
			decoded += 1;
			done += u32::from(dispatch("challenger", call).is_ok());
			assert!(Batches::<Test>::contains_key(MODEL, number), "0x{}", hex(&bytes));
		}
		assert!(decoded > 500, "{decoded} were calls, {done} were done");
		assert_eq!(last_void(), None);
	});
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Blocks pass, the clock of deadlines stands.
fn pause() {
	for _ in 0..1_000 {
		System::set_block_number(System::block_number() + 1);
		Attribution::on_initialize(System::block_number());
	}
}

#[test]
fn a_pause_ends_nothing() {
	build_and_execute(|| {
		let mut wrong = sell(100, false, 1);
		wrong.receipts[40].credits[0].weight += 1;
		let first = build(&wrong);
		let fallen = submit(&first);
		let orphan = submit(&build(&sell(100, false, 2)));
		assert_ok!(Attribution::stake(signed("attestor-1"), MIN_STAKE));
		assert_ok!(Attribution::leave(signed("attestor-1")));
		draw();
		assert_ok!(open("challenger", fallen, &first, &wrong, 1, 8));
		pause();
		let expire = Attribution::expire_draws(signed("challenger"), MODEL, orphan);
		assert_noop!(expire, Error::<Test>::NotOverdue);
		let expire = Attribution::expire_orphan(signed("challenger"), MODEL, orphan);
		assert_noop!(expire, Error::<Test>::NotOverdue);
		let attestor = account("attestor-1");
		let release = Attribution::release_attestor(signed("stranger"), attestor);
		assert_noop!(release, Error::<Test>::StillAnswerable);
	});
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		answer_draws(number, &batch, &sales);
		pause();
		let finalise = Attribution::finalise(signed("stranger"), MODEL, number, 100);
		assert_noop!(finalise, Error::<Test>::TooEarly);
		// What is demanded then has all of its time.
		assert_ok!(Attribution::demand(signed("challenger"), MODEL, number, 40));
	});
}
