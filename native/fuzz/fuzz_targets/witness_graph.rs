#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, witness_graph};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    witness_graph(bytes, Depth::Everything);
});
