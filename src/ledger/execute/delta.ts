import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import type { StateDelta } from '../state/tree-changes.ts';

/** The memory of a delta of up to `capacity` changes; used again for later blocks. */
export interface DeltaBuffer {
  readonly capacity: number;
  readonly slots: SharedArrayBuffer;
  readonly keys: SharedArrayBuffer;
  readonly lengths: SharedArrayBuffer;
  readonly values: SharedArrayBuffer;
  /** Int32: how many entries are taken; threads take theirs with one atomic addition. */
  readonly count: SharedArrayBuffer;
}

export function makeDeltaBuffer(capacity: number): DeltaBuffer {
  return {
    capacity,
    slots: new SharedArrayBuffer(capacity * 4),
    keys: new SharedArrayBuffer(capacity * KEY_BYTES),
    lengths: new SharedArrayBuffer(capacity),
    values: new SharedArrayBuffer(capacity * MAX_RECORD_BYTES),
    count: new SharedArrayBuffer(4),
  };
}

/** Views over what a block has put in. */
export function openDelta(buffer: DeltaBuffer): StateDelta {
  const count = Atomics.load(new Int32Array(buffer.count), 0);
  return {
    count,
    slots: new Int32Array(buffer.slots, 0, count),
    keys: new Uint8Array(buffer.keys, 0, count * KEY_BYTES),
    lengths: new Uint8Array(buffer.lengths, 0, count),
    values: new Uint8Array(buffer.values, 0, count * MAX_RECORD_BYTES),
  };
}
