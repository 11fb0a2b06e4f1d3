//! The method `Retrieval`: credits follow from the chunks that were retrieved for the answer.
//!
//! A receipt commits to its list of citations. Each names a chunk of a contribution, by its leaf in
//! the content's tree, and its score. A contribution's weight is the sum of its scores; the
//! [`MAX_CREDITS`] largest weights are credits, the others the rest.

use crate::{
	execute::{Context, Wrong},
	receipt::{Credit, Credits, Receipt},
	MAX_CREDITS, WEIGHT_LIMIT,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::cmp::Reverse;
use openledger_primitives::{
	content::{chunks, verify_chunk, ChunkProof, ContentId},
	records::{ContributionIndex, ContributionRef, DatanetId},
	stored, tree,
};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_runtime::traits::{BlakeTwo256, Hash};

/// The most citations of a receipt: what a version's method can ask for.
pub const MAX_CITATIONS: u32 = 255;

stored! {
	/// A chunk that went into an answer.
	#[derive(Copy, Ord, PartialOrd)]
	pub struct Citation {
		/// The contribution's datanet.
		#[codec(compact)]
		pub datanet: DatanetId,
		/// Its place there.
		#[codec(compact)]
		pub index: ContributionIndex,
		/// The chunk of its content.
		#[codec(compact)]
		pub chunk: u32,
		/// The chunk's leaf in the content's tree.
		pub leaf: H256,
		/// How well it fits the question.
		#[codec(compact)]
		pub score: u32,
	}
}

impl Citation {
	/// The contribution that the chunk is of.
	pub fn contribution(&self) -> ContributionRef {
		ContributionRef { datanet: self.datanet, index: self.index }
	}
}

/// The citations of a receipt, by ascending contribution and chunk.
pub type Citations = BoundedVec<Citation, ConstU32<MAX_CITATIONS>>;

/// What a receipt commits to.
pub fn matches(citations: &Citations) -> H256 {
	BlakeTwo256::hash_of(citations)
}

/// The credits that follow from citations, and the rest; none if no receipt may have such citations:
/// more than `top`, not ascending, without a score, or with too large ones.
pub fn credits(citations: &Citations, top: u8) -> Option<(Credits, u32)> {
	let key = |citation: &Citation| (citation.contribution(), citation.chunk);
	let ascending = citations.is_sorted_by(|a, b| key(a) < key(b));
	let positive = citations.iter().all(|citation| citation.score > 0);
	if citations.len() > usize::from(top) || !ascending || !positive {
		return None;
	}
	let mut weights = BTreeMap::<ContributionRef, u32>::new();
	let mut total: u32 = 0;
	for citation in citations {
		let weight = weights.entry(citation.contribution()).or_default();
		*weight = weight.checked_add(citation.score)?;
		total = total.checked_add(citation.score)?;
	}
	if total >= WEIGHT_LIMIT {
		return None;
	}
	let mut credits: Vec<_> = weights
		.into_iter()
		.map(|(at, weight)| Credit { datanet: at.datanet, index: at.index, weight })
		.collect();
	// The sort keeps the order of equal weights, so that of two the earlier contribution is credited.
	credits.sort_by_key(|credit| Reverse(credit.weight));
	credits.truncate(MAX_CREDITS as usize);
	credits.sort_by_key(Credit::contribution);
	let credited = credits.iter().fold(0, |sum: u32, credit| sum.saturating_add(credit.weight));
	Some((credits.try_into().ok()?, total.saturating_sub(credited)))
}

/// What shows that a receipt's credits are wrong, given its citations.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub enum Evidence {
	/// They do not follow from the citations.
	#[codec(index = 0)]
	Sum,
	/// A citation is of what the version was not trained on, or of a chunk that the content has not.
	#[codec(index = 1)]
	Absent {
		/// Its place in the list.
		citation: u32,
	},
	/// The contribution has another chunk there than a citation says: this one.
	#[codec(index = 2)]
	Differs {
		/// Its place in the list.
		citation: u32,
		/// The chunk.
		chunk: Vec<u8>,
		/// That the contribution has it there.
		proof: ChunkProof,
	},
}

/// What evidence shows of a receipt whose citations these are; none if it shows nothing. `content`
/// tells the name and the size of a contribution.
pub fn judge(
	context: &Context,
	top: u8,
	receipt: &Receipt,
	citations: &Citations,
	evidence: &Evidence,
	content: impl Fn(ContributionRef) -> Option<(ContentId, u64)>,
) -> Option<Wrong> {
	if matches(citations) != receipt.matches {
		return None;
	}
	let cited = |at: &u32| citations.get(usize::try_from(*at).ok()?);
	match evidence {
		Evidence::Sum => {
			let right = credits(citations, top)
				.is_some_and(|right| right == (receipt.credits.clone(), receipt.rest));
			(!right).then_some(Wrong::Sum)
		}
		Evidence::Absent { citation } => {
			let citation = cited(citation)?;
			if !context.contains(citation.contribution()) {
				return Some(Wrong::OutsideSnapshots);
			}
			let (_, size) = content(citation.contribution())?;
			(u64::from(citation.chunk) >= chunks(size)).then_some(Wrong::Match)
		}
		Evidence::Differs { citation, chunk, proof } => {
			let citation = cited(citation)?;
			let (name, size) = content(citation.contribution())?;
			let there = verify_chunk(name, size, citation.chunk, chunk, proof);
			(there && tree::leaf(citation.chunk, chunk) != citation.leaf).then_some(Wrong::Match)
		}
	}
}
