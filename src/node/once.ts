import { createHash } from 'node:crypto';
import { type Clock, nowSeconds } from '../base/clock.ts';
import type { Store } from '../store/interface.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode } from './interface.ts';

/** How long a repeated create request is still answered with its first answer. */
const REMEMBERED_SECONDS = 86_400;

/** Runs a create request once per scope and key, across repeats, races and restarts. */
export class Once {
  readonly #store: Pick<Store, 'idempotency'>;
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<unknown>>();

  constructor({ store, clock }: { store: Pick<Store, 'idempotency'>; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws NodeError NODE_IDEMPOTENCY_MISMATCH; whatever `make` throws, and then the key is free again */
  async run<T extends object>(
    scope: string,
    key: string,
    requestHash: string,
    make: () => Promise<T>,
  ): Promise<{ value: T; replayed: boolean }> {
    const name = createHash('sha256').update(`${scope}\n${key}`).digest('hex');
    const first = this.#running.get(name);
    const began = await this.#store.idempotency.begin(name, requestHash, nowSeconds(this.#clock) + REMEMBERED_SECONDS);
    switch (began.status) {
      case 'done':
        return { value: JSON.parse(began.response) as T, replayed: true };
      case 'mismatch':
        throw new NodeError(NodeErrorCode.IdempotencyMismatch, 'this idempotency key was used for another request', {
          where: 'Idempotency-Key',
        });
      case 'running': {
        const running = first ?? this.#running.get(name);
        // Ended between the store's answer and ours: the store has its result by now.
        return running === undefined
          ? await this.run(scope, key, requestHash, make)
          : { value: (await running) as T, replayed: true };
      }
      case 'new': {
        const made = this.#make(name, make);
        this.#running.set(name, made);
        try {
          return { value: await made, replayed: false };
        } finally {
          this.#running.delete(name);
        }
      }
    }
  }

  async #make<T extends object>(name: string, make: () => Promise<T>): Promise<T> {
    let value: T;
    try {
      value = await make();
    } catch (error) {
      await this.#store.idempotency.abandon(name);
      throw error;
    }
    try {
      await this.#store.idempotency.finish(name, JSON.stringify(value));
    } catch {
      // Made, but its answer cannot be kept (too large, disk full): the caller still gets it, a repeat makes anew.
      await this.#store.idempotency.abandon(name);
    }
    return value;
  }
}
