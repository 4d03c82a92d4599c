/** The audit of a log by shards in threads of their own, against one executor on one thread over the same log. */
import { join } from 'node:path';
import { equalBytes } from '../../src/base/bytes.ts';
import { decodeHeader, encodeHeader } from '../../src/ledger/block/header.ts';
import { BlockExecutor } from '../../src/ledger/execute/executor.ts';
import { hasherHere } from '../../src/ledger/hasher/hasher.ts';
import { openLogReader } from '../../src/ledger/log/read-only.ts';
import { BlockPipeline } from '../../src/ledger/pipeline/pipeline.ts';
import { checkOrdered } from '../../src/ledger/pipeline/recover.ts';
import { PROGRAMS } from '../../src/ledger/programs/index.ts';
import { auditLedger } from '../../src/ledger/shards/audit.ts';
import { importSnapshot } from '../../src/ledger/state/snapshot.ts';
import { snapshotPath } from '../../src/ledger/state/snapshot-folder.ts';
import { StateTable } from '../../src/ledger/state/table.ts';
import { GENESIS } from './ledger-genesis.ts';
import { type Parts, Rig } from './ledger-rig.ts';
import { joined, type Measured, rateRow, speedUpRow } from './ledger-rows.ts';
import { loadOf, SHARD_LOADS, type ShardLoad } from './ledger-shards-loads.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { measureUnit } from './ledger-unit.ts';
import { FEE_ACCOUNT, makeWorld, NETWORK } from './ledger-world.ts';

const SHARDS = [1, 2, 4] as const;
const LOADS: Readonly<Record<ShardLoad, string>> = {
  uniform: 'uniform transfers',
  'half-crossing': 'transfers of which half need two shards',
};

interface Audited {
  readonly folder: string;
  readonly capacity: number;
  readonly blocks: number;
  /** The first blocks, in which the code is compiled. */
  readonly warm: number;
  /** Of the other blocks; one operation each. */
  readonly transactions: number;
  readonly unitMs: number;
}

/** Of the blocks that count: when they began, and what the process had used by then. */
interface Begun {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
}

const begunNow = (): Begun => ({ at: performance.now(), cpu: process.cpuUsage() });

export async function shardsSection(bench: LedgerBench): Promise<void> {
  const { sizes, rows, progress } = bench;
  for (const load of SHARD_LOADS) {
    const log = await makeLog(bench, load);
    const alone: Measured[] = [];
    const sharded = new Map<number, Measured[]>(SHARDS.map((shards) => [shards, []]));
    for (let turn = 0; turn < sizes.auditTurns; turn += 1) {
      progress(`${LOADS[load]}: one executor on one thread`);
      alone.push(await measure(log, () => sequential(log)));
      for (const shards of SHARDS) {
        progress(`${LOADS[load]}: ${shards} shards`);
        sharded.get(shards)?.push(await measure(log, () => audit(log, shards)));
      }
    }
    const id = `ledger.shards.${load}`;
    const slow = joined(alone);
    rows.push(rateRow(`${id}.sequential`, `audit, ${LOADS[load]}: one executor on one thread, no shards`, slow));
    for (const [shards, parts] of sharded) {
      const fast = joined(parts);
      const what = `audit, ${LOADS[load]}: ${shards === 1 ? '1 shard' : `${shards} shards`}`;
      rows.push(rateRow(`${id}.shards-${shards}`, `${what}, a thread each`, fast));
      rows.push(speedUpRow(`${id}.speed-up-${shards}`, `${what} against one executor`, fast, slow));
    }
  }
}

/** A folder with a snapshot of all accounts at height 0, and the log of blocks that were executed on it. */
async function makeLog({ sizes, dir, progress }: LedgerBench, load: ShardLoad): Promise<Audited> {
  const folder = join(dir, `audit-${load}`);
  progress(`a log of ${sizes.auditBlocks} blocks of ${sizes.block}, ${LOADS[load]}`);
  const world = makeWorld(sizes.accounts);
  const make = loadOf(world, load, sizes.block);
  const rig = await Rig.open(world, dir);
  try {
    await rig.snapshot(folder);
    const parts: Parts = { signatures: false, log: true, roots: true, folder: join(folder, 'log') };
    await rig.run(Array.from({ length: sizes.auditBlocks }, make), parts);
  } finally {
    await rig.close();
  }
  const { auditBlocks: blocks, block, unitMs } = sizes;
  const warm = blocks >> 2;
  return { folder, capacity: world.capacity, blocks, warm, transactions: (blocks - warm) * block, unitMs };
}

async function measure({ transactions, unitMs }: Audited, run: () => Promise<Begun>): Promise<Measured> {
  const before = measureUnit(unitMs);
  const { at, cpu } = await run();
  const ms = performance.now() - at;
  const { user, system } = process.cpuUsage(cpu);
  const unit = (before + measureUnit(unitMs)) / 2;
  return { samples: [{ transactions, operations: transactions, ms }], unit, cpu: (user + system) / transactions };
}

async function audit({ folder, capacity, blocks, warm }: Audited, shards: number): Promise<Begun> {
  let begun = begunNow();
  const found = await auditLedger({
    ...{ folder, capacity, shards, genesis: GENESIS, from: 'snapshot' },
    onProgress: (step) => {
      if (step.doing === 'blocks' && step.height === BigInt(warm)) begun = begunNow();
    },
  });
  if (found.blocks !== blocks) throw new Error(`${found.blocks} blocks were audited, not ${blocks}`);
  return begun;
}

/** What recovery does, without any other thread: the same log, the same checks but for the transactions' form. */
async function sequential({ folder, capacity, blocks, warm }: Audited): Promise<Begun> {
  const log = await openLogReader({ folder: join(folder, 'log'), network: NETWORK });
  const table = new StateTable(capacity);
  const hasher = hasherHere(capacity);
  const { header } = await importSnapshot(snapshotPath(join(folder, 'snapshots'), 0n), {
    ...{ network: NETWORK, capacity, stateRootOf: (head) => decodeHeader(head.header).stateRoot },
    put: (key, value) => table.put(key, value),
    build: (records) => hasher.build(records),
  });
  const programsModule = new URL('../../src/ledger/programs/index.ts', import.meta.url).href;
  const settings = { table, programs: PROGRAMS, programsModule, network: NETWORK, feeAccount: FEE_ACCOUNT, lanes: 0 };
  const executor = await BlockExecutor.start(settings);
  const seals = log.seals(1n);
  let compared = 0;
  let begun = begunNow();
  const pipeline = new BlockPipeline({
    ...{ executor, hasher, head: decodeHeader(header) },
    onSealed: async (sealed) => {
      const { value } = await seals.next();
      if (value === undefined || !equalBytes(value.header, encodeHeader(sealed.header))) throw new Error('it differs');
      compared += 1;
      if (compared === warm) begun = begunNow();
    },
  });
  try {
    for await (const block of log.read(1n)) {
      checkOrdered(block);
      await pipeline.push(block);
    }
    await pipeline.idle();
  } finally {
    await seals.return();
  }
  if (compared !== blocks) throw new Error(`${compared} blocks were compared, not ${blocks}`);
  return begun;
}
