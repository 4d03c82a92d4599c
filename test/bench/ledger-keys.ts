/**
 * Keys and signatures of the benchmarks, made by two threads and kept: a signature costs 50 microseconds, so 200,000 of
 * them ten seconds. A file is named by a hash of what is in it is for, so nothing old is ever taken for something new.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { batchIds } from '../../src/ledger/block/identify.ts';
import { HASH_BYTES, type SignatureAlgorithm } from '../../src/ledger/constants.ts';
import { addressOf } from '../../src/ledger/hashes.ts';
import { AT, KEY_SIZES } from '../../src/ledger/transaction/layout.ts';
import type { SignRequest } from './ledger-sign-worker.ts';

const THREADS = 2;
/** Files that were not used for longest go when all together take more. */
const MOST_BYTES = 512 * 1024 * 1024;

export interface Keys {
  readonly algorithm: SignatureAlgorithm;
  /** One behind the other. */
  readonly publicKeys: Uint8Array;
  readonly addresses: readonly Uint8Array[];
}

export async function makeKeys(algorithm: SignatureAlgorithm, count: number): Promise<Keys> {
  const size = KEY_SIZES[algorithm].publicKey;
  const publicKeys = await kept(`keys of ${algorithm}, ${count}`, count * size, (output) =>
    spread({ algorithm, count, size, output, messages: undefined, signers: undefined }),
  );
  const addresses = Array.from({ length: count }, (_, i) =>
    addressOf(algorithm, publicKeys.subarray(i * size, (i + 1) * size)),
  );
  return { algorithm, publicKeys, addresses };
}

/** Puts public keys and signatures into blocks whose signers are all among the keys. */
export async function signBlocks(keys: Keys, blocks: readonly BlockBatch[]): Promise<void> {
  const { algorithm, publicKeys, addresses } = keys;
  const { publicKey, signature } = KEY_SIZES[algorithm];
  const numbers = new Map(addresses.map((address, i) => [Buffer.from(address).toString('hex'), i]));
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const messages = new Uint8Array(new SharedArrayBuffer(count * HASH_BYTES));
  const signers = new Uint32Array(new SharedArrayBuffer(count * 4));
  let next = 0;
  for (const block of blocks) {
    messages.set(batchIds(block), next * HASH_BYTES);
    for (let i = 0; i < block.count; i += 1) {
      const at = (block.offsets[i] ?? 0) + AT.signer;
      const number = numbers.get(Buffer.from(block.bytes.subarray(at, at + 20)).toString('hex'));
      if (number === undefined) throw new Error(`nobody has the key of transaction ${i}`);
      signers[next + i] = number;
    }
    next += block.count;
  }
  const name = createHash('sha256').update(messages).digest('hex');
  const signatures = await kept(`signatures of ${algorithm}, ${name}`, count * signature, (output) =>
    spread({ algorithm, count, size: signature, output, messages, signers }),
  );
  next = 0;
  for (const { bytes, words, offsets, count: size } of blocks) {
    for (let i = 0; i < size; i += 1) {
      const at = offsets[i] ?? 0;
      const end = at + (words[(at + AT.bodyLength) >> 2] ?? 0);
      const key = (signers[next + i] ?? 0) * publicKey;
      bytes.set(publicKeys.subarray(key, key + publicKey), end);
      bytes.set(signatures.subarray((next + i) * signature, (next + i + 1) * signature), end + publicKey);
    }
    next += size;
  }
}

async function spread(request: Omit<SignRequest, 'thread' | 'threads'>): Promise<void> {
  await Promise.all(
    Array.from({ length: THREADS }, async (_, thread) => {
      const workerData: SignRequest = { ...request, thread, threads: THREADS };
      const worker = new Worker(new URL('./ledger-sign-worker.ts', import.meta.url), { workerData });
      await new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      });
    }),
  );
}

/** What is in the cache under this name, or what `make` puts into shared memory, which then is there. */
async function kept(
  name: string,
  size: number,
  make: (output: Uint8Array<SharedArrayBuffer>) => Promise<void>,
): Promise<Uint8Array> {
  const folder = join(process.env['ZKBAZAAR_CACHE_DIR'] ?? join(homedir(), '.cache', 'zkbazaar'), 'bench');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `ledger-${createHash('sha256').update(name).digest('hex').slice(0, 32)}.bin`);
  const found = await readFile(path).catch(() => undefined);
  if (found?.length === size) {
    await utimes(path, new Date(), new Date());
    return found;
  }
  const output = new Uint8Array(new SharedArrayBuffer(size));
  await make(output);
  await writeFile(`${path}.${process.pid}`, output);
  await rename(`${path}.${process.pid}`, path);
  await prune(folder);
  return output;
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('ledger-'));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  let total = 0;
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size;
    if (total > MOST_BYTES) await unlink(path);
  }
}
