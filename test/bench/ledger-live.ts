/** A ledger as its users have it: `openLedger`, mempool, blocks of its own making, receipts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { transactionAt } from '../../src/ledger/block/batch.ts';
import { SIGNATURE_ALGORITHMS } from '../../src/ledger/constants.ts';
import type { Ledger } from '../../src/ledger/interface.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { AT } from '../../src/ledger/transaction/layout.ts';
import { GENESIS } from './ledger-genesis.ts';
import { makeKeys, signBlocks } from './ledger-keys.ts';
import { ledgerFolder } from './ledger-pipeline.ts';
import { randomFrom } from './ledger-random.ts';
import { capacityOf } from './ledger-recovery.ts';
import { measured, perSecond, rateRow, type Sample } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { makeWorld, transferBlock } from './ledger-world.ts';
import { quantile, rounded, summarise } from './stats.ts';

/** Handed over in one call, and calls under way at once. */
const BATCH = 1_000;
const UNDER_WAY = 40;
const SAMPLES = 3;
/** A transfer takes 3,260. What the other sections allow for would make the gas of a block hold no more than 500 of them. */
const GAS_LIMIT = 5_000;
/** Milliseconds from block to block at half load. */
const BLOCK_TIME = 100;
const TICK_MS = 10;

export async function liveSection(bench: LedgerBench): Promise<void> {
  const { sizes, rows, progress } = bench;
  const keys = await makeKeys(SIGNATURE_ALGORITHMS.ed25519, sizes.signers);
  const transactions = await signedInTurns(bench, keys);
  const folder = await ledgerFolder(bench, 'live', keys, 0);
  const capacity = capacityOf(sizes.accounts);
  const ledger = await openLedger({ folder, genesis: GENESIS, capacity, blockTime: BLOCK_TIME });
  try {
    progress('submissions at full speed');
    const batch = Math.min(BATCH, sizes.liveTransactions / 40);
    const warm = sizes.liveTransactions / 4;
    await submitAll(ledger, transactions.slice(0, warm), batch);
    const all = transactions.slice(warm, sizes.liveTransactions);
    const figures = await measured(sizes.unitMs, (given) => submitAll(ledger, given, batch), all);
    const what = 'openLedger().submitMany to receipts: signatures, mempool, blocks, log, roots';
    rows.push(rateRow('ledger.live.submit-many', what, figures, `${batch} a call, ${UNDER_WAY} calls under way`));
    const rates = figures.samples.map(perSecond);
    const half = quantile(rates, 0.5) / 2;
    progress(`submissions at half of it, ${Math.round(half)} a second`);
    const next = transactions.slice(sizes.liveTransactions, sizes.liveTransactions + sizes.halfTransactions);
    const waits = await submitPaced(ledger, next, half);
    const load = `from submission to receipt at ${Math.round(half)} tx/s and op/s, blocks each ${BLOCK_TIME} ms`;
    for (const [id, q] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = rounded(quantile(waits, q));
      const range = { min: rounded(quantile(waits, 0)), max: rounded(quantile(waits, 1)), n: waits.length };
      rows.push({ id: `ledger.live.latency-${id}`, what: `${id}, ${load}`, unit: 'ms', median: value, ...range });
    }
    progress('single submissions');
    const singles: number[] = [];
    for (const bytes of transactions.slice(sizes.liveTransactions + sizes.halfTransactions)) {
      const start = performance.now();
      await ledger.submit(bytes);
      singles.push(performance.now() - start);
    }
    const alone = 'admission of one transaction at a time, idle ledger';
    rows.push({ id: 'ledger.live.admission', what: alone, unit: 'ms', ...summarise(singles, { p95: true }) });
  } finally {
    await ledger.close();
  }
}

/** Each signer in turn, so that no account has more waiting than the pool takes. */
async function signedInTurns({ sizes, progress }: LedgerBench, keys: Awaited<ReturnType<typeof makeKeys>>) {
  const world = makeWorld(sizes.accounts, keys.addresses);
  const count = sizes.liveTransactions + sizes.halfTransactions + sizes.singles;
  const random = randomFrom(5);
  let turn = 0;
  const pick = () => turn++ % keys.addresses.length;
  progress(`signatures for ${count} transactions`);
  const block = transferBlock(world, count, pick, () => Math.floor(random() * world.accounts));
  for (let i = 0; i < count; i += 1) block.words[((block.offsets[i] ?? 0) + AT.gasLimit) >> 2] = GAS_LIMIT;
  await signBlocks(keys, [block]);
  return Array.from({ length: count }, (_, i) => new Uint8Array(transactionAt(block, i)));
}

/**
 * As many calls under way as told, each ended when its last receipt is there. Receipts come a block at a time, so a sample
 * is cut at the end of such a burst, when a third of the transactions is done.
 */
async function submitAll(ledger: Ledger, transactions: readonly Uint8Array[], batch: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  let [next, done, last] = [0, 0, performance.now()];
  let scheduled = false;
  const cut = (atLeast: number) => {
    scheduled = false;
    if (done < atLeast) return;
    const now = performance.now();
    samples.push({ transactions: done, operations: done, ms: now - last });
    [done, last] = [0, now];
  };
  const lane = async () => {
    while (next < transactions.length) {
      const part = transactions.slice(next, next + batch);
      next += part.length;
      await submitted(ledger, part);
      done += part.length;
      if (!scheduled) setImmediate(cut, transactions.length / SAMPLES);
      scheduled = true;
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
  cut(1);
  return samples;
}

async function submitted(ledger: Ledger, transactions: readonly Uint8Array[]): Promise<void> {
  const ids = await ledger.submitMany(transactions);
  const accepted = ids.map((id) => {
    if (id instanceof Error) throw id;
    return id;
  });
  await Promise.all(accepted.map((id) => ledger.executed(id)));
}

/** At a steady rate, in steps of ten milliseconds. @returns milliseconds from each step's submission to its last receipt */
async function submitPaced(ledger: Ledger, transactions: readonly Uint8Array[], rate: number): Promise<number[]> {
  const waits: number[] = [];
  const running: Promise<void>[] = [];
  const begin = performance.now();
  for (let sent = 0; sent < transactions.length; ) {
    const due = Math.min(transactions.length, Math.ceil(((performance.now() - begin) / 1000) * rate));
    if (due > sent) {
      const start = performance.now();
      const part = transactions.slice(sent, due);
      running.push(submitted(ledger, part).then(() => void waits.push(performance.now() - start)));
      sent = due;
    }
    await sleep(TICK_MS);
  }
  await Promise.all(running);
  return waits;
}
