import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../src/store/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { id } from '../unit/store/make.ts';

const KILLS = Number(process.env['ZKBAZAAR_TEST_KILLS'] ?? 60);
const CHILD = fileURLToPath(new URL('./store-crash-child.ts', import.meta.url));

/**
 * Runs a child and kills it after a random number of acknowledgements and a random moment more, so that a slow machine
 * sees kills in the same places as a fast one.
 * @returns the whole lines it wrote
 */
async function runAndKill(dataDir: string, run: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, dataDir, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const lines = () => output.split('\n').slice(0, -1);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)));
  const wanted = 1 + randomInt(0, 100);
  const reached = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (lines().length >= wanted) resolve();
    });
  });
  // Some die at any moment, while the store is still opening included.
  const tooLong = run % 10 === 9 ? sleep(randomInt(50, 300)) : ended;
  await Promise.race([reached, ended, tooLong]);
  await sleep(randomInt(0, 8));
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL', 'the child died by itself');
  // A line without its end was never an acknowledgement.
  return lines();
}

test(`${KILLS} kill -9: nothing acknowledged is lost, no nullifier is spent twice, the store opens`, async (t) => {
  const dataDir = await tempDir(t);
  const acknowledged = new Map<string, string>();
  const winners = new Map<string, string>();
  for (let run = 0; run < KILLS; run++) {
    for (const line of await runAndKill(dataDir, run)) {
      const [word, envelopeId, value] = line.split(' ');
      if (word === 'ok' && envelopeId && value) acknowledged.set(envelopeId, value);
      if (word === 'won' && envelopeId && value) {
        assert.ok(!winners.has(value), `run ${run}: a second envelope was told that it has this nullifier`);
        winners.set(value, envelopeId);
      }
    }
    const store = await openStore({ dataDir });
    try {
      const stored = new Set([...store.envelopes.list(0, Number.MAX_SAFE_INTEGER)].map((item) => item.id));
      for (const [envelopeId, value] of acknowledged) {
        assert.ok(stored.has(envelopeId), `run ${run}: an acknowledged envelope is gone`);
        const tag = await store.spent.get('nullifier', value);
        assert.equal(
          tag?.envelopeId,
          envelopeId,
          `run ${run}: an acknowledged nullifier is gone or belongs to another`,
        );
        assert.equal(store.spent.peek([{ kind: 'nullifier', value }], id(0, 'd')), 'spent');
      }
      // An envelope without its nullifier, or the other way round, would be half a write.
      assert.equal(await store.spent.count(), stored.size, `run ${run}: envelopes and nullifiers differ in number`);
    } finally {
      await store.close();
    }
  }
  assert.ok(
    acknowledged.size > KILLS,
    `only ${acknowledged.size} acknowledged: the kills came too early to show anything`,
  );

  assert.ok(winners.size > KILLS / 10, `only ${winners.size} contests were won before the kill`);
  const store = await openStore({ dataDir });
  t.after(() => store.close());
  for (const [value, envelopeId] of winners) {
    assert.equal((await store.spent.get('nullifier', value))?.envelopeId, envelopeId);
  }
  t.diagnostic(`${acknowledged.size} acknowledged, ${winners.size} contests won, over ${KILLS} kills`);
});
