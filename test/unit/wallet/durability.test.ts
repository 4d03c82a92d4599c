import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openWallet } from '../../../src/wallet/index.ts';
import { makeWallet, PASSPHRASE, SCRYPT } from './make.ts';

const KILLED_TRADER = fileURLToPath(new URL('./killed-trader.ts', import.meta.url));

test('killed at random moments, a wallet keeps whatever it had acknowledged', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  wallet.close();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [KILLED_TRADER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    await once(child.stdout, 'data');
    await sleep(Math.random() * 60);
    child.kill('SIGKILL');
    await once(child, 'close');
    for (const line of output.split('\n').slice(0, -1)) acknowledged.add(line);

    const again = await openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
    const kept = new Set((await again.pseudonyms()).map(({ publicKey }) => publicKey));
    for (const publicKey of acknowledged) assert.ok(kept.has(publicKey), `round ${round}`);
    // The next writer takes over the dead one's lock and clears its drafts.
    acknowledged.add((await again.createPseudonym('order', 'after')).publicKey);
    again.close();
    // Killed just before it had the lock, a process leaves its request: a pid and a host name, of no effect.
    const leftovers = (await readdir(dir)).filter((name) => !/^wallet\.json\.lock\.[0-9a-f]{32}$/.test(name));
    assert.deepEqual(leftovers, ['wallet.json']);
  }
  assert.ok(acknowledged.size >= 8);
});
