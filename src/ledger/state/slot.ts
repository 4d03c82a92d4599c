import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';

/**
 * How a slot of the state table lies in shared memory: key, then what is kept about it, then the record, so that key and
 * the balance of an account share one cache line of 64 bytes.
 */
export const SLOT_BYTES = 192;
/** glibc gives large buffers out 16 bytes behind a page; with this the first slot begins with a cache line. */
export const FIRST_SLOT_AT = 48;

/** Bytes from the slot's beginning. */
export const SLOT = {
  key: 0,
  /** u32; 0 = no record. */
  length: KEY_BYTES,
  /** i32: which block changed the slot last, as `RecordMemory` counts them; 0 = none since the ledger was opened. */
  dirty: KEY_BYTES + 4,
  value: KEY_BYTES + 16,
} as const;

export const SLOT_WORDS = SLOT_BYTES / 4;
export const SLOT_LONGS = SLOT_BYTES / 8;
export const KEY_WORDS = KEY_BYTES / 4;

export function slotsBytes(capacity: number): number {
  return FIRST_SLOT_AT + capacity * SLOT_BYTES;
}

/** All slots, through every width. A place is (slot * SLOT_X + X_AT). */
export interface SlotViews {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly ints: Int32Array;
  readonly longs: BigUint64Array;
}

export function openSlots(buffer: SharedArrayBuffer): SlotViews {
  return {
    bytes: new Uint8Array(buffer, FIRST_SLOT_AT),
    words: new Uint32Array(buffer, FIRST_SLOT_AT),
    ints: new Int32Array(buffer, FIRST_SLOT_AT),
    longs: new BigUint64Array(buffer, FIRST_SLOT_AT),
  };
}

/** Places within the slot in words and longs. */
export const LENGTH_WORD = SLOT.length / 4;
export const DIRTY_WORD = SLOT.dirty / 4;
export const VALUE_WORD = SLOT.value / 4;
export const VALUE_LONG = SLOT.value / 8;
export const VALUE_WORDS = MAX_RECORD_BYTES / 4;
