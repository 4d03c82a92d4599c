import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { CodedError } from '../../../src/base/errors.ts';
import { resolveConfig } from '../../../src/config/index.ts';
import { EventBus } from '../../../src/node/event-bus.ts';
import { createNode } from '../../../src/node/index.ts';
import { createLog } from '../../../src/node/log.ts';
import { KeyedMutex } from '../../../src/node/mutex.ts';
import { Once } from '../../../src/node/once.ts';
import { findPassphrase } from '../../../src/node/passphrase.ts';
import { ownContact } from '../../../src/node/transport.ts';
import { VerdictBook } from '../../../src/node/verdict-book.ts';
import { openStore } from '../../../src/store/index.ts';
import { codeOf } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { START } from '../market/fixtures.ts';

const clock = new ManualClock(START * 1000);

// --- events

const peerEvent = (n: number) => ({ peerId: `p${n}`, connected: true });

test('a listener that comes back gets what it missed, in order, then what is new', async () => {
  const bus = new EventBus(clock);
  for (let i = 1; i <= 5; i++) bus.emit('peer', peerEvent(i));
  const seen: number[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const event of bus.subscribe({ afterId: 3, signal: stop.signal })) {
      seen.push(event.id);
      if (event.id === 7) stop.abort();
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  bus.emit('peer', peerEvent(6));
  bus.emit('peer', peerEvent(7));
  await reading;
  assert.deepEqual(seen, [4, 5, 6, 7]);
});

test('a flood of one type does not push the others out of history', async () => {
  const bus = new EventBus(clock);
  bus.emit('job', { jobId: 'a', event: {} as never });
  for (let i = 0; i < 3000; i++) bus.emit('peer', peerEvent(i));
  bus.close();
  const open = new EventBus(clock);
  open.emit('peer', peerEvent(1));
  const first = await bus.subscribe({ afterId: 0 })[Symbol.asyncIterator]().next();
  assert.equal(first.done, true, 'a closed bus ends its listeners');
  const stop = new AbortController();
  const types: string[] = [];
  const again = new EventBus(clock);
  again.emit('job', { jobId: 'a', event: {} as never });
  for (let i = 0; i < 3000; i++) again.emit('peer', peerEvent(i));
  for await (const event of again.subscribe({ afterId: 0, signal: stop.signal })) {
    types.push(event.type);
    if (types.length === 2) stop.abort();
  }
  assert.deepEqual(types, ['job', 'peer']);
});

// --- once

test('a create request runs once: in a race, on repeat, and after a restart', async (t) => {
  const dataDir = await tempDir(t);
  let store = await openStore({ dataDir });
  let once = new Once({ store, clock });
  let made = 0;
  const make = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return { made: ++made };
  };
  const both = await Promise.all([once.run('s', 'k', 'hash', make), once.run('s', 'k', 'hash', make)]);
  assert.deepEqual(
    both.map(({ value }) => value.made),
    [1, 1],
  );
  assert.deepEqual(both.map(({ replayed }) => replayed).sort(), [false, true]);
  assert.equal(await codeOf(once.run('s', 'k', 'other', make)), 'NODE_IDEMPOTENCY_MISMATCH');
  assert.equal((await once.run('other scope', 'k', 'hash', make)).value.made, 2);
  await store.close();
  store = await openStore({ dataDir });
  t.after(() => store.close());
  once = new Once({ store, clock });
  assert.deepEqual(await once.run('s', 'k', 'hash', make), { value: { made: 1 }, replayed: true });
});

test('a failed create frees its key', async (t) => {
  const store = await openStore({ dataDir: await tempDir(t) });
  t.after(() => store.close());
  const once = new Once({ store, clock });
  const fail = () => once.run('s', 'k', 'h', () => Promise.reject(new CodedError('TEST_NO', 'no')));
  assert.equal(await codeOf(fail()), 'TEST_NO');
  assert.deepEqual(await once.run('s', 'k', 'h', async () => ({ ok: 1 })), { value: { ok: 1 }, replayed: false });
});

test('an answer too large to be kept is still given', async (t) => {
  const store = await openStore({ dataDir: await tempDir(t) });
  t.after(() => store.close());
  const once = new Once({ store, clock });
  const make = async () => ({ text: 'x'.repeat(5_000_000) });
  assert.equal((await once.run('s', 'k', 'h', make)).value.text.length, 5_000_000);
  assert.equal((await once.run('s', 'k', 'h', make)).replayed, false);
});

test('work on one key runs in turn, on two keys at once, and goes on after a failure', async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const step = (key: string, name: string, fails = false) =>
    mutex.run(key, async () => {
      log.push(`${name}+`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name}-`);
      if (fails) throw new Error('no');
    });
  await Promise.allSettled([step('a', '1', true), step('a', '2'), step('b', '3')]);
  assert.ok(log.indexOf('1-') < log.indexOf('2+'), 'in turn');
  assert.ok(log.indexOf('3+') < log.indexOf('1-'), 'at once');
  assert.equal(log.length, 6);
});

// --- passphrase, log

test('the passphrase comes from the environment, else from a private file of one line', async (t) => {
  const dir = await tempDir(t);
  const file = join(dir, 'pass');
  const settings = { passphraseFile: file };
  assert.equal(await findPassphrase({ passphraseFile: null }, {}), undefined);
  assert.equal(await findPassphrase(settings, { ZKBAZAAR_PASSPHRASE: 'env' }), 'env');
  assert.equal(await codeOf(findPassphrase(settings, {})), 'NODE_PASSPHRASE_FILE');
  writeFileSync(file, 'correct horse\n', { mode: 0o600 });
  assert.equal(await findPassphrase(settings, {}), 'correct horse');
  chmodSync(file, 0o644);
  assert.equal(await codeOf(findPassphrase(settings, {})), 'NODE_PASSPHRASE_FILE');
  chmodSync(file, 0o600);
  for (const text of ['', '\n', 'two\nlines\n']) {
    writeFileSync(file, text);
    assert.equal(await codeOf(findPassphrase(settings, {})), 'NODE_PASSPHRASE_FILE');
  }
});

test('secrets never reach a log line, at whatever depth; errors come without stacks', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', file: null }, { write: (line) => void lines.push(line) });
  const canary = 'canary-5f1c';
  const secret = { secret: canary, passphrase: canary, inputs: { a: canary }, attributes: [canary] };
  log.info(secret, 'one');
  log.info({ wallet: secret }, 'two');
  log.info({ a: { b: secret }, req: { headers: { authorization: canary } } }, 'three');
  log.error({ err: new CodedError('TEST_X', 'what') }, 'four');
  assert.equal(lines.length, 4);
  assert.doesNotMatch(lines.join(''), /canary/);
  assert.match(lines[3] ?? '', /"code":"TEST_X"/);
  assert.doesNotMatch(lines[3] ?? '', /\.ts:/);
});

test('a log file is private', async (t) => {
  const file = join(await tempDir(t), 'logs', 'node.log');
  createLog({ level: 'info', file }).info('hello');
  assert.match(readFileSync(file, 'utf8'), /hello/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

// --- small parts

test('a contact names open addresses, and loopback ones only where there is nothing else', () => {
  const overlay = (addresses: string[]) => ({ peerId: 'p', addresses: () => addresses }) as never;
  const [loop, open] = ['/ip4/127.0.0.1/tcp/1/p2p/p', '/ip4/192.0.2.1/tcp/1/p2p/p'];
  assert.deepEqual(ownContact(overlay([loop ?? '', open ?? ''])).addresses, [open]);
  assert.deepEqual(ownContact(overlay([loop ?? ''])).addresses, [loop]);
  assert.equal(ownContact(overlay(Array(20).fill(open))).addresses.length, 8);
});

test('the verdict book says how each message came in, newest first', async () => {
  const book = new VerdictBook();
  const verdict = {
    action: 'accept',
    code: 'GOSSIP_ACCEPTED',
    reason: '',
    stage: 2,
    micros: 1500,
    at: 1,
    topic: 't',
    bytes: 9,
  } as const;
  book.add({ ...verdict, from: 'other', envelopeId: 'a' }, 'me');
  book.add({ ...verdict, from: 'me', envelopeId: 'b' }, 'me');
  await book.forOrder('c', 'taker', async () => void book.add({ ...verdict, from: 'me', envelopeId: 'c' }, 'me'));
  const seen = book.list().map(({ source, from, elapsedMs }) => [source, from, elapsedMs]);
  assert.deepEqual(seen, [
    ['order', 'taker', 1.5],
    ['publish', 'me', 1.5],
    ['gossip', 'other', 1.5],
  ]);
  assert.deepEqual(
    book.list({ afterSeq: 2 }).map(({ seq }) => seq),
    [3],
  );
  assert.deepEqual(book.list({ code: 'NONE' }), []);
  for (let i = 0; i < 1500; i++) book.add({ ...verdict, from: 'other' }, 'me');
  assert.equal(book.list({ limit: 5000 }).length, 1000);
});

test('a data folder that others may read is refused before anything is opened in it', async (t) => {
  const dataDir = join(await tempDir(t), 'data');
  const { config } = resolveConfig({ env: {}, flags: { dataDir, 'artifacts.dir': join(dataDir, 'none') } });
  assert.match(await codeOf(createNode(config)), /^ARTIFACT_/);
  chmodSync(dataDir, 0o755);
  assert.equal(await codeOf(createNode(config)), 'FILE_LOOSE_PERMISSIONS');
});
