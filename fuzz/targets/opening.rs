#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pallet_attribution::fuzzing::opening(data));
