//! Prices never change while somebody relies on them.

use super::*;

/// All prices that were ever announced, without the pallet's economies: the oracle.
#[derive(Default)]
struct Announced(Vec<PriceEpoch>);

impl Announced {
	/// Registers a model that serves; its first price holds at once.
	fn register(owner: u64) -> (ModelId, Self) {
		let model = register(owner, ModelKind::Base, &[]);
		assert_ok!(add_version(model, plain_version()));
		(model, Self(vec![PriceEpoch { price: price(1_000, 2_000), from: Now::get() }]))
	}

	/// Announces a price, and says whether the pallet took it.
	fn announce(&mut self, model: ModelId, rate: Nano) -> bool {
		let from = Now::get() + DELAY;
		let done = Registry::set_price(signed(OWNER), model, price(rate, rate));
		let Err(refused) = done else {
			let epoch = self.0.len() as Epoch;
			reported(Event::PriceAnnounced { model, epoch, price: price(rate, rate), from });
			self.0.push(PriceEpoch { price: price(rate, rate), from });
			return true;
		};
		assert_eq!(refused, Error::<Test>::TooManyPrices.into());
		false
	}

	/// The price in force at a block.
	fn at(&self, block: BlockNumber) -> Option<(Epoch, PriceEpoch)> {
		(0..).zip(self.0.iter().copied()).filter(|(_, price)| price.from <= block).last()
	}

	/// Until which block a batch may use an epoch; for ever, if none follows.
	fn usable_until(&self, epoch: Epoch) -> Option<BlockNumber> {
		self.0.get(epoch as usize + 1).map(|next| next.from + GRACE)
	}
}

#[test]
fn a_price_begins_after_its_delay_and_not_a_block_earlier() {
	build_and_execute(|| {
		pass(20);
		let (model, mut announced) = Announced::register(OWNER);
		pass(5);
		assert!(announced.announce(model, 7));
		let change = Now::get() + DELAY;
		for block in 0..change + 100 {
			assert_eq!(Registry::price_at(model, block), announced.at(block), "block {block}");
		}
		assert_eq!(Registry::price_at(model, 20), None, "before there was a model");
		assert_eq!(Registry::price_at(model, change - 1).unwrap().0, 0);
		assert_eq!(Registry::price_at(model, change).unwrap().0, 1);
		assert_eq!(Registry::price_at(model + 1, change), None);
	});
}

#[test]
fn of_two_prices_announced_in_a_block_the_later_holds() {
	build_and_execute(|| {
		let (model, mut announced) = Announced::register(OWNER);
		assert!(announced.announce(model, 7) && announced.announce(model, 8));
		pass(DELAY);
		let (epoch, now) = Registry::price_at(model, Now::get()).unwrap();
		assert_eq!((epoch, now.price), (2, price(8, 8)));
	});
}

#[test]
fn a_price_waits_while_the_chain_is_paused() {
	build_and_execute(|| {
		let (model, mut announced) = Announced::register(OWNER);
		assert!(announced.announce(model, 7));
		pass(DELAY - 1);
		pause(1_000);
		assert_eq!(Registry::fee_quote(model, 1_000, 0), Some((1_000 + 5) * UNITS_PER_NANO));
		pass(1);
		assert_eq!(Registry::fee_quote(model, 1_000, 0), Some((7 + 5) * UNITS_PER_NANO));
	});
}

#[test]
fn there_is_room_for_a_price_once_the_oldest_is_of_no_use() {
	build_and_execute(|| {
		let (model, mut announced) = Announced::register(OWNER);
		for rate in 1..u64::from(MAX_EPOCHS) {
			assert!(announced.announce(model, rate));
		}
		// The first epoch ends with the delay, and may be used for the grace after that.
		for _ in 0..=DELAY + GRACE {
			assert_noop!(
				Registry::set_price(signed(OWNER), model, price(9, 9)),
				Error::<Test>::TooManyPrices
			);
			assert!(Prices::<Test>::contains_key(model, 0));
			pass(1);
		}
		assert!(announced.announce(model, 9));
		assert!(!Prices::<Test>::contains_key(model, 0));
		assert_eq!(Prices::<Test>::iter_prefix(model).count(), MAX_EPOCHS as usize);
	});
}

#[test]
fn what_a_batch_may_still_use_is_never_forgotten() {
	let mut random = Random(6);
	let (mut taken, mut refused) = (0, 0);
	for round in 0..20 {
		build_and_execute(|| {
			let (model, mut announced) = Announced::register(OWNER);
			let most = [2, 6, 20, 60][round % 4];
			for rate in 0..200 {
				pass(random.below(most));
				if announced.announce(model, rate) {
					taken += 1;
				} else {
					refused += 1;
				}
				let now = Now::get();
				for (epoch, expected) in (0..).zip(&announced.0) {
					let of_use = announced.usable_until(epoch).is_none_or(|until| now <= until);
					let kept = Prices::<Test>::get(model, epoch);
					assert!(!of_use || kept == Some(*expected), "epoch {epoch} at {now}");
				}
				for block in now.saturating_sub(GRACE + 1)..=now + DELAY + 1 {
					assert_eq!(Registry::price_at(model, block), announced.at(block));
				}
				assert!(Prices::<Test>::iter_prefix(model).count() <= MAX_EPOCHS as usize);
			}
		});
	}
	assert!(taken > 1_000 && refused > 1_000, "both happen: {taken} and {refused}");
}

#[test]
fn models_do_not_share_prices() {
	build_and_execute(|| {
		let (one, mut of_one) = Announced::register(OWNER);
		let (two, of_two) = Announced::register(OWNER);
		assert!(of_one.announce(one, 7));
		pass(DELAY);
		assert_eq!(Registry::price_at(one, Now::get()), of_one.at(Now::get()));
		assert_eq!(Registry::price_at(two, Now::get()), of_two.at(Now::get()));
	});
}

#[test]
fn a_quote_is_what_the_formula_says() {
	build_and_execute(|| {
		let (model, mut announced) = Announced::register(OWNER);
		// ⌊1,999 · 1,000 / 1,000⌋ + ⌊1 · 2,000 / 1,000⌋ + 5, in units of 10⁻⁹ OPEN.
		assert_eq!(Registry::fee_quote(model, 1_999, 1), Some(2_006 * UNITS_PER_NANO));
		assert_eq!(Registry::fee_quote(model, 0, 0), Some(5 * UNITS_PER_NANO));
		assert_eq!(Registry::fee_quote(model + 1, 0, 0), None);

		let rate = 123_457;
		assert!(announced.announce(model, rate));
		pass(DELAY);
		let mut random = Random(7);
		for _ in 0..1_000 {
			let [tokens_in, tokens_out] = [random.below(u32::MAX), random.below(5_000)];
			let platform_fee = u64::from(random.below(1_000_000));
			PlatformFee::set(platform_fee);
			let term = |tokens| u128::from(tokens) * u128::from(rate) / 1_000;
			let nano = term(tokens_in) + term(tokens_out) + u128::from(platform_fee);
			let quote = Registry::fee_quote(model, tokens_in, tokens_out);
			assert_eq!(quote, Some(nano * 1_000_000_000));
		}
	});
}

#[test]
fn what_does_not_serve_has_a_price_but_no_quote() {
	build_and_execute(|| {
		let model = register(OWNER, ModelKind::Base, &[]);
		let quote = || Registry::fee_quote(model, 1_000, 0);
		assert!(Registry::price_at(model, Now::get()).is_some());
		assert_eq!(quote(), None, "there is no version yet");
		assert_ok!(add_version(model, plain_version()));
		assert_eq!(quote(), Some((1_000 + 5) * UNITS_PER_NANO));
		assert_ok!(Registry::deprecate(signed(OWNER), model));
		assert_eq!(quote(), None, "the model has come to its end");
		assert!(Registry::price_at(model, Now::get()).is_some(), "batches may still come in");
	});
}

#[test]
fn a_price_at_which_the_largest_inference_has_no_fee_is_refused() {
	build_and_execute(|| {
		let (model, _) = Announced::register(OWNER);
		PlatformFee::set(0);
		// The dearest rate r for which ⌊(2³² − 1) · r / 1000⌋ < 2⁶⁰.
		let dearest = ((1_u128 << 60) * 1_000 - 1) / u128::from(u32::MAX);
		let dearest = dearest as Nano;
		for good in [price(0, 0), price(dearest, 0), price(0, dearest)] {
			assert_ok!(Registry::set_price(signed(OWNER), model, good));
		}
		let more = dearest + 1;
		for bad in [price(more, 0), price(0, more), price(dearest, dearest), price(u64::MAX, 1)] {
			assert_noop!(Registry::set_price(signed(OWNER), model, bad), Error::<Test>::BadPrice);
		}
		pass(DELAY);
		assert!(Registry::fee_quote(model, u32::MAX, u32::MAX).is_some());
	});
}
