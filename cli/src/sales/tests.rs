//! Sales files are read as they are written, and what is wrong in them is found where it is.

use super::*;
use openledger_settlement::{
	execute::Context as Under,
	receipt::{Core, Credits},
	sample::{context, receipts, Random, Shape},
};
use sp_core::H256;

/// A file of these sales.
pub fn write(path: &Path, payers: &[AccountId], sales: &[Sale]) {
	let mut bytes = TAG.to_vec();
	payers.encode_to(&mut bytes);
	sales.iter().for_each(|sale| sale.encode_to(&mut bytes));
	fs::write(path, bytes).unwrap();
}

/// So many payers, ascending.
pub fn payers(many: u8) -> Vec<AccountId> {
	(1..=many).map(|byte| AccountId::new([byte; 32])).collect()
}

/// Sales that follow the rule, with outputs; every fifth is private and kept by its payer.
pub fn sales(many: u32, payers: u16) -> (Under, Vec<Sale>) {
	let shape = Shape { receipts: many, payers, contributions: 40, credits: 4, private: 5 };
	let context = context(&shape);
	let receipts = receipts(&shape, &context, &mut Random(7));
	let sales = (0_u32..).zip(receipts).map(|(nth, mut receipt)| {
		let kept = receipt.core.private;
		let output = if kept { Vec::new() } else { format!("output {nth}").into_bytes() };
		if let Some(name) = ContentTree::of(&output).id() {
			receipt.core.output = name;
		}
		// The samples keep no citations; these are none, and so are the credits.
		if !kept {
			receipt.credits = Credits::default();
			receipt.matches = matches(&Citations::default());
		}
		Sale { receipt, output, citations: Citations::default() }
	});
	(context, sales.collect())
}

fn talk() -> Talk {
	Talk::new(true, true)
}

fn nothing(_: u32, _: &Sale) -> Result<()> {
	Ok(())
}

#[test]
fn what_was_written_is_read_and_shown() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("may.sales");
	let (_, written) = sales(100, 3);
	write(&path, &payers(3), &written);
	let mut seen = Vec::new();
	let read = Sales::read(&path, &talk(), |nth, sale| {
		seen.push((nth, sale.clone()));
		Ok(())
	});
	let read = read.unwrap();
	assert_eq!(read.payers, payers(3));
	assert!(seen.iter().map(|(_, sale)| sale).eq(&written));
	assert!(seen.iter().map(|(nth, _)| *nth).eq(0..100));
	assert!(read.receipts.iter().eq(written.iter().map(|sale| &sale.receipt)));
	for nth in [0, 1, 57, 99] {
		let sale = &written[nth as usize];
		assert_eq!(read.shown.of(nth).unwrap(), (sale.output.clone(), sale.citations.clone()));
	}
	assert!(read.shown.of(100).unwrap_err().to_string().contains("no receipt 100"));
	assert_eq!(Sales::payers_of(&path).unwrap(), payers(3));
}

#[test]
fn a_file_without_sales_is_read_too() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("none.sales");
	write(&path, &payers(2), &[]);
	let read = Sales::read(&path, &talk(), nothing).unwrap();
	assert_eq!((read.payers.len(), read.receipts.len()), (2, 0));
}

#[test]
fn what_is_wrong_is_found_where_it_is() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("bad.sales");
	let error = || Sales::read(&path, &talk(), nothing).unwrap_err().to_string();
	assert!(error().contains("cannot be read"));

	fs::write(&path, b"olsales2").unwrap();
	assert!(error().contains("no sales file"));
	fs::write(&path, b"ol").unwrap();
	assert!(error().contains("no sales file"));

	let (_, good) = sales(3, 2);
	let mut backwards = payers(2);
	backwards.reverse();
	write(&path, &backwards, &good);
	assert!(error().contains("do not ascend"), "{}", error());

	write(&path, &payers(1), &good);
	assert!(error().contains("is of payer 1"), "{}", error());

	write(&path, &payers(2), &good);
	let whole = fs::read(&path).unwrap();
	fs::write(&path, &whole[..whole.len() - 1]).unwrap();
	let said = error();
	assert!(said.contains("Receipt 2") && said.contains("from byte"), "{said}");
	fs::write(&path, &whole[..12]).unwrap();
	assert!(error().contains("payers"), "{}", error());
	// A list that says it is longer than the file takes no memory for it.
	fs::write(&path, [&TAG[..], &[0xfe, 0xff, 0xff, 0xff]].concat()).unwrap();
	assert!(error().contains("payers"), "{}", error());
}

#[test]
fn who_looks_can_stop_it() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("may.sales");
	write(&path, &payers(2), &sales(9, 2).1);
	let stop = |nth: u32, _: &Sale| if nth == 4 { bail!("no further") } else { Ok(()) };
	let error = format!("{:#}", Sales::read(&path, &talk(), stop).unwrap_err());
	assert!(error.contains("Receipt 4 of") && error.contains("no further"), "{error}");
}

#[test]
fn a_sale_says_why_it_cannot_be_shown() {
	let (_, sales) = sales(10, 1);
	let (kept, public) = (&sales[0], &sales[1]);
	assert!(kept.receipt.core.private && kept.unshowable(8).is_none());
	assert_eq!(public.unshowable(8), None);

	let mut other = public.clone();
	other.output.push(b'!');
	assert!(other.unshowable(8).unwrap().contains("not the one that it names"));

	let mut empty = public.clone();
	empty.output.clear();
	assert!(empty.unshowable(8).unwrap().contains("empty"));

	let mut long = public.clone();
	long.output = vec![7; MAX_OUTPUT + 1];
	long.receipt.core.output = ContentTree::of(&long.output).id().unwrap();
	assert!(long.unshowable(8).unwrap().contains("more than 65536 bytes"));
	// Who keeps it to itself may have any length.
	long.receipt.core = Core { private: true, ..long.receipt.core };
	assert_eq!(long.unshowable(8), None);
	long.output.pop();
	assert!(long.wrong_output().unwrap().contains("not the one that it names"));
	long.output.clear();
	assert_eq!(long.wrong_output(), None);

	let mut uncited = public.clone();
	uncited.receipt.matches = H256::repeat_byte(1);
	assert!(uncited.unshowable(8).unwrap().contains("citations are not those"));
	assert!(!uncited.has_wrong_credits(8));

	let mut greedy = public.clone();
	greedy.receipt.rest = 5;
	assert!(greedy.has_wrong_credits(8));
	assert!(greedy.unshowable(8).unwrap().contains("do not follow"));
	// Somebody else may have the citations of what is private, and show them.
	greedy.receipt.core.private = true;
	assert!(greedy.unshowable(8).unwrap().contains("do not follow"));
}

#[test]
fn what_lies_beside_is_read_again() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("may.sales");
	let before = Before {
		model: 3,
		genesis: Hash::repeat_byte(7),
		payers: vec![Bought { count: 1, cumulative: 2, ..Default::default() }],
		version: 4,
		epoch: 5,
		terms: 6,
	};
	let leaves = [Leaf { receipts: Hash::repeat_byte(1), state: Hash::repeat_byte(2) }];
	assert_eq!(read_beside::<Before>(&before_path(&path)).unwrap(), None);
	write_beside(&path, &before, &leaves).unwrap();
	assert_eq!(read_beside(&before_path(&path)).unwrap(), Some(before));
	assert_eq!(read_beside::<Vec<Leaf>>(&leaves_path(&path)).unwrap(), Some(leaves.to_vec()));
	assert!(leaves_path(&path).ends_with("may.sales.leaves"));
	let error = read_beside::<Before>(&leaves_path(&path)).unwrap_err().to_string();
	assert!(error.contains("cannot be read"), "{error}");
}
