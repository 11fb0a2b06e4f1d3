//! Test vectors for other implementations: `vectors/` is what this crate computes, and stays so.
//!
//! `OPENLEDGER_WRITE_VECTORS=1 cargo test -p openledger-settlement --test vectors` writes them anew.

#![allow(
	missing_docs,
	clippy::arithmetic_side_effects,
	clippy::unwrap_used,
	clippy::indexing_slicing
)]

use codec::Encode;
use openledger_primitives::{content::ContentId, records::ContributionRef, tree};
use openledger_settlement::{
	build::{Batch, Rule, TheRule},
	chain::{Chain, Head, TAG},
	diff::{commit, ends, Increase},
	draws::{self, Draw, DRAWS},
	execute::{execute, Context, Failure, Wrong},
	opening::{check, Malformed, Opening, Verdict},
	price::{fee, Price},
	receipt::{total_weight, Core, Credit, Receipt},
	retrieval::{credits, matches, Citation, Citations},
	sample::{context, receipts, Random, Shape},
	split::{payout, split, split_earned, split_model, EarnedSplit, Split, Terms},
	state::{contribution_key, empty_root, payer_key, Earned, State, Tables, Totals, TOTALS_KEY},
	trace::{hash_of, leaf_hash, Leaf, Trace},
	voucher::{message, wrapped, Bought},
	Nano, LIMIT, MAX_RECEIPTS, STEP, WEIGHT_LIMIT,
};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_koala_bear::{
	default_koalabear_poseidon2_16, KoalaBear, KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
	KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, KOALABEAR_POSEIDON2_RC_16_INTERNAL,
};
use p3_symmetric::Permutation;
use serde_json::{json, Value};
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	AccountId32, MultiSignature, Permill,
};
use sp_trie::{CompactProof, StorageProof};
use std::{collections::BTreeSet, fs, path::Path};

/// Compares a file with what it must be, or writes it.
fn same(name: &str, value: Value) {
	// Tests run in the crate's folder; one that is compiled in may be that of another checkout.
	let path = Path::new("vectors").join(name);
	if std::env::var_os("OPENLEDGER_WRITE_VECTORS").is_some() {
		let mut text = String::new();
		show(&value, 0, &mut text);
		text.push('\n');
		fs::write(&path, text).unwrap();
	}
	let text = fs::read_to_string(&path).unwrap();
	let there: Value = serde_json::from_str(&text).unwrap();
	assert!(there == value, "{name} is not what this crate computes");
}

/// Writes JSON so that people can read it: what fits on a line stays on one, keys ascend.
fn show(value: &Value, depth: usize, text: &mut String) {
	let line = value.to_string();
	let items: Vec<(String, &Value)> = match value {
		Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
		Value::Object(fields) => {
			let mut fields: Vec<_> = fields.iter().collect();
			fields.sort_by_key(|(key, _)| *key);
			fields.into_iter().map(|(key, field)| (format!("\"{key}\": "), field)).collect()
		}
		_ => Vec::new(),
	};
	let numbers =
		!items.is_empty() && items.iter().all(|(key, item)| key.is_empty() && item.is_u64());
	let short = depth > 0 && line.len() <= 120 && !line.contains(":{");
	if items.is_empty() || numbers || short {
		text.push_str(&line);
		return;
	}
	let [open, close] = if value.is_array() { ['[', ']'] } else { ['{', '}'] };
	text.push(open);
	for (nth, (key, item)) in items.iter().enumerate() {
		text.push_str(if nth == 0 { "\n" } else { ",\n" });
		text.push_str(&"\t".repeat(depth + 1));
		text.push_str(key);
		show(item, depth + 1, text);
	}
	text.push('\n');
	text.push_str(&"\t".repeat(depth));
	text.push(close);
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
	let digits = bytes.as_ref().iter().map(|byte| format!("{byte:02x}"));
	std::iter::once("0x".into()).chain(digits).collect()
}

fn scale(value: &impl Encode) -> String {
	hex(value.encode())
}

/// A number of 64 bits, which JSON's readers may not hold.
fn long(number: u64) -> Value {
	Value::String(number.to_string())
}

fn elements(elements: &[KoalaBear]) -> Value {
	json!(elements.iter().map(|element| element.as_canonical_u32()).collect::<Vec<_>>())
}

fn core_json(core: &Core) -> Value {
	json!({
		"version": core.version,
		"epoch": core.epoch,
		"tokens_in": core.tokens_in,
		"tokens_out": core.tokens_out,
		"fee": long(core.fee),
		"output": hex(core.output.0),
		"private": core.private,
	})
}

fn credit_json(credit: &Credit) -> Value {
	json!({ "datanet": credit.datanet, "index": credit.index, "weight": credit.weight })
}

fn receipt_json(receipt: &Receipt) -> Value {
	json!({
		"payer": receipt.payer,
		"core": core_json(&receipt.core),
		"credits": receipt.credits.iter().map(credit_json).collect::<Vec<_>>(),
		"rest": receipt.rest,
		"matches": hex(receipt.matches),
	})
}

fn bought_json(bought: &Bought) -> Value {
	json!({
		"count": long(bought.count),
		"cumulative": long(bought.cumulative),
		"head": hex(bought.head.0),
	})
}

fn totals_json(totals: &Totals) -> Value {
	json!({
		"receipts": long(totals.receipts),
		"fees": long(totals.fees),
		"platform": long(totals.platform),
		"stakers": long(totals.stakers),
		"model": long(totals.model),
		"commons": long(totals.commons),
	})
}

fn increase_json(increase: &Increase) -> Value {
	json!({
		"datanet": increase.datanet,
		"index": increase.index,
		"disclosed": long(increase.earned.disclosed),
		"private": long(increase.earned.private),
	})
}

fn leaf_json(leaf: &Leaf) -> Value {
	json!({ "receipts": hex(leaf.receipts), "state": hex(leaf.state) })
}

fn trace_json(trace: &Trace) -> Value {
	json!({
		"first": hex(trace.first),
		"root": hex(trace.root),
		"receipts": long(trace.receipts),
	})
}

fn proof_json(proof: &tree::Proof) -> Value {
	json!(proof.0.iter().map(hex).collect::<Vec<_>>())
}

fn terms_json(terms: &Terms) -> Value {
	json!({
		"platform_fee": long(terms.platform_fee),
		"stakers": terms.stakers.deconstruct(),
		"model": terms.model.deconstruct(),
		"operator": terms.operator.deconstruct(),
	})
}

fn price_json(price: &Price) -> Value {
	json!({ "rate_in": long(price.rate_in), "rate_out": long(price.rate_out) })
}

fn context_json(context: &Context) -> Value {
	let snapshots = context.snapshots.iter();
	let snapshots = snapshots.map(|of| json!({ "datanet": of.datanet, "length": of.length }));
	json!({
		"version": context.version,
		"epoch": context.epoch,
		"price": price_json(&context.price),
		"terms": terms_json(&context.terms),
		"snapshots": snapshots.collect::<Vec<_>>(),
	})
}

fn core(seed: u64) -> Core {
	Core {
		version: 1,
		epoch: 2,
		tokens_in: 2_000,
		tokens_out: 500,
		fee: 1_300_000,
		output: ContentId(Random(seed).hash()),
		private: false,
	}
}

fn largest_core() -> Core {
	Core {
		version: (1 << 30) - 1,
		epoch: (1 << 30) - 1,
		tokens_in: u32::MAX,
		tokens_out: u32::MAX,
		fee: LIMIT - 1,
		output: ContentId(H256([255; 32])),
		private: true,
	}
}

const P: u64 = 2_130_706_433;

/// What the field's elements of the inner diagonal are, as `matrix = ones + diagonal`.
fn diagonal() -> [u64; 16] {
	let inverse = |power: u32| (0..power).fold(1, |x: u64, _| x * P.div_ceil(2) % P);
	let minus = |x: u64| P - x;
	let [half, eighth, sixteenth] = [1, 3, 4].map(inverse);
	let [small, smallest] = [8, 24].map(inverse);
	[
		minus(2),
		1,
		2,
		half,
		3,
		4,
		minus(half),
		minus(3),
		minus(4),
		small,
		eighth,
		smallest,
		minus(small),
		minus(eighth),
		minus(sixteenth),
		minus(smallest),
	]
}

/// Poseidon2 again, slowly and by the book.
fn permute(mut state: [u64; 16]) -> [u64; 16] {
	let constant = |element: KoalaBear| u64::from(element.as_canonical_u32());
	let cube = |x: u64| x * x % P * x % P;
	let outer = |state: [u64; 16]| {
		const M: [[u64; 4]; 4] = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]];
		let mixed: [u64; 16] = std::array::from_fn(|at| {
			(0..4).map(|column| M[at % 4][column] * state[at / 4 * 4 + column]).sum::<u64>() % P
		});
		std::array::from_fn(|at| {
			(mixed[at] + (0..4).map(|four| mixed[4 * four + at % 4]).sum::<u64>()) % P
		})
	};
	let outer_rounds = |mut state: [u64; 16], constants: &[[KoalaBear; 16]]| {
		for round in constants {
			state = outer(std::array::from_fn(|at| cube((state[at] + constant(round[at])) % P)));
		}
		state
	};
	state = outer_rounds(outer(state), &KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL);
	for round in KOALABEAR_POSEIDON2_RC_16_INTERNAL {
		state[0] = cube((state[0] + constant(round)) % P);
		let sum = state.iter().sum::<u64>() % P;
		let diagonal = diagonal();
		state = std::array::from_fn(|at| (state[at] * diagonal[at] + sum) % P);
	}
	outer_rounds(state, &KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL)
}

fn compress(state: [u64; 16]) -> [u64; 8] {
	let permuted = permute(state);
	std::array::from_fn(|at| (permuted[at] + state[at]) % P)
}

#[test]
fn poseidon() {
	let of = |input: [u64; 16]| {
		let mut state = input.map(KoalaBear::from_u64);
		default_koalabear_poseidon2_16().permute_mut(&mut state);
		let permuted = permute(input);
		assert_eq!(state.map(|element| u64::from(element.as_canonical_u32())), permuted);
		json!({ "input": input, "permuted": permuted, "compressed": compress(input) })
	};
	let mut random = Random(1);
	let rounds = |constants: [[KoalaBear; 16]; 4]| constants.map(|round| elements(&round));
	let value = json!({
		"modulus": P,
		"external_matrix": [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]],
		"internal_diagonal": diagonal(),
		"initial_constants": rounds(KOALABEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL),
		"internal_constants": elements(&KOALABEAR_POSEIDON2_RC_16_INTERNAL),
		"final_constants": rounds(KOALABEAR_POSEIDON2_RC_16_EXTERNAL_FINAL),
		"cases": [
			of([0; 16]),
			of(std::array::from_fn(|at| at as u64)),
			of([P - 1; 16]),
			of(std::array::from_fn(|_| random.next() % P)),
		],
	});
	same("poseidon.json", value);
}

/// A link again, from the words of the documentation.
fn link(head: [u8; 32], core: &Core) -> ([u8; 57], [u64; 24], [u8; 32]) {
	let bytes = [
		&core.version.to_le_bytes()[..],
		&core.epoch.to_le_bytes(),
		&core.tokens_in.to_le_bytes(),
		&core.tokens_out.to_le_bytes(),
		&core.fee.to_le_bytes(),
		&[core.private.into()],
		core.output.0.as_bytes(),
	]
	.concat();
	let mut words = [0; 24];
	words[0] = TAG.into();
	for (word, limb) in words[1..].iter_mut().zip(bytes.chunks(3)) {
		*word = u64::from(limb[0]) | u64::from(limb[1]) << 8 | u64::from(limb[2]) << 16;
	}
	let mut digest: [u64; 8] = std::array::from_fn(|at| {
		u32::from_le_bytes(head[4 * at..4 * at + 4].try_into().unwrap()).into()
	});
	for block in words.chunks(8) {
		digest = compress([&digest[..], block].concat().try_into().unwrap());
	}
	let head: Vec<u8> = digest.iter().flat_map(|word| (*word as u32).to_le_bytes()).collect();
	(bytes.try_into().unwrap(), words, head.try_into().unwrap())
}

#[test]
fn chain() {
	let mut small = core(3);
	(small.tokens_in, small.tokens_out, small.fee) = (0, 0, 0);
	let mut hidden = core(2);
	hidden.private = true;
	let mut head = Head::default();
	let links = [core(2), hidden, small, largest_core(), core(4)].map(|core| {
		let before = head;
		head = Chain::default().link(before, &core);
		let (bytes, words, after) = link(before.0, &core);
		assert_eq!(head.0, after);
		assert!(head.is_canonical());
		json!({
			"core": core_json(&core),
			"scale": scale(&core),
			"bytes": hex(bytes),
			"elements": words,
			"before": hex(before.0),
			"after": hex(after),
		})
	});
	same("chain.json", json!({ "tag": TAG, "links": links }));
}

#[test]
fn vouchers() {
	let mut random = Random(5);
	let pair = ed25519::Pair::from_seed(&[7; 32]);
	let account = AccountId32::from(pair.public());
	let head = Chain::default().link(Head::default(), &core(2));
	let vouchers = [
		(0, Bought { count: 1, cumulative: 1_300_000, head }),
		((1 << 30) - 1, Bought { count: u64::MAX, cumulative: LIMIT - 1, head }),
	]
	.map(|(model, bought)| {
		let genesis = random.hash();
		let message = message(genesis, model, &account, &bought);
		let wrapped = wrapped(&message);
		let signed = |message: &[u8]| {
			let signature = pair.sign(message);
			json!({
				"signature": hex(signature),
				"scale": scale(&MultiSignature::from(signature)),
			})
		};
		json!({
			"genesis": hex(genesis),
			"model": model,
			"payer": hex(&account),
			"bought": bought_json(&bought),
			"message": hex(&message),
			"wrapped": hex(&wrapped),
			"ed25519_of_message": signed(&message),
			"ed25519_of_wrapped": signed(&wrapped),
		})
	});
	let value = json!({
		"ed25519_seed": hex([7; 32]),
		"ed25519_public": hex(pair.public()),
		"vouchers": vouchers,
	});
	same("vouchers.json", value);
}

#[test]
fn fees() {
	let mut random = Random(6);
	let price = Price { rate_in: 300_000, rate_out: 1_200_000 };
	let thirds = Price { rate_in: 999, rate_out: 999 };
	let free = Price::default();
	let dear = Price { rate_in: LIMIT - 1, rate_out: 0 };
	let largest = Price { rate_in: Nano::MAX, rate_out: Nano::MAX };
	let mut cases = vec![
		(price, 2_000, 500, 100_000),
		(price, 0, 0, 100_000),
		(price, 1, 1, 0),
		(thirds, 1, 1, 0),
		(thirds, 1_001, 1_001, 0),
		(free, u32::MAX, u32::MAX, 7),
		(free, 0, 0, LIMIT - 1),
		(free, 0, 0, LIMIT),
		(dear, 1_000, 0, 0),
		(dear, 1_000, 0, 1),
		(largest, 1, 0, 0),
		(largest, u32::MAX, u32::MAX, Nano::MAX),
	];
	for _ in 0..8 {
		let price = Price { rate_in: random.next() >> 34, rate_out: random.next() >> 34 };
		cases.push((price, random.below(100_000), random.below(100_000), random.next() >> 44));
	}
	let cases = cases.into_iter().map(|(price, tokens_in, tokens_out, platform_fee)| {
		json!({
			"price": price_json(&price),
			"tokens_in": tokens_in,
			"tokens_out": tokens_out,
			"platform_fee": long(platform_fee),
			"fee": fee(price, tokens_in, tokens_out, platform_fee).map(long),
		})
	});
	same("fees.json", json!(cases.collect::<Vec<_>>()));
}

fn terms(platform_fee: Nano, stakers: u32, model: u32) -> Terms {
	Terms {
		platform_fee,
		stakers: Permill::from_parts(stakers),
		model: Permill::from_parts(model),
		operator: Permill::from_percent(50),
	}
}

#[test]
fn splits() {
	let mut random = Random(7);
	let usual = terms(100_000, 100_000, 300_000);
	let mut cases = vec![
		(1_300_000, usual),
		(100_000, usual),
		(100_001, usual),
		(100_009, usual),
		(99_999, usual),
		(LIMIT - 1, usual),
		(LIMIT - 1, terms(0, 333_333, 333_333)),
		(10, terms(0, 0, 0)),
		(10, terms(0, 500_000, 500_000)),
		(9, terms(0, 999_999, 1)),
		(10, terms(0, 1_000_000, 0)),
		(10, terms(0, 1_000_000, 100_000)),
		(0, terms(0, 1_000_000, 1_000_000)),
		(0, terms(0, 100_000, 300_000)),
	];
	for _ in 0..8 {
		let parts = terms(random.next() >> 50, random.below(450_001), random.below(450_001));
		cases.push((random.next() >> 5, parts));
	}
	let cases = cases.into_iter().map(|(fee, terms)| {
		let split = split(fee, &terms).map(|split| {
			let Split { platform, stakers, model, contributors } = split;
			assert_eq!(platform + stakers + model + contributors, fee);
			json!({
				"platform": long(platform),
				"stakers": long(stakers),
				"model": long(model),
				"contributors": long(contributors),
			})
		});
		json!({ "fee": long(fee), "terms": terms_json(&terms), "split": split })
	});
	same("splits.json", json!(cases.collect::<Vec<_>>()));
}

#[test]
fn payouts() {
	let mut random = Random(8);
	let credit = |(datanet, index, weight)| Credit { datanet, index, weight };
	let mut cases = vec![
		(720_000, vec![(0, 1, 1), (0, 2, 2)], 0),
		(100, vec![(0, 0, 1), (0, 1, 1), (1, 0, 1)], 0),
		(100, vec![(0, 0, 1), (0, 1, 1), (1, 0, 1)], 1),
		(100, vec![], 5),
		(100, vec![], 0),
		(0, vec![(0, 0, 1)], 0),
		(1, vec![(0, 0, 1), (0, 1, 1)], 0),
		(LIMIT - 1, vec![(0, 0, WEIGHT_LIMIT - 1)], 0),
		(LIMIT - 1, vec![(0, 0, 1), (0, 1, WEIGHT_LIMIT - 3)], 1),
		(LIMIT - 1, (0..16).map(|index| (7, index, 65_535)).collect(), 15),
		(100, vec![(0, 0, WEIGHT_LIMIT)], 0),
		(100, vec![(0, 0, 1)], WEIGHT_LIMIT - 1),
		(100, vec![(0, 0, u32::MAX)], u32::MAX),
		(100, vec![(0, 0, 0)], 1),
		(100, vec![(0, 1, 1), (0, 0, 1)], 0),
		(100, vec![(1, 0, 1), (0, 1, 1)], 0),
		(100, vec![(0, 0, 1), (0, 0, 1)], 0),
	];
	for _ in 0..4 {
		let credits = (0..16).map(|index| (3, index, random.below(50_000) + 1)).collect();
		cases.push((random.next() >> 5, credits, random.below(1_000)));
	}
	let cases = cases.into_iter().map(|(contributors, credits, rest)| {
		let credits: Vec<_> = credits.into_iter().map(credit).collect();
		let result = total_weight(&credits, rest).map(|total| {
			let paid: Vec<_> =
				credits.iter().map(|credit| payout(contributors, credit, total)).collect();
			let commons = contributors - paid.iter().sum::<Nano>();
			json!({
				"total_weight": total,
				"payouts": paid.into_iter().map(long).collect::<Vec<_>>(),
				"commons": long(commons),
			})
		});
		json!({
			"contributors": long(contributors),
			"credits": credits.iter().map(credit_json).collect::<Vec<_>>(),
			"rest": rest,
			"result": result,
		})
	});
	same("payouts.json", json!(cases.collect::<Vec<_>>()));
}

#[test]
fn royalties() {
	let mut random = Random(9);
	let mut cases = vec![
		(1_000_000, 500_000, vec![]),
		(1_000_000, 500_000, vec![(200_000, 0)]),
		(1_000_000, 500_000, vec![(200_000, 0), (100_000, 1)]),
		(1_000_000, 500_000, vec![(200_000, 0), (100_000, 1), (50_000, 2)]),
		(1_000_000, 0, vec![(300_000, 0), (300_000, 0), (300_000, 1), (300_000, 1)]),
		(999, 333_333, vec![(300_000, 0), (300_000, 1), (300_000, 2)]),
		(1, 1_000_000, vec![(300_000, 0)]),
		(0, 500_000, vec![(300_000, 0)]),
		(LIMIT - 1, 500_000, vec![(300_000, 0); 3]),
		(1_000, 0, vec![(500_000, 0), (500_000, 0)]),
		(1_000, 0, vec![(600_000, 0), (600_000, 0)]),
		(1_000, 0, vec![(300_000, 1)]),
		(1_000, 0, vec![(300_000, 0), (300_000, 2)]),
		(1_000, 0, vec![(300_000, 255)]),
	];
	for _ in 0..4 {
		let royalties =
			(0..8).map(|at| (random.below(120_001), random.below(at + 1) as u8)).collect();
		cases.push((random.next() >> 20, random.below(1_000_001), royalties));
	}
	let cases = cases.into_iter().map(|(share, operator, royalties)| {
		let parts = Permill::from_parts;
		let list: Vec<_> = royalties.iter().map(|(part, from)| (parts(*part), *from)).collect();
		let result = split_model(share, parts(operator), &list).map(|split| {
			let ancestors: Nano = split.ancestors.iter().sum();
			assert_eq!(split.operator + ancestors + split.owner, share);
			json!({
				"operator": long(split.operator),
				"ancestors": split.ancestors.into_iter().map(long).collect::<Vec<_>>(),
				"owner": long(split.owner),
			})
		});
		let royalties = royalties.iter();
		let royalties = royalties.map(|(part, from)| json!({ "royalty": part, "from": from }));
		json!({
			"share": long(share),
			"operator": operator,
			"royalties": royalties.collect::<Vec<_>>(),
			"result": result,
		})
	});
	same("royalties.json", json!(cases.collect::<Vec<_>>()));
}

#[test]
fn earned() {
	let mut random = Random(13);
	let mut cases = vec![
		(1_000_000, 0, 0),
		(1_000_000, 100_000, 0),
		(1_000_000, 0, 200_000),
		(1_000_000, 100_000, 200_000),
		(999, 333_333, 333_333),
		(9, 100_000, 500_000),
		(1, 999_999, 999_999),
		(0, 100_000, 200_000),
		(10, 1_000_000, 500_000),
		(10, 0, 1_000_000),
		(10, 1_000_000, 1_000_000),
		(LIMIT - 1, 100_000, 500_000),
		(LIMIT - 1, 999_999, 999_999),
		(LIMIT - 1, 1, 1),
	];
	for _ in 0..6 {
		cases.push((random.next() >> 20, random.below(1_000_001), random.below(1_000_001)));
	}
	let cases = cases.into_iter().map(|(amount, curators, penalty)| {
		let parts = Permill::from_parts;
		let split = split_earned(amount, parts(curators), parts(penalty));
		let EarnedSplit { earner, curators: reviewers, commons } = split;
		assert_eq!(earner + reviewers + commons, amount);
		json!({
			"amount": long(amount),
			"curators": curators,
			"penalty": penalty,
			"result": {
				"earner": long(earner),
				"curators": long(reviewers),
				"commons": long(commons),
			},
		})
	});
	same("earned.json", json!(cases.collect::<Vec<_>>()));
}

#[test]
fn encodings() {
	let mut random = Random(10);
	let numbers = [
		0,
		1,
		63,
		64,
		16_383,
		16_384,
		(1 << 30) - 1,
		1 << 30,
		u32::MAX.into(),
		1 << 32,
		LIMIT - 1,
		u64::MAX,
	];
	let compact = |number: u64| json!([long(number), scale(&codec::Compact(number))]);
	let pair = |value: Value, scale: String| json!({ "value": value, "scale": scale });
	let credits = vec![
		Credit { datanet: 0, index: 0, weight: 1 },
		Credit { datanet: 7, index: (1 << 30) - 1, weight: WEIGHT_LIMIT - 6 },
	];
	let receipt = Receipt {
		payer: 1_023,
		core: core(2),
		credits: credits.try_into().unwrap(),
		rest: 4,
		matches: random.hash(),
	};
	let bare = Receipt {
		payer: 0,
		core: largest_core(),
		credits: Default::default(),
		rest: 0,
		matches: H256::zero(),
	};
	let increase = |datanet, index, disclosed, private| Increase {
		datanet,
		index,
		earned: Earned { disclosed, private },
	};
	let increases = [increase(0, 0, 1, 0), increase(7, 70_000, 0, LIMIT - 1)];
	let totals = Totals {
		receipts: 70,
		fees: 1 << 40,
		platform: 7_000_000,
		stakers: 16_384,
		model: 0,
		commons: LIMIT - 1,
	};
	let bought = Bought { count: 3, cumulative: 9, head: Head(random.hash().0) };
	let leaf = Leaf { receipts: random.hash(), state: random.hash() };
	let trace = Trace { first: random.hash(), root: random.hash(), receipts: 70 };
	let key = |datanet, index| {
		let key = hex(contribution_key(ContributionRef { datanet, index }));
		json!({ "datanet": datanet, "index": index, "key": key })
	};
	let payers = [0, 1, 255, 256, 1_023];
	let value = json!({
		"compact": numbers.map(compact),
		"core": ([core(2), largest_core()].map(|core| pair(core_json(&core), scale(&core)))),
		"receipt": ([&receipt, &bare].map(|one| pair(receipt_json(one), scale(one)))),
		"increase": increases.map(|one| pair(increase_json(&one), scale(&one))),
		"diff": scale(&increases.to_vec()),
		"totals": ([totals, Totals::default()].map(|one| pair(totals_json(&one), scale(&one)))),
		"bought": ([bought, Bought::default()].map(|one| pair(bought_json(&one), scale(&one)))),
		"leaf": pair(leaf_json(&leaf), scale(&leaf)),
		"trace": pair(trace_json(&trace), scale(&trace)),
		"payer_key": payers.map(|at| json!({ "position": at, "key": hex(payer_key(at)) })),
		"contribution_key": [key(0, 0), key(7, 70_000), key((1 << 30) - 1, (1 << 30) - 1)],
		"totals_key": hex(TOTALS_KEY),
		"wrong": (0..=u8::MAX)
			.map_while(|at| <Wrong as codec::Decode>::decode(&mut &[at][..]).ok())
			.map(|wrong| json!(format!("{wrong:?}")))
			.collect::<Vec<_>>(),
		"step_hash": [
			pair(json!([]), hex(hash_of(&[]))),
			pair(json!([receipt_json(&receipt)]), hex(hash_of(std::slice::from_ref(&receipt)))),
		],
	});
	same("encodings.json", value);
}

#[test]
fn retrieval() {
	let mut random = Random(11);
	let mut many = |count: u32, contributions: u32, scores: u32| {
		let mut list: Vec<_> = (0..count)
			.map(|_| Citation {
				datanet: 0,
				index: random.below(contributions),
				chunk: random.below(1_000),
				leaf: random.hash(),
				score: random.below(scores) + 1,
			})
			.collect();
		list.sort();
		Citations::try_from(list).unwrap()
	};
	let usual = many(8, 3, 1_000);
	let mut reversed = usual.to_vec();
	reversed.reverse();
	let mut weightless = usual.clone();
	weightless[2].score = 0;
	let mut heavy = usual.clone();
	heavy[0].score = WEIGHT_LIMIT;
	let cases = vec![
		(Citations::default(), 16),
		(many(24, 1_000_000, 500), 255),
		(many(20, 1_000_000, 1), 20),
		(many(20, 1_000_000, 1), 19),
		(Citations::try_from(reversed).unwrap(), 255),
		(weightless, 255),
		(heavy, 255),
		(usual, 8),
	];
	let cases = cases.into_iter().map(|(citations, top)| {
		let result = credits(&citations, top).map(|(credits, rest)| {
			let credits = credits.iter().map(credit_json).collect::<Vec<_>>();
			json!({ "credits": credits, "rest": rest })
		});
		let list = citations.iter().map(|citation| {
			json!({
				"datanet": citation.datanet,
				"index": citation.index,
				"chunk": citation.chunk,
				"leaf": hex(citation.leaf),
				"score": citation.score,
			})
		});
		json!({
			"top": top,
			"citations": list.collect::<Vec<_>>(),
			"scale": scale(&citations),
			"matches": hex(matches(&citations)),
			"result": result,
		})
	});
	same("retrieval.json", json!(cases.collect::<Vec<_>>()));
}

/// The batch of `batch.json`: three payers, one of which had bought before, and receipts of all kinds.
fn sample() -> (Context, Vec<Bought>, Vec<Receipt>) {
	let mut random = Random(12);
	let shape = Shape { receipts: 56, payers: 3, contributions: 24, credits: 2, private: 5 };
	let mut context = context(&shape);
	let mut all = receipts(&shape, &context, &mut random);
	let crowded = Shape { receipts: 7, credits: 40, private: 2, ..shape };
	all.extend(receipts(&crowded, &context, &mut random));
	let bare = Shape { receipts: 7, credits: 0, private: 3, ..shape };
	all.extend(receipts(&bare, &context, &mut random));
	// One that costs nothing but the platform's part.
	let mut reprice = |at: usize, tokens_in| {
		let core: &mut Core = &mut all[at].core;
		(core.tokens_in, core.tokens_out) = (tokens_in, 0);
		core.fee = fee(context.price, tokens_in, 0, context.terms.platform_fee).unwrap();
	};
	reprice(5, 0);
	reprice(59, 1);
	// One of whose credits the last is too small to earn. Nothing else credits that contribution, so
	// it must not appear in the state.
	context.snapshots[1].length += 1;
	let last = Credit { datanet: 7, index: context.snapshots[1].length - 1, weight: 1 };
	*all[59].credits.last_mut().unwrap() = last;
	all[59].rest += 10_000;
	all.sort_by_key(|receipt| receipt.core.output);
	let head = Chain::default().link(Head::default(), &core(2));
	let before = Bought { count: 1, cumulative: 1_300_000, head };
	(context, vec![Bought::default(), before, Bought::default()], all)
}

/// The working state's entries in the order of their keys.
fn entries(tables: &Tables) -> Vec<(Vec<u8>, Vec<u8>)> {
	let payers = (0..).zip(&tables.payers).map(|(at, one)| (payer_key(at), one.encode()));
	let earned = tables.earned.iter().map(|(at, Earned { disclosed, private })| {
		(contribution_key(*at), (disclosed, private).encode())
	});
	let totals = tables.totals.iter().map(|totals| {
		let Totals { receipts, fees, platform, stakers, model, commons } = *totals;
		let value = (receipts, fees, platform, stakers, model, commons).encode();
		(TOTALS_KEY.to_vec(), value)
	});
	payers.chain(earned).chain(totals).collect()
}

/// Whether a credit is worth less than a nano, although contributors share something.
fn earns_nothing(context: &Context, receipt: &Receipt) -> bool {
	let share = split(receipt.core.fee, &context.terms).unwrap().contributors;
	let total = total_weight(&receipt.credits, receipt.rest).unwrap();
	share > 0 && receipt.credits.iter().any(|credit| payout(share, credit, total) == 0)
}

fn state_json(tables: &Tables) -> Value {
	let entries = entries(tables);
	assert!(entries.is_sorted());
	let entries = entries.into_iter().map(|(key, value)| json!([hex(key), hex(value)]));
	json!({ "entries": entries.collect::<Vec<_>>(), "root": hex(tables.root()) })
}

#[test]
fn batch() {
	let (context, payers, receipts) = sample();
	let batch = Batch::build(context.clone(), payers.clone(), receipts.clone()).unwrap();
	let trace = batch.trace();

	let mut tables = Tables::new(payers);
	let first = state_json(&tables);
	let mut steps = Vec::new();
	for (step, receipts) in (0..).zip(receipts.chunks(STEP as usize)) {
		execute(&context, &Chain::default(), &mut tables, receipts).unwrap();
		let opening = batch.open(step).unwrap();
		let leaf = Leaf { receipts: hash_of(receipts), state: tables.root() };
		assert!(trace.holds(step, leaf, &opening.proof));
		steps.push(json!({
			"receipts_scale": scale(&receipts),
			"state": state_json(&tables),
			"leaf": leaf_json(&leaf),
			"leaf_hash": hex(leaf_hash(step, leaf)),
			"proof": proof_json(&opening.proof),
		}));
	}

	let (purchases, diff, totals) = (batch.purchases(), batch.diff(), batch.totals());
	let ends = ends(&purchases, &diff, &totals).unwrap();
	assert_eq!(ends.last, tables.root());
	let submitted = batch.submitted().unwrap();
	assert_eq!(commit(ends, &totals, &submitted), Some(trace));
	let purchases = purchases.iter().map(|purchase| {
		json!({ "before": bought_json(&purchase.before), "after": bought_json(&purchase.after) })
	});

	// It has what it is meant to have.
	assert!(receipts.iter().any(|receipt| receipt.rest > 0));
	assert!(receipts.iter().any(|receipt| receipt.credits.is_empty()));
	assert!(receipts.iter().any(|receipt| receipt.credits.len() == 16));
	assert!(receipts.iter().any(|receipt| earns_nothing(&context, receipt)));
	assert!(diff.iter().any(|one| one.earned.disclosed > 0 && one.earned.private > 0));
	assert!(receipts.iter().any(|one| one.credits.iter().any(|credit| credit.index == 12)));
	assert!(!diff.iter().any(|one| one.index == 12));

	let value = json!({
		"context": context_json(&context),
		"receipts": receipts.iter().map(receipt_json).collect::<Vec<_>>(),
		"empty_root": hex(empty_root()),
		"first": first,
		"steps": steps,
		"trace": trace_json(&trace),
		"submitted": {
			"root": hex(submitted.root),
			"last_receipts": hex(submitted.last_receipts),
			"proof": proof_json(&submitted.proof),
			"scale": scale(&submitted),
		},
		"purchases": purchases.collect::<Vec<_>>(),
		"diff": diff.iter().map(increase_json).collect::<Vec<_>>(),
		"diff_scale": scale(&diff),
		"totals": totals_json(&totals),
		"totals_scale": scale(&totals),
	});
	same("batch.json", value);
}

#[test]
fn draws() {
	let seeds = [H256::zero(), H256([255; 32]), Random(14).hash()];
	let batches = [
		(0, 0, 1),
		(0, 1, 33),
		(1, 0, 70),
		(3, 2, 7 * 32),
		(3, 3, 7 * 32 + 1),
		(3, 3, 8 * 32),
		(3, 4, 8 * 32 + 1),
		(3, 5, 9 * 32),
		(3, 6, 10 * 32 - 1),
		(3, 70_000, 100_000),
		(70_000, 3, 100_000),
		((1 << 30) - 1, u32::MAX, MAX_RECEIPTS - 1),
		(u32::MAX, (1 << 30) - 1, MAX_RECEIPTS),
	];
	// How often a step came again, and how often the last one was drawn that is shorter.
	let (mut again, mut short) = (0, 0);
	let mut cases = Vec::new();
	for seed in seeds {
		for (model, batch, receipts) in batches {
			let trace = Trace { first: H256::zero(), root: H256::zero(), receipts };
			let (steps, drawn) = (trace.steps(), draws::draws(seed, model, batch, &trace));
			let numbers = (0..DRAWS).map(|counter| {
				let hash = BlakeTwo256::hash(&(seed, model, batch, counter).encode());
				u64::from_le_bytes(hash.0[..8].try_into().unwrap()) % u64::from(steps)
			});
			let different = numbers.collect::<BTreeSet<_>>().len();
			again += u32::from(steps > DRAWS && different < DRAWS as usize);
			let last = drawn.iter().any(|draw| draw.step == steps - 1);
			short += u32::from(last && steps > DRAWS && receipts % u64::from(STEP) > 0);
			let drawn = drawn.iter().map(|Draw { step, receipt }| json!([step, receipt]));
			cases.push(json!({
				"seed": hex(seed),
				"model": model,
				"batch": batch,
				"receipts": long(receipts),
				"draws": drawn.collect::<Vec<_>>(),
			}));
		}
	}
	assert!(again > 0 && short > 0);
	same("draws.json", json!(cases));
}

/// Moves a nano from the commons to the model.
struct Greedy;

impl Rule for Greedy {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		TheRule.execute(context, chain, state, receipts)?;
		let mut totals = state.totals()?;
		totals.model += 1;
		totals.commons -= 1;
		Ok(state.set_totals(totals)?)
	}
}

/// Counts receipts and looks at nothing else of them.
struct Blind;

impl Rule for Blind {
	fn execute<S: State>(
		&self,
		_: &Context,
		_: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let mut totals = state.totals()?;
		for receipt in receipts {
			if let Some(mut bought) = state.bought(receipt.payer)? {
				bought.count += 1;
				state.set_bought(receipt.payer, bought)?;
			}
			totals.receipts += 1;
		}
		Ok(state.set_totals(totals)?)
	}
}

type Shown = Result<Verdict, Malformed>;

fn opening_json(
	name: &str,
	opening: &Opening,
	trace: &Trace,
	context: &Context,
	shown: Shown,
) -> Value {
	assert_eq!(check(opening, trace, context, &Chain::default()), shown, "{name}");
	let verdict = match shown {
		Ok(Verdict::Holds) => json!("Holds"),
		Ok(Verdict::Wrong(wrong)) => json!({ "Wrong": format!("{wrong:?}") }),
		Err(malformed) => json!({ "Malformed": format!("{malformed:?}") }),
	};
	let before = opening.before.as_ref().map(
		|before| json!({ "leaf": leaf_json(&before.leaf), "proof": proof_json(&before.proof) }),
	);
	json!({
		"name": name,
		"trace": trace_json(trace),
		"scale": scale(opening),
		"step": opening.step,
		"receipts": opening.receipts.len(),
		"state": hex(opening.state),
		"proof": proof_json(&opening.proof),
		"before": before,
		"nodes": opening.nodes.iter().map(hex).collect::<Vec<_>>(),
		"verdict": verdict,
	})
}

fn changed(opening: &Opening, change: impl FnOnce(&mut Opening)) -> Opening {
	let mut opening = opening.clone();
	change(&mut opening);
	opening
}

/// The same with a proof that has all but this value.
fn without(opening: &Opening, value: &[u8]) -> Opening {
	let root = opening.before.as_ref().unwrap().leaf.state;
	let proof = CompactProof { encoded_nodes: opening.nodes.clone() };
	let (proof, _) = proof.to_storage_proof::<BlakeTwo256>(&root).unwrap();
	let nodes = proof.into_iter_nodes().filter(|node| node != value);
	let proof = StorageProof::new(nodes).into_compact_proof::<BlakeTwo256>(root).unwrap();
	assert!(proof.encoded_nodes.len() < opening.nodes.len());
	changed(opening, |opening| opening.nodes = proof.encoded_nodes)
}

#[test]
fn openings() {
	use Malformed::{BadProof, NoSuchStep, NotBefore, NotInTrace};

	let (context, payers, receipts) = sample();
	let honest = Batch::build(context.clone(), payers.clone(), receipts.clone()).unwrap();
	let greedy = Batch::build_by(Greedy, context.clone(), payers, receipts.clone()).unwrap();
	let trace = honest.trace();
	let [first, between, last] = [0, 1, 2].map(|step| honest.open(step).unwrap());
	let longer = Trace { receipts: trace.receipts + 1, ..trace };

	// A payer for whom nothing may cost anything, and a receipt with a credit that cannot be.
	let bought = Bought { count: 1, cumulative: LIMIT - 1, head: Head::default() };
	let mut outside = receipts.iter().find(|receipt| receipt.credits.len() == 2).unwrap().clone();
	outside.payer = 0;
	outside.credits[1].index = 1 << 30;
	let full = Batch::build_by(Blind, context.clone(), vec![bought], vec![outside]).unwrap();
	// A step whose receipt is of another version.
	let mut many = receipts[..=STEP as usize].to_vec();
	many.iter_mut().for_each(|receipt| receipt.payer = 0);
	many[STEP as usize].core.version += 1;
	let bought = Bought { count: 1, cumulative: 1, head: Head::default() };
	let other = Batch::build_by(Blind, context.clone(), vec![bought], many).unwrap();
	let totals = (u64::from(STEP), [0_u64; 5]).encode();

	let json = |name: &str, opening: &Opening, trace: &Trace, shown: Shown| {
		opening_json(name, opening, trace, &context, shown)
	};
	let malformed = |name: &str, of: &Opening, change: &dyn Fn(&mut Opening), why: Malformed| {
		json(name, &changed(of, change), &trace, Err(why))
	};
	let holds = Ok(Verdict::Holds);
	let wrong = |wrong: Wrong| Ok(Verdict::Wrong(wrong));
	let openings = [
		json("the first step", &first, &trace, holds),
		json("a step between", &between, &trace, holds),
		json("the last step, which is shorter", &last, &trace, holds),
		malformed("a trie node lacks", &between, &|it| drop(it.nodes.pop()), BadProof),
		malformed("a receipt differs", &between, &|it| it.receipts[0].rest += 1, NotInTrace),
		json(
			"the model takes a nano",
			&greedy.open(1).unwrap(),
			&greedy.trace(),
			wrong(Wrong::Root),
		),
		malformed("behind the last step", &last, &|it| it.step = 3, NoSuchStep),
		malformed(
			"behind the last step, and nothing else is right",
			&last,
			&|it| {
				it.step = u32::MAX;
				it.receipts[0].rest += 1;
				it.before = None;
				it.nodes.clear();
			},
			NoSuchStep,
		),
		malformed("a step as another one", &last, &|it| it.step = 1, NotInTrace),
		malformed("another state", &last, &|it| it.state = trace.first, NotInTrace),
		malformed("a hash too many", &last, &|it| it.proof.0.push(trace.root), NotInTrace),
		malformed(
			"a receipt differs, and the leaf before lacks",
			&last,
			&|it| {
				it.receipts[0].rest += 1;
				it.before = None;
			},
			NotInTrace,
		),
		malformed(
			"a leaf before the first step",
			&first,
			&|it| it.before = last.before.clone(),
			NotBefore,
		),
		malformed("the leaf before lacks", &last, &|it| it.before = None, NotBefore),
		malformed(
			"the leaf before is that of another step",
			&last,
			&|it| it.before = between.before.clone(),
			NotBefore,
		),
		malformed(
			"the leaf before has another state",
			&last,
			&|it| it.before.as_mut().unwrap().leaf.state = trace.first,
			NotBefore,
		),
		malformed(
			"the proof of the leaf before lacks a hash",
			&last,
			&|it| it.before.as_mut().unwrap().proof.0.truncate(1),
			NotBefore,
		),
		malformed(
			"the leaf before lacks, and so do trie nodes",
			&last,
			&|it| {
				it.before = None;
				it.nodes.clear();
			},
			NotBefore,
		),
		json("a receipt fewer than there must be", &last, &longer, wrong(Wrong::Count)),
		json(
			"a receipt fewer than there must be, and the leaf before lacks",
			&changed(&last, |it| it.before = None),
			&longer,
			Err(NotBefore),
		),
		json(
			"a receipt fewer than there must be, and trie nodes lack",
			&changed(&last, |it| it.nodes.clear()),
			&longer,
			wrong(Wrong::Count),
		),
		json(
			"a payer beyond every amount, and a credit outside",
			&full.open(0).unwrap(),
			&full.trace(),
			wrong(Wrong::Overflow),
		),
		json("another version", &other.open(1).unwrap(), &other.trace(), wrong(Wrong::Version)),
		json(
			"another version, and the totals lack",
			&without(&other.open(1).unwrap(), &totals),
			&other.trace(),
			Err(BadProof),
		),
	];
	let value = json!({ "context": context_json(&context), "openings": openings });
	same("openings.json", value);
}
