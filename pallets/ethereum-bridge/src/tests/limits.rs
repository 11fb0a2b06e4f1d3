use crate::limits::Bucket;

#[test]
fn what_was_used_becomes_free_within_a_period_and_never_more_than_the_capacity() {
	let bucket = Bucket { used: 100, at: 50 };
	for (now, used) in [(50, 100), (51, 99), (55, 90), (60, 80), (99, 2), (100, 0), (u32::MAX, 0)] {
		// A capacity of 100 within 50 blocks: two in a block; of 60, one and a bit.
		let capacity = if now == 51 { 60 } else { 100 };
		assert_eq!(bucket.used_at(capacity, 50, now), used, "in block {now}");
	}
	assert_eq!(Bucket::default().free_at(100, 50, 7), 100);
	assert_eq!(bucket.free_at(100, 50, 55), 10);
	// A clock that goes back frees nothing.
	assert_eq!(bucket.used_at(100, 50, 3), 100);
	// A capacity that was lowered leaves nothing free, and nothing wraps.
	assert_eq!(bucket.free_at(10, 50, 50), 0);
	assert_eq!(Bucket { used: u128::MAX, at: 0 }.used_at(u128::MAX, 7, 6), u128::MAX / 7 + 1);
}

#[test]
fn using_stops_at_the_capacity_exactly() {
	let bucket = Bucket { used: 90, at: 10 };
	assert_eq!(bucket.using(10, 100, 50, 10), Some(Bucket { used: 100, at: 10 }));
	assert_eq!(bucket.using(11, 100, 50, 10), None);
	assert_eq!(bucket.using(u128::MAX, 100, 50, 10), None);
	assert_eq!(bucket.using(12, 100, 50, 11), Some(Bucket { used: 100, at: 11 }));
}

#[test]
fn within_any_period_at_most_two_capacities_pass() {
	let (capacity, period) = (1_000, 10);
	let mut bucket = Bucket::default();
	let mut passed: Vec<u128> = vec![];
	for now in 0..100 {
		let amount = bucket.free_at(capacity, period, now);
		bucket = bucket.using(amount, capacity, period, now).expect("as much is free");
		passed.push(amount);
	}
	for window in passed.windows(period as usize) {
		assert!(window.iter().sum::<u128>() <= 2 * capacity);
	}
	assert_eq!(passed.iter().sum::<u128>(), capacity + 99 * capacity / u128::from(period));
}
