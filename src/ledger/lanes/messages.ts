import type { DeltaBuffer } from '../execute/delta.ts';
import type { Schedule } from '../schedule/interface.ts';
import type { SharedState } from '../state/table.ts';

/** What a lane's thread is started with. */
export interface LaneStart {
  readonly state: SharedState;
  readonly lane: number;
  readonly lanes: number;
  readonly network: Uint8Array;
  /** URL of the module that exports PROGRAMS. */
  readonly programs: string;
  /** For the barrier of all lanes. */
  readonly barrier: SharedArrayBuffer;
  /** Fees of each lane, u64. */
  readonly fees: SharedArrayBuffer;
}

/** One block to execute; everything in it is shared memory. */
export interface LaneJob {
  readonly batch: SharedArrayBuffer;
  readonly offsets: Uint32Array;
  readonly slots: Int32Array;
  readonly starts: Uint32Array;
  readonly credits: BigUint64Array;
  readonly holds: BigUint64Array;
  readonly receipts: SharedArrayBuffer;
  readonly height: bigint;
  readonly time: bigint;
  readonly schedule: Schedule;
  readonly feeSlot: number;
  readonly delta: DeltaBuffer;
}

export interface LaneDone {
  /** Events of the transactions that this lane ran. */
  readonly events: Uint8Array;
  readonly changed: number;
  /** Pairs of transaction and measured nanoseconds, a sample. */
  readonly samples: Float64Array;
}
