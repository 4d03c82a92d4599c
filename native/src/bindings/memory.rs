//! Advice to the kernel about large buffers of JavaScript. It changes how memory is mapped, never what is in it.

use napi_derive::napi;

/// Asks for large pages behind a buffer: places that are visited at random then cost one walk of the page table less.
/// True where the kernel has taken the advice; where there is none to give, nothing happens.
#[napi]
pub fn advise_large_pages(buffer: &[u8]) -> bool {
    advise(buffer)
}

#[cfg(target_os = "linux")]
fn advise(buffer: &[u8]) -> bool {
    const PAGE: usize = 4096;
    let range = buffer.as_ptr_range();
    let start = (range.start as usize).next_multiple_of(PAGE);
    let end = range.end as usize / PAGE * PAGE;
    if start >= end {
        return false;
    }
    // SAFETY: whole pages within a live allocation; MADV_HUGEPAGE neither reads, writes nor discards what is in them.
    unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn advise(_buffer: &[u8]) -> bool {
    false
}
