//! Citations and evidence: of honest receipts, and of any.

use super::input::Input;
use crate::mock::{content, DATANET, LENGTH, TOP};
use codec::{Decode, DecodeWithMemTracking, Encode};
use openledger_primitives::{
	content::{ContentId, ContentTree, CHUNK},
	records::{ContributionRef, Snapshot},
	tree::leaf,
};
use openledger_settlement::{
	execute::{Context, Wrong},
	price::Price,
	receipt::{total_weight, Core, Receipt},
	retrieval::{credits, judge, matches, Citation, Citations, Evidence},
	split::Terms,
};
use sp_runtime::Permill;

/// The contents that the version was trained on.
struct Trained {
	context: Context,
	contents: Vec<(Vec<u8>, ContentTree)>,
}

impl Trained {
	fn new() -> Self {
		let contents = (0..LENGTH).map(content).map(|bytes| {
			let tree = ContentTree::of(&bytes);
			(bytes, tree)
		});
		let nothing = Permill::zero();
		let context = Context {
			version: 0,
			epoch: 0,
			price: Price::default(),
			terms: Terms { platform_fee: 0, stakers: nothing, model: nothing, operator: nothing },
			snapshots: vec![Snapshot { datanet: DATANET, length: LENGTH }],
		};
		Self { context, contents: contents.collect() }
	}
}

thread_local! {
	static TRAINED: Trained = Trained::new();
}

/// What anybody may bring beside a receipt.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, PartialEq)]
struct Shown {
	receipt: Receipt,
	citations: Citations,
	evidence: Evidence,
}

/// No evidence shows an honest receipt to be wrong. Of any receipt, evidence shows what is so, and
/// credits that follow from citations are those that the rule accepts.
pub fn retrieval(data: &[u8]) {
	let mut input = Input(data);
	TRAINED.with(|trained| match input.once_in(2) {
		false => honest(&mut input, trained),
		true => any(&mut input, trained),
	});
}

fn honest(input: &mut Input, trained: &Trained) {
	let mut citations: Vec<_> = (0..input.below(usize::from(TOP) + 1))
		.map(|_| {
			let index = input.below(LENGTH as usize);
			let (bytes, _) = &trained.contents[index];
			let chunk = input.below(bytes.len().div_ceil(CHUNK)) as u32;
			let leaf = leaf(chunk, bytes.chunks(CHUNK).nth(chunk as usize).unwrap());
			let score = 1 + u32::from(input.word()) % 50_000;
			Citation { datanet: DATANET, index: index as u32, chunk, leaf, score }
		})
		.collect();
	citations.sort();
	citations.dedup_by_key(|citation| (citation.contribution(), citation.chunk));
	let citations = Citations::truncate_from(citations);
	let (credits, rest) = credits(&citations, TOP).unwrap();
	let core = Core {
		version: 0,
		epoch: 0,
		tokens_in: 0,
		tokens_out: 0,
		fee: 0,
		output: ContentId::default(),
		private: false,
	};
	let receipt = Receipt { payer: 0, core, credits, rest, matches: matches(&citations) };

	let place = input.below(usize::from(TOP) + 1) as u32;
	let cited = citations.get(place as usize);
	let right = match (input.byte() % 3, cited) {
		(0, _) => Evidence::Sum,
		(1, Some(cited)) => {
			let (bytes, tree) = &trained.contents[cited.index as usize];
			let chunk = bytes.chunks(CHUNK).nth(cited.chunk as usize).unwrap().to_vec();
			Evidence::Differs { citation: place, chunk, proof: tree.prove(cited.chunk).unwrap() }
		}
		_ => Evidence::Absent { citation: place },
	};
	let Some(evidence) = input.changed(&right) else { return };
	let content = |at| content_of(trained, at);
	assert_eq!(judge(&trained.context, TOP, &receipt, &citations, &evidence, content), None);
}

fn any(input: &mut Input, trained: &Trained) {
	let top = input.byte();
	let size = input.number();
	let Some(shown) = input.decode::<Shown>() else { return };
	let Shown { mut receipt, citations, evidence } = shown;
	receipt.matches = matches(&citations);
	let right = credits(&citations, top);
	if let Some((credits, rest)) = &right {
		let scores = citations.iter().map(|citation| u64::from(citation.score)).sum::<u64>();
		assert_eq!(total_weight(credits, *rest).map(u64::from), Some(scores));
	}
	// Contents of any size stand behind those that are known.
	let content = |at: ContributionRef| {
		content_of(trained, at).or((at.index & 1 == 0).then_some((ContentId::default(), size)))
	};
	let context = &trained.context;
	let follows = right.is_some_and(|right| right == (receipt.credits.clone(), receipt.rest));
	match judge(context, top, &receipt, &citations, &evidence, content) {
		Some(Wrong::Sum) => assert!(!follows),
		Some(Wrong::OutsideSnapshots) => {
			assert!(citations.iter().any(|citation| !context.contains(citation.contribution())));
		}
		Some(Wrong::Match) | None => {}
		Some(other) => panic!("evidence shows {other:?}"),
	}
}

fn content_of(trained: &Trained, at: ContributionRef) -> Option<(ContentId, u64)> {
	let (_, tree) = trained.contents.get(at.index as usize)?;
	(at.datanet == DATANET).then(|| (tree.id().unwrap(), tree.size()))
}
