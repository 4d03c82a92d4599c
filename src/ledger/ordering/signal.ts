/** Wakes those who wait; nothing is kept for those who come later, so look first, then wait. */
export class Signal {
  #waiting: PromiseWithResolvers<void> | undefined;

  notify(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** @param ms at the latest after; for ever unless told */
  async wait(ms?: number): Promise<void> {
    this.#waiting ??= Promise.withResolvers<void>();
    const notified = this.#waiting.promise;
    if (ms === undefined) return await notified;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    try {
      await Promise.race([notified, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
