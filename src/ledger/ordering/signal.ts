/** Wakes those who wait; nothing is kept for those who come later, so look first, then wait. */
export class Signal {
  #waiting = Promise.withResolvers<void>();

  notify(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers<void>();
  }

  /** @param ms at the latest after; for ever unless told */
  async wait(ms?: number): Promise<void> {
    if (ms === undefined) return await this.#waiting.promise;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    try {
      await Promise.race([this.#waiting.promise, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
