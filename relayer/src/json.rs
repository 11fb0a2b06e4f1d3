//! How the Beacon API writes values: integers as decimal strings, bytes in hex.

use alloy::{hex, primitives::U256};
use serde::{de::Error, Deserialize, Deserializer};

fn parse<T: TryFrom<Vec<u8>>>(text: &str) -> Result<T, String> {
	let bytes = hex::decode(text).map_err(|error| format!("{text:.20} is no hex: {error}"))?;
	let length = bytes.len();
	bytes.try_into().map_err(|_| format!("{length} bytes are the wrong number"))
}

/// An integer.
pub fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
	String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// An integer of 256 bits, lowest limb first.
pub fn wide<'de, D: Deserializer<'de>>(from: D) -> Result<[u64; 4], D::Error> {
	let number = U256::from_str_radix(&String::deserialize(from)?, 10).map_err(D::Error::custom)?;
	Ok(number.into_limbs())
}

/// Bytes.
pub fn bytes<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(from: D) -> Result<T, D::Error> {
	parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// A list of bytes.
pub fn list<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(from: D) -> Result<Vec<T>, D::Error> {
	let texts = Vec::<String>::deserialize(from)?;
	texts.iter().map(|text| parse(text).map_err(D::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
	use serde_json::json;

	use super::*;

	#[derive(Debug, PartialEq, Deserialize)]
	struct Sample {
		#[serde(deserialize_with = "decimal")]
		slot: u64,
		#[serde(deserialize_with = "wide")]
		fee: [u64; 4],
		#[serde(deserialize_with = "bytes")]
		to: [u8; 2],
		#[serde(deserialize_with = "list")]
		branch: Vec<[u8; 1]>,
	}

	#[test]
	fn values_are_read_as_beacon_nodes_write_them() {
		let sample = json!({ "slot": "7", "fee": "18446744073709551617", "to": "0xAb0c", "branch": ["0x01", "0x02"] });
		let expected =
			Sample { slot: 7, fee: [1, 1, 0, 0], to: [0xab, 0x0c], branch: vec![[1], [2]] };
		assert_eq!(serde_json::from_value::<Sample>(sample.clone()).unwrap(), expected);
		for (field, wrong) in [("slot", json!(7)), ("to", json!("0x01")), ("fee", json!("0x7"))] {
			let mut sample = sample.clone();
			sample[field] = wrong;
			assert!(serde_json::from_value::<Sample>(sample).is_err(), "{field}");
		}
	}
}
