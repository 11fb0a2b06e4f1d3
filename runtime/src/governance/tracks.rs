//! The tracks of referenda: who may decide what, how fast, against which turnout.
//!
//! One table for every build. Only the periods shrink in a fast runtime, each by the same rule,
//! so that tests run the curves that voters live with.

use super::origins::Origin;
use crate::{Balance, BlockNumber, OriginCaller};
use alloc::borrow::Cow;
use openledger_primitives::{
	time::{prod_or_fast, DAYS, HOURS, MINUTES},
	units::OPEN,
};
use pallet_referenda::{Curve, Track, TrackInfo};
use sp_runtime::str_array as s;

const fn percent(x: i32) -> sp_runtime::FixedI64 {
	sp_runtime::FixedI64::from_rational(x as u128, 100)
}

const fn permill(x: i32) -> sp_runtime::FixedI64 {
	sp_runtime::FixedI64::from_rational(x as u128, 1_000)
}

/// Periods: prepare, decide, confirm, enact.
const fn periods(
	prepare: BlockNumber,
	decision: BlockNumber,
	confirm: BlockNumber,
	enactment: BlockNumber,
) -> [BlockNumber; 4] {
	[
		prod_or_fast(prepare, 2),
		prod_or_fast(decision, 60),
		prod_or_fast(confirm, 3),
		prod_or_fast(enactment, 2),
	]
}

const fn track(
	id: u16,
	name: &str,
	max_deciding: u32,
	decision_deposit: Balance,
	periods: [BlockNumber; 4],
	min_approval: Curve,
	min_support: Curve,
) -> Track<u16, Balance, BlockNumber> {
	let [prepare_period, decision_period, confirm_period, min_enactment_period] = periods;
	Track {
		id,
		info: TrackInfo {
			name: s(name),
			max_deciding,
			decision_deposit,
			prepare_period,
			decision_period,
			confirm_period,
			min_enactment_period,
			min_approval,
			min_support,
		},
	}
}

/// The table, sorted by id. Decision deposits rise with what a track can do.
const TRACKS: [Track<u16, Balance, BlockNumber>; 14] = [
	track(
		0,
		"root",
		1,
		10_000 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 24 * HOURS, 24 * HOURS),
		Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100)),
		Curve::make_linear(28, 28, permill(0), percent(50)),
	),
	track(
		1,
		"whitelisted_caller",
		100,
		1_000 * OPEN,
		periods(30 * MINUTES, 28 * DAYS, 10 * MINUTES, 10 * MINUTES),
		Curve::make_reciprocal(16, 28 * 24, percent(96), percent(50), percent(100)),
		Curve::make_reciprocal(1, 28, percent(20), percent(5), percent(50)),
	),
	track(
		10,
		"staking_admin",
		10,
		500 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 3 * HOURS, 10 * MINUTES),
		Curve::make_linear(17, 28, percent(50), percent(100)),
		Curve::make_reciprocal(12, 28, percent(1), percent(0), percent(50)),
	),
	track(
		11,
		"treasurer",
		10,
		100 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 3 * DAYS, 24 * HOURS),
		Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100)),
		Curve::make_linear(28, 28, percent(0), percent(50)),
	),
	track(
		12,
		"attribution_admin",
		10,
		500 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 24 * HOURS, 24 * HOURS),
		Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100)),
		Curve::make_reciprocal(10, 28, percent(10), percent(0), percent(50)),
	),
	track(
		13,
		"bridge_admin",
		10,
		1_000 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 24 * HOURS, 24 * HOURS),
		Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100)),
		Curve::make_reciprocal(10, 28, percent(10), percent(0), percent(50)),
	),
	track(
		14,
		"general_admin",
		10,
		500 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 3 * HOURS, 10 * MINUTES),
		Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100)),
		Curve::make_reciprocal(7, 28, percent(10), percent(0), percent(50)),
	),
	track(
		20,
		"referendum_canceller",
		1_000,
		1_000 * OPEN,
		periods(2 * HOURS, 7 * DAYS, 3 * HOURS, 10 * MINUTES),
		Curve::make_linear(17, 28, percent(50), percent(100)),
		Curve::make_reciprocal(12, 28, percent(1), percent(0), percent(50)),
	),
	track(
		21,
		"referendum_killer",
		1_000,
		5_000 * OPEN,
		periods(2 * HOURS, 28 * DAYS, 3 * HOURS, 10 * MINUTES),
		Curve::make_linear(17, 28, percent(50), percent(100)),
		Curve::make_reciprocal(12, 28, percent(1), percent(0), percent(50)),
	),
	track(
		30,
		"small_tipper",
		200,
		OPEN,
		periods(MINUTES, 7 * DAYS, 10 * MINUTES, MINUTES),
		Curve::make_linear(10, 28, percent(50), percent(100)),
		Curve::make_reciprocal(1, 28, percent(4), percent(0), percent(50)),
	),
	track(
		31,
		"big_tipper",
		100,
		10 * OPEN,
		periods(10 * MINUTES, 7 * DAYS, HOURS, 10 * MINUTES),
		Curve::make_linear(10, 28, percent(50), percent(100)),
		Curve::make_reciprocal(8, 28, percent(1), percent(0), percent(50)),
	),
	track(
		32,
		"small_spender",
		50,
		100 * OPEN,
		periods(4 * HOURS, 28 * DAYS, 12 * HOURS, 24 * HOURS),
		Curve::make_linear(8, 28, percent(50), percent(100)),
		Curve::make_reciprocal(2, 28, percent(10), percent(0), percent(50)),
	),
	track(
		33,
		"medium_spender",
		50,
		200 * OPEN,
		periods(4 * HOURS, 28 * DAYS, 24 * HOURS, 24 * HOURS),
		Curve::make_linear(23, 28, percent(50), percent(100)),
		Curve::make_reciprocal(16, 28, percent(1), percent(0), percent(50)),
	),
	track(
		34,
		"big_spender",
		50,
		400 * OPEN,
		periods(4 * HOURS, 28 * DAYS, 48 * HOURS, 24 * HOURS),
		Curve::make_linear(28, 28, percent(50), percent(100)),
		Curve::make_reciprocal(20, 28, percent(1), percent(0), percent(50)),
	),
];

/// The tracks, for the referenda pallet.
pub struct Tracks;

impl pallet_referenda::TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		static TABLE: [Track<u16, Balance, BlockNumber>; TRACKS.len()] = TRACKS;
		TABLE.iter().map(Cow::Borrowed)
	}

	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(0),
			OriginCaller::Origins(origin) => Ok(match origin {
				Origin::WhitelistedCaller => 1,
				Origin::StakingAdmin => 10,
				Origin::Treasurer => 11,
				Origin::AttributionAdmin => 12,
				Origin::BridgeAdmin => 13,
				Origin::GeneralAdmin => 14,
				Origin::ReferendumCanceller => 20,
				Origin::ReferendumKiller => 21,
				Origin::SmallTipper => 30,
				Origin::BigTipper => 31,
				Origin::SmallSpender => 32,
				Origin::MediumSpender => 33,
				Origin::BigSpender => 34,
			}),
			_ => Err(()),
		}
	}
}
