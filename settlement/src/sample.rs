//! Batches out of nothing, for tests, benchmarks and test vectors: the same seed gives the same batch.

use crate::{
	execute::Context,
	price::{fee, Price},
	receipt::{Core, Receipt},
	retrieval::{credits, matches, Citation, Citations},
	split::Terms,
};
use alloc::vec::Vec;
use openledger_primitives::{content::ContentId, records::Snapshot};
use sp_core::H256;
use sp_runtime::Permill;

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
	/// The next number.
	#[allow(clippy::should_implement_trait)]
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// A number below `limit`; zero if that is zero.
	pub fn below(&mut self, limit: u32) -> u32 {
		self.next().checked_rem(limit.into()).unwrap_or_default() as u32
	}

	/// A hash.
	pub fn hash(&mut self) -> H256 {
		let mut bytes = [0; 32];
		for eight in bytes.as_chunks_mut().0 {
			*eight = self.next().to_le_bytes();
		}
		H256(bytes)
	}
}

/// How large a batch is.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
	/// How many receipts.
	pub receipts: u32,
	/// How many payers.
	pub payers: u16,
	/// How many contributions may earn, over two datanets.
	pub contributions: u32,
	/// How many credits each receipt has.
	pub credits: u32,
	/// One receipt of this many is private; none are if zero.
	pub private: u32,
}

/// What the batch is executed under: two datanets with half of the contributions each.
pub fn context(shape: &Shape) -> Context {
	let half = shape.contributions.div_ceil(2);
	Context {
		version: 1,
		epoch: 2,
		price: Price { rate_in: 1_000_000, rate_out: 3_000_000 },
		terms: Terms {
			platform_fee: 100_000,
			stakers: Permill::from_percent(10),
			model: Permill::from_percent(30),
			operator: Permill::from_percent(50),
		},
		snapshots: [0, 7].map(|datanet| Snapshot { datanet, length: half }).to_vec(),
	}
}

/// Receipts that follow the rule under this context.
pub fn receipts(shape: &Shape, context: &Context, random: &mut Random) -> Vec<Receipt> {
	(0..shape.receipts)
		.map(|nth| {
			// All payers buy something before anybody buys by chance.
			let payer = match u16::try_from(nth) {
				Ok(nth) if nth < shape.payers => nth,
				_ => random.below(shape.payers.into()) as u16,
			};
			receipt(shape, context, random, payer, nth)
		})
		.collect()
}

fn receipt(shape: &Shape, context: &Context, random: &mut Random, payer: u16, nth: u32) -> Receipt {
	let (tokens_in, tokens_out) = (random.below(4_000), random.below(2_000));
	let fee = fee(context.price, tokens_in, tokens_out, context.terms.platform_fee);
	let private = shape.private > 0 && nth.checked_rem(shape.private) == Some(0);
	let core = Core {
		version: context.version,
		epoch: context.epoch,
		tokens_in,
		tokens_out,
		fee: fee.unwrap_or_default(),
		output: ContentId(random.hash()),
		private,
	};
	let citations = citations(shape, context, random, nth);
	let (credits, rest) = credits(&citations, u8::MAX).unwrap_or_default();
	Receipt { payer, core, credits, rest, matches: matches(&citations) }
}

fn citations(shape: &Shape, context: &Context, random: &mut Random, nth: u32) -> Citations {
	// Every contribution is credited before any is by chance.
	let first = nth.wrapping_mul(shape.credits);
	let mut citations: Vec<_> = (0..shape.credits)
		.map(|credit| {
			let at = match first.checked_add(credit) {
				Some(at) if at < shape.contributions => at,
				_ => random.below(shape.contributions),
			};
			let snapshot = context.snapshots.get((at & 1) as usize).copied();
			Citation {
				datanet: snapshot.map_or(0, |snapshot| snapshot.datanet),
				index: at >> 1,
				chunk: 0,
				leaf: random.hash(),
				score: random.below(1_000).saturating_add(1),
			}
		})
		.collect();
	citations.sort();
	citations.dedup_by_key(|citation| citation.contribution());
	Citations::truncate_from(citations)
}
