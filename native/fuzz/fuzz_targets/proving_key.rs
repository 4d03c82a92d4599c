#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, proving_key};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    proving_key(bytes, Depth::Everything);
});
