#![no_main]

use zkbazaar_native_fuzz::entries::{Depth, jobs};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    jobs(bytes, Depth::Everything);
});
