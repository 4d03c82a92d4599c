import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenFile, type Scope } from '../../api/tokens.ts';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import { ensurePrivateDir, writePrivateFile } from '../../base/private-file.ts';
import type { VerdictEntry } from '../../node/interface.ts';
import { clientOf, type NodeClient, strongestToken } from '../client.ts';
import { NodeProblem } from '../errors.ts';
import { NETWORK, type PeerName } from './cast.ts';
import { environment } from './command.ts';
import { DemoError, DemoErrorCode } from './wait.ts';

/** How long a peer may take to stop before it is killed; it promises 5 s for its connections. */
const STOP_MS = 10_000;
/** Four start at once, on a machine that may be busy. */
const START_MS = 180_000;
/** A superseded registry root stays good for an hour elsewhere; the demo does not wait that long. */
const GRACE_SECONDS = 1;

export interface PeerInit {
  name: PeerName;
  dir: string;
  registryKey: string;
  /** File of the wallet's passphrase, for the two peers that have one. */
  passphraseFile: string | undefined;
}

interface Started {
  peerId: string;
  addresses: string[];
  api: string;
  docs: string;
}

/** One `zkbazaar start` in a process of its own, spoken to over its REST API alone. */
export class Peer {
  readonly name: PeerName;
  readonly dir: string;
  readonly #init: PeerInit;
  readonly #signal: AbortSignal;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #started: Started | undefined;
  #client: NodeClient | undefined;
  #token = '';
  #follow: string | undefined;
  #stopped = false;

  constructor(init: PeerInit, signal: AbortSignal) {
    this.name = init.name;
    this.dir = init.dir;
    this.#init = init;
    this.#signal = signal;
  }

  /**
   * Resolves once the peer listens.
   * @param follow address of the peer whose ledger it executes
   * @throws DemoError DEMO_PEER_FAILED with the end of its log
   */
  async start(follow?: string): Promise<void> {
    this.#follow = follow;
    await ensurePrivateDir(this.dir);
    await this.#writeConfig(0);
    this.#started = JSON.parse(await this.#spawn()) as Started;
    const port = Number(new URL(this.#started.api).port);
    // So that `zkbazaar --data-dir <this> …` finds the running peer.
    await this.#writeConfig(port);
    this.#token = await strongestToken(this.tokenFile);
    this.#client = clientOf(this.#started.api, this.#token, this.#signal);
  }

  /** Events of the peer until the signal aborts; a stream that breaks off ends it as well. */
  async follow(types: string, signal: AbortSignal, on: (data: unknown) => void): Promise<void> {
    const client = clientOf(this.url, this.#token, AbortSignal.any([this.#signal, signal]));
    try {
      for await (const { data } of client.events(`/v1/events?types=${types}`)) on(data);
    } catch {
      // Only what is shown while waiting depends on it.
    }
  }

  get client(): NodeClient {
    return this.#client ?? fail(this.name);
  }

  get peerId(): string {
    return this.#started?.peerId ?? fail(this.name);
  }

  /** Multiaddr with the peer's id. */
  get address(): string {
    return this.#started?.addresses[0] ?? fail(this.name);
  }

  get url(): string {
    return this.#started?.api ?? fail(this.name);
  }

  get tokenFile(): string {
    return join(this.dir, 'api-tokens.json');
  }

  /** The token that the peer's operator gives to those who may do so much and no more. */
  async token(scope: Scope): Promise<string> {
    const tokens = await readTokenFile(this.tokenFile);
    return tokens.find(({ name }) => name === scope)?.token ?? fail(this.name);
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Newest first. */
  async verdicts(afterSeq = 0): Promise<VerdictEntry[]> {
    const { items } = await this.client.get<{ items: VerdictEntry[] }>(`/v1/verdicts?after=${afterSeq}&limit=1000`);
    return items;
  }

  async lastVerdict(): Promise<number> {
    return (await this.verdicts())[0]?.seq ?? 0;
  }

  /** What the path answers, or undefined where there is no such thing (yet). */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.client.get<T>(path);
    } catch (error) {
      if (error instanceof NodeProblem && (error.status === 404 || error.status === 409)) return undefined;
      throw error;
    }
  }

  /** Ends the process, by force if it does not end by itself; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const force = setTimeout(() => this.kill(), STOP_MS);
    // One that is still starting would finish that first, and has nothing yet that is worth it.
    this.#child?.kill(this.#started === undefined ? 'SIGKILL' : 'SIGTERM');
    await this.#exited;
    clearTimeout(force);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Runs the command that a user would run; gives its first line. */
  async #spawn(): Promise<string> {
    if (this.#stopped) throw new DemoError(DemoErrorCode.PeerFailed, `${this.name} is no longer wanted`);
    const log = openSync(join(this.dir, 'stderr.log'), 'a', 0o600);
    const launcher = join(PACKAGE_ROOT, 'src', 'cli', 'launcher.mjs');
    const child = spawn(process.execPath, [launcher, 'start', '--json', '--data-dir', this.dir], {
      stdio: ['ignore', 'pipe', log],
      env: environment(),
    });
    closeSync(log);
    this.#child = child;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    this.#exited = gone;
    const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
    const line = await new Promise<string | undefined>((resolve) => {
      let text = '';
      child.stdout?.on('data', (part: Buffer) => {
        text += part.toString('utf8');
        if (text.includes('\n')) resolve(text);
      });
      void gone.then(() => resolve(undefined));
    });
    clearTimeout(late);
    if (line !== undefined && !line.includes('"ok":false')) return line;
    const said = await readFile(join(this.dir, 'stderr.log'), 'utf8').catch(() => '');
    throw new DemoError(DemoErrorCode.PeerFailed, `${this.name} did not start: ${said.trim().slice(-400)}`);
  }

  async #writeConfig(port: number): Promise<void> {
    const { registryKey, passphraseFile } = this.#init;
    const config = {
      network: { name: NETWORK, registryKey },
      api: { host: '127.0.0.1', port },
      p2p: { listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, loopbackTest: true },
      gossip: { graceSeconds: GRACE_SECONDS },
      market: { retryFirstMs: 200, retryMaxMs: 2000 },
      // One thread that executes is plenty for a handful of transactions, and there may be many cores.
      ledger: { lanes: 1, ...(this.#follow === undefined ? {} : { follow: this.#follow }) },
      log: { level: 'info', file: join(this.dir, 'peer.log') },
      ...(passphraseFile === undefined ? {} : { wallet: { passphraseFile } }),
    };
    await writePrivateFile(join(this.dir, 'zkbazaar.config.json'), `${JSON.stringify(config, null, 2)}\n`);
  }
}

function fail(name: string): never {
  throw new DemoError(DemoErrorCode.PeerFailed, `${name} does not run`);
}
