//! What the chain stores and what its runtime answers after a block, in the runtime's own types.

use std::collections::HashMap;

use anyhow::{Context, Result};
use codec::{Decode, DecodeAll, Encode, EncodeLike, FullCodec, FullEncode};
use frame_support::{
	storage::generator::{StorageDoubleMap, StorageMap},
	view_functions::{ViewFunction, ViewFunctionDispatchError},
	ReversibleStorageHasher,
};
use openledger_runtime::{
	governance::emergency::{
		pallet::{PausedBlocks, PausedSince},
		ActiveBlocks,
	},
	BlockNumber, Hash, Runtime, System,
};
use serde::Deserialize;
use serde_json::json;
use sp_core::Bytes;
use sp_io::TestExternalities;
use sp_runtime::{traits::BlockNumberProvider, Storage};

use crate::chain::Chain;

/// How many values are asked for at once: an answer stays far below what a node sends.
const PAGE: usize = 1_000;

/// The chain as it is after a block.
pub struct State<'a> {
	/// The block.
	pub hash: Hash,
	/// Its height.
	pub number: BlockNumber,
	/// The chain.
	pub chain: &'a Chain,
}

#[derive(Deserialize)]
struct Changes {
	changes: Vec<(Bytes, Option<Bytes>)>,
}

impl State<'_> {
	/// A value of a map.
	pub async fn map<M, K, V>(&self, key: impl EncodeLike<K>) -> Result<Option<V>>
	where
		M: StorageMap<K, V>,
		K: FullEncode,
		V: FullCodec,
	{
		self.one(M::storage_map_final_key(key)).await
	}

	/// A value of a double map.
	pub async fn double<M, K1, K2, V>(
		&self,
		key1: impl EncodeLike<K1>,
		key2: impl EncodeLike<K2>,
	) -> Result<Option<V>>
	where
		M: StorageDoubleMap<K1, K2, V>,
		K1: FullEncode,
		K2: FullEncode,
		V: FullCodec,
	{
		self.one(M::storage_double_map_final_key(key1, key2)).await
	}

	/// Values of a map, in the order of the keys.
	pub async fn maps<M, K, V>(
		&self,
		keys: impl IntoIterator<Item = impl EncodeLike<K>>,
	) -> Result<Vec<Option<V>>>
	where
		M: StorageMap<K, V>,
		K: FullEncode,
		V: FullCodec,
	{
		self.many(keys.into_iter().map(|key| M::storage_map_final_key(key)).collect()).await
	}

	/// Values of a double map, in the order of the keys.
	pub async fn doubles<M, K1, K2, V>(
		&self,
		keys: impl IntoIterator<Item = (impl EncodeLike<K1>, impl EncodeLike<K2>)>,
	) -> Result<Vec<Option<V>>>
	where
		M: StorageDoubleMap<K1, K2, V>,
		K1: FullEncode,
		K2: FullEncode,
		V: FullCodec,
	{
		let keys = keys.into_iter().map(|(one, two)| M::storage_double_map_final_key(one, two));
		self.many(keys.collect()).await
	}

	/// All of a map, sorted by the keys.
	pub async fn all<M, K, V>(&self) -> Result<Vec<(K, V)>>
	where
		M: StorageMap<K, V>,
		M::Hasher: ReversibleStorageHasher,
		K: FullCodec + Ord,
		V: FullCodec,
	{
		self.under::<M::Hasher, _, _>(M::prefix_hash().to_vec()).await
	}

	/// All of a double map under its first key, sorted by the second.
	pub async fn all_of<M, K1, K2, V>(&self, key1: impl EncodeLike<K1>) -> Result<Vec<(K2, V)>>
	where
		M: StorageDoubleMap<K1, K2, V>,
		M::Hasher2: ReversibleStorageHasher,
		K1: FullEncode,
		K2: FullCodec + Ord,
		V: FullCodec,
	{
		self.under::<M::Hasher2, _, _>(M::storage_double_map_final_key1(key1)).await
	}

	/// What the runtime answers.
	pub async fn ask<T: Decode>(&self, method: &str, arguments: impl Encode) -> Result<T> {
		self.ask_raw(method, arguments.encode()).await
	}

	/// What the runtime answers to arguments that are encoded already.
	pub async fn ask_raw<T: Decode>(&self, method: &str, arguments: Vec<u8>) -> Result<T> {
		let params = json!([method, Bytes(arguments), self.hash]);
		let answer: Bytes = self.chain.rpc.request("state_call", params).await?;
		T::decode_all(&mut answer.0.as_slice())
			.with_context(|| format!("The node's answer to {method} cannot be read."))
	}

	/// What a view function of a pallet answers.
	pub async fn view<F>(&self, function: F) -> Result<F::ReturnType>
	where
		F: ViewFunction + Encode,
		F::ReturnType: Decode,
	{
		let method = "RuntimeViewFunction_execute_view_function";
		let answer: Result<Vec<u8>, ViewFunctionDispatchError> =
			self.ask(method, (F::id(), function.encode())).await?;
		let answer = answer.ok().context(
			"The node's runtime does not answer that: get the openledger-cli of the same release.",
		)?;
		decoded(&answer)
	}

	/// Now, by the clock of deadlines.
	pub async fn clock(&self) -> Result<BlockNumber> {
		let keys = [PausedSince::<Runtime>::hashed_key(), PausedBlocks::<Runtime>::hashed_key()];
		self.run(keys.map(Vec::from).into(), ActiveBlocks::current_block_number).await
	}

	/// Runs a rule of the runtime over what it reads, so that there is no second copy of it here. Not
	/// for rules with constants: those of a test network differ.
	pub async fn run<T>(&self, keys: Vec<Vec<u8>>, rule: impl FnOnce() -> T) -> Result<T> {
		let values = self.raw(keys).await?;
		let storage = Storage { top: values.into_iter().collect(), ..Default::default() };
		Ok(TestExternalities::new(storage).execute_with(|| {
			System::set_block_number(self.number);
			rule()
		}))
	}

	/// The value under a key.
	pub async fn one<V: Decode>(&self, key: Vec<u8>) -> Result<Option<V>> {
		Ok(self.many(vec![key]).await?.pop().flatten())
	}

	/// Values in the order of the keys.
	async fn many<V: Decode>(&self, keys: Vec<Vec<u8>>) -> Result<Vec<Option<V>>> {
		let values = self.raw(keys.clone()).await?;
		keys.iter().map(|key| values.get(key).map(|bytes| decoded(bytes)).transpose()).collect()
	}

	/// What stands under these keys, where something does.
	async fn raw(&self, keys: Vec<Vec<u8>>) -> Result<HashMap<Vec<u8>, Vec<u8>>> {
		let mut values = HashMap::new();
		for page in keys.chunks(PAGE) {
			let page: Vec<_> = page.iter().cloned().map(Bytes).collect();
			let params = json!([page, self.hash]);
			let answer: Vec<Changes> =
				self.chain.rpc.request("state_queryStorageAt", params).await?;
			let changes = answer.into_iter().flat_map(|answer| answer.changes);
			values.extend(changes.filter_map(|(key, value)| Some((key.0, value?.0))));
		}
		Ok(values)
	}

	/// Everything under a prefix, sorted by what follows it.
	pub async fn under<H, K, V>(&self, prefix: Vec<u8>) -> Result<Vec<(K, V)>>
	where
		H: ReversibleStorageHasher,
		K: Decode + Ord,
		V: Decode,
	{
		let mut keys: Vec<Vec<u8>> = Vec::new();
		loop {
			let after = keys.last().cloned().map(Bytes);
			let params = json!([Bytes(prefix.clone()), PAGE, after, self.hash]);
			let page: Vec<Bytes> = self.chain.rpc.request("state_getKeysPaged", params).await?;
			let last = page.len() < PAGE;
			keys.extend(page.into_iter().map(|key| key.0));
			if last {
				break;
			}
		}
		let mut entries = Vec::with_capacity(keys.len());
		for (key, value) in self.raw(keys).await? {
			let hashed = key.get(prefix.len()..).context("The node has sent other keys.")?;
			entries.push((decoded(H::reverse(hashed))?, decoded(&value)?));
		}
		entries.sort_by(|(one, _): &(K, V), (other, _)| one.cmp(other));
		Ok(entries)
	}
}

fn decoded<T: Decode>(mut bytes: &[u8]) -> Result<T> {
	T::decode_all(&mut bytes).context(
		"What the node has stored cannot be read: get the openledger-cli of the same release as its runtime.",
	)
}
