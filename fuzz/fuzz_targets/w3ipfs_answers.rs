#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pinning_keys_fuzz::w3ipfs_answers(data));
