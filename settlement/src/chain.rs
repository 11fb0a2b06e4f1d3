//! The hash chain of receipt cores: what a payer signs.
//!
//! ```text
//! head₀  = 0
//! headₙ₊₁ = H(headₙ ‖ coreₙ)
//! ```
//!
//! A core becomes 24 elements of the field KoalaBear (p = 2³¹ − 2²⁴ + 1): a tag, then 57 bytes as 19
//! limbs of 3 bytes, little-endian, then zeros. The bytes are, each little-endian: version, epoch,
//! tokens in and tokens out (u32), fee (u64), 1 if private else 0 (u8), the output's name (32).
//!
//! H absorbs them in three blocks of 8: `h ← C(h ‖ block)`, where `C(x)` is the first half of
//! `P(x) + x` and P is Poseidon2 of width 16 over KoalaBear with its published constants. A digest is
//! 8 elements, written as u32 LE, each below p.
//!
//! Such a chain costs a validity proof little, which Blake2 would not. The tag holds the version of
//! this hash, because Poseidon2 is still being studied.

use crate::receipt::Core;
use openledger_primitives::stored;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_koala_bear::{default_koalabear_poseidon2_16, KoalaBear, Poseidon2KoalaBear};
use p3_symmetric::Permutation;

/// The first word of a core: "OL" and the version of the hash.
pub const TAG: u32 = 0x4f4c01;

/// The elements of a digest.
const DIGEST: usize = 8;
/// The bytes of a core, all of fixed length.
const CORE: usize = 57;
/// The bytes of a limb.
const LIMB: usize = 3;
/// The blocks that a core takes.
const BLOCKS: usize = 3;

stored! {
	/// The end of a hash chain of cores.
	#[derive(Copy, Default)]
	pub struct Head(pub [u8; 32]);
}

impl Head {
	/// Whether it could be the result of a hash: every word is below the field's order.
	pub fn is_canonical(&self) -> bool {
		self.words().all(|word| word < KoalaBear::ORDER_U32)
	}

	fn words(&self) -> impl Iterator<Item = u32> + '_ {
		self.0.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word))
	}
}

/// Computes links of chains. Making one costs as much as thirty links, so make one for many.
pub struct Chain(Poseidon2KoalaBear<16>);

impl Default for Chain {
	fn default() -> Self {
		Self(default_koalabear_poseidon2_16())
	}
}

impl Chain {
	/// The head behind this core.
	pub fn link(&self, head: Head, core: &Core) -> Head {
		let mut digest = [KoalaBear::ZERO; DIGEST];
		for (element, word) in digest.iter_mut().zip(head.words()) {
			*element = KoalaBear::from_u32(word);
		}
		let elements = elements(core);
		let (blocks, _) = elements.as_chunks::<DIGEST>();
		let digest = blocks.iter().fold(digest, |digest, block| self.compress(digest, block));
		let mut bytes = [0; 32];
		for (four, element) in bytes.as_chunks_mut().0.iter_mut().zip(digest) {
			*four = element.as_canonical_u32().to_le_bytes();
		}
		Head(bytes)
	}

	fn compress(
		&self,
		left: [KoalaBear; DIGEST],
		right: &[KoalaBear; DIGEST],
	) -> [KoalaBear; DIGEST] {
		let mut state = [KoalaBear::ZERO; 2 * DIGEST];
		for (element, input) in state.iter_mut().zip(left.iter().chain(right)) {
			*element = *input;
		}
		self.0.permute_mut(&mut state);
		let mut result = left;
		// The feed-forward: without it, the permutation could be run backwards.
		for (element, permuted) in result.iter_mut().zip(state) {
			*element = plus(*element, permuted);
		}
		result
	}
}

/// Addition in the field, which cannot overflow.
#[allow(clippy::arithmetic_side_effects)]
fn plus(a: KoalaBear, b: KoalaBear) -> KoalaBear {
	a + b
}

fn elements(core: &Core) -> [KoalaBear; BLOCKS * DIGEST] {
	let mut bytes = [0; CORE];
	let fields: [&[u8]; 7] = [
		&core.version.to_le_bytes(),
		&core.epoch.to_le_bytes(),
		&core.tokens_in.to_le_bytes(),
		&core.tokens_out.to_le_bytes(),
		&core.fee.to_le_bytes(),
		&[u8::from(core.private)],
		core.output.0.as_bytes(),
	];
	for (byte, value) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
		*byte = *value;
	}
	let mut elements = [KoalaBear::ZERO; BLOCKS * DIGEST];
	let (limbs, _) = bytes.as_chunks::<LIMB>();
	let words = limbs.iter().map(|[a, b, c]| u32::from_le_bytes([*a, *b, *c, 0]));
	for (element, word) in elements.iter_mut().zip(core::iter::once(TAG).chain(words)) {
		*element = KoalaBear::from_u32(word);
	}
	elements
}
