import { type Clock, nowSeconds } from '../base/clock.ts';
import { parseDecimal } from '../base/field.ts';
import type { RegistryView } from '../claims/interface.ts';
import type { RegistryRecord } from '../store/interface.ts';
import { MAX_WINDOW_ROOTS } from './constants.ts';
import type { RegistryWindow } from './interface.ts';

export interface RegistryWindowInit {
  /** How long a root stays good once it is superseded. */
  graceSeconds: number;
}

interface Superseded {
  view: RegistryView;
  /** First second at which it is no longer good. */
  until: number;
}

/** @param components `clock` decides when a grace period ends */
export function createRegistryWindow(init: RegistryWindowInit, components: { clock: Clock }): RegistryWindow {
  return new Window(init, components.clock);
}

class Window implements RegistryWindow {
  readonly #grace: number;
  readonly #clock: Clock;
  #current: RegistryView | undefined;
  /** By root, oldest first. */
  readonly #superseded = new Map<bigint, Superseded>();

  constructor({ graceSeconds }: RegistryWindowInit, clock: Clock) {
    this.#grace = graceSeconds;
    this.#clock = clock;
  }

  current(): RegistryView | undefined {
    return this.#current;
  }

  lookup(root: bigint): ReturnType<RegistryWindow['lookup']> {
    if (this.#current?.root === root) return { state: 'current', view: this.#current };
    const old = this.#superseded.get(root);
    if (old === undefined) return { state: 'unknown' };
    return nowSeconds(this.#clock) < old.until ? { state: 'superseded', view: old.view } : { state: 'expired' };
  }

  advance(view: RegistryView): ReturnType<RegistryWindow['advance']> {
    const current = this.#current;
    if (current) {
      if (view.sequence < current.sequence) return 'stale';
      if (view.sequence === current.sequence) return view.root === current.root ? 'known' : 'conflict';
      // The same root under a higher sequence was never superseded.
      if (view.root !== current.root) this.#supersede(current, nowSeconds(this.#clock));
    }
    this.#current = view;
    return 'advanced';
  }

  restore(records: readonly RegistryRecord[]): void {
    for (const record of [...records].sort((a, b) => a.sequence - b.sequence)) {
      const view = toView(record);
      if (view === undefined) continue;
      if (record.supersededAt !== undefined) this.#supersede(view, record.supersededAt);
      else if (view.sequence > (this.#current?.sequence ?? -1)) this.#current = view;
    }
  }

  #supersede(view: RegistryView, at: number): void {
    this.#superseded.delete(view.root);
    this.#superseded.set(view.root, { view, until: at + this.#grace });
    for (const root of this.#superseded.keys()) {
      if (this.#superseded.size <= MAX_WINDOW_ROOTS) return;
      this.#superseded.delete(root);
    }
  }
}

function toView(record: RegistryRecord): RegistryView | undefined {
  const root = parseDecimal(record.root);
  const lists = Object.entries(record.lists).map(([name, value]) => [name, parseDecimal(value)] as const);
  if (root === undefined || lists.some(([, value]) => value === undefined)) return undefined;
  return { root, sequence: record.sequence, listRoots: Object.fromEntries(lists) as Record<string, bigint> };
}
