import { parentPort, workerData } from 'node:worker_threads';
import { openBatch } from '../block/batch.ts';
import { Lane } from '../execute/lane.ts';
import { makeReceipts } from '../execute/shared.ts';
import type { Program } from '../program/interface.ts';
import { arrive } from './barrier.ts';
import type { LaneDone, LaneJob, LaneStart } from './messages.ts';
import { runSampled, Sampler } from './sampler.ts';

/** The thread of one lane: takes jobs one after the other and answers each; see `pool.ts`. */
const start = workerData as LaneStart;
const { PROGRAMS } = (await import(start.programs)) as { PROGRAMS: ReadonlyMap<number, Program> };
const lane = new Lane(start.state, PROGRAMS, start);
const barrier = new Int32Array(start.barrier);
const fees = new BigUint64Array(start.fees);
const sampler = new Sampler();

parentPort?.on('message', (job: LaneJob) => {
  parentPort?.postMessage(execute(job));
});
parentPort?.postMessage('ready');

function execute(job: LaneJob): LaneDone {
  const { schedule } = job;
  const batch = openBatch(job.batch, job.offsets);
  const { slots, starts, credits, holds, height, time } = job;
  const receipts = makeReceipts(batch.count, job.receipts);
  lane.begin({ batch, slots, starts, credits, holds, receipts, height, time });
  sampler.begin();
  const { order, bounds, waves, lanes } = schedule;
  for (let wave = 0; wave < waves; wave += 1) {
    const at = wave * lanes + start.lane;
    runSampled(lane.runner, sampler, order, bounds[at] as number, bounds[at + 1] as number);
    if (wave + 1 < waves) arrive(barrier, lanes);
  }
  fees[start.lane] = lane.runner.fees;
  arrive(barrier, lanes);
  let sum = 0n;
  for (let i = 0; i < lanes; i += 1) sum += fees[i] as bigint;
  lane.applyCredits(job.feeSlot, sum);
  arrive(barrier, lanes);
  lane.writeDelta(job.delta);
  const { events, memory } = lane.runner;
  return { events: events.bytes.slice(0, events.length), changed: memory.changedCount, samples: sampler.take() };
}
