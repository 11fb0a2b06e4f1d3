//! Everything that is written can be read again, and what is wrong is refused.

use super::*;
use openledger_primitives::units::{OPEN, UNITS_PER_NANO};

const HASH: &str = "0x00000000000000000000000000000000000000000000000000000000000000ff";
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

#[test]
fn amounts_are_exact() {
	for (written, value) in [
		("0", 0),
		("1", OPEN),
		("12.5", 12 * OPEN + OPEN / 2),
		("0.000000000000000001", 1),
		("340282366920938463463.374607431768211455", u128::MAX),
	] {
		assert_eq!(amount(written), Ok(value));
		assert_eq!(show_amount(value), written);
	}
	assert_eq!(amount("007.50"), Ok(7 * OPEN + OPEN / 2));
}

#[test]
fn what_is_no_amount_is_refused() {
	for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "0x1", "1.5.0"] {
		assert!(amount(bad).unwrap_err().contains("no number"), "{bad}");
	}
	assert!(amount("0.0000000000000000001").unwrap_err().contains("18 digits"));
	assert!(amount("340282366920938463464").unwrap_err().contains("too large"));
	assert_eq!(amount("0.0000000000000000000"), Ok(0));
}

#[test]
fn amounts_of_lanes_count_in_nano_open() {
	for (written, value) in
		[("0", 0), ("1", 1_000_000_000), ("0.000000001", 1), ("18446744073.709551615", u64::MAX)]
	{
		assert_eq!(nano(written), Ok(value));
		assert_eq!(show_nano(value), written);
		assert_eq!(show_amount(Balance::from(value) * UNITS_PER_NANO), written);
	}
	assert!(nano("0.0000000001").unwrap_err().contains("9 digits"));
	assert!(nano("18446744073.709551616").unwrap_err().contains("too large"));
	assert!(nano("1e3").unwrap_err().contains("no number"));
}

#[test]
fn places_include_both_ends() {
	assert_eq!(places("17"), Ok(17..=17));
	assert_eq!(places("0..99"), Ok(0..=99));
	for bad in ["", "..", "1..", "..1", "9..1", "a", "0-9", "0...9", "0..=9"] {
		assert!(places(bad).unwrap_err().contains("0..99"), "{bad}");
	}
}

#[test]
fn shares_are_percentages() {
	for (written, parts) in [("0%", 0), ("20%", 200_000), ("0.0001%", 1), ("100%", 1_000_000)] {
		assert_eq!(share(written), Ok(Permill::from_parts(parts)));
		assert_eq!(show_share(Permill::from_parts(parts)), written);
	}
	for bad in ["20", "0.2", "100.0001%", "0.00001%", "%", "-1%", "340282366920938463463374%"] {
		assert!(share(bad).is_err(), "{bad}");
	}
}

#[test]
fn contributions_stand_alone_or_side_by_side() {
	let at = |index| ContributionRef { datanet: 3, index };
	assert_eq!(contribution("3/17"), Ok(at(17)));
	assert_eq!(show_contribution(at(17)), "3/17");
	assert_eq!(range("3/17").map(|range| range.contributions().collect()), Ok(vec![at(17)]));
	let three = vec![at(17), at(18), at(19)];
	assert_eq!(range("3/17-19").map(|range| range.contributions().collect()), Ok(three));
	for bad in ["", "3", "3/", "/3", "3/a", "3/19-17", "3/1-", "3/1-2-3"] {
		assert!(range(bad).is_err(), "{bad}");
	}
	assert_eq!(named("3/17"), Ok(Named::Place(at(17))));
	assert_eq!(named(HASH), Ok(Named::Content(ContentId(H256::from_low_u64_be(255)))));
	assert!(named("0x12").unwrap_err().contains("content id"));
}

#[test]
fn licences_have_names() {
	for (written, value) in LICENCES {
		assert_eq!(licence(written).as_ref(), Ok(value));
		assert_eq!(licence(&show_licence(value)).as_ref(), Ok(value));
	}
	assert_eq!(licence("CC-BY-4.0"), Ok(Licence::CcBy));
	assert!(licence("gpl").unwrap_err().contains("cc-by-sa"));
}

#[test]
fn other_licences_say_what_they_ask() {
	let text = H256::from_low_u64_be(255);
	for terms in 0..8u8 {
		let terms = Terms {
			commercial: terms & 1 > 0,
			share_alike: terms & 2 > 0,
			attribution: terms & 4 > 0,
		};
		let custom = Licence::Custom { text, terms };
		assert_eq!(licence(&show_licence(&custom)), Ok(custom));
	}
	assert_eq!(
		licence(&format!("custom:{HASH}")),
		Ok(Licence::Custom { text, terms: Terms::default() })
	);
	assert!(licence(&format!("custom:{HASH}:free")).unwrap_err().contains("free"));
	assert!(licence("custom:0x12:commercial").unwrap_err().contains("64 hex digits"));
}

#[test]
fn accounts_are_of_this_chain() {
	let alice = account(ALICE).unwrap();
	assert_eq!(show_account(&alice), ALICE);
	assert_eq!(account(&show_hash(H256(alice.clone().into()))), Ok(alice));
	let on_polkadot = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
	assert!(account(on_polkadot).unwrap_err().contains("another network"));
	assert!(account(&ALICE[1..]).unwrap_err().contains("no account"));
}

#[test]
fn parents_and_snapshots_may_say_more() {
	assert_eq!(parent("3"), Ok(ParentArg { model: 3, at_most: None }));
	let at_most = Some(Permill::from_percent(5));
	assert_eq!(parent("3:5%"), Ok(ParentArg { model: 3, at_most }));
	assert_eq!(snapshot("4"), Ok(SnapshotArg { datanet: 4, length: None }));
	assert_eq!(snapshot("4:1000"), Ok(SnapshotArg { datanet: 4, length: Some(1_000) }));
	for bad in ["", ":", "a", "3:", "3:x"] {
		assert!(parent(bad).is_err() && snapshot(bad).is_err(), "{bad}");
	}
}

#[test]
fn methods_have_parameters() {
	for written in
		["spans:32".into(), format!("sketch:{HASH}:512:1000"), format!("retrieval:{HASH}:8")]
	{
		assert_eq!(method(&written).map(|method| show_method(&method)), Ok(written));
	}
	for bad in ["", "spans", "spans:70000", "sketch:1:2:3", "retrieval:0x12:8", "guess:1"] {
		assert!(method(bad).is_err(), "{bad}");
	}
}

#[test]
fn files_are_told_from_hashes() {
	assert_eq!(hash_of(HASH), Ok(HashOf::Hash(H256::from_low_u64_be(255))));
	assert_eq!(hash_of("weights.bin"), Ok(HashOf::File("weights.bin".into())));
	assert!(hash_of("0x12").is_err() && hash_of(&HASH[..65]).is_err());
}

#[test]
fn every_word_is_read_as_what_it_is_written_for() {
	fn check<T: Clone + PartialEq + std::fmt::Debug>(words: Words<T>) {
		for (written, value) in words {
			assert_eq!(word(words, value), *written);
			assert_eq!(value_of(words, written).as_ref(), Some(value));
		}
	}
	check(KINDS);
	check(MODEL_KINDS);
	check(REASONS);
	check(GROUNDS);
	check(STANDINGS);
	check(VERDICTS);
	assert_eq!(GROUNDS.len(), Ground::ALL.len());
}
