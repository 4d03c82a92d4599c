import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { SealedStats } from '../ledger/options.ts';
import { PROGRAMS } from '../ledger/programs/index.ts';
import type { LedgerStatusView } from './ledger-interface.ts';

const GAUGES = {
  height: 'Height of the last executed block',
  oldest: 'Lowest height whose block is kept',
  records: 'Records in the state',
  capacity: 'Records that there is room for',
  mempool: 'Transactions that wait',
  bytes: 'Bytes of log and snapshots',
  failed: '1 where the ledger has stopped',
  follow_told: 'Height that the followed peer says it has; -1 where none is followed',
  follow_refused: '1 where a block of the followed peer was refused',
} as const;

/** From a small block on the main thread to one of 10,000 transactions with programs that take long. */
const SECONDS = [0.0002, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** Of the ledger; labels are bounded: programs, statuses and codes. */
export class LedgerMetrics {
  readonly #status: () => LedgerStatusView | undefined;
  #transactions: Counter<'status'> | undefined;
  #operations: Counter<'program' | 'status'> | undefined;
  #blocks: Counter | undefined;
  #seconds: Histogram<'part'> | undefined;
  #appendStarted = 0;
  #lanes: Counter | undefined;
  #waves: Counter | undefined;
  #refusals: Counter<'code'> | undefined;

  constructor(status: () => LedgerStatusView | undefined) {
    this.#status = status;
  }

  /** Adds itself to the node's metrics. */
  register(registry: Registry): void {
    const registers = [registry];
    const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
      new Counter<L>({ name: `zkbazaar_ledger_${name}`, help, labelNames, registers });
    this.#transactions = counter('transactions_total', 'Executed transactions, by status', ['status']);
    this.#operations = counter('operations_total', 'Operations, by program and status of their transaction', [
      'program',
      'status',
    ]);
    this.#seconds = new Histogram({
      name: 'zkbazaar_ledger_block_seconds',
      help: 'Time of a block in each part: execute, hash, write (log and its fdatasync); blocks overlap',
      labelNames: ['part'],
      buckets: SECONDS,
      registers,
    });
    this.#blocks = counter('blocks_total', 'Executed blocks');
    this.#lanes = counter('lanes_total', 'Lanes used, summed over blocks');
    this.#waves = counter('waves_total', 'Waves, summed over blocks');
    this.#refusals = counter('refusals_total', 'What was not taken, by code', ['code']);
    const gauges = new Map<keyof typeof GAUGES, Gauge>();
    const collect = (): void => {
      const values = valuesOf(this.#status());
      for (const [name, gauge] of gauges) gauge.set(values[name]);
    };
    for (const [name, help] of Object.entries(GAUGES) as [keyof typeof GAUGES, string][]) {
      // The first one to be asked sets them all.
      const first = gauges.size === 0 ? { collect } : {};
      gauges.set(name, new Gauge({ name: `zkbazaar_ledger_${name}`, help, registers, ...first }));
    }
  }

  /** At the named points of the log (`log/interface.ts`). */
  point(name: string): void {
    if (name === 'log.before-append') this.#appendStarted = performance.now();
    if (name === 'log.after-sync') this.#took('write', performance.now() - this.#appendStarted);
  }

  sealed({ statuses, operations, lanes, waves, executeMs, hashMs }: SealedStats): void {
    this.#took('execute', executeMs);
    this.#took('hash', hashMs);
    for (const [key, count] of operations) {
      const program = PROGRAMS.get(key >>> 16)?.name ?? 'unknown';
      this.#operations?.inc({ program, status: String(key & 0xffff) }, count);
    }
    for (const [status, count] of statuses) this.#transactions?.inc({ status: String(status) }, count);
    this.#blocks?.inc();
    this.#lanes?.inc(lanes);
    this.#waves?.inc(waves);
  }

  #took(part: string, ms: number): void {
    this.#seconds?.observe({ part }, ms / 1000);
  }

  refused(code: string): void {
    this.#refusals?.inc({ code });
  }
}

function valuesOf(status: LedgerStatusView | undefined): Record<keyof typeof GAUGES, number> {
  const { following } = status ?? { following: null };
  return {
    height: Number(status?.head.height ?? 0),
    oldest: Number(status?.oldest ?? 0),
    records: status?.records ?? 0,
    capacity: status?.capacity ?? 0,
    mempool: status?.pending ?? 0,
    bytes: status?.bytes ?? 0,
    failed: status === undefined || status.state === 'failed' ? 1 : 0,
    follow_told: following === null ? -1 : Number(following.told),
    follow_refused: following?.state === 'refused' ? 1 : 0,
  };
}
