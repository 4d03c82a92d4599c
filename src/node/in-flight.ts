/** Work under way that a stop has to wait for. */
export class InFlight {
  readonly #running = new Set<Promise<unknown>>();

  /** @returns the same work */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const done = () => this.#running.delete(work);
    work.then(done, done);
    return work;
  }

  /** Waits for what runs now. Never rejects. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }
}
