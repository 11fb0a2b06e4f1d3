//! The next update for the client of this chain on L1.
//!
//! The contract takes a set's signatures only while its validators could be slashed for them. A client that has fallen
//! further behind is repaired in three steps: every handover is posted, guardians have time to veto, all are activated.

use std::fmt;

use alloy::primitives::B256;

/// The most handovers that are activated at once: each costs gas.
const PATH: usize = 128;

/// The client on L1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
	/// The set in office.
	pub set: u64,
	/// The block of its newest root.
	pub block: u32,
	/// Whether it has that root: it begins with a block alone.
	pub has_root: bool,
	pub office_since: u64,
	pub session: u64,
	pub max_age: u64,
	pub veto: u64,
	/// The time on L1.
	pub now: u64,
}

/// What BEEFY has made final on the chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chain {
	pub block: u32,
	pub set: u64,
}

/// A handover that was posted, of this chain and not vetoed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posted {
	pub id: B256,
	pub set: u64,
	pub at: u64,
}

/// What somebody wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wanted {
	/// A root of this block or a later one.
	pub block: Option<u32>,
	/// A root every so many blocks.
	pub every: Option<u32>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	/// Show that this set took office.
	Handover { set: u64 },
	/// Show the newest root.
	Update,
	/// Post that this set took office, after another one that was posted.
	Post { set: u64, base: Option<B256> },
	/// Let posted handovers take effect.
	Activate { path: Vec<B256> },
	/// Nothing now.
	Wait(Wait),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
	/// Nobody needs anything.
	Nothing,
	/// BEEFY is not as far yet.
	Beefy { block: u32 },
	/// The node knows less than L1 does.
	NodeBehind { node: u64, client: u64 },
	/// The set in office is too old to be believed; the next one will be.
	NextSession,
	/// Posted handovers wait for a veto.
	Veto { until: u64, handovers: usize },
}

impl fmt::Display for Step {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Handover { set } => write!(to, "show it that validator set {set} took office"),
			Self::Update => write!(to, "show it the newest root"),
			Self::Post { set, .. } => {
				write!(to, "it is too old: post that validator set {set} took office")
			}
			Self::Activate { path } => write!(to, "activate {} posted handovers", path.len()),
			Self::Wait(wait) => write!(to, "{wait}"),
		}
	}
}

impl fmt::Display for Wait {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Nothing => write!(to, "nothing needs a newer root on L1"),
			Self::Beefy { block } => write!(to, "BEEFY has not made block {block} final yet"),
			Self::NodeBehind { node, client } => write!(
				to,
				"the node is at validator set {node}, the client on L1 at {client}: the node is still syncing, \
				 or is one of another chain"
			),
			Self::NextSession => write!(
				to,
				"the session that the client on L1 knows is too old to sign anything; waiting for the next one"
			),
			Self::Veto { until, handovers } => write!(
				to,
				"the client on L1 was too old, {handovers} handovers are posted; guardians can veto them until \
				 {until} (seconds since 1970), then they are activated"
			),
		}
	}
}

impl Light {
	/// Until when the next set's signatures are taken at once.
	pub fn handover_deadline(&self) -> u64 {
		self.office_since.saturating_add(self.session).saturating_add(self.max_age)
	}

	/// Whether nothing but posting helps.
	pub fn is_too_old(&self) -> bool {
		self.now > self.handover_deadline()
	}

	fn update_deadline(&self) -> u64 {
		self.office_since.saturating_add(self.max_age)
	}

	/// The same client once a path was activated.
	fn after(&self, path: &[Posted]) -> Self {
		let since =
			|since: u64, handover: &Posted| since.saturating_add(self.session).min(handover.at);
		Self { office_since: path.iter().fold(self.office_since, since), ..*self }
	}
}

/// Decides.
pub fn next(light: Light, chain: Chain, posted: &[Posted], wanted: Wanted) -> Step {
	if chain.set < light.set {
		return Step::Wait(Wait::NodeBehind { node: chain.set, client: light.set });
	}
	if chain.set > light.set {
		return if light.is_too_old() {
			repair(light, chain, posted)
		} else {
			Step::Handover { set: light.set + 1 }
		};
	}
	let missing = wanted.block.filter(|block| *block > light.block || !light.has_root);
	// Within a session only later blocks are taken.
	let needed = missing.map(|block| block.max(light.block.saturating_add(1)));
	if let Some(block) = needed.filter(|block| *block > chain.block) {
		return Step::Wait(Wait::Beefy { block });
	}
	let age = chain.block.saturating_sub(light.block);
	let due = wanted.every.is_some_and(|every| age >= every.max(1));
	if needed.is_none() && !due {
		return Step::Wait(Wait::Nothing);
	}
	if light.now > light.update_deadline() {
		return Step::Wait(Wait::NextSession);
	}
	Step::Update
}

/// The posted handovers that follow each other from the live state on; of several for one set, the oldest.
fn path(light: &Light, posted: &[Posted]) -> Vec<Posted> {
	let of_set = |set: u64| posted.iter().filter(|one| one.set == set).min_by_key(|one| one.at);
	(light.set + 1..).map_while(of_set).copied().collect()
}

fn repair(light: Light, chain: Chain, posted: &[Posted]) -> Step {
	let path = path(&light, posted);
	let ripe = path.iter().take_while(|one| one.at.saturating_add(light.veto) <= light.now).count();
	let (ready, waiting) = path.split_at(ripe);
	// Whoever posts more must not hold up what would do already.
	if ripe > 0 && (waiting.is_empty() || !light.after(ready).is_too_old()) {
		let path = ready.iter().take(PATH).map(|one| one.id).collect();
		return Step::Activate { path };
	}
	let missing = light.set + 1 + path.len() as u64;
	let until = path.last().map_or(light.now, |one| one.at).saturating_add(light.veto);
	// Afterwards there must be time to follow on with what happened meanwhile.
	let margin = light.max_age.saturating_sub(light.veto) / 2;
	let enough = light.after(&path).handover_deadline() >= until.saturating_add(margin);
	if missing <= chain.set && (path.is_empty() || !enough) {
		return Step::Post { set: missing, base: path.last().map(|one| one.id) };
	}
	Step::Wait(Wait::Veto { until, handovers: path.len() })
}

#[cfg(test)]
mod tests {
	use super::*;

	const DAY: u64 = 86_400;
	const SESSION: u64 = 4 * 3_600;

	const LIGHT: Light = Light {
		set: 10,
		block: 1_000,
		has_root: true,
		office_since: 100 * DAY,
		session: SESSION,
		max_age: 21 * DAY,
		veto: 14 * DAY,
		now: 100 * DAY + 60,
	};

	fn chain(set: u64, block: u32) -> Chain {
		Chain { block, set }
	}

	fn id(set: u64) -> B256 {
		B256::left_padding_from(&set.to_be_bytes())
	}

	fn block(block: u32) -> Wanted {
		Wanted { block: Some(block), every: None }
	}

	#[test]
	fn handovers_come_in_order_and_before_everything_else() {
		let step = next(LIGHT, chain(13, 9_000), &[], block(8_000));
		assert_eq!(step, Step::Handover { set: 11 });
		let later = Light { set: 12, ..LIGHT };
		assert_eq!(next(later, chain(13, 9_000), &[], block(8_000)), Step::Handover { set: 13 });
	}

	#[test]
	fn other_updates_are_made_when_somebody_waits_for_them() {
		let at = chain(10, 1_100);
		assert_eq!(next(LIGHT, at, &[], Wanted::default()), Step::Wait(Wait::Nothing));
		assert_eq!(next(LIGHT, at, &[], block(1_000)), Step::Wait(Wait::Nothing));
		assert_eq!(next(LIGHT, at, &[], block(1_100)), Step::Update);
		assert_eq!(next(LIGHT, at, &[], block(1_101)), Step::Wait(Wait::Beefy { block: 1_101 }));
		let every = |blocks| Wanted { block: None, every: Some(blocks) };
		assert_eq!(next(LIGHT, at, &[], every(100)), Step::Update);
		assert_eq!(next(LIGHT, at, &[], every(101)), Step::Wait(Wait::Nothing));
		assert_eq!(next(LIGHT, chain(10, 1_000), &[], every(0)), Step::Wait(Wait::Nothing));
	}

	#[test]
	fn a_client_without_a_root_is_given_one_when_it_is_needed() {
		let fresh = Light { has_root: false, ..LIGHT };
		assert_eq!(next(fresh, chain(10, 1_100), &[], block(900)), Step::Update);
		assert_eq!(
			next(fresh, chain(10, 1_100), &[], Wanted::default()),
			Step::Wait(Wait::Nothing)
		);
		let wait = Step::Wait(Wait::Beefy { block: 1_001 });
		assert_eq!(next(fresh, chain(10, 1_000), &[], block(900)), wait);
	}

	#[test]
	fn a_node_that_knows_less_than_l1_is_not_believed() {
		let wait = Wait::NodeBehind { node: 9, client: 10 };
		assert_eq!(next(LIGHT, chain(9, 900), &[], block(2_000)), Step::Wait(wait));
	}

	#[test]
	fn the_deadlines_are_those_of_the_contract() {
		let update = Light { now: LIGHT.office_since + LIGHT.max_age, ..LIGHT };
		assert_eq!(next(update, chain(10, 1_100), &[], block(1_100)), Step::Update);
		let late = Light { now: update.now + 1, ..LIGHT };
		assert_eq!(next(late, chain(10, 1_100), &[], block(1_100)), Step::Wait(Wait::NextSession));
		let edge = Light { now: LIGHT.office_since + LIGHT.max_age + SESSION, ..LIGHT };
		let handover = next(edge, chain(11, 1_100), &[], Wanted::default());
		assert_eq!(handover, Step::Handover { set: 11 });
		let stale = Light { now: edge.now + 1, ..LIGHT };
		let post = next(stale, chain(11, 1_100), &[], Wanted::default());
		assert_eq!(post, Step::Post { set: 11, base: None });
	}

	/// An outage of thirty days, seen from L1 at some time.
	fn outage(now: u64) -> (Light, Chain) {
		let light = Light { now, ..LIGHT };
		let sessions = (now - LIGHT.office_since) / SESSION;
		(light, chain(10 + sessions, 100_000))
	}

	#[test]
	fn a_client_that_is_too_old_is_repaired_by_posting_waiting_and_activating() {
		let start = LIGHT.office_since + 30 * DAY;
		let (mut light, mut at) = outage(start);
		let mut posted = Vec::new();
		while let Step::Post { set, base } = next(light, at, &posted, Wanted::default()) {
			assert_eq!(set, 11 + posted.len() as u64);
			assert_eq!(base, posted.last().map(|one: &Posted| one.id));
			light.now += 15;
			posted.push(Posted { id: id(set), set, at: light.now });
		}
		// Not all of them, but enough to follow on directly afterwards.
		assert!((100..180).contains(&posted.len()), "{} were posted", posted.len());
		let last = posted.last().unwrap().at;
		let wait = Wait::Veto { until: last + 14 * DAY, handovers: posted.len() };
		assert_eq!(next(light, at, &posted, Wanted::default()), Step::Wait(wait.clone()));
		(light, at) = outage(last + 14 * DAY - 1);
		let one_short = next(light, at, &posted[..], Wanted::default());
		// The last one is not ripe; without it, the client would still be repaired.
		let Step::Activate { path } = one_short else { panic!("{one_short:?}") };
		assert_eq!(path, posted[..path.len()].iter().map(|one| one.id).collect::<Vec<_>>());

		// Each activation moves the live state on; then handovers are direct again.
		(light, at) = outage(last + 14 * DAY);
		while let Step::Activate { path } = next(light, at, &posted, Wanted::default()) {
			assert!(!path.is_empty() && path.len() <= PATH);
			let done: Vec<_> = posted.drain(..path.len()).collect();
			light = Light { set: light.set + path.len() as u64, ..light.after(&done) };
		}
		let step = next(light, at, &posted, Wanted::default());
		assert_eq!(step, Step::Handover { set: light.set + 1 });
		assert!(light.handover_deadline() > light.now + 3 * DAY);
	}

	#[test]
	fn what_others_post_is_used_and_what_they_add_later_holds_up_nothing() {
		let (light, at) = outage(LIGHT.office_since + 30 * DAY);
		let posted: Vec<_> =
			(11..150).map(|set| Posted { id: id(set), set, at: light.now - 14 * DAY }).collect();
		let mut more = posted.clone();
		more.extend((150..160).map(|set| Posted { id: id(set), set, at: light.now }));
		let Step::Activate { path } = next(light, at, &more, Wanted::default()) else { panic!() };
		assert_eq!(path.len(), PATH);
		assert!(!path.contains(&id(150)));
	}

	#[test]
	fn a_gap_in_what_was_posted_is_filled() {
		let (light, at) = outage(LIGHT.office_since + 30 * DAY);
		let posted: Vec<_> = (11..100)
			.filter(|set| *set != 40)
			.map(|set| Posted { id: id(set), set, at: light.now })
			.collect();
		let step = next(light, at, &posted, Wanted::default());
		assert_eq!(step, Step::Post { set: 40, base: Some(id(39)) });
	}

	#[test]
	fn of_two_handovers_for_one_set_the_older_one_counts() {
		let (light, at) = outage(LIGHT.office_since + 22 * DAY);
		let ripe = light.now - 14 * DAY;
		let mut posted: Vec<_> =
			(11..=at.set).map(|set| Posted { id: id(set), set, at: ripe }).collect();
		posted.insert(0, Posted { id: B256::repeat_byte(9), set: 11, at: ripe + 1 });
		let Step::Activate { path } = next(light, at, &posted, Wanted::default()) else { panic!() };
		assert_eq!(path[0], id(11));
	}
}
