#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, verifying_key};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    verifying_key(bytes, Depth::Everything);
});
