//! Bad input for every call: a named error, nothing has changed, and what is right is done after it.

use super::{market::*, *};
use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	storage::{with_transaction, TransactionOutcome},
	traits::{fungible::Mutate, GetCallName},
};
use openledger_primitives::units::OPEN;
use openledger_settlement::{
	build::Batch as Built,
	price::fee,
	receipt::{Credit, Receipt},
	retrieval::Evidence,
	state::Earned,
	voucher::Bought,
	LIMIT, MAX_CREDITS, STEP,
};
use pallet_model_registry::{Method, NewVersion};
use pallet_rewards::Error as LedgerError;
use sp_core::Pair;
use sp_runtime::{traits::BadOrigin, DispatchError, ModuleError, MultiSignature, TokenError};

type Call = crate::Call<Test>;
type Error = crate::Error<Test>;

/// Who calls what.
type By = (&'static str, Call);

/// A call that is refused, and one that is done after it.
struct Row {
	refused: By,
	error: DispatchError,
	next: By,
}

fn row(refused: By, error: impl Into<DispatchError>, next: &By) -> Row {
	Row { refused, error: error.into(), next: next.clone() }
}

/// A state of things, and what is refused in it.
type World = fn() -> Vec<Row>;

const WORLDS: [World; 13] = [
	a_submission,
	a_submission_of_too_much,
	a_submission_of_too_many_steps,
	a_submission_without_a_number,
	a_pending_batch,
	a_batch_after_its_deadline,
	a_batch_that_attestors_sign,
	a_batch_that_many_have_signed,
	a_batch_that_was_final_early,
	a_batch_that_is_paid_early,
	a_batch_that_is_final,
	orphans,
	an_operator_who_was_slashed,
];

fn submits(submission: Submission<AccountId>) -> Call {
	Call::submit_batch { model: MODEL, submission: Box::new(submission) }
}

/// An honest submission, changed.
fn changed(batch: &Built, change: impl FnOnce(&mut Submission<AccountId>)) -> By {
	let mut submission = submission(batch);
	change(&mut submission);
	("operator", submits(submission))
}

/// The first payer signs for something else than it bought.
fn first_signs(submission: &mut Submission<AccountId>, change: impl Fn(&mut Bought)) {
	let mut bought = submission.vouchers[0].bought;
	change(&mut bought);
	submission.vouchers[0] = voucher(&payers(PAYERS)[0], bought);
}

/// A hundred inferences that cost more than the operator's bond.
fn dear() -> Sales {
	let mut sales = sell(100, false, 2);
	for receipt in &mut sales.receipts {
		let core = &mut receipt.core;
		core.tokens_in = 200_000;
		let platform_fee = default_terms().platform_fee;
		core.fee = fee(PRICE, core.tokens_in, core.tokens_out, platform_fee).unwrap();
	}
	sales
}

fn a_submission() -> Vec<Row> {
	let windowed = NewVersion { method: Method::Spans { window: 64 }, ..version(vec![0]) };
	assert_ok!(Registry::add_version(signed("owner"), MODEL, windowed));
	let batch = build(&sell(100, true, 1));
	let honest = changed(&batch, |_| {});
	let same = |who: &'static str| (who, honest.1.clone());
	let refused = |error: DispatchError, change: &dyn Fn(&mut Submission<AccountId>)| {
		row(changed(&batch, change), error, &honest)
	};
	let absent = Call::submit_batch { model: 9, submission: Box::new(submission(&batch)) };
	// Its vouchers are another model's.
	let elsewhere =
		Call::submit_batch { model: ANCESTOR, submission: Box::new(submission(&batch)) };
	vec![
		row(("operator", absent), Error::NoSuchVersion, &honest),
		row(("operator", elsewhere), LedgerError::<Test>::NoSuchEntry, &honest),
		row(same("stranger"), Error::NotOperator, &honest),
		row(changed(&build(&dear()), |_| {}), Error::ExceedsBond, &honest),
		refused(Error::NoSuchVersion.into(), &|it| it.version = 9),
		refused(Error::MethodWithoutEvidence.into(), &|it| it.version = 1),
		refused(Error::PriceNotInForce.into(), &|it| it.epoch = 1),
		refused(Error::TermsNotInForce.into(), &|it| it.terms = 1),
		refused(Error::PayersNotSorted.into(), &|it| {
			let mut vouchers = core::mem::take(&mut it.vouchers).into_inner();
			vouchers.swap(0, 1);
			it.vouchers = vouchers.try_into().unwrap();
		}),
		refused(Error::PayersNotSorted.into(), &|it| {
			let first = it.vouchers[0].clone();
			it.vouchers.try_insert(0, first).unwrap();
		}),
		refused(Error::BadCount.into(), &|it| {
			it.vouchers = Default::default();
			it.diff = Default::default();
			it.totals = Default::default();
		}),
		refused(Error::BadCount.into(), &|it| first_signs(it, |bought| bought.count += 1)),
		refused(Error::BadCount.into(), &|it| it.totals.receipts -= 1),
		refused(Error::BadDiff.into(), &|it| it.diff[0].earned = Earned::default()),
		refused(Error::BadDiff.into(), &|it| it.diff[1] = it.diff[0]),
		refused(Error::DoesNotAddUp.into(), &|it| it.diff[0].earned.disclosed += 1),
		refused(Error::DoesNotAddUp.into(), &|it| it.totals.fees += 1),
		refused(Error::DoesNotAddUp.into(), &|it| it.totals.stakers = Nano::MAX),
		refused(Error::DoesNotAddUp.into(), &|it| first_signs(it, |bought| bought.cumulative += 1)),
		refused(Error::TraceEndsElsewhere.into(), &|it| first_signs(it, |it| it.head.0[0] ^= 1)),
		refused(Error::TraceEndsElsewhere.into(), &|it| it.trace.root = H256::zero()),
		refused(Error::TraceEndsElsewhere.into(), &|it| it.trace.proof.0.truncate(1)),
		refused(Error::TraceEndsElsewhere.into(), &|it| {
			(it.totals.model, it.totals.stakers) = (it.totals.model + 1, it.totals.stakers - 1);
		}),
		refused(LedgerError::<Test>::BadSignature.into(), &|it| {
			let signature = key("operator").sign(b"what the payer never saw");
			it.vouchers[0].signature = MultiSignature::Sr25519(signature);
		}),
		refused(LedgerError::<Test>::StaleVoucher.into(), &|it| {
			first_signs(it, |bought| *bought = Bought::default());
		}),
		refused(LedgerError::<Test>::NotCovered.into(), &|it| {
			first_signs(it, |bought| bought.cumulative += nano(20_000));
		}),
		refused(LedgerError::<Test>::AmountTooLarge.into(), &|it| {
			first_signs(it, |bought| bought.cumulative = LIMIT);
		}),
		refused(LedgerError::<Test>::BadHead.into(), &|it| {
			first_signs(it, |bought| bought.head.0 = [0xff; 32]);
		}),
	]
}

/// Two payers spend more than there may be.
fn a_submission_of_too_much() -> Vec<Row> {
	let batch = build(&sell(100, true, 1));
	let honest = changed(&batch, |_| {});
	let half = LIMIT / 2;
	for name in &payers(PAYERS)[..2] {
		Balances::mint_into(&account(name), units(half) + EXISTENTIAL_DEPOSIT).unwrap();
		assert_ok!(Rewards::top_up(signed(name), MODEL, account(name), half));
	}
	let much = changed(&batch, |it| {
		it.vouchers.truncate(2);
		for (voucher, name) in it.vouchers.iter_mut().zip(payers(PAYERS)) {
			let bought = Bought { cumulative: half, ..voucher.bought };
			*voucher = crate::mock::voucher(&name, bought);
		}
	});
	vec![row(much, Error::BadPurchase, &honest)]
}

fn a_submission_of_too_many_steps() -> Vec<Row> {
	DemandSet::set(BOND / 3);
	submit(&build(&sell(64, false, 1)));
	let two_steps = changed(&build(&sell(64, false, 2)), |_| {});
	let one_step = changed(&build(&sell(32, false, 2)), |_| {});
	vec![row(two_steps, Error::TooManySteps, &one_step)]
}

fn a_submission_without_a_number() -> Vec<Row> {
	let honest = changed(&build(&sell(64, false, 1)), |_| {});
	Lanes::<Test>::insert(MODEL, Lane { next: BatchNumber::MAX, open: 0 });
	let next = ("attestor-1", Call::stake { amount: MIN_STAKE });
	vec![row(honest, Error::NoMoreIds, &next)]
}

/// Opens a step of the batch with this number, changed, and discloses one receipt.
fn opens(
	(batch, sales): (&Built, &Sales),
	number: BatchNumber,
	step: u32,
	change: impl FnOnce(&mut openledger_settlement::opening::Opening, &mut Vec<Disclosure>),
) -> By {
	let mut opening = batch.open(step).unwrap();
	let mut disclosures = vec![disclosure(sales, step * STEP + 8)];
	change(&mut opening, &mut disclosures);
	let disclosures = disclosures.try_into().unwrap();
	let opening = Box::new(opening);
	("operator", Call::open { model: MODEL, batch: number, opening, disclosures })
}

/// Challenges the credits of receipt 40.
fn challenges(
	(batch, sales): (&Built, &Sales),
	number: BatchNumber,
	change: impl FnOnce(&mut openledger_settlement::opening::Opening, &mut CreditChallenge),
) -> By {
	let mut opening = batch.open(1).unwrap();
	opening.nodes.clear();
	let citations = sales.citations[40].clone();
	let mut challenge = CreditChallenge { receipt: 8, citations, evidence: Evidence::Sum };
	change(&mut opening, &mut challenge);
	let (opening, challenge) = (Box::new(opening), Box::new(challenge));
	("challenger", Call::wrong_credit { model: MODEL, batch: number, opening, challenge })
}

/// Every call about a batch that nobody has submitted.
fn about_no_batch(built: (&Built, &Sales), next: &By) -> Vec<Row> {
	let (model, batch, receipt, most) = (MODEL, 9, 0, 1);
	let calls = [
		("challenger", Call::demand { model, batch, receipt }),
		opens(built, batch, 1, |_, _| {}),
		challenges(built, batch, |_, _| {}),
		("stranger", Call::expire_demand { model, batch, receipt }),
		("stranger", Call::expire_draws { model, batch }),
		("stranger", Call::finalise { model, batch, most }),
		("stranger", Call::close { model, batch }),
		("operator", Call::adopt { model, batch }),
		("stranger", Call::expire_orphan { model, batch }),
		("attestor-1", Call::attest { model, batch }),
	];
	calls.into_iter().map(|call| row(call, Error::NoSuchBatch, next)).collect()
}

fn a_pending_batch() -> Vec<Row> {
	let sales = sell(100, false, 1);
	let built = build(&sales);
	let (model, batch) = (MODEL, submit(&built));
	let it = (&built, &sales);
	assert_ok!(Attribution::demand(signed("challenger"), model, batch, 40));
	assert_ok!(Attribution::stake(signed("attestor-1"), MIN_STAKE));
	let demand = |receipt| ("challenger", Call::demand { model, batch, receipt });
	let answer = opens(it, batch, 1, |_, _| {});
	let attest = ("attestor-1", Call::attest { model, batch });
	let by = |who, call| (who, call);
	let mut rows = about_no_batch(it, &answer);
	rows.extend([
		row(demand(40), Error::AlreadyDemanded, &demand(41)),
		row(demand(100), Error::NoSuchReceipt, &demand(99)),
		row(demand(u32::MAX), Error::NoSuchReceipt, &demand(0)),
		row(("nobody", demand(0).1), TokenError::FundsUnavailable, &demand(0)),
		row(opens(it, batch, 1, |it, _| it.step = 4), Error::NoSuchStep, &answer),
		row(opens(it, batch, 1, |it, _| it.step = u32::MAX), Error::NoSuchStep, &answer),
		row(opens(it, batch, 1, |it, _| it.step = 2), Error::NotInTrace, &answer),
		row(opens(it, batch, 1, |it, _| it.receipts[0].core.fee += 1), Error::NotInTrace, &answer),
		row(opens(it, batch, 1, |it, _| it.state = H256::zero()), Error::NotInTrace, &answer),
		row(opens(it, batch, 1, |it, _| it.before = None), Error::NotBefore, &answer),
		row(opens(it, batch, 1, |it, _| it.nodes.clear()), Error::BadProof, &answer),
		row(
			opens(it, batch, 1, |it, _| it.nodes.push(vec![0; MAX_PROOF])),
			Error::BadProof,
			&answer,
		),
		// What is too large is not looked at.
		row(
			opens(it, batch, 1, |it, _| (it.step, it.nodes) = (4, vec![vec![0; MAX_PROOF + 1]])),
			Error::BadProof,
			&answer,
		),
		row(opens(it, batch, 1, |_, it| it[0].receipt = 32), Error::NoSuchReceipt, &answer),
		row(opens(it, batch, 1, |_, it| it[0].output.push(0)), Error::BadOutput, &answer),
		row(opens(it, batch, 1, |_, it| it[0].output.clear()), Error::BadOutput, &answer),
		row(
			opens(it, batch, 1, |_, it| it[0].output = vec![0; MAX_OUTPUT + 1]),
			Error::BadOutput,
			&answer,
		),
		row(opens(it, batch, 1, |_, it| it[0].citations.truncate(0)), Error::BadMatches, &answer),
		row(opens(it, batch, 1, |_, it| it.clear()), Error::NotAsked, &answer),
		row(opens(it, batch, 0, |_, _| {}), Error::NotAsked, &answer),
		row(challenges(it, batch, |_, _| {}), Error::ShowsNothing, &answer),
		row(challenges(it, batch, |_, it| it.citations.truncate(0)), Error::ShowsNothing, &answer),
		row(
			challenges(it, batch, |_, it| it.evidence = Evidence::Absent { citation: 0 }),
			Error::ShowsNothing,
			&answer,
		),
		row(challenges(it, batch, |_, it| it.receipt = 32), Error::NoSuchReceipt, &answer),
		row(challenges(it, batch, |it, _| it.step = 4), Error::NoSuchStep, &answer),
		row(challenges(it, batch, |it, _| it.step = 0), Error::NotInTrace, &answer),
		row(challenges(it, batch, |it, _| it.before = None), Error::NotBefore, &answer),
		row(challenges(it, batch, |it, _| it.nodes.push(vec![])), Error::BadProof, &answer),
	]);
	let (receipt, most) = (40, 100);
	rows.extend([
		row(
			by("stranger", Call::expire_demand { model, batch, receipt }),
			Error::NotOverdue,
			&answer,
		),
		row(
			by("stranger", Call::expire_demand { model, batch, receipt: 41 }),
			Error::NoSuchDemand,
			&answer,
		),
		row(by("stranger", Call::expire_draws { model, batch }), Error::NotOverdue, &answer),
		row(
			by("stranger", Call::release_demand { model, batch, receipt }),
			Error::BatchStands,
			&answer,
		),
		row(by("stranger", Call::finalise { model, batch, most }), Error::Unanswered, &attest),
		row(by("stranger", Call::finalise { model, batch, most: 0 }), Error::NothingToPay, &attest),
		row(by("stranger", Call::close { model, batch }), Error::NotPending, &attest),
		row(by("operator", Call::adopt { model, batch }), Error::NotOrphan, &attest),
		row(by("stranger", Call::expire_orphan { model, batch }), Error::NotOrphan, &attest),
		row(by("stranger", Call::attest { model, batch }), Error::NotAttestor, &attest),
		row(by("stranger", Call::leave {}), Error::NotAttestor, &attest),
		row(
			by("stranger", Call::release_attestor { attestor: account("stranger") }),
			Error::NotAttestor,
			&attest,
		),
		row(by("attestor-1", Call::stake { amount: 0 }), Error::StakeTooSmall, &attest),
		row(by("attestor-2", Call::stake { amount: MIN_STAKE - 1 }), Error::StakeTooSmall, &attest),
		row(by("nobody", Call::stake { amount: MIN_STAKE }), TokenError::FundsUnavailable, &attest),
	]);
	rows
}

fn a_batch_after_its_deadline() -> Vec<Row> {
	let (model, batch) = (MODEL, submit(&build(&sell(100, false, 1))));
	draw();
	pass(WINDOW);
	let demand = ("challenger", Call::demand { model, batch, receipt: 0 });
	let expire = ("stranger", Call::expire_draws { model, batch });
	// Its draws are not answered.
	let finalise = ("stranger", Call::finalise { model, batch, most: 1 });
	vec![row(demand, Error::TooLate, &expire), row(finalise, Error::Unanswered, &expire)]
}

fn a_batch_that_attestors_sign() -> Vec<Row> {
	let sales = sell(100, false, 1);
	let built = build(&sales);
	let (model, batch) = (MODEL, submit(&built));
	draw();
	answer_draws(batch, &built, &sales);
	for name in ["attestor-1", "attestor-2", "attestor-3"] {
		assert_ok!(Attribution::stake(signed(name), 10 * MIN_STAKE));
	}
	assert_ok!(Attribution::attest(signed("attestor-1"), model, batch));
	assert_ok!(Attribution::leave(signed("attestor-3")));
	pass(QUIET);
	let attest = |who| (who, Call::attest { model, batch });
	let next = attest("attestor-2");
	let release = |who: &str| ("stranger", Call::release_attestor { attestor: account(who) });
	vec![
		row(attest("attestor-1"), Error::AlreadyAttested, &next),
		row(attest("attestor-3"), Error::NotAttestor, &next),
		row(("attestor-3", Call::leave {}), Error::NotAttestor, &next),
		row(("attestor-3", Call::stake { amount: MIN_STAKE }), Error::NotAttestor, &next),
		row(release("attestor-1"), Error::StillAnswerable, &next),
		row(release("attestor-3"), Error::StillAnswerable, &next),
		row(("stranger", Call::finalise { model, batch, most: 1 }), Error::TooEarly, &next),
	]
}

fn a_batch_that_many_have_signed() -> Vec<Row> {
	let (model, batch) = (MODEL, submit(&build(&sell(100, false, 1))));
	for nth in 0..MAX_SIGNERS {
		let name = format!("small-{nth}");
		let (dest, value) = (who(&name), 1_100 * OPEN);
		assert_ok!(dispatch(
			"stranger",
			pallet_balances::Call::<Test>::transfer_keep_alive { dest, value }
		));
		assert_ok!(dispatch(&name, Call::stake { amount: MIN_STAKE }));
		assert_ok!(dispatch(&name, Call::attest { model, batch }));
	}
	assert_ok!(Attribution::stake(signed("attestor-1"), MIN_STAKE));
	assert_ok!(Attribution::stake(signed("attestor-2"), MIN_STAKE + 1));
	let attest = |who| (who, Call::attest { model, batch });
	vec![row(attest("attestor-1"), Error::TooManySigners, &attest("attestor-2"))]
}

/// A batch that attestors have signed, with its draws answered.
fn attested() -> (Sales, Built, BatchNumber) {
	let sales = sell(100, false, 1);
	let built = build(&sales);
	let batch = submit(&built);
	draw();
	answer_draws(batch, &built, &sales);
	assert_ok!(Attribution::stake(signed("attestor-1"), 10 * MIN_STAKE));
	assert_ok!(Attribution::attest(signed("attestor-1"), MODEL, batch));
	(sales, built, batch)
}

fn a_batch_that_was_final_early() -> Vec<Row> {
	let (sales, built, batch) = attested();
	let (model, most) = (MODEL, 100);
	assert_ok!(Attribution::finalise(signed("stranger"), model, batch, most));
	assert_ok!(Attribution::stake(signed("attestor-2"), MIN_STAKE));
	assert_ok!(Attribution::demand(signed("challenger"), model, batch, 40));
	let answer = opens((&built, &sales), batch, 1, |_, _| {});
	let close = ("stranger", Call::close { model, batch });
	vec![
		row(close, Error::Unanswered, &answer),
		row(("stranger", Call::finalise { model, batch, most }), Error::NotPending, &answer),
		row(("attestor-2", Call::attest { model, batch }), Error::NotPending, &answer),
		row(("stranger", Call::expire_orphan { model, batch }), Error::NotOrphan, &answer),
	]
}

fn a_batch_that_is_paid_early() -> Vec<Row> {
	let (.., batch) = attested();
	let model = MODEL;
	assert_ok!(Attribution::finalise(signed("stranger"), model, batch, 100));
	let demand = ("challenger", Call::demand { model, batch, receipt: 40 });
	vec![row(("stranger", Call::close { model, batch }), Error::TooEarly, &demand)]
}

fn a_batch_that_is_final() -> Vec<Row> {
	let (sales, built, batch) = attested();
	let model = MODEL;
	pass(WINDOW);
	assert_ok!(Attribution::finalise(signed("stranger"), model, batch, 1));
	assert_ok!(Attribution::stake(signed("attestor-2"), MIN_STAKE));
	let it = (&built, &sales);
	let next = ("stranger", Call::finalise { model, batch, most: 100 });
	let by = |who, call| (who, call);
	let receipt = 40;
	vec![
		row(by("challenger", Call::demand { model, batch, receipt }), Error::AlreadyFinal, &next),
		row(opens(it, batch, 1, |_, _| {}), Error::AlreadyFinal, &next),
		row(challenges(it, batch, |_, _| {}), Error::AlreadyFinal, &next),
		row(
			by("stranger", Call::expire_demand { model, batch, receipt }),
			Error::AlreadyFinal,
			&next,
		),
		row(by("stranger", Call::expire_draws { model, batch }), Error::AlreadyFinal, &next),
		row(by("stranger", Call::close { model, batch }), Error::NotPending, &next),
		row(by("attestor-2", Call::attest { model, batch }), Error::NotPending, &next),
		row(by("stranger", Call::finalise { model, batch, most: 0 }), Error::NothingToPay, &next),
	]
}

/// A batch has fallen, with a demand; two of its operator's others are orphans.
fn one_of_three_has_fallen() {
	let mut wrong = sell(100, false, 1);
	wrong.receipts[40].credits[0].weight += 1;
	let first = build(&wrong);
	assert_eq!(submit(&first), 0);
	for seed in 2..=3 {
		submit(&build(&sell(100, false, seed)));
	}
	assert_ok!(Attribution::demand(signed("challenger"), MODEL, 0, 70));
	assert_ok!(open("challenger", 0, &first, &wrong, 1, 8));
}

fn orphans() -> Vec<Row> {
	one_of_three_has_fallen();
	// Bonded still, but the operator no longer.
	operate("stranger");
	assert_ok!(Registry::end_operation(signed("stranger"), MODEL));
	operate("successor");
	let (model, batch) = (MODEL, 1);
	let adopt = |who| (who, Call::adopt { model, batch });
	let next = adopt("successor");
	let release = |receipt| ("stranger", Call::release_demand { model, batch: 0, receipt });
	vec![
		row(("stranger", Call::finalise { model, batch, most: 1 }), Error::IsOrphan, &next),
		row(adopt("stranger"), Error::NotOperator, &next),
		row(adopt("operator"), Error::NotOperator, &next),
		row(("stranger", Call::expire_orphan { model, batch }), Error::NotOverdue, &next),
		row(release(71), Error::NoSuchDemand, &release(70)),
		row(
			("challenger", Call::demand { model, batch: 0, receipt: 0 }),
			Error::NoSuchBatch,
			&next,
		),
	]
}

fn an_operator_who_was_slashed() -> Vec<Row> {
	one_of_three_has_fallen();
	let more = changed(&build(&sell(10, false, 4)), |_| {});
	operate("operator");
	pass(ADOPT_TIME + 1);
	let expire = ("stranger", Call::expire_orphan { model: MODEL, batch: 1 });
	let adopt = ("operator", Call::adopt { model: MODEL, batch: 1 });
	vec![row(more, Error::OperatorSlashed, &expire), row(adopt, Error::OperatorSlashed, &expire)]
}

/// The errors of this pallet and the calls that were refused in this world.
fn refused_in(world: World) -> BTreeSet<&'static str> {
	let mut seen = BTreeSet::new();
	build_and_execute(|| {
		let _ = with_transaction(|| {
			for Row { refused: (name, call), error, next: (next, then) } in world() {
				seen.insert(call.get_call_name());
				if let DispatchError::Module(ModuleError { message: Some(name), .. }) = error {
					seen.insert(name);
				}
				let text = format!("{name}: {}: {error:?}", call.get_call_name());
				let refused = || dispatch(name, call.clone());
				assert_eq!(refused(), Err(error), "{text}");
				assert_noop!(refused(), error);
				let done = with_transaction(|| TransactionOutcome::Rollback(dispatch(next, then)));
				assert_eq!(done, Ok(()), "after {text}");
			}
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(()))
		});
	});
	seen
}

#[test]
fn every_call_and_every_error_refuses_without_a_trace() {
	let seen: BTreeSet<_> = WORLDS.into_iter().flat_map(refused_in).collect();
	let mut expected: BTreeSet<_> = variants::<Error>().into_values().collect();
	expected.extend(Call::get_call_names());
	let missing: Vec<_> = expected.difference(&seen).collect();
	assert!(missing.is_empty(), "never refused: {missing:?}");
}

/// One of each call, as much of everything as there may be in it.
fn one_of_each() -> Vec<Call> {
	let sales = sell(100, true, 1);
	let built = build(&sales);
	let (model, batch, receipt) = (MODEL, 0, 1);
	let disclosures = (0..MAX_DISCLOSURES).map(|nth| disclosure(&sales, nth)).collect::<Vec<_>>();
	vec![
		submits(submission(&built)),
		Call::demand { model, batch, receipt },
		Call::open {
			model,
			batch,
			opening: Box::new(built.open(0).unwrap()),
			disclosures: disclosures.try_into().unwrap(),
		},
		challenges((&built, &sales), batch, |_, _| {}).1,
		Call::expire_demand { model, batch, receipt },
		Call::expire_draws { model, batch },
		Call::release_demand { model, batch, receipt },
		Call::finalise { model, batch, most: 1 },
		Call::close { model, batch },
		Call::adopt { model, batch },
		Call::expire_orphan { model, batch },
		Call::stake { amount: MIN_STAKE },
		Call::attest { model, batch },
		Call::leave {},
		Call::release_attestor { attestor: account("attestor-1") },
	]
}

#[test]
fn every_call_needs_a_signature() {
	build_and_execute(|| {
		let calls = one_of_each();
		let named: Vec<_> = calls.iter().map(GetCallName::get_call_name).collect();
		assert_eq!(named, Call::get_call_names(), "one of each");
		for call in calls {
			for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
				let refused = || RuntimeCall::from(call.clone()).dispatch(origin);
				assert_noop!(refused().map(drop).map_err(|error| error.error), BadOrigin);
			}
		}
	});
}

#[test]
fn a_part_of_a_call_is_none() {
	build_and_execute(|| {
		for call in one_of_each() {
			let bytes = call.encode();
			assert_eq!(Call::decode(&mut &bytes[..]), Ok(call));
			for length in 0..bytes.len() {
				assert!(
					Call::decode(&mut &bytes[..length]).is_err(),
					"{length} of {}",
					bytes.len()
				);
			}
		}
	});
}

/// A list with as many things as there may be decodes, and with one more does not.
fn bounded<Bounded: Decode>(item: impl Encode, most: u32) {
	let decoded = |count: u32| {
		let items = (0..count).map(|_| &item).collect::<Vec<_>>();
		Bounded::decode(&mut &items.encode()[..])
	};
	assert!(decoded(most).is_ok());
	assert!(decoded(most + 1).is_err());
}

#[test]
fn more_than_there_may_be_does_not_decode() {
	build_and_execute(|| {
		let sales = sell(100, true, 1);
		let built = build(&sales);
		let Submission { version, epoch, terms, vouchers, diff, totals, trace } =
			submission(&built);
		let opening = built.open(0).unwrap();
		let citations = &sales.citations[0];
		// The lists by themselves.
		bounded::<BoundedVec<Disclosure, ConstU32<MAX_DISCLOSURES>>>(disclosure(&sales, 0), 4);
		bounded::<Diff>(diff[0], MAX_PAYEES);
		bounded::<openledger_settlement::receipt::Receipts>(opening.receipts[0].clone(), STEP);
		bounded::<BoundedVec<Credit, ConstU32<MAX_CREDITS>>>(
			opening.receipts[0].credits[0],
			MAX_CREDITS,
		);
		bounded::<openledger_settlement::retrieval::Citations>(citations[0], 255);

		// And calls with one more.
		let call = |index: u8, rest: Vec<u8>| Call::decode(&mut &[vec![index], rest].concat()[..]);
		let five = |count: usize| {
			let disclosures: Vec<_> = (0..count).map(|_| disclosure(&sales, 0)).collect();
			call(2, (MODEL, 0_u32, &opening, disclosures).encode())
		};
		assert!(five(4).is_ok() && five(5).is_err());
		let crowd = |count: usize| {
			let vouchers = vec![vouchers[0].clone(); count];
			let submission = (version, epoch, terms, vouchers, &diff, totals, &trace);
			call(0, (MODEL, submission).encode())
		};
		assert!(crowd(1_024).is_ok() && crowd(1_025).is_err());
		let payees = |count: usize| {
			let diff = vec![diff[0]; count];
			call(0, (MODEL, (version, epoch, terms, &vouchers, diff, totals, &trace)).encode())
		};
		assert!(payees(4_096).is_ok() && payees(4_097).is_err());
		let cited = |count: usize| {
			let citations = vec![citations[0]; count];
			let challenge = (8_u8, citations, Evidence::Sum);
			call(3, (MODEL, 0_u32, &opening, challenge).encode())
		};
		assert!(cited(255).is_ok() && cited(256).is_err());
		let step = |count: usize| {
			let receipts: Vec<Receipt> = vec![opening.receipts[0].clone(); count];
			let before = &opening.before;
			let (proof, nodes) = (&opening.proof, &opening.nodes);
			let opening = (codec::Compact(0_u32), receipts, opening.state, proof, before, nodes);
			call(2, (MODEL, 0_u32, opening, Vec::<Disclosure>::new()).encode())
		};
		assert!(step(32).is_ok() && step(33).is_err());
	});
}
