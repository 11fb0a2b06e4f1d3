//! The next update for the chain's beacon client.
//!
//! The client follows headers inside the period of its last one, P, and one period on once it knows the committee of
//! P+1. It takes no header more than 8,192 slots after its last one, because what lies between could not be proven.

use std::fmt;

use crate::ssz::{period, COMMITTEE, PERIOD};

/// The client on the chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Client {
	/// The slot of its last finalised header.
	pub slot: u64,
	/// Whether it knows the committee of the next period.
	pub next_known: bool,
	pub halted: bool,
	/// How many slots an update must advance to be free.
	pub interval: u64,
}

/// An update that the beacon node offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
	pub attested: u64,
	pub finalized: u64,
	pub signature: u64,
	pub signers: u32,
}

impl Offer {
	fn is_signed(&self) -> bool {
		self.signers as usize * 3 >= COMMITTEE * 2
	}

	/// Whether all of it lies in a period.
	fn is_within(&self, of: u64) -> bool {
		period(self.finalized) == of && period(self.signature) == of
	}
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	/// Submit the newest finality.
	Header,
	/// Submit the update of this period, which names the committee after it.
	Committee { period: u64 },
	/// Find a header between these slots, the later the better: the next one offered is too far away.
	Between { from: u64, to: u64 },
	/// Nothing now.
	Wait(Wait),
	/// Nothing, ever, without help.
	Stuck(Stuck),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
	/// Ethereum has finalised nothing new.
	NothingNew,
	/// An update would cost a fee and nothing needs it.
	NotFreeYet { from: u64 },
	/// Too few of the committee have signed.
	TooFewSigners { signers: u32 },
	/// The committee of the next period is not finalised yet.
	CommitteeNotFinal { period: u64 },
}

/// Why it cannot go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Stuck {
	/// The client was halted.
	Halted,
	/// A period has passed and no update of it is offered.
	MissedPeriod { period: u64 },
}

impl fmt::Display for Step {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Header => write!(to, "submit the newest finality"),
			Self::Committee { period } => {
				write!(to, "submit the sync committee after period {period}")
			}
			Self::Between { from, to: until } => {
				write!(to, "submit a header between slots {from} and {until}")
			}
			Self::Wait(wait) => write!(to, "{wait}"),
			Self::Stuck(stuck) => write!(to, "{stuck}"),
		}
	}
}

impl fmt::Display for Wait {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::NothingNew => write!(to, "Ethereum has finalised nothing new"),
			Self::NotFreeYet { from } => write!(to, "the next update is free from slot {from} on"),
			Self::TooFewSigners { signers } => {
				write!(to, "only {signers} of {COMMITTEE} have signed the newest finality")
			}
			Self::CommitteeNotFinal { period } => {
				write!(to, "the committee after period {period} is not final yet")
			}
		}
	}
}

impl fmt::Display for Stuck {
	fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Halted => write!(
				to,
				"the chain's beacon client is halted; governance halted it and must let it go on"
			),
			Self::MissedPeriod { period } => write!(
				to,
				"period {period} has passed and this beacon node has no update that names the committee \
				 after it: use another beacon node, one that keeps light-client updates. If none has it, \
				 governance must set a new checkpoint"
			),
		}
	}
}

/// Decides. `committee` is the offered update of the period whose committee the client lacks, or of the next period if it
/// lacks none; `wanted` is the lowest slot that a deposit waits for.
pub fn next(client: Client, latest: Offer, committee: Option<Offer>, wanted: Option<u64>) -> Step {
	if client.halted {
		return Step::Stuck(Stuck::Halted);
	}
	let now = period(client.slot);
	let crossing = client.next_known && period(latest.finalized) > now;
	if !client.next_known || crossing {
		let of = if crossing { now + 1 } else { now };
		let step = committee_of(of, client, latest, committee);
		// Within its period a client can follow headers while the committee is not final.
		if !matches!(step, Step::Wait(_)) || crossing {
			return step;
		}
	}
	header(client, latest, wanted)
}

fn committee_of(of: u64, client: Client, latest: Offer, offer: Option<Offer>) -> Step {
	let Some(offer) = offer.filter(|offer| offer.is_within(of)) else {
		return if period(latest.finalized) > of {
			Step::Stuck(Stuck::MissedPeriod { period: of })
		} else {
			Step::Wait(Wait::CommitteeNotFinal { period: of })
		};
	};
	if !offer.is_signed() {
		return Step::Wait(Wait::TooFewSigners { signers: offer.signers });
	}
	let reach = client.slot + PERIOD;
	if offer.finalized > reach {
		return Step::Between { from: offer.finalized - PERIOD, to: of * PERIOD - 1 };
	}
	Step::Committee { period: of }
}

fn header(client: Client, latest: Offer, wanted: Option<u64>) -> Step {
	let now = period(client.slot);
	let last_period = now + u64::from(client.next_known);
	if latest.finalized <= client.slot {
		return Step::Wait(Wait::NothingNew);
	}
	if period(latest.finalized) > now || period(latest.signature) > last_period {
		return Step::Wait(Wait::CommitteeNotFinal { period: now });
	}
	if !latest.is_signed() {
		return Step::Wait(Wait::TooFewSigners { signers: latest.signers });
	}
	let free = client.slot + client.interval;
	let needed = wanted.is_some_and(|slot| client.slot < slot && slot <= latest.finalized);
	if latest.finalized < free && !needed {
		return Step::Wait(Wait::NotFreeYet { from: free });
	}
	Step::Header
}

#[cfg(test)]
mod tests {
	use super::*;

	const P: u64 = 100 * PERIOD;

	fn client(slot: u64, next_known: bool) -> Client {
		Client { slot, next_known, halted: false, interval: 32 }
	}

	/// Finality that is as far behind as Ethereum's.
	fn offer(finalized: u64) -> Offer {
		Offer { attested: finalized + 64, finalized, signature: finalized + 65, signers: 512 }
	}

	#[test]
	fn headers_follow_when_they_are_free_or_a_deposit_needs_them() {
		let at = client(P + 320, true);
		assert_eq!(next(at, offer(P + 352), None, None), Step::Header);
		assert_eq!(next(at, offer(P + 320), None, None), Step::Wait(Wait::NothingNew));
		// A beacon node that lags behind the chain.
		assert_eq!(next(at, offer(P + 96), None, Some(P + 321)), Step::Wait(Wait::NothingNew));
		let at = Client { interval: 64, ..at };
		let wait = Step::Wait(Wait::NotFreeYet { from: P + 384 });
		assert_eq!(next(at, offer(P + 352), None, None), wait);
		assert_eq!(next(at, offer(P + 352), None, Some(P + 352)), Step::Header);
		assert_eq!(next(at, offer(P + 352), None, Some(P + 353)), wait);
		// A deposit whose slot the client has by now needs nothing more.
		assert_eq!(next(at, offer(P + 352), None, Some(P + 320)), wait);
	}

	#[test]
	fn a_halted_client_is_left_alone() {
		let at = Client { halted: true, ..client(P, true) };
		assert_eq!(next(at, offer(P + 352), None, Some(P + 1)), Step::Stuck(Stuck::Halted));
	}

	#[test]
	fn two_thirds_must_have_signed() {
		let few = Offer { signers: 341, ..offer(P + 352) };
		let wait = Step::Wait(Wait::TooFewSigners { signers: 341 });
		assert_eq!(next(client(P, true), few, None, None), wait);
		assert_eq!(next(client(P, false), offer(P + 352), Some(few), None), Step::Header);
		assert_eq!(next(client(P, true), Offer { signers: 342, ..few }, None, None), Step::Header);
	}

	#[test]
	fn the_missing_committee_comes_first() {
		let step = next(client(P + 320, false), offer(P + 640), Some(offer(P + 352)), None);
		assert_eq!(step, Step::Committee { period: 100 });
		// It may be proven by a header that the client has passed already.
		let step = next(client(P + 320, false), offer(P + 640), Some(offer(P + 64)), None);
		assert_eq!(step, Step::Committee { period: 100 });
	}

	#[test]
	fn headers_go_on_while_the_committee_is_not_final() {
		// The update of the period is signed in it, but what it finalises is older.
		let early = Offer { finalized: P - 32, ..offer(P + 40) };
		assert_eq!(next(client(P, false), offer(P + 64), Some(early), None), Step::Header);
		assert_eq!(next(client(P, false), offer(P + 64), None, None), Step::Header);
		// But not past the period: the next one's signatures could not be checked.
		let end = P + PERIOD - 64;
		let wait = Step::Wait(Wait::CommitteeNotFinal { period: 100 });
		assert_eq!(next(client(P + 64, false), offer(end), None, None), wait);
	}

	#[test]
	fn a_period_is_crossed_by_the_update_that_names_the_committee_after_it() {
		let at = client(P + PERIOD - 64, true);
		let q = P + PERIOD;
		assert_eq!(next(at, offer(q - 32), None, None), Step::Header);
		let step = next(at, offer(q + 64), Some(offer(q + 32)), None);
		assert_eq!(step, Step::Committee { period: 101 });
		let wait = Step::Wait(Wait::CommitteeNotFinal { period: 101 });
		assert_eq!(next(at, offer(q + 64), None, Some(q + 1)), wait);
		// An update of the old period does not do.
		assert_eq!(next(at, offer(q + 64), Some(offer(q - 640)), None), wait);
	}

	#[test]
	fn no_gap_is_ever_longer_than_what_can_be_proven() {
		let at = client(P + 64, true);
		let far = P + PERIOD + 4_000;
		let step = next(at, offer(far + 640), Some(offer(far)), None);
		assert_eq!(step, Step::Between { from: far - PERIOD, to: P + PERIOD - 1 });
		// Exactly as long as allowed.
		let edge = P + 64 + PERIOD;
		let step = next(at, offer(far + 640), Some(offer(edge)), None);
		assert_eq!(step, Step::Committee { period: 101 });
		let step = next(at, offer(far + 640), Some(offer(edge + 1)), None);
		assert!(matches!(step, Step::Between { .. }));
	}

	#[test]
	fn a_client_of_long_ago_catches_up_period_by_period() {
		let mut at = client(P + 7_000, true);
		let head = offer(P + 10 * PERIOD + 1_000);
		for of in 101..110 {
			let step = next(at, head, Some(offer(of * PERIOD + 5_000)), None);
			assert_eq!(step, Step::Committee { period: of });
			at = client(of * PERIOD + 5_000, true);
		}
		let step = next(at, head, Some(offer(P + 10 * PERIOD + 200)), None);
		assert_eq!(step, Step::Committee { period: 110 });
		assert_eq!(next(client(P + 10 * PERIOD + 200, true), head, None, None), Step::Header);
	}

	#[test]
	fn a_missed_period_is_named() {
		let stuck = |period| Step::Stuck(Stuck::MissedPeriod { period });
		let head = offer(P + 3 * PERIOD);
		assert_eq!(next(client(P, false), head, None, None), stuck(100));
		assert_eq!(next(client(P, true), head, None, None), stuck(101));
		assert!(Stuck::MissedPeriod { period: 101 }.to_string().contains("another beacon node"));
	}

	/// The rules of the pallet, again.
	fn accepts(client: Client, offer: Offer, with_committee: bool) -> bool {
		let now = period(client.slot);
		let signature = period(offer.signature);
		let follows = signature == now || (client.next_known && signature == now + 1);
		let relevant = offer.attested > client.slot || (!client.next_known && with_committee);
		let enough = with_committee || period(offer.finalized) == now;
		let in_place = client.next_known || !with_committee || period(offer.finalized) == now;
		follows && relevant && enough && in_place && offer.finalized <= client.slot + PERIOD
	}

	#[test]
	fn what_is_submitted_satisfies_the_pallet() {
		let mut submitted = 0;
		for known in [false, true] {
			for slot in (P..P + PERIOD).step_by(480) {
				for head in (P..P + 3 * PERIOD).step_by(416) {
					let of = period(slot) + u64::from(known && period(head) > period(slot));
					for best in (of * PERIOD..(of + 1) * PERIOD).step_by(1_024) {
						let at = client(slot, known);
						match next(at, offer(head), Some(offer(best)), Some(slot + 1)) {
							Step::Header => assert!(accepts(at, offer(head), false)),
							Step::Committee { .. } => assert!(accepts(at, offer(best), true)),
							_ => continue,
						}
						submitted += 1;
					}
				}
			}
		}
		assert!(submitted > 1_000, "only {submitted} cases submit something");
	}
}
