//! How bytes become something to try.

use codec::{DecodeWithMemLimit, DecodeWithMemTracking, Encode};
use core::fmt::Debug;

/// The memory that a decoded call may take: that of the SDK's extrinsics.
const MAX_CALL_SIZE: usize = 16 * 1_024 * 1_024;

/// In how many places something right is changed at most.
const MOST_CHANGES: usize = 64;

/// What extrinsics bring.
pub trait Brought: Debug + DecodeWithMemTracking + Encode + PartialEq {}

impl<T: Debug + DecodeWithMemTracking + Encode + PartialEq> Brought for T {}

/// What the fuzzer decides, one thing after the other; zeros when it has no more to say.
pub struct Input<'a>(pub &'a [u8]);

impl Input<'_> {
	/// The next byte.
	pub fn byte(&mut self) -> u8 {
		let Some((first, rest)) = self.0.split_first() else { return 0 };
		self.0 = rest;
		*first
	}

	/// The next two bytes.
	pub fn word(&mut self) -> u16 {
		u16::from_le_bytes([self.byte(), self.byte()])
	}

	/// The next eight bytes.
	pub fn number(&mut self) -> u64 {
		u64::from_le_bytes([(); 8].map(|()| self.byte()))
	}

	/// A number below `limit`; zero if that is zero.
	pub fn below(&mut self, limit: usize) -> usize {
		usize::from(self.word()).checked_rem(limit).unwrap_or_default()
	}

	/// One time in so many.
	pub fn once_in(&mut self, times: u8) -> bool {
		self.byte() % times == times - 1
	}

	/// An amount below `limit`: one byte says how large, so that all sizes are as likely.
	pub fn amount(&mut self, limit: u64) -> u64 {
		let shift = self.byte() % 64;
		(self.number() >> shift) % limit
	}

	/// Decodes what comes next, as a part of a call is decoded: no more memory is taken. What was decoded
	/// is encoded and decoded to the same.
	pub fn decode<T: Brought>(&mut self) -> Option<T> {
		let value = limited::<T>(&mut self.0)?;
		assert_eq!(limited(&mut &value.encode()[..]).as_ref(), Some(&value));
		Some(value)
	}

	/// Changes a list of bytes in one place.
	pub fn change(&mut self, bytes: &mut Vec<u8>) {
		let (kind, at) = (self.byte() % 6, self.below(bytes.len()));
		match kind {
			_ if bytes.is_empty() => bytes.push(self.byte()),
			0 => bytes[at] ^= self.byte().max(1),
			1 => bytes[at] = self.byte(),
			2 => drop(bytes.remove(at)),
			3 => bytes.insert(at, self.byte()),
			4 => {
				let end = bytes.len().min(at + usize::from(self.byte()));
				bytes.drain(at..end);
			}
			_ => {
				let from = self.below(bytes.len());
				let end = bytes.len().min(from + usize::from(self.byte()));
				let copied = bytes[from..end].to_vec();
				bytes.splice(at..at, copied);
			}
		}
	}

	/// Something right, encoded, changed as what is left says, and decoded again.
	pub fn changed<T: Brought>(&mut self, right: &T) -> Option<T> {
		let mut bytes = right.encode();
		for _ in 0..MOST_CHANGES {
			if self.0.is_empty() {
				break;
			}
			self.change(&mut bytes);
		}
		Input(&bytes).decode()
	}
}

fn limited<T: DecodeWithMemTracking>(bytes: &mut &[u8]) -> Option<T> {
	T::decode_with_mem_limit(bytes, MAX_CALL_SIZE + 1).ok()
}
