//! Demands, draws and evidence: what brings a batch down that withholds, and what does not bring an
//! honest one down.

use super::*;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::content::ContentTree;
use openledger_settlement::{
	execute::Wrong,
	opening::Opening,
	retrieval::{credits, matches, Evidence},
	STEP,
};

fn demand(who: &str, number: BatchNumber, receipt: u32) {
	assert_ok!(Attribution::demand(signed(who), MODEL, number, receipt));
}

#[test]
fn a_false_demand_pays_the_operator() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		let (operator, challenger) = (wealth("operator"), wealth("challenger"));
		demand("challenger", number, 40);
		assert_noop!(
			Attribution::demand(signed("stranger"), MODEL, number, 40),
			Error::<Test>::AlreadyDemanded
		);
		check();
		assert_ok!(open("operator", number, &batch, &sales, 1, 8));
		assert_eq!(wealth("operator") - operator, DEMAND);
		assert_eq!(challenger - wealth("challenger"), DEMAND);
		// WHEN nobody asks, THEN an opening is refused.
		assert_noop!(
			open("operator", number, &batch, &sales, 1, 8).map_err(|error| error.error),
			Error::<Test>::NotAsked
		);
	});
}

#[test]
fn a_withheld_step_brings_the_batch_down() {
	build_and_execute(|| {
		let whole = balances();
		let number = submit(&build(&sell(100, false, 1)));
		let challenger = wealth("challenger");
		demand("challenger", number, 40);
		pass(ANSWER_TIME + 1);
		let expire = || Attribution::expire_demand(signed("stranger"), MODEL, number, 40);
		assert_noop!(expire(), Error::<Test>::NotOverdue);
		pass(1);
		assert_ok!(expire());
		assert_eq!(last_void(), Some((Fault::NoAnswer { receipt: 40 }, BOND, 50 * DEMAND)));
		assert_ok!(Attribution::release_demand(signed("stranger"), MODEL, number, 40));
		assert_eq!(wealth("challenger") - challenger, 50 * DEMAND);
		assert_eq!(balances(), whole);
	});
}

#[test]
fn draws_that_are_not_answered_bring_the_batch_down() {
	build_and_execute(|| {
		let sales = sell(400, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		let expire = || Attribution::expire_draws(signed("challenger"), MODEL, number);
		assert_noop!(expire(), Error::<Test>::NotOverdue);
		draw();
		let (draws, until) = Attribution::draws(MODEL, number).unwrap();
		for DrawnStep { step, receipt, .. } in &draws[1..] {
			assert_ok!(open("operator", number, &batch, &sales, *step, *receipt));
		}
		pass(until - Now::get());
		assert_noop!(expire(), Error::<Test>::NotOverdue);
		pass(1);
		assert_ok!(expire());
		assert_eq!(last_void(), Some((Fault::NoDraws, BOND, 50 * DEMAND)));
	});
}

#[test]
fn a_draw_is_answered_by_its_receipt_only_and_costs_nothing() {
	build_and_execute(|| {
		let sales = sell(400, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		let (draws, _) = Attribution::draws(MODEL, number).unwrap();
		let DrawnStep { step, receipt, .. } = draws[0];
		let in_step = batch.trace().receipts_in(step);
		let other = (receipt + 1) % in_step;
		assert_noop!(
			open("operator", number, &batch, &sales, step, other).map_err(|error| error.error),
			Error::<Test>::NotAsked
		);
		let answer = open("operator", number, &batch, &sales, step, receipt).unwrap();
		assert_eq!(answer.pays_fee, Pays::No);
	});
}

#[test]
fn what_is_private_is_opened_and_not_disclosed() {
	build_and_execute(|| {
		let sales = sell(100, true, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		// Receipt 33 is private.
		demand("challenger", number, 33);
		let opening = Box::new(batch.open(1).unwrap());
		assert_ok!(Attribution::open(
			signed("operator"),
			MODEL,
			number,
			opening,
			Default::default()
		));
		assert_eq!(Attribution::batch(MODEL, number).unwrap().demands, 0);
	});
}

#[test]
fn a_disclosure_must_be_the_receipts() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		demand("challenger", number, 40);
		let refused = |change: &dyn Fn(&mut Disclosure), error: Error<Test>| {
			let mut disclosure = disclosure(&sales, 40);
			change(&mut disclosure);
			let call = Attribution::open(
				signed("operator"),
				MODEL,
				number,
				Box::new(batch.open(1).unwrap()),
				vec![disclosure].try_into().unwrap(),
			);
			assert_noop!(call.map_err(|error| error.error), error);
		};
		refused(&|it| it.output.push(0), Error::BadOutput);
		refused(&|it| it.output.clear(), Error::BadOutput);
		refused(&|it| it.citations.truncate(0), Error::BadMatches);
		refused(&|it| it.receipt = 32, Error::NoSuchReceipt);
	});
}

#[test]
fn demands_have_their_time() {
	build_and_execute(|| {
		let number = submit(&build(&sell(100, false, 1)));
		let demand = |receipt| Attribution::demand(signed("challenger"), MODEL, number, receipt);
		assert_noop!(demand(100), Error::<Test>::NoSuchReceipt);
		assert_noop!(
			Attribution::demand(signed("challenger"), MODEL, number + 1, 0),
			Error::<Test>::NoSuchBatch
		);
		pass(WINDOW);
		assert_noop!(demand(0), Error::<Test>::TooLate);
	});
}

/// An opening without its trie proof.
fn receipts_of(batch: &openledger_settlement::build::Batch, step: u32) -> Box<Opening> {
	Box::new(Opening { nodes: vec![], ..batch.open(step).unwrap() })
}

/// A batch whose receipt 40 was changed before it was built, challenged with this evidence.
fn challenged(
	change: impl Fn(&mut Sales),
	evidence: impl Fn(&Sales) -> Evidence,
) -> DispatchResultWithPostInfo {
	let mut sales = sell(100, false, 1);
	change(&mut sales);
	let batch = build(&sales);
	let number = submit(&batch);
	let challenge = CreditChallenge {
		receipt: 8,
		citations: sales.citations[40].clone(),
		evidence: evidence(&sales),
	};
	Attribution::wrong_credit(
		signed("challenger"),
		MODEL,
		number,
		receipts_of(&batch, 1),
		Box::new(challenge),
	)
}

/// The chunk that a citation of receipt 40 is about, as it is.
fn the_chunk(sales: &Sales, citation: u32) -> Evidence {
	let cited = sales.citations[40][citation as usize];
	let bytes = content(cited.index);
	let proof = ContentTree::of(&bytes).prove(cited.chunk).unwrap();
	let chunk = bytes.chunks(1_024).nth(cited.chunk as usize).unwrap().to_vec();
	Evidence::Differs { citation, chunk, proof }
}

/// Recomputes the credits of receipt 40 from its citations.
fn recredit(sales: &mut Sales) {
	let (credits, rest) = credits(&sales.citations[40], TOP).unwrap();
	let receipt = &mut sales.receipts[40];
	receipt.matches = matches(&sales.citations[40]);
	(receipt.credits, receipt.rest) = (credits, rest);
}

#[test]
fn credits_that_do_not_follow_from_the_matches_fall() {
	build_and_execute(|| {
		let friend = |sales: &mut Sales| sales.receipts[40].credits[0].weight += 1;
		assert_ok!(challenged(friend, |_| Evidence::Sum));
		let fault = Fault::Wrong { step: 1, wrong: Wrong::Sum };
		assert_eq!(last_void(), Some((fault, BOND, 50 * DEMAND)));
	});
}

#[test]
fn a_chunk_that_the_contribution_has_not_falls() {
	build_and_execute(|| {
		let made_up = |sales: &mut Sales| {
			sales.citations[40][0].leaf = H256::repeat_byte(7);
			recredit(sales);
		};
		assert_ok!(challenged(made_up, |sales| the_chunk(sales, 0)));
		let fault = Fault::Wrong { step: 1, wrong: Wrong::Match };
		assert_eq!(last_void(), Some((fault, BOND, 50 * DEMAND)));
	});
}

#[test]
fn a_chunk_beyond_the_content_falls() {
	build_and_execute(|| {
		let beyond = |sales: &mut Sales| {
			let last = sales.citations[40].len() - 1;
			sales.citations[40][last].chunk = 1_000;
			recredit(sales);
		};
		assert_ok!(challenged(beyond, |sales| Evidence::Absent {
			citation: sales.citations[40].len() as u32 - 1
		}));
		let fault = Fault::Wrong { step: 1, wrong: Wrong::Match };
		assert_eq!(last_void(), Some((fault, BOND, 50 * DEMAND)));
	});
}

#[test]
fn no_evidence_brings_honest_credits_down() {
	let honest = |evidence: fn(&Sales) -> Evidence| {
		build_and_execute(|| {
			let challenge = challenged(|_| (), evidence);
			let error = challenge.unwrap_err().error;
			assert_eq!(error, Error::<Test>::ShowsNothing.into());
		});
	};
	honest(|_| Evidence::Sum);
	honest(|_| Evidence::Absent { citation: 0 });
	honest(|_| Evidence::Absent { citation: 99 });
	honest(|sales| the_chunk(sales, 0));
}

#[test]
fn wrong_credits_that_are_disclosed_fall_with_the_answer() {
	build_and_execute(|| {
		let mut sales = sell(100, false, 1);
		sales.receipts[40].credits[0].weight += 1;
		let batch = build(&sales);
		let number = submit(&batch);
		// Anybody who has the output may bring it.
		assert_ok!(open("challenger", number, &batch, &sales, 1, 8));
		let fault = Fault::Wrong { step: 1, wrong: Wrong::Sum };
		assert_eq!(last_void(), Some((fault, BOND, 50 * DEMAND)));
	});
}

#[test]
fn a_pause_runs_no_clock_out() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		demand("challenger", number, 40);
		// Blocks pass, the clock of deadlines stands.
		for _ in 0..1_000 {
			System::set_block_number(System::block_number() + 1);
			Attribution::on_initialize(System::block_number());
		}
		assert_noop!(
			Attribution::expire_demand(signed("stranger"), MODEL, number, 40),
			Error::<Test>::NotOverdue
		);
		assert_ok!(open("operator", number, &batch, &sales, 40 / STEP, 40 % STEP));
	});
}

#[test]
fn nothing_is_final_while_something_is_unanswered_or_was_just_published() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		let finalise = || Attribution::finalise(signed("stranger"), MODEL, number, 100);
		pass(WINDOW - 1);
		demand("challenger", number, 40);
		assert_noop!(finalise(), Error::<Test>::Unanswered);
		draw();
		answer_draws(number, &batch, &sales);
		pass(QUIET);
		assert_noop!(finalise(), Error::<Test>::Unanswered);
		assert_ok!(open("operator", number, &batch, &sales, 1, 8));
		pass(QUIET - 1);
		assert_noop!(finalise(), Error::<Test>::TooEarly);
		pass(1);
		assert_noop!(
			Attribution::finalise(signed("stranger"), MODEL, number, 0),
			Error::<Test>::NothingToPay
		);
		assert_ok!(finalise());
	});
}

#[test]
fn what_is_final_does_not_fall() {
	build_and_execute(|| {
		// GIVEN a wrong batch that nobody noticed, half of it paid.
		let mut sales = sell(100, false, 1);
		let drawn_well = sales.clone();
		sales.receipts[40].credits[0].weight += 1;
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		// Its draws happen to miss the wrong receipt.
		let (draws, _) = Attribution::draws(MODEL, number).unwrap();
		assert!(!draws.iter().any(|drawn| drawn.step * STEP + drawn.receipt == 40));
		answer_draws(number, &batch, &drawn_well);
		pass(WINDOW);
		assert_ok!(Attribution::finalise(signed("stranger"), MODEL, number, 1));
		let call = open("challenger", number, &batch, &sales, 1, 8);
		assert_noop!(call.map_err(|error| error.error), Error::<Test>::AlreadyFinal);
		assert_ok!(Attribution::finalise(signed("stranger"), MODEL, number, 100));
	});
}

#[test]
fn who_answers_for_a_silent_operator_is_paid_in_the_second_half() {
	build_and_execute(|| {
		let sales = sell(100, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		demand("challenger", number, 40);
		demand("challenger", number, 41);
		let before = (wealth("operator"), wealth("watcher"));
		// Whoever repeats the operator's answer at once gains nothing.
		assert_ok!(open("watcher", number, &batch, &sales, 1, 8));
		assert_eq!((wealth("operator"), wealth("watcher")), (before.0 + DEMAND, before.1));
		// Two demands gave two blocks more.
		pass(ANSWER_TIME / 2 + 3);
		assert_ok!(open("watcher", number, &batch, &sales, 1, 9));
		assert_eq!((wealth("operator"), wealth("watcher")), (before.0 + DEMAND, before.1 + DEMAND));
	});
}

#[test]
fn a_forgotten_seed_does_not_bring_an_answered_batch_down() {
	build_and_execute(|| {
		let sales = sell(400, false, 1);
		let batch = build(&sales);
		let number = submit(&batch);
		draw();
		answer_draws(number, &batch, &sales);
		(0..300).for_each(|_| change_epoch());
		let expire = Attribution::expire_draws(signed("challenger"), MODEL, number);
		assert_noop!(expire, Error::<Test>::NotOverdue);
		assert_ok!(Attribution::finalise(signed("stranger"), MODEL, number, 100));
	});
}
