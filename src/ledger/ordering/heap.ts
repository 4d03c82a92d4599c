/**
 * A binary heap, least keys first, from which nothing is taken but at the top: entries that have become stale are passed
 * over there, and swept out when they are the greater part. The caller says how many are live.
 */
export class LazyHeap<T> {
  readonly #stale: (item: T, major: number) => boolean;
  #items: T[] = [];
  #majors: number[] = [];
  #minors: number[] = [];

  constructor(stale: (item: T, major: number) => boolean) {
    this.#stale = stale;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T, major: number, minor: number): void {
    let at = this.#items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(major, minor, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, item, major, minor);
  }

  /** The least that is not stale, left in place. */
  peek(): T | undefined {
    for (;;) {
      const item = this.#items[0];
      if (item === undefined) return undefined;
      if (!this.#stale(item, this.#majors[0] ?? 0)) return item;
      this.pop();
    }
  }

  /** Keys of the top; after `peek` only. */
  get top(): readonly [major: number, minor: number] {
    return [this.#majors[0] ?? 0, this.#minors[0] ?? 0];
  }

  /** Takes the top away, stale or not. */
  pop(): T | undefined {
    const top = this.#items[0];
    const item = this.#items.pop();
    const major = this.#majors.pop() ?? 0;
    const minor = this.#minors.pop() ?? 0;
    if (item !== undefined && this.#items.length > 0) this.#sink(item, major, minor);
    return top;
  }

  /** Drops stale entries, if there are more of them than live ones. */
  sweep(live: number): void {
    if (this.#items.length <= 2 * live + 1_024) return;
    const [items, majors, minors] = [this.#items, this.#majors, this.#minors];
    this.#items = [];
    this.#majors = [];
    this.#minors = [];
    items.forEach((item, i) => {
      const major = majors[i] ?? 0;
      if (!this.#stale(item, major)) this.push(item, major, minors[i] ?? 0);
    });
  }

  #sink(item: T, major: number, minor: number): void {
    const size = this.#items.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(this.#majors[child + 1] ?? 0, this.#minors[child + 1] ?? 0, child)) child++;
      if (this.#before(major, minor, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, item, major, minor);
  }

  #before(major: number, minor: number, other: number): boolean {
    const theirs = this.#majors[other] ?? 0;
    return major < theirs || (major === theirs && minor < (this.#minors[other] ?? 0));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#items[from] as T, this.#majors[from] ?? 0, this.#minors[from] ?? 0);
  }

  #put(at: number, item: T, major: number, minor: number): void {
    this.#items[at] = item;
    this.#majors[at] = major;
    this.#minors[at] = minor;
  }
}
