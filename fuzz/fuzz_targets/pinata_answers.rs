#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pinning_keys_fuzz::pinata_answers(data));
