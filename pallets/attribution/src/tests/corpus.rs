//! The fuzzers' corpus, in `fuzz/corpus`: what was found once is tried with every change.

use super::*;
use crate::fuzzing::{Target, TARGETS};
use codec::Encode;
use openledger_settlement::{
	build::Batch as Built,
	retrieval::Evidence,
	sample::{context, receipts, Random, Shape},
	voucher::Bought,
};
use std::{fs, path::PathBuf};

fn folder(target: &str) -> PathBuf {
	PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target)
}

/// The inputs of all targets.
fn inputs() -> Vec<(Target, PathBuf, Vec<u8>)> {
	let of = |(name, target): (&str, Target)| {
		let files = fs::read_dir(folder(name)).unwrap().map(|file| file.unwrap().path());
		let mut files: Vec<_> = files.collect();
		files.sort();
		assert!(!files.is_empty(), "{name} has no corpus");
		files.into_iter().map(move |file| (target, file.clone(), fs::read(file).unwrap()))
	};
	TARGETS.into_iter().flat_map(of).collect()
}

#[test]
fn every_input_of_the_corpus() {
	for (target, file, input) in inputs() {
		// Is shown if it panics.
		println!("{}", file.display());
		target(&input);
	}
}

/// What a fuzzer does, without one.
#[test]
fn inputs_near_those_of_the_corpus() {
	let mut random = Random(1);
	for (target, file, input) in inputs() {
		for _ in 0..20 {
			let mut input = input.clone();
			for _ in 0..1 + random.below(3) {
				let at = random.below(input.len() as u32) as usize;
				match random.below(4) {
					_ if input.is_empty() => input.push(random.next() as u8),
					0 => input.truncate(at),
					1 => input.insert(at, random.next() as u8),
					2 => input.extend(random.hash().0),
					_ => input[at] = random.next() as u8,
				}
			}
			println!("near {}: {input:?}", file.display());
			target(&input);
		}
	}
}

/// Writes what fuzzers begin with: inputs that get far.
#[test]
#[ignore = "writes to fuzz/corpus"]
fn seeds() {
	let write = |target: &str, name: &str, input: Vec<u8>| {
		fs::create_dir_all(folder(target)).unwrap();
		fs::write(folder(target).join(name), input).unwrap();
	};

	let shape = Shape { receipts: 70, payers: 6, contributions: 40, credits: 5, private: 4 };
	let context = context(&shape);
	let receipts = receipts(&shape, &context, &mut Random(1));
	let batch = Built::build(context, vec![Bought::default(); 6], receipts).unwrap();
	for step in 0..3 {
		write("opening", &format!("honest-{step}"), vec![step + 1]);
	}
	write("opening", "encoded", [vec![0], batch.open(2).unwrap().encode()].concat());
	write("opening", "a-node-changed", vec![2, 1, 3, 0, 0, 7, 0, 1]);
	write(
		"opening",
		"nodes-changed",
		vec![3, 3, 0, 0, 1, 1, 0, 9, 4, 0, 3, 2, 0, 5, 6, 0, 2, 1, 0],
	);
	write("opening", "bytes-changed", vec![1, 0, 0, 40, 0, 1, 2, 90, 0, 5, 8, 0, 20, 0, 16]);

	let mut random = Random(2);
	for nth in 0..8 {
		let input = (0..24 * (nth + 1)).flat_map(|_| random.hash().0).collect();
		write("execute", &format!("chance-{nth}"), input);
	}
	write("execute", "nothing", vec![]);

	write("retrieval", "no-citations", vec![0]);
	for kind in 0..3 {
		let input = vec![0, 3, 0, 5, 0, 0, 0, 9, 1, 5, 0, 1, 0, 3, 0, 6, 0, 1, 0, 2, 0, 1, 0, kind];
		write("retrieval", &format!("honest-{kind}"), input);
	}

	build_and_execute(|| {
		let sales = sell(100, true, 1);
		let batch = build(&sales);
		let submission = submission(&batch);
		write("submission", "honest", vec![1]);
		write("submission", "encoded", [vec![0], submission.encode()].concat());
		write("submission", "signed-and-committed", vec![0b1111, 0, 30, 0, 1]);
		write("submission", "balanced", vec![0b0011, 0, 5, 2, 1]);
		write("submission", "of-a-stranger", vec![0b0001_0001]);

		let opening = batch.open(1).unwrap();
		let brought = (&opening, vec![disclosure(&sales, 34), disclosure(&sales, 40)]);
		write("answer", "to-a-demand", vec![2, 0, 0, 0, 1, 3, 0]);
		write("answer", "to-private-ones", vec![2, 0, 1, 0, 0]);
		write("answer", "with-all-disclosures", vec![7, 0, 3, 0, 4, 0, 0, 1, 0, 2, 0, 3, 0]);
		write("answer", "encoded", [vec![5, 2], brought.encode()].concat());
		for kind in 0..3 {
			let input = vec![5, 1, 1, 0, 4, 0, 2, 0, kind];
			write("answer", &format!("evidence-{kind}"), input);
		}
		let citations = sales.citations[34].clone();
		let evidence = Evidence::Absent { citation: 0 };
		let challenge = CreditChallenge { receipt: 2, citations, evidence };
		write("answer", "evidence-encoded", [vec![5, 3], (opening, challenge).encode()].concat());
		let receipt = &sales.receipts[34];
		let brought = (receipt, &sales.citations[34], Evidence::Sum);
		write(
			"retrieval",
			"encoded",
			[vec![1, TOP, 0, 0, 0, 0, 0, 0, 0, 0], brought.encode()].concat(),
		);

		// The scene has the batch, and demands of receipts 3, 33 and 98: this is what is called there.
		let number = submit(&batch);
		let next = build(&sell(6, false, 2));
		let next = Box::new(crate::mock::submission(&next));
		let by = |who: &str| PEOPLE.iter().position(|name| *name == who).unwrap() as u8;
		let (model, batch) = (MODEL, number);
		let act = |who: &str, time: u8, call: Call<Test>| {
			([by(who), time], RuntimeCall::Attribution(call)).encode()
		};
		let still = 255;
		let stake = |who, amount| act(who, still, Call::stake { amount });
		let attest = |who| act(who, still, Call::attest { model, batch });
		let silence = [
			act("stranger", 60, Call::expire_demand { model, batch, receipt: 33 }),
			act("stranger", 0, Call::release_demand { model, batch, receipt: 3 }),
			act("stranger", 40, Call::expire_orphan { model, batch }),
		];
		write("call", "silence", silence.concat());
		let attestation = [
			stake("attestor-1", MIN_STAKE),
			stake("attestor-2", 2 * MIN_STAKE),
			attest("attestor-1"),
			attest("attestor-2"),
			act("attestor-1", still, Call::leave {}),
			act("stranger", 99, Call::finalise { model, batch, most: 9 }),
			act("stranger", 99, Call::release_attestor { attestor: account("attestor-1") }),
		];
		write("call", "attestation", attestation.concat());
		let demands = [
			act("operator", still, Call::submit_batch { model, submission: next }),
			act("watcher", 2, Call::demand { model, batch: batch + 1, receipt: 5 }),
			act("watcher", 120, Call::expire_draws { model, batch: batch + 1 }),
			act("operator", 0, Call::close { model, batch }),
		];
		write("call", "demands", demands.concat());
	});
}
