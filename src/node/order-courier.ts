import { randomInt } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Order } from '../market/index.ts';

export interface CourierInit {
  retryFirstMs: number;
  retryMaxMs: number;
  /** Pause after which a taker asks for news that may have got lost. */
  refreshMs: number;
}

export interface CourierPorts {
  clock: Clock;
  /** Orders with something to tell or to ask. */
  due(): readonly Order[];
  /** Never rejects. @returns whether the other side now knows */
  deliver(id: string): Promise<boolean>;
}

interface Round {
  attempts: number;
  dueMs: number;
  running: boolean;
}

// Each holds a stream open for up to twenty seconds; more at once would only wait in the overlay's own limits.
const MAX_RUNNING = 16;

/** When each order's message goes out: at once, again after growing pauses, and from time to time while a taker waits. */
export class OrderCourier {
  readonly #init: CourierInit;
  readonly #ports: CourierPorts;
  readonly #rounds = new Map<string, Round>();
  #running = 0;

  constructor(init: CourierInit, ports: CourierPorts) {
    this.#init = init;
    this.#ports = ports;
  }

  /** Starts what is due. */
  run(): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const { id } of this.#ports.due()) {
      if (this.#running >= MAX_RUNNING) return;
      const round = this.#roundOf(id);
      if (!round.running && round.dueMs <= nowMs) void this.#go(id, round);
    }
  }

  /** Makes one order due now: there is news. */
  hurry(id: string): void {
    this.#roundOf(id).dueMs = 0;
    this.run();
  }

  forget(id: string): void {
    this.#rounds.delete(id);
  }

  async #go(id: string, round: Round): Promise<void> {
    round.running = true;
    this.#running += 1;
    try {
      round.attempts = (await this.#ports.deliver(id)) ? 0 : round.attempts + 1;
    } finally {
      this.#running -= 1;
      round.running = false;
      round.dueMs = this.#ports.clock.nowMs() + this.#pause(id, round.attempts);
    }
  }

  /** Doubling from first to longest less up to a third, so that many do not come back in one moment. */
  #pause(id: string, attempts: number): number {
    const order = this.#ports.due().find((one) => one.id === id);
    if (attempts === 0) return order?.unsent === true ? 0 : this.#init.refreshMs;
    const full = Math.min(this.#init.retryMaxMs, this.#init.retryFirstMs * 2 ** Math.min(attempts - 1, 20));
    return full - randomInt(Math.ceil(full / 3) + 1);
  }

  #roundOf(id: string): Round {
    const known = this.#rounds.get(id);
    if (known !== undefined) return known;
    const made: Round = { attempts: 0, dueMs: 0, running: false };
    this.#rounds.set(id, made);
    return made;
  }
}
