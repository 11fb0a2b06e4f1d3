//! What the node's runtime says about itself: constants, and what its errors mean.

use std::fmt;

use anyhow::{bail, Context, Result};
use codec::{Decode, DecodeAll};
use frame_metadata::{v14::RuntimeMetadataV14, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::TypeDef;
use sp_runtime::{DispatchError, ModuleError};

/// What a runtime says about itself.
pub struct Metadata(RuntimeMetadataV14);

/// Why the chain refused a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
	/// The name of the error, such as `Datanets.NotOwner`.
	pub name: String,
	/// What it means.
	pub reason: String,
}

impl fmt::Display for Refused {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "The chain refused it: {} ({})", self.reason, self.name)
	}
}

impl std::error::Error for Refused {}

impl Metadata {
	/// Reads it.
	pub fn read(mut bytes: &[u8]) -> Result<Self> {
		let metadata = RuntimeMetadataPrefixed::decode_all(&mut bytes);
		match metadata.context("The node's metadata cannot be read")?.1 {
			RuntimeMetadata::V14(metadata) => Ok(Self(metadata)),
			_ => bail!("The node's metadata is of another version than 14."),
		}
	}

	/// A constant of a pallet.
	pub fn constant<T: Decode>(&self, pallet: &str, name: &str) -> Result<T> {
		let mut pallets = self.0.pallets.iter();
		pallets
			.find(|one| one.name == pallet)
			.and_then(|pallet| pallet.constants.iter().find(|constant| constant.name == name))
			.and_then(|constant| T::decode_all(&mut constant.value.as_slice()).ok())
			.with_context(|| format!("The node has no constant {pallet}.{name}."))
	}

	/// What an error means.
	pub fn refused(&self, error: DispatchError) -> Refused {
		let name = match &error {
			DispatchError::Module(module) => match self.of_module(module) {
				Some(refused) => return refused,
				None => format!("Module {} error {:?}", module.index, module.error),
			},
			DispatchError::Token(error) => format!("Token.{error:?}"),
			DispatchError::Arithmetic(error) => format!("Arithmetic.{error:?}"),
			error => format!("{error:?}"),
		};
		let reason: &str = error.into();
		Refused { name, reason: format!("{reason}.") }
	}

	fn of_module(&self, module: &ModuleError) -> Option<Refused> {
		let pallet = self.0.pallets.iter().find(|pallet| pallet.index == module.index)?;
		let errors = self.0.types.resolve(pallet.error.as_ref()?.ty.id)?;
		let TypeDef::Variant(errors) = &errors.type_def else { return None };
		let index = module.error.first()?;
		let error = errors.variants.iter().find(|error| error.index == *index)?;
		let name = format!("{}.{}", pallet.name, error.name);
		Some(Refused { name, reason: error.docs.join(" ").trim().into() })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use frame_support::traits::Get;
	use openledger_runtime::Runtime;
	use sp_runtime::TokenError;

	fn metadata() -> Metadata {
		Metadata::read(&Runtime::metadata().encode()).unwrap()
	}

	#[test]
	fn constants_are_those_of_the_runtime() {
		let most: u32 = <Runtime as pallet_datanets::Config>::MaxBatch::get();
		assert_eq!(metadata().constant::<u32>("Datanets", "MaxBatch").unwrap(), most);
		let error = metadata().constant::<u32>("Datanets", "None").unwrap_err().to_string();
		assert_eq!(error, "The node has no constant Datanets.None.");
	}

	#[test]
	fn errors_have_names_and_reasons() {
		let of_pallet = pallet_datanets::Error::<Runtime>::NotOwner.into();
		let expected = Refused {
			name: "Datanets.NotOwner".into(),
			reason: "Only the datanet's owner may do this.".into(),
		};
		assert_eq!(metadata().refused(of_pallet), expected);
		let of_money = metadata().refused(TokenError::FundsUnavailable.into());
		assert_eq!(of_money.name, "Token.FundsUnavailable");
		assert_eq!(metadata().refused(DispatchError::BadOrigin).name, "BadOrigin");
	}
}
