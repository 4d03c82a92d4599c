import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import type { SnapshotHead } from '../../../../src/ledger/state/snapshot-format.ts';
import type { SnapshotEntry } from '../../../../src/ledger/state/snapshot-writer.ts';
import { keyOf } from './records.ts';

/** A folder of its own, deleted when the tests of the file are done. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'zkbazaar-snapshot-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const head: SnapshotHead = {
  network: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
  height: 2n ** 40n + 5n,
  header: utf8('a header, of which a snapshot knows nothing'),
};

/** Values of 1 to 128 bytes. */
export function entriesOf(count: number): SnapshotEntry[] {
  return Array.from({ length: count }, (_, n) => ({
    key: keyOf(n, n >> 8, n >> 16, 1),
    value: new Uint8Array(1 + (n % 128)).fill(n),
  }));
}
