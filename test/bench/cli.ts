/** Cold start of every verb: the real launcher in a new process, from spawn to exit. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERBS } from '../../src/cli/verbs.ts';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { type Bench, timed } from './bench.ts';
import { listingEnvelopes } from './listings.ts';
import { networkFlags, type PeerProcess, startPeer } from './peer-process.ts';
import { summarise } from './stats.ts';
import { PASSPHRASE, POLICIES } from './world.ts';

interface Case {
  name: string;
  /** New arguments for each run, where a run leaves something behind. */
  args: (run: number) => readonly string[];
  /** `doctor` says 1 where something is amiss; any other code breaks the row. */
  exits?: readonly number[];
  /** Instead of `cliRuns`, and without a run to fill the cache. */
  runs?: number;
}

export async function cliSection(bench: Bench): Promise<void> {
  await bench.ensureProven(1);
  const files = await writeFiles(bench);
  const { world, dir, progress, sizes, rows } = bench;
  const cache = join(dir, 'compile-cache');
  progress('starting a peer for the verbs that talk to one');
  const peer = await startPeer(world, join(dir, 'cli-peer'));
  try {
    const registry = JSON.parse(Buffer.from(world.registryFile).toString('utf8')) as unknown;
    await peer.request('POST', '/v1/registry', registry);
    const env = cleanEnv({
      ZKBAZAAR_PASSPHRASE: PASSPHRASE,
      ZKBAZAAR_DATA_DIR: world.dataDir,
      ZKBAZAAR_TOKEN: peer.token,
      NODE_COMPILE_CACHE: cache,
    });
    const start = (args: readonly string[]) => run([...networkFlags(world), ...args], env);
    await must(start(['registry', 'import', files.registry]));
    for (const { name, args, exits = [0], runs } of cases(bench, files, peer)) {
      progress(`cold start: ${name}`);
      const times: number[] = [];
      const ms = async (index: number) => {
        const { ms: took, value } = await timed(() => start(args(index)));
        if (!exits.includes(value.code ?? -1)) throw new Error(`${name} ended with ${value.code}: ${value.stderr}`);
        return took;
      };
      const first = runs === undefined ? await ms(0) : undefined;
      for (let i = 1; i <= (runs ?? sizes.cliRuns); i++) times.push(await ms(i));
      const note =
        first === undefined ? {} : { note: `first run, compiled code not in the cache: ${Math.round(first)} ms` };
      rows.push({ id: `cli.${idOf(name)}`, what: `\`zkbazaar ${name}\``, unit: 'ms', ...summarise(times), ...note });
    }
  } finally {
    await peer.stop();
  }
  progress('cold start: start');
  const starts: number[] = [];
  for (let i = 1; i <= sizes.cliRuns; i++) {
    const started = await startPeer(world, join(dir, `start-${i}`));
    starts.push(started.startMs);
    await started.stop();
  }
  const what = '`zkbazaar start`: to the line that says that peer and API are up';
  rows.push({ id: 'cli.start', what, unit: 'ms', ...summarise(starts), note: 'a fresh data folder each time' });
}

const idOf = (name: string): string => name.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '');

type Files = Record<'key' | 'signals' | 'proof' | 'envelope' | 'registry', string> & { listings: string[] };

async function writeFiles({ dir, proven, circuits, world, sizes }: Bench): Promise<Files> {
  const folder = join(dir, 'cli-files');
  await mkdir(folder);
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const [one] = proven;
  if (one === undefined) throw new RangeError('no proof');
  const listings = listingEnvelopes(sizes.cliRuns + 1);
  return {
    key: await write('verification_key.json', circuits.get(one.circuit).verifyingKeyBytes),
    signals: await write('public.json', JSON.stringify(one.publicSignals)),
    proof: await write('proof.json', JSON.stringify(one.proof)),
    envelope: await write('envelope.bin', one.envelope),
    registry: await write('registry.json', world.registryFile),
    listings: await Promise.all(listings.map((listing, i) => write(`listing-${i}.bin`, listing))),
  };
}

/** One case per verb; a verb without one is measured by its help. */
function cases({ dir, names }: Bench, files: Files, { api }: PeerProcess): Case[] {
  const fixed = (...args: string[]) => ({ name: args.join(' '), args: () => args });
  const named = (name: string, ...args: string[]) => ({ name, args: () => args });
  const node = ['--node', api];
  const own: Record<string, Case[]> = {
    init: [{ name: 'init', args: (i) => ['--data-dir', join(dir, `init-${i}`), 'init'] }],
    issuer: [named('issuer list', 'issuer', 'list', 'kyc')],
    registry: [fixed('registry', 'show')],
    wallet: [fixed('wallet', 'list')],
    policy: [named('policy check', 'policy', 'check', POLICIES.qualification)],
    prove: names.slice(-1).map((circuit) => ({
      ...named(`prove ${circuit === 'credential' ? 'identity' : circuit}`),
      args: () => ['prove', circuit === 'credential' ? 'identity' : circuit, POLICIES[circuit]],
      runs: 1,
    })),
    verify: [named('verify', 'verify', files.key, files.signals, files.proof)],
    envelope: [named('envelope inspect', 'envelope', 'inspect', files.envelope)],
    publish: [{ name: 'publish', args: (i) => [...node, 'publish', files.listings[i] ?? ''] }],
    offer: [named('offer list', ...node, 'offer', 'list')],
    order: [named('order list', ...node, 'order', 'list')],
    peers: [named('peers', ...node, 'peers')],
    circuits: [fixed('circuits')],
    config: [fixed('config')],
    doctor: [{ ...fixed('doctor'), exits: [0, 1] }],
    // Measured on its own: it does not end by itself.
    start: [],
  };
  const byVerb = VERBS.flatMap(({ name }) => own[name] ?? [fixed(name, '--help')]);
  return [fixed('--help'), fixed('--version'), ...byVerb];
}

interface Run {
  code: number | null;
  stderr: string;
}

async function must(running: Promise<Run>): Promise<void> {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(`a verb ended with ${code}: ${stderr}`);
}

/** As a shell starts it; `npx` or `npm run` come on top. */
function run(args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr = `${stderr}${part}`.slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}
