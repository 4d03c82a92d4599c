import type { Pending } from './account-queue.ts';
import type { BlockLimits } from './round.ts';

/** Blocks that are ordered and not executed: what they took, and how many records they make at most. */
export class Flights {
  readonly #flights = new Map<bigint, { readonly taken: readonly Pending[]; readonly records: number }>();

  /** What they may make takes room already. */
  without(limits: BlockLimits): BlockLimits {
    const { records } = limits;
    if (records === undefined) return limits;
    let { room } = records;
    for (const flight of this.#flights.values()) room -= flight.records;
    return { ...limits, records: { ...records, room } };
  }

  begin(height: bigint, taken: readonly Pending[], records: number): void {
    if (taken.length > 0) this.#flights.set(height, { taken, records });
  }

  /** The block was executed. @returns what it took */
  end(height: bigint): readonly Pending[] {
    const flight = this.#flights.get(height);
    this.#flights.delete(height);
    return flight?.taken ?? [];
  }
}
