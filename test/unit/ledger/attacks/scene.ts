import { toHex } from '../../../../src/base/bytes.ts';
import { BaselineExecutor, type BaselineReceipt } from '../../../../src/ledger/execute/baseline.ts';
import { accountKey } from '../../../../src/ledger/keys.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import type { OperationCall, TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { type JudgedBlock, judgeBlock, transactionOf } from '../../../property/ledger-judge.ts';
import { CAPACITY, Rig } from '../../../property/ledger-rig.ts';
import { dear, shuffled, waves } from '../../../property/ledger-schedules.ts';
import { INSTRUCTION_BYTES, INSTRUCTIONS, PROGRAMS, SCRIPT } from '../../../property/ledger-script.ts';
import { checkShards } from '../../../property/ledger-shard-group.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';

export type Step = readonly [name: string, key?: number, at?: number, small?: number, value?: number];

/** One operation of the script program. */
export function scriptOf(...steps: Step[]): OperationCall {
  const bytes = new Uint8Array(steps.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  steps.forEach(([name, key = 0, at = 0, small = 0, value = 0], i) => {
    const code = INSTRUCTIONS.findIndex(([other]) => other === name);
    if (code < 0) throw new RangeError(`no instruction ${name}`);
    bytes.set([code, key, at, small], i * INSTRUCTION_BYTES);
    view.setUint32(i * INSTRUCTION_BYTES + 4, value, true);
  });
  return { program: SCRIPT, operation: 0, arguments: bytes };
}

/** A few blocks of an attack, executed by the baseline as they are written down, and by all others with `everywhere`. */
export class Scene {
  readonly #genesis = new Map<string, Uint8Array>();
  readonly #blocks: JudgedBlock[] = [];
  #executor: BaselineExecutor | undefined;

  /** Before the first block. */
  account(who: number, balance: bigint, nonce = 0n): this {
    const record = new Uint8Array(16);
    new DataView(record.buffer).setBigUint64(0, balance, true);
    new DataView(record.buffer).setBigUint64(8, nonce, true);
    return this.record(accountKey(person(who)), record);
  }

  /** Before the first block. */
  record(key: Uint8Array, value: Uint8Array): this {
    this.#genesis.set(toHex(key), value);
    return this;
  }

  /** Height of the next block. */
  get height(): bigint {
    return BigInt(this.#blocks.length + 1);
  }

  get state(): ReadonlyMap<string, Uint8Array> {
    return this.#baseline.state;
  }

  balance(who: number): bigint {
    return this.#word(who, 0);
  }

  nonce(who: number): bigint {
    return this.#word(who, 8);
  }

  /** Of the signer's next number, with the keys that the calls need. */
  calls(who: number, calls: readonly Call[], change: Partial<TransactionBody> = {}): TransactionBody {
    return this.body(who, { ...assembleCalls(person(who), calls), ...change });
  }

  body(who: number, change: Partial<TransactionBody>): TransactionBody {
    return {
      ...{ algorithm: 1, network: NETWORK, signer: person(who), sequence: this.nonce(who), tagged: false },
      ...{ validFrom: 0n, validUntil: 1000n, gasLimit: 50_000, gasPrice: 1n },
      ...{ writes: [], reads: [], credits: [], operations: [], proof: undefined },
      ...change,
    };
  }

  block(...bodies: TransactionBody[]): readonly BaselineReceipt[] {
    const block = judgeBlock(this.#baseline, bodies.map(transactionOf), this.height);
    this.#blocks.push(block);
    return block.receipts;
  }

  /** The only transaction of a block. */
  alone(body: TransactionBody): BaselineReceipt {
    const [receipt] = this.block(body);
    if (receipt === undefined) throw new RangeError('a block of one has one receipt');
    return receipt;
  }

  /** Lanes, schedules and shards come to the same receipts, records and roots, or this throws. */
  async everywhere(rigs: readonly Rig[]): Promise<void> {
    const world = { genesis: this.#genesis, blocks: this.#blocks };
    for (const rig of rigs) {
      for (const schedule of [dear(CAPACITY), waves(CAPACITY), shuffled(7)]) await rig.check(world, schedule, 'before');
    }
    for (const shards of [1, 2, 4]) await checkShards(world, shards, 5);
  }

  get #baseline(): BaselineExecutor {
    this.#executor ??= new BaselineExecutor(new Map(this.#genesis), PROGRAMS, NETWORK, FEE_ACCOUNT);
    return this.#executor;
  }

  #word(who: number, offset: number): bigint {
    const record = this.state.get(toHex(accountKey(person(who))));
    return record === undefined ? 0n : new DataView(record.buffer, record.byteOffset).getBigUint64(offset, true);
  }
}

/** Runs every scene of a file on lanes and shards. */
export async function playEverywhere(scenes: readonly Scene[]): Promise<void> {
  const rigs = await Promise.all([0, 2, 3].map((lanes) => Rig.start(lanes)));
  try {
    for (const scene of scenes) await scene.everywhere(rigs);
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()));
  }
}
