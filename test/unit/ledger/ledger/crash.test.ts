/**
 * The whole ledger, killed at named points: before and after appending, after the sync and before execution, in the middle
 * of a snapshot. Whatever was told to be executed is in the log once, and the state is what the baseline makes of that log.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../../../src/base/bytes.ts';
import { BaselineExecutor, type PlainState } from '../../../../src/ledger/execute/baseline.ts';
import { openGenesis } from '../../../../src/ledger/genesis.ts';
import { openLedger } from '../../../../src/ledger/ledger.ts';
import { PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { decodeTransaction, transactionId } from '../../../../src/ledger/transaction/codec.ts';
import { genesisOf, person } from './people.ts';

const CRASHES = Number(process.env['ZKBAZAAR_TEST_CRASHES'] ?? 16);
const CHILD = fileURLToPath(new URL('killed-child.ts', import.meta.url));
const COUNT = 40;
const POINTS = [
  'log.before-append',
  'log.after-append',
  'log.after-sync',
  'order.taken',
  'order.acknowledged',
  'execute.before',
  'execute.sealed',
  'seal.buffered',
  'snapshot.mid',
  'snapshot.written',
];
const genesis = genesisOf([1, 2, 3, 4].map((number) => person(number)));

interface Outcome {
  readonly head: string;
  readonly done: ReadonlyMap<string, string>;
}

async function runKilled(folder: string, lanes: number, point: string, hits: number): Promise<Outcome> {
  const flags = Object.entries({ folder, lanes, point, hits, count: COUNT }).map(
    ([name, value]) => `--${name}=${value}`,
  );
  const child = spawn(process.execPath, [CHILD, ...flags]);
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)));
  const done = new Map<string, string>();
  let head = '';
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = '', first = '', second = ''] = line.split(' ');
    if (word === 'head') head = `${first} ${second}`;
    if (word === 'done') done.set(first, second);
    // It came through without reaching its point so often: killed all the same.
    if (done.size === COUNT) child.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL', Buffer.concat(stderr).toString());
  return { head, done };
}

/** Opens the ledger once more and holds everything in its log against the baseline and against what children were told. */
async function judge(folder: string, told: ReadonlyMap<string, string>, lanes: number): Promise<string> {
  const ledger = await openLedger({ folder, genesis, lanes, capacity: 4096, blockTime: 1 });
  try {
    const { network, feeAccount, records } = openGenesis(genesis);
    const state: PlainState = new Map(records.map(({ key, value }) => [toHex(key), value]));
    const baseline = new BaselineExecutor(state, PROGRAMS, network, feeAccount);
    const heights = new Map<string, string>();
    const none = AbortSignal.abort();
    for await (const { header, transactions } of ledger.blocks(1n, ledger.head.height === 0n ? none : undefined)) {
      const { height } = header;
      const decoded = transactions.map((bytes) => decodeTransaction(bytes));
      const receipts = baseline.execute({ height, time: header.time, transactions: decoded });
      decoded.forEach((transaction, i) => {
        const id = toHex(
          transactionId(transaction.bytes.subarray(0, new DataView(transaction.bytes.buffer).getUint32(52, true))),
        );
        if (receipts[i]?.status !== 0) return;
        assert.equal(heights.has(id), false, 'a transaction was applied twice');
        heights.set(id, String(height));
      });
      if (height === ledger.head.height) break;
    }
    for (const [id, height] of told) assert.equal(heights.get(id), height, 'an executed transaction is gone');
    for (const [key, value] of state) {
      assert.deepEqual(ledger.record(new Uint8Array(Buffer.from(key, 'hex'))), new Uint8Array(value));
    }
    return `${ledger.head.height} ${toHex(ledger.head.stateRoot)}`;
  } finally {
    await ledger.close();
  }
}

for (const lanes of [0, 2]) {
  const crashes = lanes === 0 ? CRASHES - Math.floor(CRASHES / 4) : Math.floor(CRASHES / 4);
  test(`killed ${crashes} times, ${lanes} lanes: the same root, nothing lost, nothing twice`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'zkbazaar-crash-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const told = new Map<string, string>();
    // The whole log is executed anew each time: some ten times, whatever the number of rounds.
    const every = Math.max(4, Math.ceil(crashes / 10));
    let judged = '';
    for (let round = 0; round < crashes; round += 1) {
      const point = POINTS[round % POINTS.length] ?? '';
      const { head, done } = await runKilled(folder, lanes, point, 1 + ((round * 7) % 5));
      if (judged !== '') assert.equal(head, judged, 'it did not come up with the state that was there');
      for (const [id, height] of done) told.set(id, height);
      judged = '';
      if (round % every === every - 1 || round === crashes - 1) judged = await judge(folder, told, lanes === 0 ? 2 : 0);
    }
    assert.ok(crashes < 5 || told.size > crashes, `only ${told.size} transactions were executed`);
  });
}
