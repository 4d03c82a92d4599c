import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTokenFile, serveApi } from '../../../src/api/index.ts';
import { createFakeNode, JOB } from './fake-node.ts';

interface Event {
  id: string;
  event: string;
  data: string;
}

/** Events of a text/event-stream until `count` are there or it ends. */
async function readEvents(response: Response, count: number): Promise<Event[]> {
  const events: Event[] = [];
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    // Rejects where the connection is cut rather than ended.
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    text += next.value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (field('data') !== '') events.push({ id: field('id'), event: field('event'), data: field('data') });
    }
    if (events.length >= count) break;
  }
  await reader?.cancel().catch(() => undefined);
  return events;
}

describe('API server', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-api-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const flags = (more: Record<string, unknown> = {}) => ({ dataDir: dir, 'api.port': 0, ...more });
  const authorization = async () => {
    const tokens = await openTokenFile(join(dir, 'api-tokens.json'));
    return { authorization: `Bearer ${tokens.find(({ name }) => name === 'admin')?.token}` };
  };

  it('makes a token file that only its owner can read, and keeps it', async () => {
    const path = join(dir, 'tokens', 'api-tokens.json');
    const made = await openTokenFile(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(
      made.map(({ scopes }) => scopes),
      [['read'], ['read', 'prove'], ['read', 'prove', 'admin']],
    );
    assert.equal(new Set(made.map(({ token }) => token)).size, 3);
    assert.deepEqual(await openTokenFile(path), made);
  });

  it('refuses a token file that others can read or that is damaged, and quotes nothing of it', async () => {
    const path = join(dir, 'bad', 'api-tokens.json');
    const [first] = await openTokenFile(path);
    await chmod(path, 0o644);
    await assert.rejects(openTokenFile(path), { code: 'API_TOKEN_FILE' });
    await chmod(path, 0o600);
    for (const content of [
      `${first?.token} is no JSON`,
      '{}',
      JSON.stringify({ version: 1, tokens: [{ name: 'x' }] }),
      // Idempotency keys are told apart by the token's name: two of one name would read each other's answers.
      JSON.stringify({
        version: 1,
        tokens: ['a', 'b'].map((one) => ({ name: 'x', scopes: ['read'], token: `zkb_${one.repeat(43)}` })),
      }),
    ]) {
      await writeFile(path, content);
      await assert.rejects(openTokenFile(path), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'API_TOKEN_FILE');
        assert.doesNotMatch(error.message, /zkb_/);
        return true;
      });
    }
  });

  it('refuses a public bind that nobody acknowledged', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'node.example']) {
      const node = createFakeNode(flags({ 'api.host': '127.0.0.1' }));
      node.config.api.host = host;
      await assert.rejects(serveApi(node).start(), { code: 'API_PUBLIC_BIND' }, host);
    }
  });

  it('says when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      await assert.rejects(serveApi(createFakeNode(flags({ 'api.port': port }))).start(), {
        code: 'API_ADDRESS_IN_USE',
      });
    } finally {
      other.close();
    }
  });

  it('serves what it says, streams events, resumes after Last-Event-ID, and ends streams on stop', async () => {
    const server = serveApi(createFakeNode(flags()));
    await server.start();
    try {
      const url = server.url ?? '';
      assert.match(url, /^http:\/\/127\.0\.0\.1:[0-9]+$/);
      const headers = await authorization();
      assert.equal((await fetch(`${url}/v1/node`)).status, 401);
      assert.equal((await fetch(`${url}/v1/node`, { headers })).status, 200);

      const job = await fetch(`${url}/v1/proofs/${JOB}/events`, { headers });
      assert.match(job.headers.get('content-type') ?? '', /^text\/event-stream/);
      const all = await readEvents(job, 99);
      assert.deepEqual(
        all.map(({ id, event }) => [id, event]),
        [
          ['1', 'progress'],
          ['2', 'progress'],
          ['3', 'progress'],
        ],
      );
      const rest = await readEvents(
        await fetch(`${url}/v1/proofs/${JOB}/events`, { headers: { ...headers, 'last-event-id': '2' } }),
        99,
      );
      assert.deepEqual(
        rest.map(({ id }) => id),
        ['3'],
      );
      const odd = await fetch(`${url}/v1/events`, { headers: { ...headers, 'last-event-id': 'x' } });
      assert.equal(odd.status, 400);
      await odd.body?.cancel();

      const open = await fetch(`${url}/v1/events?types=peer,job`, { headers: { ...headers, 'last-event-id': '1' } });
      const ended = readEvents(open, 99);
      await server.stop();
      // Resolves only because the server ended the stream.
      assert.deepEqual(
        (await ended).map(({ id, event }) => [id, event]),
        [['2', 'peer']],
      );
    } finally {
      await server.stop();
    }
  });

  it('API_FORBIDDEN: a read token sees no orders and jobs on the event stream, which it may not list either', async () => {
    const node = createFakeNode(flags());
    const asked: unknown[] = [];
    const { subscribe } = node.events;
    node.events.subscribe = (options) => {
      asked.push(options?.types);
      return subscribe(options);
    };
    const server = serveApi(node);
    await server.start();
    try {
      const tokens = await openTokenFile(join(dir, 'api-tokens.json'));
      const as = (name: string) => ({ authorization: `Bearer ${tokens.find((token) => token.name === name)?.token}` });
      for (const types of ['order', 'job', 'verdict,order']) {
        const refused = await fetch(`${server.url}/v1/events?types=${types}`, { headers: as('read') });
        assert.equal(refused.status, 403, types);
        assert.equal(((await refused.json()) as { code: string }).code, 'API_FORBIDDEN');
      }
      assert.deepEqual(asked, []);
      for (const [name, query] of [
        ['read', ''],
        ['read', '?types=peer,offer'],
        ['prove', '?types=order,job'],
      ] as const) {
        const open = await fetch(`${server.url}/v1/events${query}`, { headers: as(name) });
        assert.equal(open.status, 200);
        await readEvents(open, 1);
      }
      assert.deepEqual(asked, [
        ['verdict', 'offer', 'registry', 'peer'],
        ['peer', 'offer'],
        ['order', 'job'],
      ]);
    } finally {
      await server.stop();
    }
  });

  it('answers 503 where an answer takes too long, and lets event streams live longer', async () => {
    const node = createFakeNode(flags());
    const server = serveApi(node, { handlerTimeoutMs: 100 });
    await server.start();
    try {
      const headers = await authorization();
      const open = await fetch(`${server.url}/v1/events`, { headers });
      const events = readEvents(open, 99);
      node.offers.show = () => new Promise(() => undefined);
      const slow = await fetch(`${server.url}/v1/offers/${'ab'.repeat(32)}`, { headers });
      assert.equal(slow.status, 503);
      assert.equal(((await slow.json()) as { code: string }).code, 'API_TIMEOUT');
      // The stream was opened before and outlived the same limit: it ends in order, when the server stops.
      await server.stop();
      assert.equal((await events).length, 2);
    } finally {
      await server.stop();
    }
  });

  it('refuses more event streams than it can hold', async () => {
    const server = serveApi(createFakeNode(flags()));
    await server.start();
    const headers = await authorization();
    const open: Response[] = [];
    try {
      for (let i = 0; i < 64; i++) open.push(await fetch(`${server.url}/v1/events`, { headers }));
      assert.ok(open.every(({ status }) => status === 200));
      const refused = await fetch(`${server.url}/v1/events`, { headers });
      assert.equal(refused.status, 503);
      assert.equal(((await refused.json()) as { code: string }).code, 'API_TOO_MANY_STREAMS');
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      await open.pop()?.body?.cancel();
      for (let status = 503; status !== 200; ) {
        const again = await fetch(`${server.url}/v1/events`, { headers });
        status = again.status;
        open.push(again);
      }
    } finally {
      await server.stop();
    }
  });

  it('answers broken HTTP with a coded 400 and closes', async () => {
    const server = serveApi(createFakeNode(flags()));
    await server.start();
    try {
      const { port } = new URL(server.url ?? '');
      for (const raw of [
        'NONSENSE\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      ]) {
        const text = await new Promise<string>((resolve, reject) => {
          let all = '';
          const socket = connect(Number(port), '127.0.0.1', () => socket.write(raw));
          socket.on('data', (part) => {
            all += part.toString();
          });
          socket.on('close', () => resolve(all));
          socket.on('error', reject);
        });
        assert.match(text, /^HTTP\/1\.1 4(00|31) /);
        assert.match(text, /API_BAD_REQUEST/);
      }
    } finally {
      await server.stop();
    }
  });

  it('keeps tokens out of what it logs', async () => {
    const reports: unknown[] = [];
    const node = createFakeNode(flags());
    node.fail = new TypeError('boom');
    const server = serveApi(node, { onUnexpected: (report) => reports.push(report) });
    await server.start();
    try {
      const headers = { ...(await authorization()), 'content-type': 'application/json' };
      const body = JSON.stringify({ policy: 'secret policy text' });
      const answer = await fetch(`${server.url}/v1/proofs`, { method: 'POST', headers, body });
      assert.equal(answer.status, 500);
      const [report] = reports as { method: string; route: string }[];
      assert.equal(report?.route, '/v1/proofs');
      assert.doesNotMatch(JSON.stringify(reports), /zkb_|secret policy/);
      assert.ok((await readFile(join(dir, 'api-tokens.json'), 'utf8')).includes('zkb_'));
    } finally {
      await server.stop();
    }
  });
});

it('work for a request goes on until its answer is out, and ends when its client goes', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'zkb-api-'));
  const node = createFakeNode({ dataDir: dir, 'api.port': 0 });
  const server = serveApi(node);
  await server.start();
  try {
    const token = (await openTokenFile(join(dir, 'api-tokens.json'))).at(-1)?.token ?? '';
    const seen: (AbortSignal | undefined)[] = [];
    const connectPeer = node.peers.connect;
    let wait = (): Promise<unknown> => sleep(100);
    node.peers.connect = async (address, signal) => {
      seen.push(signal);
      await wait();
      if (signal?.aborted === true) throw new Error('the client is gone');
      return await connectPeer(address);
    };
    const ask = (signal: AbortSignal | null) =>
      fetch(`${server.url}/v1/peers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ address: '/ip4/127.0.0.1/tcp/1' }),
        signal,
      });
    assert.equal((await ask(null)).status, 201);
    const leaving = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      wait = () =>
        new Promise<void>((done) => {
          seen.at(-1)?.addEventListener('abort', () => {
            done();
            resolve();
          });
          leaving.abort();
        });
    });
    await assert.rejects(ask(leaving.signal));
    await aborted;
    assert.equal(seen.length, 2);
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
