//! The method `Retrieval`: what credits follow from citations, and what evidence shows.

#![allow(
	missing_docs,
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::unwrap_used
)]

use openledger_primitives::{
	content::{ChunkProof, ContentId, ContentTree, CHUNK},
	records::{ContributionRef, Snapshot},
	tree,
};
use openledger_settlement::{
	execute::{Context, Wrong},
	receipt::{total_weight, Credit, Receipt},
	retrieval::{credits, judge, matches, Citation, Citations, Evidence, MAX_CITATIONS},
	sample::{context, receipts, Random, Shape},
	MAX_CREDITS, WEIGHT_LIMIT,
};
use sp_core::H256;
use std::collections::BTreeMap;

fn citation(datanet: u32, index: u32, chunk: u32, score: u32) -> Citation {
	Citation { datanet, index, chunk, leaf: H256::repeat_byte(1), score }
}

fn list(citations: Vec<Citation>) -> Citations {
	citations.try_into().unwrap()
}

fn weights(credits: &[Credit]) -> Vec<(u32, u32, u32)> {
	credits.iter().map(|credit| (credit.datanet, credit.index, credit.weight)).collect()
}

#[test]
fn scores_of_a_contribution_add_up() {
	let citations = list(vec![
		citation(0, 1, 0, 5),
		citation(0, 1, 9, 6),
		citation(0, 2, 0, 7),
		citation(3, 1, 0, 8),
	]);
	let (credits, rest) = credits(&citations, 4).unwrap();
	assert_eq!(weights(&credits), [(0, 1, 11), (0, 2, 7), (3, 1, 8)]);
	assert_eq!(rest, 0);
}

#[test]
fn no_citations_are_no_credits() {
	let (credits, rest) = credits(&Citations::default(), 0).unwrap();
	assert!(credits.is_empty());
	assert_eq!(rest, 0);
}

#[test]
fn the_largest_are_credited_and_the_others_are_the_rest() {
	let citations = (0..20).map(|index| citation(0, index, 0, 100 + index));
	let (credits, rest) = credits(&list(citations.collect()), 20).unwrap();
	let largest: Vec<_> = (4..20).map(|index| (0, index, 100 + index)).collect();
	assert_eq!(weights(&credits), largest);
	assert_eq!(rest, 100 + 101 + 102 + 103);
}

#[test]
fn of_equals_the_earlier_is_credited() {
	let score = |index| if index == 19 { 6 } else { 5 };
	let citations = (0..20).map(|index| citation(index / 10, index % 10, 0, score(index)));
	let (credits, rest) = credits(&list(citations.collect()), 20).unwrap();
	let first = (0..15).map(|index| (index / 10, index % 10, 5));
	assert_eq!(weights(&credits), first.chain([(1, 9, 6)]).collect::<Vec<_>>());
	assert_eq!(rest, 4 * 5);
}

#[test]
fn many_small_citations_count_as_much_as_one_large() {
	let mut citations: Vec<_> = (0..16).map(|index| citation(0, index, 0, 10)).collect();
	citations.extend((0..11).map(|chunk| citation(1, 0, chunk, 1)));
	let (credits, rest) = credits(&list(citations), 255).unwrap();
	let first = (0..15).map(|index| (0, index, 10));
	assert_eq!(weights(&credits), first.chain([(1, 0, 11)]).collect::<Vec<_>>());
	assert_eq!(rest, 10);
}

#[test]
fn citations_that_no_receipt_may_have() {
	let none = |citations: Vec<Citation>, top| assert_eq!(credits(&list(citations), top), None);
	let good = vec![citation(0, 1, 2, 5), citation(0, 1, 3, 5), citation(0, 2, 0, 5)];
	assert!(credits(&list(good.clone()), 3).is_some());
	none(good.clone(), 2);
	none(good.clone(), 0);
	let changed = |change: fn(&mut Vec<Citation>)| {
		let mut citations = good.clone();
		change(&mut citations);
		none(citations, 255);
	};
	changed(|citations| citations.swap(0, 1));
	changed(|citations| citations.swap(1, 2));
	changed(|citations| citations[1].chunk = 2);
	changed(|citations| citations[1].score = 0);
	changed(|citations| citations[0].score = WEIGHT_LIMIT - 10);
	changed(|citations| citations[0].score = u32::MAX);
	let mut heaviest = good;
	heaviest[0].score = WEIGHT_LIMIT - 11;
	assert!(credits(&list(heaviest), 3).is_some());
	// One more than there may be is no list at all.
	let many = (0..=MAX_CITATIONS).map(|chunk| citation(0, 0, chunk, 1)).collect::<Vec<_>>();
	assert!(Citations::try_from(many).is_err());
}

#[test]
fn credits_are_those_that_a_receipt_may_have() {
	let mut random = Random(1);
	for round in 0..2_000 {
		let mut citations: Vec<_> = (0..random.below(40))
			.map(|_| {
				let (index, chunk) = (random.below(1 + round % 30), random.below(5));
				citation(random.below(3), index, chunk, random.below(20) + 1)
			})
			.collect();
		citations.sort();
		citations.dedup_by_key(|citation| (citation.contribution(), citation.chunk));
		let (credits, rest) = credits(&list(citations.clone()), 255).unwrap();

		// Another way to the same: pick the largest one by one.
		let mut all = BTreeMap::<ContributionRef, u32>::new();
		for citation in &citations {
			*all.entry(citation.contribution()).or_default() += citation.score;
		}
		let total: u32 = all.values().sum();
		assert_eq!(total_weight(&credits, rest), Some(total));
		let mut picked = Vec::new();
		while picked.len() < MAX_CREDITS as usize {
			let largest = all.iter().rev().max_by_key(|(_, weight)| **weight);
			let Some((at, weight)) = largest.map(|(at, weight)| (*at, *weight)) else { break };
			all.remove(&at);
			picked.push((at.datanet, at.index, weight));
		}
		picked.sort();
		assert_eq!(weights(&credits), picked);
	}
}

/// Whoever spreads what is cited of it over two contributions has not more weight by that.
#[test]
fn many_names_weigh_no_more() {
	let mut random = Random(2);
	for _ in 0..2_000 {
		let others = random.below(20);
		let mut citations: Vec<_> =
			(0..others).map(|index| citation(0, index, 0, random.below(30) + 1)).collect();
		let mine: Vec<_> = (0..=random.below(5))
			.map(|chunk| citation(1, 0, chunk, random.below(30) + 1))
			.collect();
		let weight = |citations: Vec<Citation>| {
			let (credits, rest) = credits(&list(citations), 255).unwrap();
			let mine = credits.iter().filter(|credit| credit.datanet == 1);
			(mine.map(|credit| credit.weight).sum::<u32>(), total_weight(&credits, rest).unwrap())
		};
		let whole = weight([citations.clone(), mine.clone()].concat());
		citations.extend(
			mine.into_iter().map(|citation| Citation { index: random.below(3), ..citation }),
		);
		citations.sort();
		let spread = weight(citations);
		assert_eq!(spread.1, whole.1);
		// The whole one may be too small for a place, where no part of it is larger.
		assert!(spread.0 <= whole.0);
	}
}

/// A receipt, what it cites, and the contents that are cited.
struct Case {
	context: Context,
	receipt: Receipt,
	citations: Citations,
	contents: BTreeMap<ContributionRef, Vec<u8>>,
}

const TOP: u8 = 8;

impl Case {
	/// An honest one: four chunks of three contents.
	fn new() -> Self {
		let shape = Shape { receipts: 1, payers: 1, contributions: 6, credits: 0, private: 0 };
		let context = context(&shape);
		let mut receipt = receipts(&shape, &context, &mut Random(3)).remove(0);
		let mut random = Random(4);
		let mut content =
			|length: usize| -> Vec<u8> { (0..length).map(|_| random.next() as u8).collect() };
		let contents = BTreeMap::from([
			(ContributionRef { datanet: 0, index: 0 }, content(3 * CHUNK + 7)),
			(ContributionRef { datanet: 0, index: 2 }, content(CHUNK)),
			(ContributionRef { datanet: 7, index: 1 }, content(10)),
		]);
		let cited = [(0, 0, 1, 10), (0, 0, 3, 11), (0, 2, 0, 12), (7, 1, 0, 13)];
		let citations = cited.map(|(datanet, index, chunk, score)| {
			let content = &contents[&ContributionRef { datanet, index }];
			let bytes = content.chunks(CHUNK).nth(chunk as usize).unwrap();
			Citation { datanet, index, chunk, leaf: tree::leaf(chunk, bytes), score }
		});
		let citations = list(citations.to_vec());
		(receipt.credits, receipt.rest) = credits(&citations, TOP).unwrap();
		receipt.matches = matches(&citations);
		Self { context, receipt, citations, contents }
	}

	/// The same with other citations, from which the credits follow.
	fn citing(change: impl Fn(&mut Vec<Citation>)) -> Self {
		let mut case = Self::new();
		let mut citations = case.citations.to_vec();
		change(&mut citations);
		case.citations = list(citations);
		(case.receipt.credits, case.receipt.rest) = credits(&case.citations, TOP).unwrap();
		case.receipt.matches = matches(&case.citations);
		case
	}

	fn judge(&self, evidence: &Evidence) -> Option<Wrong> {
		judge(&self.context, TOP, &self.receipt, &self.citations, evidence, |at| {
			let content = self.contents.get(&at)?;
			Some((ContentTree::of(content).id()?, content.len() as u64))
		})
	}

	/// Evidence that a chunk of a content is another than a citation says: what there truly is.
	fn differs(&self, citation: u32) -> Evidence {
		let cited = self.citations[citation as usize];
		let content = &self.contents[&cited.contribution()];
		let chunk = content.chunks(CHUNK).nth(cited.chunk as usize).unwrap().to_vec();
		let proof = ContentTree::of(content).prove(cited.chunk).unwrap();
		Evidence::Differs { citation, chunk, proof }
	}
}

#[test]
fn nothing_is_shown_of_an_honest_receipt() {
	let case = Case::new();
	assert_eq!(case.judge(&Evidence::Sum), None);
	for citation in (0..6).chain([u32::MAX]) {
		assert_eq!(case.judge(&Evidence::Absent { citation }), None);
	}
	for citation in 0..4 {
		assert_eq!(case.judge(&case.differs(citation)), None);
	}
	let mut random = Random(5);
	for _ in 0..2_000 {
		let Evidence::Differs { mut citation, mut chunk, mut proof } =
			case.differs(random.below(4))
		else {
			continue;
		};
		match random.below(5) {
			0 => citation = random.below(6),
			1 => {
				let at = random.below(chunk.len() as u32) as usize;
				chunk[at] ^= 1;
			}
			2 => chunk.truncate(random.below(chunk.len() as u32) as usize),
			3 if !proof.0.is_empty() => proof.0.truncate(proof.0.len() - 1),
			_ => proof.0.push(random.hash()),
		}
		assert_eq!(case.judge(&Evidence::Differs { citation, chunk, proof }), None);
	}
}

#[test]
fn credits_that_do_not_follow() {
	let shown = |change: fn(&mut Receipt)| {
		let mut case = Case::new();
		change(&mut case.receipt);
		assert_eq!(case.judge(&Evidence::Sum), Some(Wrong::Sum));
		assert_eq!(case.judge(&Evidence::Absent { citation: 0 }), None);
		assert_eq!(case.judge(&case.differs(0)), None);
	};
	shown(|receipt| receipt.credits[0].weight += 1);
	shown(|receipt| receipt.credits[0].index += 1);
	shown(|receipt| receipt.rest += 1);
	shown(|receipt| receipt.credits.truncate(2));
	shown(|receipt| receipt.credits = Default::default());
}

#[test]
fn citations_from_which_nothing_follows() {
	let shown = |change: fn(&mut Vec<Citation>)| {
		let mut case = Case::new();
		let mut citations = case.citations.to_vec();
		change(&mut citations);
		case.citations = list(citations);
		case.receipt.matches = matches(&case.citations);
		assert_eq!(case.judge(&Evidence::Sum), Some(Wrong::Sum));
	};
	shown(|citations| citations.swap(0, 1));
	shown(|citations| citations[2].score = 0);
	shown(|citations| citations[3].score = WEIGHT_LIMIT);
	shown(|citations| citations[3].score += 1);
	shown(|citations| citations.truncate(3));
	// More than the version's method may cite.
	shown(|citations| citations.extend((1..6).map(|chunk| citation(7, 1, chunk, 1))));
}

#[test]
fn other_citations_than_the_receipts_show_nothing() {
	let mut case = Case::new();
	case.receipt.credits = Default::default();
	assert_eq!(case.judge(&Evidence::Sum), Some(Wrong::Sum));
	case.citations[1].score += 1;
	assert_eq!(case.judge(&Evidence::Sum), None);
	case.citations = Citations::default();
	assert_eq!(case.judge(&Evidence::Sum), None);
}

#[test]
fn a_citation_of_what_the_version_was_not_trained_on() {
	let case = Case::citing(|citations| citations[2].index = 3);
	assert_eq!(case.judge(&Evidence::Absent { citation: 2 }), Some(Wrong::OutsideSnapshots));
	assert_eq!(case.judge(&Evidence::Absent { citation: 1 }), None);
	let case = Case::citing(|citations| citations[2].datanet = 5);
	assert_eq!(case.judge(&Evidence::Absent { citation: 2 }), Some(Wrong::OutsideSnapshots));
	// A snapshot that ends before it.
	let mut case = Case::new();
	case.context.snapshots = vec![Snapshot { datanet: 0, length: 2 }];
	assert_eq!(case.judge(&Evidence::Absent { citation: 0 }), None);
	assert_eq!(case.judge(&Evidence::Absent { citation: 2 }), Some(Wrong::OutsideSnapshots));
	assert_eq!(case.judge(&Evidence::Absent { citation: 3 }), Some(Wrong::OutsideSnapshots));
}

#[test]
fn a_citation_of_a_chunk_that_is_not_there() {
	for chunk in [4, 5, u32::MAX] {
		let case = Case::citing(|citations| citations[1].chunk = chunk);
		assert_eq!(case.judge(&Evidence::Absent { citation: 1 }), Some(Wrong::Match));
		assert_eq!(case.judge(&Evidence::Absent { citation: 0 }), None);
	}
	let case = Case::citing(|citations| citations[1].chunk = 2);
	assert_eq!(case.judge(&Evidence::Absent { citation: 1 }), None);
	// Nothing is known of the content.
	let mut case = Case::citing(|citations| citations[1].chunk = 4);
	case.contents.clear();
	assert_eq!(case.judge(&Evidence::Absent { citation: 1 }), None);
}

#[test]
fn a_citation_of_another_chunk_than_there_is() {
	let case = Case::citing(|citations| citations[1].leaf.0[0] ^= 1);
	assert_eq!(case.judge(&case.differs(1)), Some(Wrong::Match));
	assert_eq!(case.judge(&case.differs(0)), None);

	// A chunk of the same content at another place.
	let case = Case::citing(|citations| citations[1].chunk = 2);
	assert_eq!(case.judge(&case.differs(1)), Some(Wrong::Match));

	// It must be shown: not with a chunk that is not there, nor with another's proof.
	let case = Case::citing(|citations| citations[1].leaf.0[0] ^= 1);
	let Evidence::Differs { citation, chunk, proof } = case.differs(1) else { return };
	let with = |citation, chunk: &[u8], proof: &ChunkProof| {
		case.judge(&Evidence::Differs { citation, chunk: chunk.to_vec(), proof: proof.clone() })
	};
	assert_eq!(with(citation, &chunk, &proof), Some(Wrong::Match));
	assert_eq!(with(citation, &chunk[1..], &proof), None);
	assert_eq!(with(citation, &[], &proof), None);
	assert_eq!(with(citation, &chunk, &ChunkProof(Vec::new())), None);
	assert_eq!(with(0, &chunk, &proof), None);
	assert_eq!(with(9, &chunk, &proof), None);
	let nothing =
		judge(&case.context, TOP, &case.receipt, &case.citations, &case.differs(1), |_| {
			Some((ContentId::default(), 10))
		});
	assert_eq!(nothing, None);
}
