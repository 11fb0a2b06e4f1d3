//! How answers of runtime APIs are declared, and written in JSON.

/// Derives for everything that is answered.
macro_rules! answer {
	($(#[$attribute:meta])* pub $($item:tt)*) => {
		$(#[$attribute])*
		#[derive(Clone, Debug, codec::Decode, codec::Encode, Eq, PartialEq, scale_info::TypeInfo)]
		#[cfg_attr(
			feature = "std",
			derive(serde::Serialize, serde::Deserialize),
			serde(rename_all = "camelCase")
		)]
		pub $($item)*
	};
}
pub(crate) use answer;

/// Text is bytes on chain and a string in JSON.
#[cfg(feature = "std")]
pub(crate) mod as_text {
	use alloc::{string::String, vec::Vec};
	use serde::{Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(text: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&String::from_utf8_lossy(text))
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
		String::deserialize(deserializer).map(String::into_bytes)
	}
}

/// Amounts are digits in JSON, because JavaScript reads numbers of that size wrongly.
#[cfg(feature = "std")]
pub(crate) mod as_digits {
	use alloc::string::String;
	use core::{fmt::Display, str::FromStr};
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<T: Display, S: Serializer>(
		amount: &T,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.collect_str(amount)
	}

	pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<T, D::Error> {
		String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
	}
}
