//! A batch that nobody can fault, from its submission to the last claim.

use super::*;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::records::ContributionRef;
use openledger_settlement::{split::split_model, state::Earned};
use sp_runtime::traits::Zero;

#[test]
fn a_batch_is_submitted_drawn_answered_final_and_claimed() {
	build_and_execute(|| {
		// GIVEN a batch of ten steps, with private receipts.
		let sales = sell(310, true, 1);
		let batch = build(&sales);
		let (totals, diff) = (batch.totals(), batch.diff());
		let before = (in_pot(101), in_pot(104), in_pot(105), in_pot(106));

		// WHEN it is submitted, THEN payers' money is in escrow.
		let number = submit(&batch);
		assert_eq!(in_pot(102), units(totals.fees));
		assert_eq!(before.0 - in_pot(101), units(totals.fees));
		check();

		// WHEN the seed becomes known, two changes later and not before, THEN eight steps are drawn.
		change_epoch();
		assert_eq!(Attribution::draws(MODEL, number), None);
		change_epoch();
		let (draws, until) = Attribution::draws(MODEL, number).unwrap();
		assert_eq!((draws.len(), until), (8, Now::get() - 1 + 1 + ANSWER_TIME));
		answer_draws(number, &batch, &sales);
		let (draws, _) = Attribution::draws(MODEL, number).unwrap();
		assert!(draws.iter().all(|drawn| drawn.answered));

		// WHEN its time is over, THEN it is final and everybody is paid.
		let finalise = |most| Attribution::finalise(signed("stranger"), MODEL, number, most);
		assert_noop!(finalise(100), Error::<Test>::TooEarly);
		pass(WINDOW);
		assert_ok!(finalise(30));
		check();
		assert_ok!(finalise(30));
		assert_noop!(finalise(30), Error::<Test>::NoSuchBatch);

		let private: Nano = diff.iter().map(|increase| increase.earned.private).sum();
		let disclosed: Nano = diff.iter().map(|increase| increase.earned.disclosed).sum();
		assert!(private > 0 && disclosed > 0);
		assert_eq!(in_pot(102), 0);
		assert_eq!(in_pot(104) - before.1, units(totals.platform));
		assert_eq!(in_pot(105) - before.2, units(totals.stakers));
		// What was earned from private receipts goes to the commons: nobody attested.
		assert_eq!(in_pot(106) - before.3, units(totals.commons + private));
		assert_eq!(in_pot(103), units(totals.model + disclosed));

		// WHEN everybody claims, THEN nothing is left.
		let terms = default_terms();
		let royalties = [(Permill::from_percent(20), 0)];
		let shares = split_model(totals.model, terms.operator, &royalties).unwrap();
		let parts = [
			("operator", shares.operator),
			("ancestor", shares.ancestors[0]),
			("owner", shares.owner),
		];
		for (name, share) in parts {
			let had = Balances::free_balance(account(name));
			let accounts = vec![account(name)].try_into().unwrap();
			assert_ok!(Rewards::claim_account(signed("stranger"), accounts));
			assert_eq!(Balances::free_balance(account(name)) - had, units(share));
		}
		let had = Balances::free_balance(account("contributor"));
		let all: Vec<_> =
			(0..LENGTH).map(|index| ContributionRef { datanet: DATANET, index }).collect();
		assert_ok!(Rewards::claim(signed("stranger"), all.try_into().unwrap()));
		assert_eq!(Balances::free_balance(account("contributor")) - had, units(disclosed));
		assert!(in_pot(103).is_zero());
		assert_eq!(Lanes::<Test>::get(MODEL), Lane { next: 1, open: 0 });
	});
}

#[test]
fn the_next_batch_goes_on_where_the_last_ended() {
	build_and_execute(|| {
		let first = build(&sell(40, false, 1));
		submit(&first);
		let second = build(&sell(40, false, 2));
		assert_eq!(second.purchases()[0].before, first.purchases()[0].after);
		assert_eq!(submit(&second), 1);
		let earned = |batch: &openledger_settlement::build::Batch| {
			batch.diff().iter().fold(Earned::default().disclosed, |sum, i| sum + i.earned.disclosed)
		};
		assert!(earned(&first) > 0 && earned(&second) > 0);
	});
}
