import { parentPort, workerData } from 'node:worker_threads';
import { isCodedError, messageOf } from '../../base/errors.ts';
import { openBatch } from '../block/batch.ts';
import type { LedgerErrorCode } from '../errors.ts';
import { makeReceipts, RECEIPT_WORDS } from '../execute/shared.ts';
import type { Program } from '../program/interface.ts';
import { PROGRAMS } from '../programs/index.ts';
import { loadSnapshot } from './load-snapshot.ts';
import type { ShardAnswer, ShardJob, ShardRequest, ShardStart, StartState } from './messages.ts';
import { PortExchange } from './port-exchange.ts';
import { Shard } from './shard.ts';

/** The thread of one shard: works requests off one after the other and answers each; see `group.ts`. */
const start = workerData as ShardStart;
const programs =
  start.programs === undefined
    ? PROGRAMS
    : ((await import(start.programs)) as { PROGRAMS: ReadonlyMap<number, Program> }).PROGRAMS;
const shard = new Shard({ ...start, programs, exchange: new PortExchange(start.ports) });
let turn: Promise<void> = Promise.resolve();
let failed = false;

parentPort?.on('message', (request: ShardRequest) => {
  turn = turn.then(() => serve(request));
});
say({ kind: 'ready' });

async function serve(request: ShardRequest): Promise<void> {
  // Half of a block may be in: nothing that follows would mean anything.
  if (failed) return;
  try {
    if (request.kind === 'load') await load(request.state);
    else await execute(request.job);
  } catch (error) {
    failed = true;
    const code = (isCodedError(error) ? error.code : 'LEDGER_LANE_FAILED') as LedgerErrorCode;
    const { where, hint } = isCodedError(error) ? error : { where: undefined, hint: undefined };
    say({ kind: 'failed', code, message: messageOf(error), where, hint });
  }
}

async function load(state: StartState): Promise<void> {
  if ('snapshot' in state) {
    const snapshot = await loadSnapshot(state.snapshot, shard);
    say({ kind: 'loaded', subtree: shard.subtree, snapshot });
    return;
  }
  shard.load(state.records.map(({ key, value }) => [key, value]));
  say({ kind: 'loaded', subtree: shard.subtree, snapshot: undefined });
}

async function execute({ batch, offsets, receipts, height, time }: ShardJob): Promise<void> {
  const block = openBatch(batch, offsets);
  const { members, home, planned, events, subtree } = await shard.execute(block, height, time);
  const { words } = makeReceipts(block.count, receipts);
  for (const number of home) {
    const from = number * RECEIPT_WORDS;
    const to = (members[number] as number) * RECEIPT_WORDS;
    for (let word = 0; word < RECEIPT_WORDS; word += 1)
      words[to + word] = planned.receipts.words[from + word] as number;
  }
  say({ kind: 'block', height, answered: home.length, events, subtree }, [events.buffer as ArrayBuffer]);
}

function say(answer: ShardAnswer, handedOver: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(answer, handedOver);
}
