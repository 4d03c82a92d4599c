import { join } from 'node:path';
import { CodedError } from '../base/errors.ts';
import { parseDecimal } from '../base/field.ts';
import { withFileLock } from '../base/file-lock.ts';
import { FileErrorCode, readPrivateFile, removeLeftovers, writePrivateFile } from '../base/private-file.ts';
import { GAP_MAX } from '../crypto/index.ts';
import { isHolder } from './fields.ts';
import type { IssuedRecord } from './interface.ts';
import { parseObject } from './key-file.ts';

/** About 300 bytes a credential: some 800,000. */
const MAX_LEDGER_BYTES = 256 * 1024 * 1024;

export interface Ledger {
  /** Sequence of the last published entry. */
  published: number;
  records: IssuedRecord[];
}

/** What an issuer has ever issued: one file, replaced as a whole under a lock. */
export class LedgerFile {
  readonly #path: string;

  constructor(dir: string) {
    this.#path = join(dir, 'issued.json');
  }

  /** @throws CodedError FILE_* */
  async read(): Promise<Ledger> {
    let bytes: Buffer;
    try {
      bytes = await readPrivateFile(this.#path, MAX_LEDGER_BYTES);
    } catch (error) {
      // No ledger is an empty one only for a new issuer; `create` writes it, so its loss is an error.
      if (error instanceof CodedError && error.code === FileErrorCode.NotFound) {
        throw new CodedError(FileErrorCode.Malformed, 'issued.json is gone: what was issued is unknown', {
          where: 'issued.json',
          hint: 'restore it from a backup; without it a person could be issued a second credential',
        });
      }
      throw error;
    }
    const ledger = parseLedger(bytes.toString('utf8'));
    if (ledger === undefined) {
      throw new CodedError(FileErrorCode.Malformed, 'issued.json is damaged', { where: 'issued.json' });
    }
    return ledger;
  }

  /** Reads, lets `change` alter the ledger, and has it on disk before this resolves. */
  async update<T>(change: (ledger: Ledger) => T): Promise<T> {
    return await withFileLock(this.#path, async () => {
      await removeLeftovers(this.#path);
      const ledger = await this.read();
      const result = change(ledger);
      await this.#write(ledger);
      return result;
    });
  }

  async create(): Promise<void> {
    await this.#write({ published: 0, records: [] });
  }

  async #write(ledger: Ledger): Promise<void> {
    const lines = ledger.records.map((record) => JSON.stringify(record));
    await writePrivateFile(
      this.#path,
      `{"v":1,"published":${ledger.published},"records":[\n${lines.join(',\n')}\n]}\n`,
    );
  }
}

function parseLedger(text: string): Ledger | undefined {
  const { v, published, records } = parseObject(text) ?? {};
  if (v !== 1 || !isTime(published) || !Array.isArray(records)) return undefined;
  const read = records.map(readRecord);
  return read.every((record) => record !== undefined) ? { published, records: read } : undefined;
}

function readRecord(value: unknown): IssuedRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { serial, holder, subject, issuedAt, expiresAt, revokedAt } = value as Record<string, unknown>;
  if (!isSerial(serial) || !isHolder(holder) || typeof subject !== 'string') return undefined;
  if (parseDecimal(subject) === undefined || !isTime(issuedAt) || !isTime(expiresAt)) return undefined;
  if (revokedAt !== null && !isTime(revokedAt)) return undefined;
  return { serial, holder, subject, issuedAt, expiresAt, revokedAt };
}

/** A canonical decimal strictly between the gap tree's sentinels. */
export function isSerial(value: unknown): value is string {
  const serial = parseDecimal(value);
  return serial !== undefined && serial > 0n && serial < GAP_MAX;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 40;
}
