//! What may go into what.

use super::*;

/// The licences with a name.
const STANDARD: [Licence; 6] = [
	Licence::PublicDomain,
	Licence::CcBy,
	Licence::CcBySa,
	Licence::CcByNc,
	Licence::CcByNcSa,
	Licence::Permissive,
];

/// A text of somebody's own.
fn custom(text: u8, commercial: bool, share_alike: bool, attribution: bool) -> Licence {
	let terms = Terms { commercial, share_alike, attribution };
	Licence::Custom { text: H256::repeat_byte(text), terms }
}

#[test]
fn every_pair_of_standard_licences() {
	// Rows: the work's licence; columns: that of what it goes into, in the order of `STANDARD`.
	let table = [
		[true, true, true, true, true, true], // public domain: into anything
		[false, true, true, true, true, true], // CC-BY: the name must be kept
		[false, false, true, false, false, false], // CC-BY-SA: into itself only
		[false, false, false, true, true, false], // CC-BY-NC: nothing commercial
		[false, false, false, false, true, false], // CC-BY-NC-SA: into itself only
		[false, true, true, true, true, true], // permissive: like CC-BY
	];
	for (work, row) in STANDARD.iter().zip(table) {
		for (other, allowed) in STANDARD.iter().zip(row) {
			assert_eq!(work.allows(other), allowed, "{work:?} into {other:?}");
		}
	}
}

#[test]
fn a_custom_licence_is_what_its_terms_say() {
	let free = custom(1, true, false, false);
	let named = custom(1, true, false, true);
	let unpaid = custom(1, false, false, false);
	for other in STANDARD {
		assert!(free.allows(&other), "asks nothing: {other:?}");
		assert_eq!(named.allows(&other), Licence::CcBy.allows(&other), "like CC-BY: {other:?}");
		assert_eq!(unpaid.allows(&other), !other.terms().commercial, "unpaid only: {other:?}");
	}
	assert!(Licence::CcBy.allows(&named));
	assert!(!Licence::CcBy.allows(&free));
	assert!(!Licence::CcByNc.allows(&named));
}

#[test]
fn where_works_must_stay_under_the_same_terms_similar_terms_are_not_enough() {
	let alike = custom(1, true, true, true);
	assert_eq!(alike.terms(), Licence::CcBySa.terms());
	assert!(!alike.allows(&Licence::CcBySa));
	assert!(!Licence::CcBySa.allows(&alike));
	assert!(alike.allows(&alike));
	assert!(!alike.allows(&custom(2, true, true, true)), "another text is another licence");
	assert!(!alike.allows(&custom(1, false, true, true)), "so are other terms");
}

#[test]
fn a_work_goes_under_its_own_licence_and_chains_of_works_lose_nothing() {
	let mut all = STANDARD.to_vec();
	for bits in 0..8 {
		for text in [1, 2] {
			all.push(custom(text, bits & 1 > 0, bits & 2 > 0, bits & 4 > 0));
		}
	}
	for a in &all {
		assert!(a.allows(a), "{a:?}");
		for b in &all {
			for c in &all {
				assert!(!(a.allows(b) && b.allows(c)) || a.allows(c), "{a:?}, {b:?}, {c:?}");
			}
		}
	}
}

#[test]
fn a_snapshot_is_a_prefix_of_its_own_datanet() {
	let snapshot = Snapshot { datanet: 3, length: 2 };
	let holds = |datanet, index| snapshot.contains(ContributionRef { datanet, index });
	assert!(holds(3, 0) && holds(3, 1));
	assert!(!holds(3, 2) && !holds(2, 0) && !holds(3, u32::MAX));
	assert!(!Snapshot { datanet: 3, length: 0 }.contains(ContributionRef { datanet: 3, index: 0 }));
}

#[test]
fn precedence_is_the_order_of_blocks_and_then_of_positions() {
	let places = [(0, 0), (0, u32::MAX), (1, 0), (1, 1), (u32::MAX, 0), (u32::MAX, u32::MAX)];
	for (at, (block, position)) in places.into_iter().enumerate() {
		let here = Precedence::new(block, position);
		assert_eq!((here.block(), here.position()), (block, position));
		for (block, position) in places.into_iter().skip(at.saturating_add(1)) {
			assert!(here < Precedence::new(block, position));
		}
	}
}

#[test]
fn people_read_a_precedence_as_block_and_position() {
	let precedence = Precedence::new(u32::MAX, 7);
	assert_eq!(precedence.to_string(), "4294967295-7");
	assert_eq!("4294967295-7".parse(), Ok(precedence));
	for bad in ["", "7", "-", "1-", "-1", "1-2-3", "4294967296-0", "1 - 2"] {
		assert!(bad.parse::<Precedence>().is_err(), "{bad}");
	}
}
