import { MAX_RESERVED_TAGS } from './constants.ts';
import type { Database, Statement } from './database.ts';
import { StoreError } from './errors.ts';
import { StoreErrorCode } from './interface.ts';
import {
  type Reservation,
  type ReserveResult,
  type SpentTag,
  type SpentTags,
  TAG_KINDS,
  type Tag,
  type TagKind,
  type TagStatus,
} from './spent-tags-interface.ts';
import { checkTime, hexOf, idToBytes, numberOf, type Row } from './values.ts';

const keyOf = (tag: Pick<Tag, 'kind' | 'value'>) => `${tag.kind} ${tag.value}`;

class OpenReservation implements Reservation {
  readonly tags: readonly Tag[];
  readonly context: string;
  readonly settled: Promise<void>;
  readonly #end: () => void;

  constructor(tags: readonly Tag[], context: string, free: (reservation: OpenReservation) => void) {
    this.tags = tags;
    this.context = context;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    let open = true;
    this.#end = () => {
      if (!open) return;
      open = false;
      free(this);
      resolve();
    };
  }

  release(): void {
    this.#end();
  }
}

/** Spent tags on the disk, and in memory those that are held while their proof is checked. */
export class SqliteSpentTags implements SpentTags {
  readonly #held = new Map<string, OpenReservation>();
  readonly #select: Statement;
  readonly #insert: Statement;
  readonly #count: Statement;

  constructor(db: Database) {
    this.#select = db.statement(
      'SELECT kind, value, context, envelope_id, expires_at FROM spent_tags WHERE kind = ? AND value = ?',
    );
    this.#insert = db.statement(
      'INSERT INTO spent_tags (kind, value, context, envelope_id, expires_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#count = db.statement('SELECT count(*) AS n FROM spent_tags');
  }

  get reserved(): number {
    return this.#held.size;
  }

  peek(tags: readonly Pick<Tag, 'kind' | 'value'>[], context: string): TagStatus {
    return this.conflict(tags, context)?.status ?? 'free';
  }

  /** The first tag that is spent already, those of other contexts first. */
  conflict(
    tags: readonly Pick<Tag, 'kind' | 'value'>[],
    context: string,
  ): { status: 'duplicate' | 'spent'; tag: SpentTag } | undefined {
    let duplicate: SpentTag | undefined;
    for (const tag of tags) {
      const known = this.#find(tag.kind, tag.value);
      if (known === undefined) continue;
      if (known.context !== context) return { status: 'spent', tag: known };
      duplicate ??= known;
    }
    return duplicate && { status: 'duplicate', tag: duplicate };
  }

  reserve(tags: readonly Tag[], context: string): ReserveResult {
    checkTags(tags, context);
    const conflict = this.conflict(tags, context);
    if (conflict) return conflict;
    for (const tag of tags) {
      const holder = this.#held.get(keyOf(tag));
      if (holder) return { status: 'busy', settled: holder.settled };
    }
    if (this.#held.size + tags.length > MAX_RESERVED_TAGS) {
      throw new StoreError(StoreErrorCode.Busy, 'too many tags are reserved');
    }
    const reservation = new OpenReservation([...tags], context, (ended) => {
      for (const tag of ended.tags) this.#held.delete(keyOf(tag));
    });
    for (const tag of tags) this.#held.set(keyOf(tag), reservation);
    return { status: 'reserved', reservation };
  }

  /** Writes the tags of one envelope; the caller has checked `conflict` in the same transaction. */
  insert(tags: readonly Tag[], context: string, envelopeId: string): void {
    const contextBytes = idToBytes(context, 'context');
    const envelope = idToBytes(envelopeId, 'envelopeId');
    for (const tag of tags) {
      this.#insert.run(tag.kind, idToBytes(tag.value, 'tag'), contextBytes, envelope, tag.expiresAt);
    }
  }

  async get(kind: TagKind, value: string): Promise<SpentTag | undefined> {
    return this.#find(kind, value);
  }

  async count(): Promise<number> {
    return numberOf(this.#count.get() ?? {}, 'n');
  }

  #find(kind: TagKind, value: string): SpentTag | undefined {
    const row = this.#select.get(kind, idToBytes(value, 'tag'));
    return row && toSpentTag(row);
  }
}

function toSpentTag(row: Row): SpentTag {
  const kind = TAG_KINDS.find((name) => name === row['kind']);
  if (kind === undefined) throw new StoreError(StoreErrorCode.Corrupt, 'the store holds a tag of no kind');
  return {
    kind,
    value: hexOf(row, 'value'),
    context: hexOf(row, 'context'),
    envelopeId: hexOf(row, 'envelope_id'),
    expiresAt: numberOf(row, 'expires_at'),
  };
}

function checkTags(tags: readonly Tag[], context: string): void {
  idToBytes(context, 'context');
  for (const tag of tags) {
    idToBytes(tag.value, 'tag');
    checkTime(tag.expiresAt, 'tag.expiresAt');
  }
  if (new Set(tags.map(keyOf)).size !== tags.length) {
    throw new StoreError(StoreErrorCode.BadValue, 'one tag is named twice', { where: 'tags' });
  }
}
