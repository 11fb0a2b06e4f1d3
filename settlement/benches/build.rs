//! How long a batch takes to build, and one of its steps to open. Prints one line of JSON.
//!
//! `cargo bench -p openledger-settlement -- RECEIPTS`

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used)]

use openledger_settlement::{
	build::Batch,
	chain::Chain,
	opening::{check, Verdict},
	sample::{context, receipts, Random, Shape},
	voucher::Bought,
};
use std::time::Instant;

/// The most memory that this process has used, in MiB.
fn rss_mib() -> u64 {
	let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()).unwrap_or(0)
		/ 1024
}

fn main() {
	let wanted = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
	let shape = Shape {
		receipts: wanted.unwrap_or(1_000_000),
		payers: 100,
		contributions: 1_000,
		credits: 8,
		private: 0,
	};
	let context = context(&shape);
	let receipts = receipts(&shape, &context, &mut Random(1));
	let made_rss = rss_mib();

	let start = Instant::now();
	let batch = Batch::build(context.clone(), vec![Bought::default(); 100], receipts).unwrap();
	let build_seconds = start.elapsed().as_secs_f64();

	let (trace, chain) = (batch.trace(), Chain::default());
	let mut opening_ms = Vec::new();
	let mut bytes = Vec::new();
	for step in [trace.steps() / 2 - 1, trace.steps() / 3, trace.steps() - 1] {
		let start = Instant::now();
		let opening = batch.open(step).unwrap();
		opening_ms.push(start.elapsed().as_millis());
		bytes.push(codec::Encode::encoded_size(&opening));
		assert_eq!(check(&opening, &trace, &context, &chain), Ok(Verdict::Holds));
	}
	println!(
		r#"{{"receipts":{},"build_seconds":{build_seconds:.1},"opening_ms_max":{},"opening_bytes_max":{},"rss_mib":{},"rss_mib_before":{made_rss}}}"#,
		shape.receipts,
		opening_ms.iter().max().unwrap(),
		bytes.iter().max().unwrap(),
		rss_mib(),
	);
}
