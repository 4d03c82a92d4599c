/** Magic number in the file's header ("zkb1"): a foreign SQLite file is refused before anything is written to it. */
export const APPLICATION_ID = 0x7a6b6231;

/** Only a backup or a reader's checkpoint can hold the file; 5 s outlasts both. */
export const BUSY_TIMEOUT_MS = 5000;

/** 4 GiB: about two million envelopes of 2 KiB. Above it, new ones are refused and nothing live is evicted. */
export const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;

/**
 * Share of the quota up to which envelopes without a proof are taken. They cost their author one signature, and one peer
 * may send 400 KB/s of them: without a bound they would fill every store in hours, and no claim could be spent any more.
 */
export const UNPROVEN_SHARE = 1 / 2;

/** Above this the check of the whole file would delay the start by seconds, and is left to `doctor`. */
export const QUICK_CHECK_MAX_BYTES = 64 * 1024 ** 2;

/** Four tags a proof and 1024 proofs in flight. */
export const MAX_RESERVED_TAGS = 4096;

/** Rows one pruning statement drops before it lets others run: about 5 ms. */
export const PRUNE_STEP_ROWS = 500;
/** Greatest clock skew that the configuration allows: what has expired here may still be good at a neighbour. */
export const PRUNE_GRACE_SECONDS = 600;

export const MAX_PAGE_ITEMS = 100;
export const DEFAULT_PAGE_ITEMS = 50;
/** Rows that `list` reads at once. */
export const LIST_STEP_ROWS = 500;

export const MAX_DOCUMENT_BYTES = 65_536;
/** A proof with its signals and an envelope in hex takes 16 KiB. */
export const MAX_JOB_RESULT_BYTES = 65_536;
export const MAX_VALUE_BYTES = 1_048_576;
/** 16 MiB: what the overlay fetches by hash at most. */
export const MAX_SNAPSHOT_BYTES = 16 * 1024 ** 2;

/** Snapshots are large and only the newest proves anything; older ones serve holders in the grace period. */
export const KEPT_SNAPSHOTS = 3;
export const KEPT_REGISTRY_HEADERS = 1000;
export const KEPT_JOBS = 1000;
export const KEPT_JOB_SECONDS = 7 * 86_400;
export const KEPT_PEERS = 1000;
