import { createHash } from 'node:crypto';
import { SYNC_BUCKET_SECONDS, SYNC_PAGE_ITEMS, SYNC_SPLIT } from '../constants.ts';
import type { SyncItem, SyncSource } from '../interface.ts';
import { KEY_BYTES, type ListedItem, type Range, type RangeAnswer } from './codec.ts';

/** Kept by one snapshot; at 100 bytes each. */
const MAX_FINGERPRINTS = 4096;
/** Ids are in the key behind the bucket's eight digits. */
const BUCKET_DIGITS = 8;
const MAX_BUCKET = 0xffff_ffff;
const ID_PATTERN = /^[0-9a-f]{64}$/;

/** 72 hex digits: bucket of `expiresAt`, then the id. Items that end together lie together. */
export function keyOf(item: Pick<SyncItem, 'id' | 'expiresAt'>): string {
  return bucketKey(item.expiresAt) + item.id;
}

export function idOf(key: string): string {
  return key.slice(BUCKET_DIGITS);
}

function bucketKey(expiresAt: number): string {
  const bucket = Math.min(Math.floor(expiresAt / SYNC_BUCKET_SECONDS), MAX_BUCKET);
  return bucket.toString(16).padStart(BUCKET_DIGITS, '0');
}

/** Everything that is alive at `nowSeconds`: from the current bucket to the last key. */
export function wholeRange(nowSeconds: number): { lower: string; upper: string } {
  return { lower: bucketKey(nowSeconds).padEnd(KEY_BYTES * 2, '0'), upper: ''.padEnd(KEY_BYTES * 2, 'f') };
}

/** Sorted keys of the live envelopes at one moment, and what can be said about ranges of them. */
export class Snapshot {
  readonly #keys: string[];
  readonly #topics: string[];
  readonly #ids: ReadonlySet<string>;
  /** All keys in a row. */
  #text: Buffer | undefined;
  /** Every peer that asks begins with the same ranges. */
  readonly #fingerprints = new Map<string, string>();

  private constructor(items: ListedItem[]) {
    items.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.#keys = items.map((item) => item.key);
    this.#topics = items.map((item) => item.topic);
    this.#ids = new Set(this.#keys.map(idOf));
  }

  /** Reads the store once. Ids that are no ids are left out. */
  static async of(source: SyncSource, nowSeconds: number): Promise<Snapshot> {
    const items: ListedItem[] = [];
    for (const item of await source.list(nowSeconds, Number.MAX_SAFE_INTEGER)) {
      if (ID_PATTERN.test(item.id)) items.push({ key: keyOf(item), topic: item.topic });
    }
    return new Snapshot(items);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** By id alone: a peer that lists it in another bucket does not make it new. */
  hasId(id: string): boolean {
    return this.#ids.has(id);
  }

  /** SHA-256 over the keys of [lower, upper) in order: unlike a sum, nobody can grind items that cancel out. */
  fingerprint(lower: string, upper: string): string {
    return this.#fingerprint(this.#find(lower), this.#find(upper));
  }

  /**
   * What we hold in a range against the asker's fingerprint.
   * @param room items that the page still has room for
   */
  answer(range: Range, room: number): RangeAnswer {
    const from = this.#find(range.lower);
    const to = this.#find(range.upper);
    if (this.#fingerprint(from, to) === range.fingerprint) return { kind: 'equal' };
    const count = to - from;
    if (count <= SYNC_PAGE_ITEMS) {
      if (count > room) return { kind: 'later' };
      const items = this.#keys.slice(from, to).map((key, i) => ({ key, topic: this.#topics[from + i] ?? '' }));
      return { kind: 'items', items };
    }
    const parts = Math.min(SYNC_SPLIT, Math.ceil(count / SYNC_PAGE_ITEMS));
    const cuts: { upper: string; fingerprint: string }[] = [];
    let start = from;
    for (let part = 1; part <= parts; part++) {
      const end = part === parts ? to : from + Math.floor((count * part) / parts);
      const upper = part === parts ? range.upper : (this.#keys[end] ?? range.upper);
      cuts.push({ upper, fingerprint: this.#fingerprint(start, end) });
      start = end;
    }
    return { kind: 'split', parts: cuts };
  }

  #fingerprint(from: number, to: number): string {
    const known = this.#fingerprints.get(`${from} ${to}`);
    if (known !== undefined) return known;
    // One piece: a call per key takes ten times as long, and whoever asks pays with a hundred bytes.
    this.#text ??= Buffer.from(this.#keys.join(''), 'latin1');
    const [start, end] = [from * KEY_BYTES * 2, Math.max(from, to) * KEY_BYTES * 2];
    const made = createHash('sha256').update(this.#text.subarray(start, end)).digest('hex');
    if (this.#fingerprints.size < MAX_FINGERPRINTS) this.#fingerprints.set(`${from} ${to}`, made);
    return made;
  }

  /** Index of the first key that is not below `key`. */
  #find(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
