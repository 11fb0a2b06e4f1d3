//! Calls of everybody, of all pallets, one after the other while time passes.

use super::{
	input::Input,
	scene::{dispatch, person, Scene},
};
use crate::mock::{change_epoch, check, pass, RuntimeCall};
use core::cell::RefCell;

/// The most calls.
const MOST: usize = 24;

thread_local! {
	static SCENE: RefCell<Scene> = RefCell::new(Scene::asked());
}

/// What everybody can do keeps every invariant.
pub fn call(data: &[u8]) {
	SCENE.with_borrow_mut(|scene| {
		scene.play(|people| {
			let mut input = Input(data);
			for _ in 0..MOST {
				let who = person(people, input.byte());
				match input.byte() {
					blocks @ 0..100 => pass(blocks.into()),
					100..150 => change_epoch(),
					_ => {}
				}
				let Some(call) = input.decode::<RuntimeCall>() else { break };
				dispatch(call, who);
			}
			check();
		});
	});
}
