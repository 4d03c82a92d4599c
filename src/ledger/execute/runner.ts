import { BALANCE_RECORD_BYTES, STATUS } from '../constants.ts';
import { faultOf, statusOf } from '../program/fault.ts';
import { billedGas } from '../program/gas.ts';
import type { Program } from '../program/interface.ts';
import type { SharedState } from '../state/table.ts';
import { gasOfForm } from '../transaction/form-gas.ts';
import { AT, FLAGS, OPERATION_HEAD_BYTES, operationsAt, padded } from '../transaction/layout.ts';
import { EventArena } from './events.ts';
import { RecordMemory } from './memory.ts';
import { NativeTransfer } from './native-transfer.ts';
import { RecordContext } from './record-context.ts';
import { type PlannedBlock, RECEIPT_WORDS } from './shared.ts';

const LAST_WORD = 0xffff_ffff;

/**
 * Runs transactions of a planned block in place, one after the other, on one thread. What it comes to is defined by
 * `baseline.ts`, which says the same without shared memory; tests hold the two equal.
 */
export class TransactionRunner {
  readonly memory: RecordMemory;
  readonly events = new EventArena();
  readonly #context: RecordContext;
  readonly #programs: readonly (Program | undefined)[];
  readonly #network: Uint32Array;
  readonly #lane: number;
  /** The block's height in two words: comparing words makes no BigInt. */
  readonly #height = new Uint32Array(2);
  #block: PlannedBlock | undefined;
  readonly #transfers: NativeTransfer;
  #fees = 0n;

  constructor(shared: SharedState, programs: ReadonlyMap<number, Program>, network: Uint8Array, lane = 0) {
    this.memory = new RecordMemory(shared);
    this.#context = new RecordContext(this.memory, this.events);
    this.#programs = Array.from({ length: 256 }, (_, id) => programs.get(id));
    this.#network = new Uint32Array(network.slice().buffer);
    this.#transfers = new NativeTransfer(this.memory, programs, this.#network);
    this.#lane = lane;
  }

  /** Of the block's transactions that this thread has run. */
  get fees(): bigint {
    return this.#fees + this.#transfers.fees;
  }

  beginBlock(block: PlannedBlock): void {
    this.#block = block;
    this.#height[0] = Number(block.height & 0xffff_ffffn);
    this.#height[1] = Number(block.height >> 32n);
    this.memory.beginBlock(block.height);
    this.#context.beginBlock(block);
    this.#transfers.beginBlock(block);
    this.events.length = 0;
    this.#fees = 0n;
  }

  /** Fetches the signer's account, which is the first thing that running the transaction waits for. */
  fetch(index: number): void {
    const { slots, starts } = this.#block as PlannedBlock;
    this.memory.fetch(slots[starts[index] as number] as number);
  }

  /** Runs transaction `index` of the block and writes its receipt. */
  run(index: number): void {
    const block = this.#block as PlannedBlock;
    const eventsAt = this.events.length;
    if (!this.#transfers.run(index)) this.#runAny(block, index);
    const receipt = index * RECEIPT_WORDS;
    const { words } = block.receipts;
    words[receipt + 4] = eventsAt;
    words[receipt + 5] = this.events.length - eventsAt;
    words[receipt + 6] = this.#lane;
  }

  #runAny(block: PlannedBlock, index: number): void {
    const at = block.batch.offsets[index] as number;
    const receipt = index * RECEIPT_WORDS;
    const status = this.#barred(block, at, block.starts[index] as number, block.starts[index + 1] as number);
    if (status === STATUS.ok) {
      this.#execute(block, index, at, receipt);
      return;
    }
    const { words, longs } = block.receipts;
    words[receipt] = status;
    words[receipt + 1] = 0;
    longs[(receipt + 2) >> 1] = 0n;
  }

  /** Whether it may run at all; what fails here changes nothing and pays nothing. */
  #barred(block: PlannedBlock, at: number, start: number, end: number): number {
    const { words, bytes } = block.batch;
    const word = (at + AT.network) >> 2;
    for (let i = 0; i < 4; i += 1) if (words[word + i] !== this.#network[i]) return STATUS.wrongNetwork;
    if (compare(this.#height, 0, words, (at + AT.validFrom) >> 2) < 0) return STATUS.notYetValid;
    if (compare(this.#height, 0, words, (at + AT.validUntil) >> 2) > 0) return STATUS.expired;
    const account = block.slots[start] as number;
    const there = this.memory.lengthOf(account) !== 0;
    if (((bytes[at + AT.flags] as number) & FLAGS.tag) !== 0) {
      if (this.memory.lengthOf(block.slots[end - 1] as number) !== 0) return STATUS.replayed;
    } else {
      const sequence = (at + AT.sequence) >> 2;
      const differs = there
        ? compare(words, sequence, this.memory.words, this.memory.wordAt(account) + 2) !== 0
        : words[sequence] !== 0 || words[sequence + 1] !== 0;
      if (differs) return STATUS.wrongNonce;
      if (words[sequence] === LAST_WORD && words[sequence + 1] === LAST_WORD) return STATUS.wrongNonce;
    }
    const balance = there ? (this.memory.longs[this.memory.longAt(account)] as bigint) : 0n;
    return balance < this.#highestFee(block, at) ? STATUS.feeUnpayable : STATUS.ok;
  }

  #highestFee(block: PlannedBlock, at: number): bigint {
    const { words, longs } = block.batch;
    // Below 2^56: both factors are bounded by the transaction's form.
    return BigInt(words[(at + AT.gasLimit) >> 2] as number) * (longs[(at >> 3) + AT.gasPrice / 8] as bigint);
  }

  #execute(block: PlannedBlock, index: number, at: number, receipt: number): void {
    const { memory } = this;
    const { words, longs, bytes } = block.batch;
    const start = block.starts[index] as number;
    const account = block.slots[start] as number;
    const highest = this.#highestFee(block, at);
    memory.touch(account);
    if (memory.lengthOf(account) === 0) memory.create(account, BALANCE_RECORD_BYTES);
    const tagged = ((bytes[at + AT.flags] as number) & FLAGS.tag) !== 0;
    const long = memory.longAt(account);
    if (tagged) {
      const replay = block.slots[(block.starts[index + 1] as number) - 1] as number;
      memory.touch(replay);
      memory.create(replay, 1);
      memory.bytes[memory.byteAt(replay)] = 1;
    } else {
      memory.longs[long + 1] = BigInt.asUintN(64, (memory.longs[long + 1] as bigint) + 1n);
    }
    // Neither its own highest fee nor those of its signer's later transactions can be spent.
    const held = highest + least((memory.longs[long] as bigint) - highest, block.holds[index] as bigint);
    memory.longs[long] = BigInt.asUintN(64, (memory.longs[long] as bigint) - held);
    memory.beginUndo();
    const gasLimit = words[(at + AT.gasLimit) >> 2] as number;
    const context = this.#context;
    const eventsAt = this.events.length;
    let operation = 0;
    let status: number = STATUS.ok;
    try {
      context.beginTransaction(at, start, gasLimit);
      context.charge(gasOfForm(block.batch, at));
      const count = bytes[at + AT.operations] as number;
      let next =
        at +
        operationsAt(bytes[at + AT.writes] as number, bytes[at + AT.reads] as number, bytes[at + AT.credits] as number);
      for (; operation < count; operation += 1) {
        const length = (bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8);
        this.#runOperation(bytes[next] as number, bytes[next + 1] as number, next + OPERATION_HEAD_BYTES, length);
        next += OPERATION_HEAD_BYTES + padded(length);
      }
    } catch (error) {
      status = statusOf(error);
    }
    if (status === STATUS.ok) {
      operation = 0;
      context.commitCredits();
    } else {
      memory.undo();
      this.events.length = eventsAt;
    }
    const gasUsed = status === STATUS.outOfGas ? gasLimit : context.gasUsed;
    const fee = BigInt(billedGas(gasUsed, gasLimit)) * (longs[(at >> 3) + AT.gasPrice / 8] as bigint);
    memory.longs[long] = BigInt.asUintN(64, (memory.longs[long] as bigint) + held - fee);
    this.#fees += fee;
    const receipts = block.receipts;
    receipts.words[receipt] = status | (operation << 16);
    receipts.words[receipt + 1] = gasUsed;
    receipts.longs[(receipt + 2) >> 1] = fee;
  }

  #runOperation(programId: number, operationId: number, argumentsAt: number, length: number): void {
    const program = this.#programs[programId];
    const context = this.#context;
    if (program === undefined) throw faultOf(STATUS.unknownProgram);
    const operation = program.operations.get(operationId);
    if (operation === undefined) throw faultOf(STATUS.unknownOperation);
    context.beginOperation(program, argumentsAt, length);
    context.charge(operation.gas);
    operation.run(context);
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Two u64 of two words each, low word first: below 0, 0 or above, as the first is to the second. */
function compare(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  const high = (a[i + 1] as number) - (b[j + 1] as number);
  return high !== 0 ? high : (a[i] as number) - (b[j] as number);
}
