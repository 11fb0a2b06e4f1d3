//! How pallets write down what they store.

use frame_support::{traits::ConstU32, BoundedVec};

/// Derives for everything that is stored or passed. They need `codec` and `scale-info` in the crate.
#[macro_export]
macro_rules! stored {
	($(#[$attribute:meta])* pub $($item:tt)*) => {
		$(#[$attribute])*
		#[derive(
			Clone,
			Debug,
			Eq,
			PartialEq,
			::codec::Decode,
			::codec::DecodeWithMemTracking,
			::codec::Encode,
			::codec::MaxEncodedLen,
			::scale_info::TypeInfo,
		)]
		pub $($item)*
	};
}

/// Text of at most `N` bytes.
pub type Text<const N: u32> = BoundedVec<u8, ConstU32<N>>;

/// The most bytes of a name.
pub const MAX_NAME: u32 = 64;

/// The most bytes of a description.
pub const MAX_DESCRIPTION: u32 = 512;

/// The most bytes of a URI.
pub const MAX_URI: u32 = 128;
