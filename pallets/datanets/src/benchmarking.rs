//! Benchmarks of every call at its worst case. Texts, licences and lists of seats are as long as
//! they may be, and the items of a batch lie in different datanets and belong to different accounts
//! wherever they can, so that none of them finds what another has read already.

use super::*;
use alloc::vec;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use openledger_primitives::{
	content::MAX_SIZE,
	records::{ContributionKind, Terms},
};
use sp_runtime::traits::{BlakeTwo256, Hash};

/// One vote fewer than decide.
const ALL_BUT_ONE: u32 = MAX_QUORUM.saturating_sub(1);

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

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

/// Lets time pass, so that a period of this many blocks is over.
fn pass<T: Config>(period: BlockNumber) {
	T::BenchmarkHelper::set_clock(Pallet::<T>::now().saturating_add(period).saturating_add(1));
}

fn batch<T: Config, Item>(items: Vec<Item>) -> Result<BatchOf<T, Item>, BenchmarkError> {
	items.try_into().map_err(|_| BenchmarkError::Stop("more items than a batch may have"))
}

fn licence() -> Licence {
	let terms = Terms { commercial: true, share_alike: false, attribution: true };
	Licence::Custom { text: H256::repeat_byte(1), terms }
}

fn policy<T: Config>() -> Policy {
	Policy {
		admission: Admission::Reviewed {
			quorum: MAX_QUORUM as u8,
			period: T::MinReviewPeriod::get(),
		},
		bond: T::MinContributionBond::get(),
		curator_share: T::MaxCuratorShare::get(),
	}
}

fn tags() -> Vec<Vec<u8>> {
	vec![longest(MAX_TAG); MAX_TAGS as usize]
}

/// A datanet of somebody else's.
fn datanet<T: Config>() -> Result<DatanetId, BenchmarkError> {
	datanet_of::<T>(&funded::<T>("owner", 0))
}

fn datanet_of<T: Config>(owner: &T::AccountId) -> Result<DatanetId, BenchmarkError> {
	let datanet = NextDatanet::<T>::get();
	Pallet::<T>::create_datanet(
		RawOrigin::Signed(owner.clone()).into(),
		licence(),
		policy::<T>(),
		longest(MAX_NAME),
		longest(MAX_DESCRIPTION),
		tags(),
		longest(MAX_URI),
	)?;
	Ok(datanet)
}

fn record<T: Config>(datanet: DatanetId) -> Result<Datanet<T::AccountId>, BenchmarkError> {
	Datanets::<T>::get(datanet).ok_or(BenchmarkError::Stop("there is no such datanet"))
}

fn contribution<T: Config>(
	at: ContributionRef,
) -> Result<Contribution<T::AccountId>, BenchmarkError> {
	Contributions::<T>::get(at.datanet, at.index)
		.ok_or(BenchmarkError::Stop("there is no such contribution"))
}

fn open_flag<T: Config>(at: ContributionRef) -> Result<Flag<T::AccountId>, BenchmarkError> {
	Flags::<T>::get(at.datanet, at.index).ok_or(BenchmarkError::Stop("there is no such flag"))
}

/// Seats from `first` on; whoever sits there.
fn seats(first: SeatId, count: u32) -> Seats {
	Seats::truncate_from((first..).take(count as usize).collect())
}

/// Gives an account a seat in a datanet, and its bond.
fn seat<T: Config>(datanet: DatanetId, reviewer: &T::AccountId) -> Result<SeatId, BenchmarkError> {
	let record = record::<T>(datanet)?;
	let seat = record.next_seat;
	Pallet::<T>::do_invite(datanet, record, reviewer.clone())?;
	Pallet::<T>::do_join(datanet, reviewer.clone())?;
	Ok(seat)
}

fn content(nth: u32) -> ContentId {
	ContentId(BlakeTwo256::hash_of(&nth))
}

fn work(nth: u32) -> Work {
	Work {
		content: content(nth),
		size: MAX_SIZE,
		kind: ContributionKind::Label,
		licence: licence(),
		subject: Some(ContributionRef { datanet: 0, index: 0 }),
	}
}

fn put_uri<T: Config>(nth: u32) {
	Pallet::<T>::put_uri(content(nth), Text::truncate_from(longest(MAX_URI)));
}

/// The order of the `nth` contribution that waits.
fn place(nth: u32) -> Precedence {
	// Later than whatever is committed meanwhile.
	Precedence::new(BlockNumber::MAX, nth)
}

/// Active reviewers on these seats, who are looked up one by one.
fn seated<T: Config>(datanet: DatanetId, first: SeatId, count: u32) -> Seats {
	let seats = seats(first, count);
	for seat in &seats {
		let account = account("seated", u32::from(*seat), 0);
		let reviewer = Reviewer { account, bond: 0, cases: 0, state: ReviewerState::Active };
		Reviewers::<T>::insert(datanet, seat, reviewer);
	}
	seats
}

/// Lets the `nth` content wait, with this many approvals of [`MAX_QUORUM`] and all but one
/// rejection. Each belongs to another account, and was voted on by reviewers of its own.
fn waiting<T: Config>(
	datanet: DatanetId,
	nth: u32,
	approvals: u32,
) -> Result<Precedence, BenchmarkError> {
	let contributor = funded::<T>("contributor", nth);
	let mut record = record::<T>(datanet)?;
	let bond = record.policy.bond;
	let curator_share = record.policy.curator_share;
	let precedence = place(nth);
	let first = SeatId::try_from(nth.saturating_mul(2 * MAX_QUORUM).saturating_add(100))
		.map_err(|_| BenchmarkError::Stop("there are not that many seats"))?;
	Pallet::<T>::hold(HoldReason::ContributionBond, &contributor, bond)?;
	put_uri::<T>(nth);
	Contents::<T>::insert(content(nth), Place::Pending { datanet, precedence });
	PendingContributions::<T>::insert(
		datanet,
		precedence,
		Pending {
			contributor,
			work: work(nth),
			bond,
			curator_share,
			committed: Pallet::<T>::now(),
			review_ends: Pallet::<T>::now().saturating_add(T::MinReviewPeriod::get()),
			quorum: MAX_QUORUM as u8,
			approvals: seated::<T>(datanet, first, approvals),
			rejections: seated::<T>(
				datanet,
				first.saturating_add(MAX_QUORUM as SeatId),
				ALL_BUT_ONE,
			),
		},
	);
	record.pending = record.pending.saturating_add(1);
	Datanets::<T>::insert(datanet, record);
	Ok(precedence)
}

/// Lets contents wait, each in a datanet of its own.
fn waiting_elsewhere<T: Config>(n: u32) -> Result<(), BenchmarkError> {
	(0..n).try_for_each(|nth| waiting::<T>(datanet::<T>()?, nth, MAX_QUORUM).map(drop))
}

/// Accepts the `nth` content, with these acceptors.
fn accepted<T: Config>(
	datanet: DatanetId,
	nth: u32,
	contributor: T::AccountId,
	earner: T::AccountId,
	acceptors: Seats,
) -> Result<ContributionRef, BenchmarkError> {
	let mut record = record::<T>(datanet)?;
	let at = ContributionRef { datanet, index: record.length };
	let bond = record.policy.bond;
	Pallet::<T>::hold(HoldReason::ContributionBond, &contributor, bond)?;
	put_uri::<T>(nth);
	let contribution = Contribution {
		contributor,
		earner: Some(earner),
		work: work(nth),
		precedence: place(nth),
		accepted: Pallet::<T>::now(),
		bond,
		curator_share: record.policy.curator_share,
		acceptors,
		judged: Grounds::default(),
		standing: Standing::Valid,
	};
	record.length = record.length.saturating_add(1);
	Contents::<T>::insert(content(nth), Place::Accepted(at));
	Contributions::<T>::insert(datanet, at.index, contribution);
	Datanets::<T>::insert(datanet, record);
	Ok(at)
}

/// Accepts `n` contents from different contributors, from the `first` on; `earner` earns from all.
fn all_accepted<T: Config>(
	first: u32,
	n: u32,
	earner: &T::AccountId,
) -> Result<Vec<ContributionRef>, BenchmarkError> {
	let datanet = datanet::<T>()?;
	(first..first.saturating_add(n))
		.map(|nth| {
			let contributor = funded::<T>("contributor", nth);
			accepted::<T>(datanet, nth, contributor, earner.clone(), seats(100, MAX_QUORUM))
		})
		.collect()
}

/// An accepted contribution whose acceptors, as many as there may be, all still review.
fn answered_for<T: Config>(contributor: T::AccountId) -> Result<ContributionRef, BenchmarkError> {
	let datanet = datanet::<T>()?;
	for nth in 0..MAX_QUORUM {
		seat::<T>(datanet, &funded::<T>("reviewer", nth))?;
	}
	let earner = funded::<T>("earner", 0);
	accepted::<T>(datanet, 0, contributor, earner, seats(0, MAX_QUORUM))
}

/// Flags such a contribution; the flag is at this stage.
fn flagged<T: Config>(
	contributor: T::AccountId,
	stage: Stage<T::AccountId>,
) -> Result<ContributionRef, BenchmarkError> {
	let at = answered_for::<T>(contributor)?;
	Pallet::<T>::do_flag(funded::<T>("reporter", 0), at, Ground::Adversarial)?;
	let mut flag = open_flag::<T>(at)?;
	flag.quorum = MAX_QUORUM as u8;
	flag.first_late_seat = SeatId::MAX;
	flag.stage = stage;
	Flags::<T>::insert(at.datanet, at.index, flag);
	Ok(at)
}

/// The stage from which a flag costs everybody most: the contributor has appealed for nothing.
fn appealed<T: Config>(contributor: &T::AccountId) -> Result<Stage<T::AccountId>, BenchmarkError> {
	let deposit = T::FlagDeposit::get();
	Pallet::<T>::hold(HoldReason::Flag, contributor, deposit)?;
	let until = Pallet::<T>::now().saturating_add(T::RulePeriod::get());
	let appeal = Some(Appeal { by: contributor.clone(), deposit, upheld: true });
	Ok(Stage::Governance { until, appeal })
}

/// Whether the contribution is voided and none of its acceptors has a seat any more.
fn is_penalised<T: Config>(at: ContributionRef) -> Result<bool, BenchmarkError> {
	let unseated = record::<T>(at.datanet)?.reviewers == 0;
	Ok(unseated && contribution::<T>(at)?.standing == Standing::Voided)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_datanet() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = NextDatanet::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			licence(),
			policy::<T>(),
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			tags(),
			longest(MAX_URI),
		);

		assert!(Datanets::<T>::contains_key(datanet));
		Ok(())
	}

	#[benchmark]
	fn set_metadata() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;
		Metadatas::<T>::remove(datanet);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			datanet,
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			tags(),
			longest(MAX_URI),
		);

		assert!(Metadatas::<T>::contains_key(datanet));
		Ok(())
	}

	#[benchmark]
	fn set_policy() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;
		let mut policy = policy::<T>();
		policy.bond = policy.bond.saturating_add(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, policy);

		assert_eq!(record::<T>(datanet)?.policy, policy);
		Ok(())
	}

	#[benchmark]
	fn transfer_datanet() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;
		let owner = funded::<T>("owner", 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, owner.clone());

		assert_eq!(record::<T>(datanet)?.owner, owner);
		Ok(())
	}

	#[benchmark]
	fn close_datanet() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet);

		assert!(!record::<T>(datanet)?.open);
		Ok(())
	}

	#[benchmark]
	fn invite_reviewer() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;
		let reviewer = funded::<T>("reviewer", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, reviewer.clone());

		assert!(SeatOf::<T>::contains_key(datanet, reviewer));
		Ok(())
	}

	#[benchmark]
	fn join_reviewers() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		Pallet::<T>::do_invite(datanet, record::<T>(datanet)?, caller.clone())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), datanet);

		assert!(Pallet::<T>::active_seat(datanet, &caller).is_ok());
		Ok(())
	}

	#[benchmark]
	fn remove_reviewer() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet_of::<T>(&caller)?;
		let reviewer = funded::<T>("reviewer", 0);
		seat::<T>(datanet, &reviewer)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, reviewer);

		assert_eq!(record::<T>(datanet)?.reviewers, 0);
		Ok(())
	}

	#[benchmark]
	fn release_reviewer() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		let reviewer = funded::<T>("reviewer", 0);
		let seat = seat::<T>(datanet, &reviewer)?;
		Pallet::<T>::do_remove(datanet, record::<T>(datanet)?, reviewer)?;
		pass::<T>(T::BondPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, seat);

		assert!(!Reviewers::<T>::contains_key(datanet, seat));
		Ok(())
	}

	#[benchmark]
	fn commit(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let commitments = batch::<T, _>((0..n).map(|nth| content(nth).0).collect())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), commitments);

		assert_eq!(Commitments::<T>::iter_key_prefix(caller).count(), n as usize);
		Ok(())
	}

	#[benchmark]
	fn forget(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		// Somebody else's, which anyone may end once they have expired.
		let owner = funded::<T>("owner", 0);
		let commitments = batch::<T, _>((0..n).map(|nth| content(nth).0).collect())?;
		Pallet::<T>::do_commit(owner.clone(), commitments.clone())?;
		pass::<T>(T::RevealPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), owner.clone(), commitments);

		assert_eq!(Commitments::<T>::iter_key_prefix(owner).count(), 0);
		Ok(())
	}

	/// Everything revealed speaks about another contribution, and displaces an equal that waits in
	/// another datanet.
	#[benchmark]
	fn reveal(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		let salt = H256::repeat_byte(1);
		let commitments = (0..n).map(|nth| commitment_hash(content(nth), salt, &caller)).collect();
		Pallet::<T>::do_commit(caller.clone(), batch::<T, _>(commitments)?)?;
		waiting_elsewhere::<T>(n)?;
		let reveals = all_accepted::<T>(n, n, &caller)?
			.into_iter()
			.zip(0..)
			.map(|(subject, nth)| {
				let Work { content, size, kind, licence, .. } = work(nth);
				let (uri, subject) = (longest(MAX_URI), Some(subject));
				Reveal { content, salt, size, kind, licence, uri, subject }
			})
			.collect();
		let reveals = batch::<T, _>(reveals)?;
		let agreed = record::<T>(datanet)?.policy;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, agreed, reveals);

		assert_eq!(record::<T>(datanet)?.pending, n);
		assert_eq!(PendingContributions::<T>::iter().count(), n as usize);
		Ok(())
	}

	/// Every vote is the one that keeps a contribution out.
	#[benchmark]
	fn vote(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		seat::<T>(datanet, &caller)?;
		let votes = (0..n)
			.map(|nth| {
				let precedence = waiting::<T>(datanet, nth, ALL_BUT_ONE)?;
				Ok((precedence, Vote::Reject(Reason::Unavailable)))
			})
			.collect::<Result<_, BenchmarkError>>()?;
		let votes = batch::<T, _>(votes)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, votes);

		assert_eq!(record::<T>(datanet)?.pending, 0);
		Ok(())
	}

	/// Everything accepted has a full quorum of acceptors.
	#[benchmark]
	fn accept(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		let contributions = (0..n)
			.map(|nth| waiting::<T>(datanet, nth, MAX_QUORUM))
			.collect::<Result<_, BenchmarkError>>()?;
		let contributions = batch::<T, _>(contributions)?;
		pass::<T>(T::RevealPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, contributions);

		assert_eq!(record::<T>(datanet)?.length, n);
		Ok(())
	}

	/// Everything taken back belongs to somebody else, whose review ran out.
	#[benchmark]
	fn withdraw(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let datanet = datanet::<T>()?;
		let contributions = (0..n)
			.map(|nth| waiting::<T>(datanet, nth, ALL_BUT_ONE))
			.collect::<Result<_, BenchmarkError>>()?;
		let contributions = batch::<T, _>(contributions)?;
		pass::<T>(T::MinReviewPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), datanet, contributions);

		assert_eq!(record::<T>(datanet)?.pending, 0);
		Ok(())
	}

	#[benchmark]
	fn set_uri() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let at = answered_for::<T>(caller.clone())?;
		Uris::<T>::remove(content(0));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), at, longest(MAX_URI));

		assert!(Uris::<T>::contains_key(content(0)));
		Ok(())
	}

	#[benchmark]
	fn transfer_right(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let earner = funded::<T>("earner", 0);
		let contributions = batch::<T, _>(all_accepted::<T>(0, n, &caller)?)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), contributions.clone(), earner.clone());

		for at in contributions {
			assert_eq!(*contribution::<T>(at)?.earner(), earner);
		}
		Ok(())
	}

	#[benchmark]
	fn set_payee() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let payee = funded::<T>("payee", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Some(payee.clone()));

		assert_eq!(Payees::<T>::get(caller), Some(payee));
		Ok(())
	}

	#[benchmark]
	fn release_bonds(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let contributions = batch::<T, _>(all_accepted::<T>(0, n, &caller)?)?;
		pass::<T>(T::BondPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), contributions.clone());

		for at in contributions {
			assert_eq!(contribution::<T>(at)?.bond, 0);
		}
		Ok(())
	}

	/// No reviewers are left to judge, so that it goes to governance at once.
	#[benchmark]
	fn flag() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let at = answered_for::<T>(funded::<T>("contributor", 0))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), at, Ground::Adversarial);

		assert_eq!(contribution::<T>(at)?.standing, Standing::Flagged);
		Ok(())
	}

	/// The vote decides.
	#[benchmark]
	fn judge() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let until = Pallet::<T>::now().saturating_add(T::JudgePeriod::get());
		let (upheld, rejected) = (seats(100, ALL_BUT_ONE), seats(200, ALL_BUT_ONE));
		let stage = Stage::Review { until, upheld, rejected };
		let at = flagged::<T>(funded::<T>("contributor", 0), stage)?;
		seat::<T>(at.datanet, &caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), at, true);

		let stage = open_flag::<T>(at)?.stage;
		assert!(matches!(stage, Stage::Appealable { upheld: true, .. }));
		Ok(())
	}

	#[benchmark]
	fn appeal() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let until = Pallet::<T>::now().saturating_add(T::AppealPeriod::get());
		let at = flagged::<T>(caller.clone(), Stage::Appealable { until, upheld: true })?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), at);

		assert!(matches!(open_flag::<T>(at)?.stage, Stage::Governance { .. }));
		Ok(())
	}

	/// The contributor appealed for nothing: deposit and bond are slashed, as is every acceptor, who
	/// loses the seat too.
	#[benchmark]
	fn rule() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let contributor = funded::<T>("contributor", 0);
		let stage = appealed::<T>(&contributor)?;
		let at = flagged::<T>(contributor, stage)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, at, true);

		assert!(is_penalised::<T>(at)?);
		Ok(())
	}

	/// Governance did not answer the appeal, so that what reviewers decided takes its course.
	#[benchmark]
	fn advance_flag() -> Result<(), BenchmarkError> {
		let caller = caller::<T>();
		let contributor = funded::<T>("contributor", 0);
		let stage = appealed::<T>(&contributor)?;
		let at = flagged::<T>(contributor, stage)?;
		pass::<T>(T::RulePeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), at);

		assert!(is_penalised::<T>(at)?);
		Ok(())
	}

	#[benchmark]
	fn create_reference() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		T::BenchmarkHelper::fund(&T::Commons::get());
		References::<T>::put(BoundedVec::truncate_from((1..MAX_REFERENCES).collect()));

		#[extrinsic_call]
		_(
			origin as T::RuntimeOrigin,
			licence(),
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			tags(),
			longest(MAX_URI),
		);

		assert_eq!(References::<T>::decode_len(), Some(MAX_REFERENCES as usize));
		Ok(())
	}

	/// Every item displaces an equal that waits in another datanet, which costs more than voiding
	/// one that was accepted: the other datanet's count changes as well.
	#[benchmark]
	fn add_references(n: Linear<1, { T::MaxBatch::get() }>) -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		T::BenchmarkHelper::fund(&T::Commons::get());
		let datanet = NextDatanet::<T>::get();
		Pallet::<T>::create_reference(
			origin.clone(),
			licence(),
			longest(MAX_NAME),
			longest(MAX_DESCRIPTION),
			tags(),
			longest(MAX_URI),
		)?;
		waiting_elsewhere::<T>(n)?;
		let contents = (0..n)
			.map(|nth| {
				let Work { content, size, kind, .. } = work(nth);
				Reference { content, size, kind, uri: longest(MAX_URI) }
			})
			.collect();
		let contents = batch::<T, _>(contents)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, datanet, contents);

		assert_eq!(record::<T>(datanet)?.length, n);
		assert_eq!(PendingContributions::<T>::iter().count(), 0);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
