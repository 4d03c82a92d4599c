import { receiptsRoot } from '../block/receipts.ts';
import { type DeltaBuffer, openDelta } from '../execute/delta.ts';
import { StateTree, type Trace } from '../state/tree.ts';
import type { StateDelta } from '../state/tree-changes.ts';

/** One executed block to hash; everything large in it is shared memory. */
export interface HashJob {
  readonly delta: DeltaBuffer;
  readonly receipts: Uint32Array;
  readonly count: number;
  readonly events: readonly Uint8Array[];
}

export interface Roots {
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
}

/** Keeps the state tree. Calls are worked off in order. */
export interface Hasher {
  /** The tree of these records and no others. @returns its root */
  build(records: StateDelta): Promise<Uint8Array>;
  hash(job: HashJob): Promise<Roots>;
  trace(path: Uint8Array): Promise<Trace>;
  close(): Promise<void>;
}

/** The work itself, on whichever thread. */
export class HashWork {
  readonly #tree: StateTree;

  constructor(capacity: number) {
    this.#tree = new StateTree(capacity);
  }

  build(records: StateDelta): Uint8Array {
    return this.#tree.build(records);
  }

  hash({ delta, receipts, count, events }: HashJob): Roots {
    const stateRoot = this.#tree.apply(openDelta(delta));
    return { stateRoot, receiptsRoot: receiptsRoot(receipts, count, events) };
  }

  trace(path: Uint8Array): Trace {
    return this.#tree.trace(path);
  }
}
