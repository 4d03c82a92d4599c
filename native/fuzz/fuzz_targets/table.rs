#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, table};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    table(bytes, Depth::Everything);
});
