//! Benchmarks of every call at its worst case: texts, licences and lists are as long as they may
//! be, and models have as many ancestors as they may have.

use super::*;
use alloc::vec;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use openledger_primitives::records::{Licence, Snapshot, Terms};
use sp_core::H256;

fn longest(bytes: u32) -> Vec<u8> {
	vec![b'x'; bytes as usize]
}

fn funded<T: Config>(name: &'static str, nth: u32) -> T::AccountId {
	let account = account(name, nth, 0);
	T::BenchmarkHelper::fund(&account);
	account
}

fn caller<T: Config>() -> T::AccountId {
	let caller = whitelisted_caller();
	T::BenchmarkHelper::fund(&caller);
	caller
}

/// Lets time pass, so that a period of this many blocks is over.
fn pass<T: Config>(period: BlockNumber) {
	T::BenchmarkHelper::set_clock(Pallet::<T>::now().saturating_add(period).saturating_add(1));
}

/// Terms that an agent can agree to for all its ancestors.
fn terms<T: Config>() -> DerivativeTerms {
	let royalty = T::MaxRoyalty::get().min(Permill::from_percent(10));
	DerivativeTerms { allowed: true, royalty }
}

fn price() -> Price {
	Price { rate_in: 1_000_000, rate_out: 1_000_000 }
}

fn record<T: Config>(model: ModelId) -> Result<Model<T::AccountId>, BenchmarkError> {
	Models::<T>::get(model).ok_or(BenchmarkError::Stop("there is no such model"))
}

/// Parents, at what they ask.
fn agreed<T: Config>(parents: Vec<ModelId>) -> Parents {
	let at_most = terms::<T>().royalty;
	let agree = |model| Parent { model, at_most };
	Parents::truncate_from(parents.into_iter().map(agree).collect())
}

fn registered<T: Config>(
	owner: &T::AccountId,
	kind: ModelKind,
	parents: Vec<ModelId>,
) -> Result<ModelId, BenchmarkError> {
	let model = NextModel::<T>::get();
	Pallet::<T>::register(
		RawOrigin::Signed(owner.clone()).into(),
		kind,
		agreed::<T>(parents),
		terms::<T>(),
		price(),
		longest(MAX_NAME),
		longest(MAX_DESCRIPTION),
		longest(MAX_URI),
	)?;
	Ok(model)
}

/// This many base models of somebody else's.
fn base_models<T: Config>(count: u32) -> Result<Vec<ModelId>, BenchmarkError> {
	let owner = funded::<T>("owner", 0);
	(0..count).map(|_| registered::<T>(&owner, ModelKind::Base, Vec::new())).collect()
}

/// A model of somebody else's with this many generations of ancestors.
fn descendant<T: Config>(generations: u32) -> Result<ModelId, BenchmarkError> {
	let owner = funded::<T>("owner", 0);
	let first = registered::<T>(&owner, ModelKind::Base, Vec::new())?;
	(0..generations)
		.try_fold(first, |parent, _| registered::<T>(&owner, ModelKind::FineTune, vec![parent]))
}

/// A model with as many ancestors as it may have.
fn agent<T: Config>(owner: &T::AccountId) -> Result<ModelId, BenchmarkError> {
	registered::<T>(owner, ModelKind::Agent, base_models::<T>(MAX_ANCESTORS)?)
}

/// A version with this many snapshots, made from the first version of each parent.
fn version<T: Config>(snapshots: u32, parents: u32) -> NewVersion {
	let mut datanets = (0..snapshots).map(T::BenchmarkHelper::datanet).collect::<Vec<_>>();
	datanets.sort_unstable();
	let terms = Terms { commercial: true, share_alike: false, attribution: true };
	NewVersion {
		// An agent has none.
		weights: H256::zero(),
		config: H256::repeat_byte(1),
		training_log: H256::repeat_byte(2),
		licence: Licence::Custom { text: H256::repeat_byte(3), terms },
		snapshots: datanets.into_iter().map(|datanet| Snapshot { datanet, length: 1 }).collect(),
		parents: vec![0; parents as usize],
		method: Method::Sketch { sketches: H256::repeat_byte(4), dimensions: 1, clip: 1 },
		uri: longest(MAX_URI),
	}
}

/// An agent of this account, operated by that one.
fn operated<T: Config>(
	owner: &T::AccountId,
	operator: &T::AccountId,
) -> Result<ModelId, BenchmarkError> {
	let model = agent::<T>(owner)?;
	Pallet::<T>::do_appoint(model, operator.clone())?;
	Pallet::<T>::do_accept(operator.clone(), model, T::MinOperatorBond::get())?;
	Ok(model)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Whatever the number of parents, there are as many ancestors as there may be.
	#[benchmark]
	fn register(n: Linear<0, MAX_ANCESTORS>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let (kind, mut parents) = match n.checked_sub(1) {
			Some(others) => (ModelKind::Agent, base_models::<T>(others)?),
			None => (ModelKind::Base, Vec::new()),
		};
		if kind == ModelKind::Agent {
			parents.push(descendant::<T>(MAX_ANCESTORS.saturating_sub(n))?);
		}
		let parents = agreed::<T>(parents);
		let model = NextModel::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			kind,
			parents,
			terms::<T>(),
			price(),
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			longest(MAX_URI),
		);

		let ancestors = if n == 0 { 0 } else { MAX_ANCESTORS };
		assert_eq!(record::<T>(model)?.lineage.len(), ancestors as usize);
		Ok(())
	}

	#[benchmark]
	fn set_terms() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		let terms = DerivativeTerms { allowed: false, royalty: T::MaxRoyalty::get() };

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, terms);

		assert_eq!(record::<T>(model)?.terms, terms);
		Ok(())
	}

	#[benchmark]
	fn set_metadata() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		Metadatas::<T>::remove(model);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			model,
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			longest(MAX_URI),
		);

		assert!(Metadatas::<T>::contains_key(model));
		Ok(())
	}

	/// An agent reads a version of each model it calls, which costs more than comparing snapshots
	/// with a single parent's. Those versions have as many snapshots as they may have.
	#[benchmark]
	fn add_version(n: Linear<0, MAX_SNAPSHOTS>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		T::BenchmarkHelper::references();
		let model = agent::<T>(&caller)?;
		let largest = version::<T>(MAX_SNAPSHOTS, 0);
		for ancestor in record::<T>(model)?.lineage {
			let owner = record::<T>(ancestor.model)?.owner;
			Pallet::<T>::do_add_version(owner, ancestor.model, largest.clone())?;
		}
		let version = version::<T>(n, MAX_ANCESTORS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, version);

		assert_eq!(record::<T>(model)?.active, Some(0));
		Ok(())
	}

	#[benchmark]
	fn activate_version() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		Models::<T>::mutate_extant(model, |record| record.versions = 2);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, 1);

		assert_eq!(record::<T>(model)?.active, Some(1));
		Ok(())
	}

	/// There are as many prices as are kept, and the oldest can go.
	#[benchmark]
	fn set_price() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		while record::<T>(model)?.epochs < MAX_EPOCHS {
			Pallet::<T>::announce(model, record::<T>(model)?, price(), 0)?;
		}
		pass::<T>(T::PriceGrace::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, price());

		assert!(!Prices::<T>::contains_key(model, 0));
		assert!(Prices::<T>::contains_key(model, MAX_EPOCHS));
		Ok(())
	}

	/// Replaces one who has not accepted.
	#[benchmark]
	fn appoint_operator() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		Pallet::<T>::do_appoint(model, funded::<T>("operator", 0))?;
		let operator = funded::<T>("operator", 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, operator.clone());

		assert!(Operators::<T>::get(model).is_some_and(|at| at.account == operator));
		Ok(())
	}

	#[benchmark]
	fn accept_operation() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&funded::<T>("owner", 1))?;
		let bond = T::MinOperatorBond::get();
		Pallet::<T>::do_appoint(model, caller.clone())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, bond);

		assert!(Operators::<T>::get(model).is_some_and(|operator| operator.bond == bond));
		Ok(())
	}

	#[benchmark]
	fn raise_bond() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = operated::<T>(&funded::<T>("owner", 1), &caller)?;
		let bond = T::MinOperatorBond::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, bond);

		assert!(Operators::<T>::get(model).is_some_and(|operator| operator.bond > bond));
		Ok(())
	}

	#[benchmark]
	fn end_operation() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let operator = funded::<T>("operator", 0);
		let model = operated::<T>(&caller, &operator)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model);

		assert!(RetiredOperators::<T>::contains_key(model, operator));
		Ok(())
	}

	#[benchmark]
	fn release_operator() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let operator = funded::<T>("operator", 0);
		let model = operated::<T>(&funded::<T>("owner", 1), &operator)?;
		Pallet::<T>::do_end(operator.clone(), model)?;
		pass::<T>(T::OperatorUnbonding::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, operator.clone());

		assert!(!RetiredOperators::<T>::contains_key(model, operator));
		Ok(())
	}

	#[benchmark]
	fn transfer_model() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		let owner = funded::<T>("owner", 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model, owner.clone());

		assert_eq!(record::<T>(model)?.owner, owner);
		Ok(())
	}

	/// Somebody was appointed who has not accepted.
	#[benchmark]
	fn deprecate() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let model = agent::<T>(&caller)?;
		Pallet::<T>::do_appoint(model, funded::<T>("operator", 0))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), model);

		assert!(record::<T>(model)?.deprecated);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_chain(), crate::mock::Test);
}
