/** Real peers: `zkbazaar start` by the launcher, each a process of its own, over TCP on loopback, driven by REST. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { memoryOf, residentOf } from './memory.ts';
import { type BenchWorld, NETWORK } from './world.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

interface Started {
  peerId: string;
  addresses: string[];
  api: string;
}

export interface PeerProcess extends Started {
  /** Spawn to the line that says that it is up, milliseconds. */
  startMs: number;
  token: string;
  /** One call of the REST API. @throws Error with status and body unless it is answered 2xx */
  request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  /** Resident memory in MiB. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** The settings that the bench's network needs, as `--set` flags. */
export function networkFlags({ registryKey }: BenchWorld): string[] {
  return ['--set', `network.name=${NETWORK}`, '--set', `network.registryKey=${registryKey}`];
}

export async function startPeer(world: BenchWorld, dataDir: string, bootstrap?: PeerProcess): Promise<PeerProcess> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[LAUNCHER, 'start', '--json', '--data-dir', dataDir, ...networkFlags(world)],
      ...['--set', 'p2p.loopbackTest=true', '--listen', '/ip4/127.0.0.1/tcp/0', '--port', '0', '--log-level', 'warn'],
      ...(bootstrap === undefined ? [] : ['--bootstrap', addressOf(bootstrap)]),
    ],
    { env: cleanEnv(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // Where the benchmark itself is interrupted, no peer stays behind.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const stop = () => stopChild(child);
  try {
    const started = JSON.parse(await firstLine(child)) as Started;
    const startMs = performance.now() - start;
    const { tokens } = JSON.parse(await readFile(join(dataDir, 'api-tokens.json'), 'utf8')) as {
      tokens: { name: string; token: string }[];
    };
    const token = tokens.find(({ name }) => name === 'admin')?.token ?? '';
    const call = caller(started.api, token);
    return {
      ...started,
      startMs,
      token,
      request: async <T>(method: 'GET' | 'POST', path: string, body?: unknown) =>
        JSON.parse(await call(method, path, body)) as T,
      memory: async () => {
        const seen = (await memoryOf(child.pid))?.rss ?? residentOf(await call('GET', '/v1/metrics'));
        if (seen === undefined) throw new Error('the memory of a peer is not known');
        return seen;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf({ addresses: [address] }: Started): string {
  if (address === undefined) throw new Error('a peer listens nowhere');
  return address;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    const timer = setTimeout(() => reject(new Error(`a peer did not come up: ${stderr}`)), START_TIMEOUT_MS);
    child.stderr?.on('data', (part: Buffer) => {
      stderr = `${stderr}${part}`.slice(-2000);
    });
    child.once('exit', (code) => reject(new Error(`a peer ended with ${code}: ${stderr}`)));
    if (child.stdout === null) throw new Error('no standard output');
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

function caller(api: string, token: string) {
  return async (method: string, path: string, body?: unknown): Promise<string> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(`${api}${path}`, { method, headers, ...init });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text;
  };
}

/** Peers in a line, each connected to the one before only, all with the registry. */
export async function startLine(world: BenchWorld, dir: string, count: number): Promise<PeerProcess[]> {
  const peers: PeerProcess[] = [];
  try {
    for (let i = 0; i < count; i++) peers.push(await startPeer(world, join(dir, `peer-${i}`), peers[i - 1]));
    const registry = JSON.parse(Buffer.from(world.registryFile).toString('utf8')) as unknown;
    for (const peer of peers) await peer.request('POST', '/v1/registry', registry);
    return peers;
  } catch (error) {
    await Promise.all(peers.map((peer) => peer.stop()));
    throw error;
  }
}

/** @throws Error unless each peer is connected to its neighbours and nobody else: a mesh would have fewer hops */
export async function requireLine(peers: readonly PeerProcess[]): Promise<void> {
  for (const [i, peer] of peers.entries()) {
    const { items } = await peer.request<{ items: { peerId: string }[] }>('GET', '/v1/peers');
    const neighbours = [peers[i - 1], peers[i + 1]].flatMap((other) => (other === undefined ? [] : [other.peerId]));
    const connected = items.map(({ peerId }) => peerId);
    if (connected.toSorted().join() !== neighbours.toSorted().join()) {
      throw new Error(
        `peer ${i} is connected to ${connected.length} peers, not to its ${neighbours.length} neighbours`,
      );
    }
  }
}

/** Waits for something that happens by itself. @throws Error with `what` after `ms` */
export async function eventually(what: string, look: () => Promise<boolean>, ms = 30_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(200);
  }
}
