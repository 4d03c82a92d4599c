#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, witness};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    witness(bytes, Depth::Everything);
});
