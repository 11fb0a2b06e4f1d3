//! What accounts do when they do whatever comes to their mind.

use super::*;
use frame_support::storage::{with_transaction, TransactionOutcome};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	pub fn below(&mut self, limit: u32) -> u32 {
		(self.next() % u64::from(limit)) as u32
	}

	pub fn chance(&mut self, percent: u32) -> bool {
		self.below(100) < percent
	}

	pub fn pick<Item: Clone>(&mut self, items: &[Item]) -> Option<Item> {
		(!items.is_empty()).then(|| items[self.below(items.len() as u32) as usize].clone())
	}
}

/// Something that an account has committed to.
#[derive(Clone)]
pub struct Secret {
	pub owner: AccountId,
	pub text: u64,
	pub content: ContentId,
	pub salt: H256,
	pub hash: H256,
}

impl Secret {
	fn new(owner: AccountId, text: u64, salt: H256) -> Self {
		let content = content(text);
		Self { owner, text, content, salt, hash: commitment_hash(content, salt, &owner) }
	}

	pub fn commitment(&self) -> Option<Commitment> {
		Commitments::<Test>::get(self.owner, self.hash)
	}
}

type Act = Option<(RuntimeOrigin, Call)>;
type Acting = fn(&mut World) -> Act;
type Waiting = Vec<(Precedence, Pending<AccountId>)>;

/// What accounts do, and how often.
pub const ACTS: [(u32, Acting); 26] = [
	(2, World::create_datanet),
	(1, World::set_metadata),
	(1, World::set_policy),
	(1, World::transfer_datanet),
	(2, World::close_datanet),
	(4, World::invite_reviewer),
	(5, World::join_reviewers),
	(1, World::remove_reviewer),
	(3, World::release_reviewer),
	(12, World::commit),
	(2, World::forget),
	(12, World::reveal),
	(14, World::vote),
	(8, World::accept),
	(2, World::withdraw),
	(2, World::set_uri),
	(1, World::transfer_right),
	(1, World::set_payee),
	(3, World::release_bonds),
	(9, World::flag),
	(12, World::judge),
	(5, World::appeal),
	(3, World::rule),
	(7, World::advance_flag),
	(1, World::create_reference),
	(1, World::add_references),
];

/// What this random life would take too long to reach: the state is pushed to a limit, the call
/// refused, and the state as before.
pub const EDGES: [fn(&mut World); 2] = [World::without_ids, World::with_all_seats_taken];

impl World {
	/// Something that is not sensible.
	pub fn wild(&mut self) -> bool {
		self.random.chance(6)
	}

	pub fn someone(&mut self) -> AccountId {
		1 + u64::from(self.random.below(ACCOUNTS as u32))
	}

	fn mostly(&mut self, who: AccountId) -> AccountId {
		if self.wild() {
			self.someone()
		} else {
			who
		}
	}

	fn datanet(&mut self) -> DatanetId {
		let all = NextDatanet::<Test>::get();
		if self.wild() {
			self.random.below(all + 2)
		} else if self.random.chance(75) {
			self.random.below(BUSY)
		} else {
			self.random.below(all)
		}
	}

	fn owned_datanet(&mut self) -> (RuntimeOrigin, DatanetId) {
		let datanet = self.datanet();
		let owner = crate::Datanets::<Test>::get(datanet).map_or(COMMONS, |record| record.owner);
		(signed(self.mostly(owner)), datanet)
	}

	fn contribution(&mut self) -> Option<ContributionRef> {
		let datanet = self.datanet();
		let length = crate::Datanets::<Test>::get(datanet).map_or(0, |record| record.length);
		if self.wild() {
			return Some(ContributionRef { datanet, index: length });
		}
		(length > 0).then(|| ContributionRef { datanet, index: self.random.below(length) })
	}

	fn some_contributions(&mut self) -> Batch<ContributionRef> {
		let count = self.count();
		batch((0..count).filter_map(|_| self.contribution()).collect::<Vec<_>>())
	}

	fn record(at: ContributionRef) -> Option<Contribution<AccountId>> {
		Contributions::<Test>::get(at.datanet, at.index)
	}

	/// The size of a batch, seldom nothing.
	fn count(&mut self) -> usize {
		if self.random.chance(2) {
			0
		} else {
			1 + self.random.below(3) as usize
		}
	}

	fn words(&mut self, most: u32) -> Vec<u8> {
		let length = if self.random.chance(1) { most + 1 } else { self.random.below(9) };
		vec![b'w'; length as usize]
	}

	fn metadata(&mut self) -> (Vec<u8>, Vec<u8>, Vec<Vec<u8>>, Vec<u8>) {
		let tags = if self.random.chance(3) { MAX_TAGS + 1 } else { self.random.below(3) };
		(
			self.words(MAX_NAME),
			self.words(MAX_DESCRIPTION),
			(0..tags).map(|_| self.words(MAX_TAG)).collect(),
			self.words(MAX_URI),
		)
	}

	fn licence(&mut self) -> Licence {
		let licences = [
			Licence::PublicDomain,
			Licence::PublicDomain,
			Licence::CcBy,
			Licence::CcBySa,
			Licence::CcByNc,
		];
		self.random.pick(&licences).unwrap()
	}

	fn policy(&mut self, open: bool) -> Policy {
		let wild = self.wild();
		let parts = if wild { 1_000_000 } else { 200_001 };
		let share = Permill::from_parts(self.random.below(parts));
		let bond = Balance::from(if self.wild() { 0 } else { 100 + self.random.below(900) });
		if open {
			let curator_share = if wild { share } else { Permill::zero() };
			return Policy { admission: Admission::Open, bond, curator_share };
		}
		let quorum = if self.wild() { 9 } else { 1 + self.random.below(2) as u8 };
		let period = if self.wild() { 31 } else { 10 + self.random.below(21) };
		Policy { admission: Admission::Reviewed { quorum, period }, bond, curator_share: share }
	}

	/// A new text, or one that somebody has committed to.
	fn text(&mut self, copied: u32) -> u64 {
		if self.random.chance(copied) {
			if let Some(secret) = self.random.pick(&self.secrets) {
				return secret.text;
			}
		}
		self.texts += 1;
		self.texts
	}

	/// Contributions that wait, in a datanet where at least one does.
	fn waiting(
		&mut self,
		wanted: impl Fn(&Pending<AccountId>) -> bool,
	) -> Option<(DatanetId, Waiting)> {
		let any = self.wild();
		let all = PendingContributions::<Test>::iter()
			.filter(|(.., pending)| any || wanted(pending))
			.collect::<Vec<_>>();
		let (datanet, ..) = self.random.pick(&all)?;
		let here = all.into_iter().filter(|(other, ..)| *other == datanet);
		Some((datanet, here.map(|(_, precedence, pending)| (precedence, pending)).collect()))
	}

	fn flagged(
		&mut self,
		wanted: impl Fn(&Stage<AccountId>) -> bool,
	) -> Option<(ContributionRef, Flag<AccountId>)> {
		let any = self.wild();
		let flags = Flags::<Test>::iter()
			.filter(|(.., flag)| any || wanted(&flag.stage))
			.map(|(datanet, index, flag)| (ContributionRef { datanet, index }, flag))
			.collect::<Vec<_>>();
		let found = self.random.pick(&flags);
		// Speaking of a flag that is not there is not sensible, but it happens.
		if found.is_none() && any {
			return self.contribution().zip(Some(Flag {
				reporter: 1,
				ground: Ground::Biased,
				deposit: 0,
				quorum: 0,
				first_late_seat: 0,
				stage: Stage::Appealable { until: 0, upheld: false },
			}));
		}
		found
	}

	/// A reviewer of a datanet, in this state if it is sensible.
	fn reviewer_of(
		&mut self,
		datanet: DatanetId,
		wanted: impl Fn(&ReviewerState) -> bool,
	) -> Option<(SeatId, AccountId)> {
		let any = self.wild();
		let reviewers = Reviewers::<Test>::iter_prefix(datanet)
			.filter(|(_, reviewer)| any || wanted(&reviewer.state))
			.map(|(seat, reviewer)| (seat, reviewer.account))
			.collect::<Vec<_>>();
		self.random.pick(&reviewers)
	}

	fn create_datanet(&mut self) -> Act {
		let open = self.random.chance(30);
		let (licence, policy) = (self.licence(), self.policy(open));
		let (name, description, tags, uri) = self.metadata();
		let call = Call::create_datanet { licence, policy, name, description, tags, uri };
		Some((signed(self.someone()), call))
	}

	fn set_metadata(&mut self) -> Act {
		let (owner, datanet) = self.owned_datanet();
		let (name, description, tags, uri) = self.metadata();
		Some((owner, Call::set_metadata { datanet, name, description, tags, uri }))
	}

	fn set_policy(&mut self) -> Act {
		let (owner, datanet) = self.owned_datanet();
		let open = if datanet < BUSY { datanet == 0 } else { self.random.chance(50) };
		Some((owner, Call::set_policy { datanet, policy: self.policy(open) }))
	}

	fn transfer_datanet(&mut self) -> Act {
		let (who, datanet) = self.owned_datanet();
		Some((who, Call::transfer_datanet { datanet, owner: self.someone() }))
	}

	fn close_datanet(&mut self) -> Act {
		let quiet = NextDatanet::<Test>::get().checked_sub(BUSY).filter(|quiet| *quiet > 0)?;
		let datanet = BUSY + self.random.below(quiet);
		let owner = datanet_of(datanet).owner;
		Some((signed(self.mostly(owner)), Call::close_datanet { datanet }))
	}

	fn invite_reviewer(&mut self) -> Act {
		let (owner, datanet) = self.owned_datanet();
		Some((owner, Call::invite_reviewer { datanet, reviewer: self.someone() }))
	}

	fn join_reviewers(&mut self) -> Act {
		let datanet = self.datanet();
		let (_, who) =
			self.reviewer_of(datanet, |state| matches!(state, ReviewerState::Invited))?;
		Some((signed(self.mostly(who)), Call::join_reviewers { datanet }))
	}

	fn remove_reviewer(&mut self) -> Act {
		let datanet = self.datanet();
		let (_, reviewer) =
			self.reviewer_of(datanet, |state| matches!(state, ReviewerState::Active))?;
		let owner = datanet_of(datanet).owner;
		let who = if self.random.chance(50) { owner } else { reviewer };
		Some((signed(self.mostly(who)), Call::remove_reviewer { datanet, reviewer }))
	}

	fn release_reviewer(&mut self) -> Act {
		let datanet = self.datanet();
		let leaving = |state: &ReviewerState| matches!(state, ReviewerState::Leaving { .. });
		let (seat, _) = self.reviewer_of(datanet, leaving)?;
		let seat = if self.wild() { SeatId::MAX } else { seat };
		Some((signed(self.someone()), Call::release_reviewer { datanet, seat }))
	}

	fn commit(&mut self) -> Act {
		let owner = self.someone();
		let count = self.count();
		let secrets = (0..count).map(|_| {
			let salt = H256::from_low_u64_be(u64::from(self.random.below(4)));
			Secret::new(owner, self.text(30), salt)
		});
		let secrets = secrets.collect::<Vec<_>>();
		let commitments = batch(secrets.iter().map(|secret| secret.hash));
		// Kept though the call may fail: what is not committed cannot be revealed.
		self.secrets.extend(secrets);
		Some((signed(owner), Call::commit { commitments }))
	}

	fn secrets_of_one(&mut self) -> Option<(AccountId, Vec<Secret>)> {
		let count = self.count();
		let Secret { owner, .. } = self.random.pick(&self.secrets)?;
		let mut theirs = self.secrets.clone();
		theirs.retain(|secret| secret.owner == owner);
		let first = self.random.below(theirs.len() as u32) as usize;
		Some((owner, theirs.into_iter().skip(first).take(count).collect()))
	}

	fn forget(&mut self) -> Act {
		let (owner, secrets) = self.secrets_of_one()?;
		let who = if self.random.chance(50) { owner } else { self.someone() };
		let commitments = batch(secrets.iter().map(|secret| secret.hash));
		Some((signed(who), Call::forget { owner, commitments }))
	}

	fn reveal(&mut self) -> Act {
		let (owner, secrets) = self.secrets_of_one()?;
		let reveals = secrets.into_iter().map(|Secret { content, salt, .. }| Reveal {
			content,
			salt,
			size: if self.random.chance(2) { 0 } else { 8 },
			kind: ContributionKind::Data,
			licence: if self.wild() { self.licence() } else { Licence::PublicDomain },
			uri: self.words(MAX_URI),
			subject: if self.random.chance(20) { self.contribution() } else { None },
		});
		let reveals = batch(reveals.collect::<Vec<_>>());
		let who = signed(self.mostly(owner));
		let datanet = self.datanet();
		let mut agreed = agreed(datanet);
		if self.random.chance(3) {
			agreed.bond += 1;
		}
		Some((who, Call::reveal { datanet, agreed, reveals }))
	}

	fn vote(&mut self) -> Act {
		let now = Datanets::now();
		let (datanet, waiting) =
			self.waiting(|pending| pending.needs_votes() && pending.review_ends >= now)?;
		let (_, who) = self.reviewer_of(datanet, |state| matches!(state, ReviewerState::Active))?;
		let count = self.count();
		let votes = waiting.into_iter().take(count).map(|(precedence, _)| {
			let vote = if self.random.chance(80) { Vote::Approve } else { NO };
			(precedence, vote)
		});
		let votes = batch(votes.collect::<Vec<_>>());
		Some((signed(self.mostly(who)), Call::vote { datanet, votes }))
	}

	fn accept(&mut self) -> Act {
		let now = Datanets::now();
		let (datanet, waiting) = self.waiting(|pending| {
			!pending.needs_votes()
				&& now > pending.committed + <Test as Config>::RevealPeriod::get()
		})?;
		let count = self.count();
		let contributions =
			batch(waiting.into_iter().take(count).map(|(precedence, _)| precedence));
		Some((signed(self.someone()), Call::accept { datanet, contributions }))
	}

	fn withdraw(&mut self) -> Act {
		let (datanet, waiting) = self.waiting(|_| true)?;
		let (precedence, pending) = self.random.pick(&waiting)?;
		let who = if self.random.chance(70) { pending.contributor } else { self.someone() };
		let precedence = if self.wild() { Precedence::new(9, 99) } else { precedence };
		let contributions = if self.wild() { batch([]) } else { one(precedence) };
		Some((signed(who), Call::withdraw { datanet, contributions }))
	}

	fn set_uri(&mut self) -> Act {
		let contribution = self.contribution()?;
		let contributor = Self::record(contribution).map_or(1, |record| record.contributor);
		let who = signed(self.mostly(contributor));
		Some((who, Call::set_uri { contribution, uri: self.words(MAX_URI) }))
	}

	fn transfer_right(&mut self) -> Act {
		let contribution = self.contribution()?;
		let earner = Self::record(contribution).map_or(1, |record| *record.earner());
		let who = signed(self.mostly(earner));
		let contributions = one(contribution);
		Some((who, Call::transfer_right { contributions, earner: self.someone() }))
	}

	fn set_payee(&mut self) -> Act {
		let payee = if self.random.chance(50) { Some(self.someone()) } else { None };
		Some((signed(self.someone()), Call::set_payee { payee }))
	}

	fn release_bonds(&mut self) -> Act {
		let mut contributions = self.some_contributions();
		let due = |at: &ContributionRef| {
			Self::record(*at).is_some_and(|record| {
				record.bond > 0
					&& record.accepted + <Test as Config>::BondPeriod::get() <= Datanets::now()
			})
		};
		if self.random.chance(80) {
			contributions.retain(due);
		}
		Some((signed(self.someone()), Call::release_bonds { contributions }))
	}

	fn flag(&mut self) -> Act {
		let contribution = self.contribution()?;
		let ground = self.random.pick(&Ground::ALL)?;
		Some((signed(self.someone()), Call::flag { contribution, ground }))
	}

	fn judge(&mut self) -> Act {
		let now = Datanets::now();
		let (contribution, _) =
			self.flagged(|stage| matches!(stage, Stage::Review { until, .. } if *until >= now))?;
		let (_, who) =
			self.reviewer_of(contribution.datanet, |state| matches!(state, ReviewerState::Active))?;
		let upheld = self.random.chance(50);
		Some((signed(self.mostly(who)), Call::judge { contribution, upheld }))
	}

	fn appeal(&mut self) -> Act {
		let (contribution, flag) =
			self.flagged(|stage| matches!(stage, Stage::Appealable { .. }))?;
		let loser = match flag.stage {
			Stage::Appealable { upheld: true, .. } => Self::record(contribution)?.contributor,
			_ => flag.reporter,
		};
		Some((signed(self.mostly(loser)), Call::appeal { contribution }))
	}

	fn rule(&mut self) -> Act {
		let (contribution, _) = self.flagged(|stage| matches!(stage, Stage::Governance { .. }))?;
		Some((root(), Call::rule { contribution, upheld: self.random.chance(50) }))
	}

	fn advance_flag(&mut self) -> Act {
		let now = Datanets::now();
		let (contribution, _) = self.flagged(|stage| {
			let (Stage::Review { until, .. }
			| Stage::Appealable { until, .. }
			| Stage::Governance { until, .. }) = stage;
			*until < now
		})?;
		Some((signed(self.someone()), Call::advance_flag { contribution }))
	}

	fn create_reference(&mut self) -> Act {
		let (name, description, tags, uri) = self.metadata();
		let licence = self.licence();
		Some((root(), Call::create_reference { licence, name, description, tags, uri }))
	}

	fn add_references(&mut self) -> Act {
		let references = References::<Test>::get();
		let datanet = if self.wild() { self.datanet() } else { self.random.pick(&references)? };
		let count = self.count();
		let contents = (0..count).map(|_| {
			let taken = if self.random.chance(40) { self.contribution() } else { None };
			let content = taken
				.and_then(Self::record)
				.map_or_else(|| content(self.text(50)), |record| record.work.content);
			let size = if self.random.chance(2) { 0 } else { 8 };
			let uri = self.words(MAX_URI);
			Reference { content, size, kind: ContributionKind::Data, uri }
		});
		let contents = batch(contents.collect::<Vec<_>>());
		Some((root(), Call::add_references { datanet, contents }))
	}

	fn at_the_edge(&mut self, push: impl FnOnce(), call: Call) {
		let owner = signed(datanet_of(0).owner);
		with_transaction(|| -> TransactionOutcome<DispatchResult> {
			push();
			self.call(owner, call);
			TransactionOutcome::Rollback(Ok(()))
		})
		.unwrap();
	}

	fn without_ids(&mut self) {
		let (name, description, tags, uri) = (vec![b'n'], vec![], vec![], vec![]);
		let (licence, policy) = (Licence::CcBy, open());
		let call = Call::create_datanet { licence, policy, name, description, tags, uri };
		self.at_the_edge(|| NextDatanet::<Test>::put(ID_LIMIT), call);
	}

	fn with_all_seats_taken(&mut self) {
		let taken = Datanet { reviewers: MAX_REVIEWERS as u16, ..datanet_of(0) };
		let call = Call::invite_reviewer { datanet: 0, reviewer: self.someone() };
		self.at_the_edge(|| crate::Datanets::<Test>::insert(0, taken), call);
	}
}
