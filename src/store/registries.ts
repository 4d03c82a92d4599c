import { parseDecimal } from '../base/field.ts';
import { KEPT_REGISTRY_HEADERS, KEPT_SNAPSHOTS, MAX_SNAPSHOT_BYTES } from './constants.ts';
import type { Database, Statement } from './database.ts';
import { StoreError } from './errors.ts';
import { StoreErrorCode } from './interface.ts';
import type { Registries, RegistryRecord } from './registries-interface.ts';
import { checkCount, checkLimit, checkText, checkTime, numberOf, type Row, textOf } from './values.ts';

const COLUMNS = 'sequence, root, issued_at, lists, snapshot_hash, superseded_at';

export class SqliteRegistries implements Registries {
  readonly #db: Database;
  readonly #select: (where: string) => Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#select = (where) => db.statement(`SELECT ${COLUMNS} FROM registries ${where}`);
  }

  async put(record: RegistryRecord, now: number): Promise<boolean> {
    checkRegistry(record);
    checkTime(now, 'now');
    return this.#db.transaction(() => this.insert(record, now));
  }

  /** Inside the caller's transaction. @returns false if the sequence is known */
  insert(record: RegistryRecord, now: number): boolean {
    if (this.#select('WHERE sequence = ?').get(record.sequence)) return false;
    const next = this.#select('WHERE sequence > ? ORDER BY sequence LIMIT 1').get(record.sequence);
    // One that comes late was superseded when its successor was issued, not when it arrived.
    const supersededAt = next ? Math.min(numberOf(next, 'issued_at'), now) : null;
    if (supersededAt === null) {
      this.#db.statement('UPDATE registries SET superseded_at = ? WHERE superseded_at IS NULL').run(now);
    }
    this.#db
      .statement(`INSERT INTO registries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
      .run(
        record.sequence,
        record.root,
        record.issuedAt,
        JSON.stringify(record.lists),
        record.snapshotHash,
        supersededAt,
      );
    this.#db
      .statement('DELETE FROM registries WHERE sequence <= (SELECT max(sequence) FROM registries) - ?')
      .run(KEPT_REGISTRY_HEADERS);
    return true;
  }

  async putSnapshot(sequence: number, snapshot: string): Promise<void> {
    checkText(snapshot, MAX_SNAPSHOT_BYTES, 'snapshot');
    this.#db.transaction(() => {
      const changed = this.#db
        .statement('UPDATE registries SET snapshot = ? WHERE sequence = ?')
        .run(snapshot, checkCount(sequence, 'sequence'));
      if (changed === 0) {
        throw new StoreError(StoreErrorCode.BadValue, `registry ${sequence} is unknown`, { where: 'sequence' });
      }
      this.#db
        .statement(
          `UPDATE registries SET snapshot = NULL WHERE snapshot IS NOT NULL AND sequence NOT IN
           (SELECT sequence FROM registries WHERE snapshot IS NOT NULL ORDER BY sequence DESC LIMIT ?)`,
        )
        .run(KEPT_SNAPSHOTS);
    });
  }

  async current(): Promise<RegistryRecord | undefined> {
    return maybe(this.#select('ORDER BY sequence DESC LIMIT 1').get());
  }

  async bySequence(sequence: number): Promise<RegistryRecord | undefined> {
    return maybe(this.#select('WHERE sequence = ?').get(checkCount(sequence, 'sequence')));
  }

  async byRoot(root: string): Promise<RegistryRecord | undefined> {
    return maybe(this.#select('WHERE root = ? ORDER BY sequence DESC LIMIT 1').get(root));
  }

  async snapshot(sequence: number): Promise<string | undefined> {
    const row = this.#db
      .statement('SELECT snapshot FROM registries WHERE sequence = ? AND snapshot IS NOT NULL')
      .get(checkCount(sequence, 'sequence'));
    return row && textOf(row, 'snapshot');
  }

  async recent(limit?: number): Promise<RegistryRecord[]> {
    const rows = this.#select('ORDER BY sequence DESC LIMIT ?').all(checkLimit(limit, 100, KEPT_REGISTRY_HEADERS));
    return rows.map(toRecord);
  }
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkRegistry(record: RegistryRecord): void {
  checkCount(record.sequence, 'registry.sequence');
  checkTime(record.issuedAt, 'registry.issuedAt');
  for (const root of [record.root, ...Object.values(record.lists)]) {
    if (parseDecimal(root) === undefined) {
      throw new StoreError(StoreErrorCode.BadValue, 'a root must be a decimal below r', { where: 'registry.root' });
    }
  }
  checkText(record.snapshotHash, 64, 'registry.snapshotHash');
}

function maybe(row: Row | undefined): RegistryRecord | undefined {
  return row && toRecord(row);
}

function toRecord(row: Row): RegistryRecord {
  const superseded = row['superseded_at'];
  return {
    sequence: numberOf(row, 'sequence'),
    root: textOf(row, 'root'),
    issuedAt: numberOf(row, 'issued_at'),
    lists: JSON.parse(textOf(row, 'lists')) as Record<string, string>,
    snapshotHash: textOf(row, 'snapshot_hash'),
    supersededAt: typeof superseded === 'number' ? superseded : undefined,
  };
}
