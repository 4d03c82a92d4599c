//! An allocator that counts what is asked for, and looks through what is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Watched;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Blocks from this size on must be all zero when they are given back: nothing of ours is so large that is not secret,
/// and what the thread pool needs for itself is smaller.
pub const LARGE: usize = 4096;

static LOOKING: AtomicBool = AtomicBool::new(false);
static BLOCKS: AtomicUsize = AtomicUsize::new(0);
static LARGE_LEFT: AtomicUsize = AtomicUsize::new(0);
static LARGEST_LEFT: AtomicUsize = AtomicUsize::new(0);
static SECRETS_LEFT: AtomicUsize = AtomicUsize::new(0);

/// Words that must not be left behind, by hash; 0 is a free place.
const PLACES: usize = 1 << 16;
static SECRETS: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
static MAYBE: [AtomicU8; 1 << 13] = [const { AtomicU8::new(0) }; 1 << 13];

fn place_of(word: u64) -> usize {
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
}

fn is_secret(word: u64) -> bool {
    let mut place = place_of(word);
    if MAYBE[place >> 3].load(Relaxed) >> (place & 7) & 1 == 0 {
        return false;
    }
    loop {
        match SECRETS[place].load(Relaxed) {
            0 => return false,
            known if known == word => return true,
            _ => place = (place + 1) % PLACES,
        }
    }
}

fn add_secret(word: u64) {
    // Small numbers and runs of equal bits are everywhere.
    if word < 1 << 40 || (word ^ (word >> 1)).count_ones() < 8 || is_secret(word) {
        return;
    }
    let mut place = place_of(word);
    MAYBE[place >> 3].fetch_or(1 << (place & 7), Relaxed);
    while SECRETS[place].load(Relaxed) != 0 {
        place = (place + 1) % PLACES;
    }
    SECRETS[place].store(word, Relaxed);
}

/// @param block words of a block that is about to be given back
fn look_through(block: &[u64]) {
    BLOCKS.fetch_add(1, Relaxed);
    let size = 8 * block.len();
    if size >= LARGE && block.iter().any(|word| *word != 0) {
        LARGE_LEFT.fetch_add(1, Relaxed);
        LARGEST_LEFT.fetch_max(size, Relaxed);
    }
    let secrets = block.iter().filter(|word| is_secret(**word)).count();
    SECRETS_LEFT.fetch_add(secrets, Relaxed);
}

// SAFETY: everything is the system's allocator's, which is only watched.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // Zeroed, so that what is looked through later has no bytes that were never written.
        // SAFETY: as for the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        if LOOKING.load(Relaxed) {
            // SAFETY: the block is whole and initialised (see `alloc`), and the system aligns blocks to 16 bytes.
            look_through(unsafe { std::slice::from_raw_parts(block.cast(), layout.size() / 8) });
        }
        // SAFETY: as for the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Tests run side by side, and what one allocates would count as another's: each begins with this.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that were in use at the worst moment of `work`, above those before it.
pub fn peak_of(work: impl FnOnce()) -> usize {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    work();
    PEAK.load(Relaxed) - before
}

#[derive(Debug)]
pub struct Leftovers {
    /// Blocks that were given back.
    pub blocks: usize,
    /// Large ones that were not all zero, and the size of the largest.
    pub large: usize,
    pub largest: usize,
    /// Secret words that were in any of them.
    pub secrets: usize,
}

/// What `work` left in the blocks that it, or another thread meanwhile, gave back.
pub fn leftovers_of(secrets: &[u64], work: impl FnOnce()) -> Leftovers {
    secrets.iter().for_each(|word| add_secret(*word));
    for count in [&BLOCKS, &LARGE_LEFT, &LARGEST_LEFT, &SECRETS_LEFT] {
        count.store(0, Relaxed);
    }
    LOOKING.store(true, Relaxed);
    work();
    LOOKING.store(false, Relaxed);
    Leftovers {
        blocks: BLOCKS.load(Relaxed),
        large: LARGE_LEFT.load(Relaxed),
        largest: LARGEST_LEFT.load(Relaxed),
        secrets: SECRETS_LEFT.load(Relaxed),
    }
}
