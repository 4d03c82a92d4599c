import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../../../src/base/bytes.ts';
import { openLedger } from '../../../../src/ledger/ledger.ts';
import { genesisOf, person } from './people.ts';

test('without room on the disk: a coded error, nothing half done, and on as soon as there is room', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'zkbazaar-full-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const script = fileURLToPath(new URL('full-child.ts', import.meta.url));
  // The soft limit alone, in the 512-byte blocks of sh: 64 KiB in one file.
  const limited = ['-c', 'ulimit -S -f 128; exec "$0" "$@"', process.execPath, script, folder];
  const { stdout, stderr } = spawnSync('sh', limited, { maxBuffer: 1 << 20 });
  const { told, head } = JSON.parse(stdout.toString() || `{"told": ${JSON.stringify(stderr.toString())}}`);
  assert.deepEqual(told, { refused: 'LEDGER_LOG_UNWRITABLE', answers: true, all: true, status: 0, further: true });
  const genesis = genesisOf([1, 2].map((number) => person(number)));
  const ledger = await openLedger({ folder, genesis, lanes: 0, capacity: 4096 });
  assert.equal(`${ledger.head.height} ${toHex(ledger.head.stateRoot)}`, head);
  await ledger.close();
});
