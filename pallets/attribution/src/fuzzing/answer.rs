//! Openings, disclosures and evidence, brought against an honest batch that is being asked for.

use super::{
	input::Input,
	scene::{dispatch, person, Scene},
};
use crate::{mock::*, *};
use codec::Encode;
use core::cell::RefCell;
use frame_support::dispatch::GetDispatchInfo;
use openledger_primitives::content::{ContentTree, CHUNK};
use openledger_settlement::{retrieval::Evidence, STEP};

type Disclosures = BoundedVec<Disclosure, ConstU32<MAX_DISCLOSURES>>;

/// The number of the batch.
const BATCH: BatchNumber = 0;

thread_local! {
	static SCENE: RefCell<Scene> = RefCell::new(Scene::asked());
}

/// Whatever is brought, the honest batch stands. What it weighs follows from its length.
pub fn answer(data: &[u8]) {
	SCENE.with_borrow_mut(|scene| {
		let mut input = Input(data);
		let (who, flags) = (input.byte(), input.byte());
		let (model, batch) = (MODEL, BATCH);
		let call = match flags & 1 {
			0 => opened(&mut input, scene, flags).map(|(opening, disclosures)| {
				let opening = Box::new(opening);
				Call::open { model, batch, opening, disclosures }
			}),
			_ => challenged(&mut input, scene, flags).map(|(opening, challenge)| {
				let (opening, challenge) = (Box::new(opening), Box::new(challenge));
				Call::wrong_credit { model, batch, opening, challenge }
			}),
		};
		let Some(call) = call.map(RuntimeCall::Attribution) else { return };
		weighed(&call);
		scene.play(|people| {
			let before = Attribution::batch(MODEL, BATCH).unwrap();
			let accepted = dispatch(call, person(people, who));
			let after = Attribution::batch(MODEL, BATCH).expect("an honest batch stands");
			assert_eq!(after.trace, before.trace);
			assert_eq!(after.status, Status::Pending);
			if accepted {
				let answered = after.drawn != before.drawn || after.demands < before.demands;
				assert!(answered, "what nobody asks for is refused");
				check();
			}
		});
	});
}

/// Whether what is brought is from anywhere, or honest but for some changes.
fn from_anywhere(flags: u8) -> bool {
	flags & 2 > 0
}

fn opened(input: &mut Input, scene: &Scene, flags: u8) -> Option<(Opening, Disclosures)> {
	if from_anywhere(flags) {
		return input.decode();
	}
	let opening = step(input, scene);
	let count = input.byte() % (MAX_DISCLOSURES as u8 + 1);
	let disclosures = (0..count).map(|_| {
		let place = input.below(opening.receipts.len()) as u32;
		disclosure(&scene.sales, opening.step * STEP + place)
	});
	let disclosures = disclosures.collect::<Vec<_>>().try_into().unwrap();
	input.changed(&(opening, disclosures))
}

fn challenged(input: &mut Input, scene: &Scene, flags: u8) -> Option<(Opening, CreditChallenge)> {
	if from_anywhere(flags) {
		return input.decode();
	}
	let opening = Opening { nodes: vec![], ..step(input, scene) };
	let place = input.below(opening.receipts.len()) as u32;
	let at = (opening.step * STEP + place) as usize;
	let citations = scene.sales.citations[at].clone();
	let citation = input.below(citations.len()) as u32;
	let cited = &citations[citation as usize];
	let evidence = match input.byte() % 3 {
		0 => Evidence::Sum,
		1 => Evidence::Absent { citation },
		_ => {
			let bytes = content(cited.index);
			let chunk = bytes.chunks(CHUNK).nth(cited.chunk as usize).unwrap().to_vec();
			let proof = ContentTree::of(&bytes).prove(cited.chunk).unwrap();
			Evidence::Differs { citation, chunk, proof }
		}
	};
	input.changed(&(opening, CreditChallenge { receipt: place as u8, citations, evidence }))
}

/// An honest step.
fn step(input: &mut Input, scene: &Scene) -> Opening {
	scene.openings[input.below(scene.openings.len())].clone()
}

/// What a call declares is not more than its bytes account for. Weights are sizes here: receipts and
/// payers in the place of computing time, kibibytes in that of the proof.
fn weighed(call: &RuntimeCall) {
	let declared = call.get_dispatch_info().call_weight;
	let bytes = call.encoded_size() as u64;
	let receipts = u64::from(STEP).max(bytes.div_ceil(2_048));
	assert!(declared.ref_time() <= receipts + u64::from(MAX_PAYERS), "{declared:?}");
	assert!(declared.proof_size() <= bytes.div_ceil(1_024) + u64::from(MAX_DISCLOSURES));
}
