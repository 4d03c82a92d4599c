import {
  ADDRESS_BYTES,
  BALANCE_RECORD_BYTES,
  KEY_BYTES,
  MAX_AMOUNT,
  MAX_KEYS,
  MAX_RECORD_BYTES,
  SPACES,
  STATUS,
  U64_MAX,
} from '../constants.ts';
import { faultOf } from '../program/fault.ts';
import { GAS } from '../program/gas.ts';
import type { Context, Program } from '../program/interface.ts';
import {
  AT,
  FLAGS,
  OPERATION_HEAD_BYTES,
  operationsAt,
  PROOF_HEAD_BYTES,
  padded,
  SIGNAL_BYTES,
} from '../transaction/layout.ts';
import type { EventArena } from './events.ts';
import { inside, type RecordMemory } from './memory.ts';
import type { PlannedBlock } from './shared.ts';

/** The context over shared memory: one per thread, told where to look before each transaction and operation. */
export class RecordContext implements Context {
  height = 0n;
  time = 0n;
  gasUsed = 0;
  argumentsLength = 0;
  readonly #memory: RecordMemory;
  readonly #events: EventArena;
  #block: PlannedBlock | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #longs: BigUint64Array = new BigUint64Array(0);
  #slots: Int32Array = new Int32Array(0);
  /** Byte of the transaction and of the operation's arguments in the batch; first entry in `slots`. */
  #at = 0;
  #argumentsAt = 0;
  #start = 0;
  /** Keys below are written, read, credited. */
  #written = 0;
  #readable = 0;
  #keys = 0;
  #gasLimit = 0;
  #program: Program | undefined;
  /** One bit a space that the program may change. */
  readonly #spaces = new Uint8Array(256);
  /** Whether a key's old record was kept in this transaction. */
  readonly #kept = new Uint8Array(MAX_KEYS + 1);
  readonly #credited = new BigUint64Array(MAX_KEYS);
  #hasCredits = false;

  constructor(memory: RecordMemory, events: EventArena) {
    this.#memory = memory;
    this.#events = events;
  }

  get keys(): number {
    return this.#keys;
  }

  beginBlock(block: PlannedBlock): void {
    this.#block = block;
    this.height = block.height;
    this.time = block.time;
    this.#bytes = block.batch.bytes;
    this.#longs = block.batch.longs;
    this.#slots = block.slots;
  }

  beginTransaction(at: number, start: number, gasLimit: number): void {
    const bytes = this.#bytes;
    this.#at = at;
    this.#start = start;
    this.#gasLimit = gasLimit;
    this.gasUsed = 0;
    this.#written = 1 + (bytes[at + AT.writes] as number);
    this.#readable = this.#written + (bytes[at + AT.reads] as number);
    this.#keys = this.#readable + (bytes[at + AT.credits] as number);
    for (let i = 0; i < this.#written; i += 1) this.#kept[i] = 0;
    if (this.#hasCredits) this.#credited.fill(0n);
    this.#hasCredits = false;
  }

  beginOperation(program: Program, argumentsAt: number, length: number): void {
    this.#argumentsAt = argumentsAt;
    this.argumentsLength = length;
    if (this.#program === program) return;
    this.#program = program;
    this.#spaces.fill(0);
    for (const space of program.spaces) this.#spaces[space] = 1;
  }

  /** Writes what the transaction credits where the end of the block finds it. */
  commitCredits(): void {
    if (!this.#hasCredits) return;
    const { credits } = this.#block as PlannedBlock;
    const count = this.#keys - this.#readable;
    const first = this.#start + this.#readable;
    for (let i = 0; i < count; i += 1) credits[first + i] = this.#credited[i] as bigint;
  }

  charge(gas: number): void {
    if (!(Number.isInteger(gas) && gas >= 0)) throw faultOf(STATUS.programCrashed);
    this.gasUsed += gas;
    if (!(this.gasUsed <= this.#gasLimit)) throw faultOf(STATUS.outOfGas);
  }

  fail(status: number): never {
    throw faultOf(status);
  }

  require(condition: boolean, status: number): asserts condition {
    if (!condition) throw faultOf(status);
  }

  argU8(offset: number): number {
    return this.#bytes[this.#argument(offset, 1)] as number;
  }

  argU16(offset: number): number {
    const at = this.#argument(offset, 2);
    return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
  }

  argU32(offset: number): number {
    const at = this.#argument(offset, 4);
    const bytes = this.#bytes;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
  }

  argU64(offset: number): bigint {
    const at = this.#argument(offset, 8);
    if ((at & 7) === 0) return this.#longs[at >> 3] as bigint;
    return BigInt(this.argU32(offset)) | (BigInt(this.argU32(offset + 4)) << 32n);
  }

  argBytes(offset: number, length: number): Uint8Array {
    const at = this.#argument(offset, length);
    return this.#bytes.slice(at, at + length);
  }

  get proofCircuit(): number {
    return this.#hasProof() ? (this.#bytes[this.#proofAt()] as number) : 0;
  }

  get proofSignals(): number {
    return this.#hasProof() ? (this.#bytes[this.#proofAt() + 1] as number) : 0;
  }

  proofSignal(index: number): Uint8Array {
    if (!inside(index, 1, this.proofSignals)) throw faultOf(STATUS.proofMissing);
    this.charge(GAS.read);
    const at = this.#proofAt() + PROOF_HEAD_BYTES + index * SIGNAL_BYTES;
    return this.#bytes.slice(at, at + SIGNAL_BYTES);
  }

  signer(): Uint8Array {
    const at = this.#at + AT.signer;
    return this.#bytes.slice(at, at + ADDRESS_BYTES);
  }

  keySpace(key: number): number {
    return this.#keyByte(key, 0);
  }

  keyBytes(key: number, offset: number, length: number): Uint8Array {
    this.charge(GAS.argument);
    if (!inside(offset, length, KEY_BYTES)) throw faultOf(STATUS.badArguments);
    if (key === 0) {
      const whole = new Uint8Array(KEY_BYTES);
      for (let i = 0; i <= ADDRESS_BYTES; i += 1) whole[i] = this.#keyByte(0, i);
      return whole.subarray(offset, offset + length);
    }
    const at = this.#keyAt(key) + offset;
    return this.#bytes.slice(at, at + length);
  }

  keyMatches(key: number, offset: number, expected: Uint8Array): boolean {
    this.charge(GAS.argument);
    if (!inside(offset, expected.length, KEY_BYTES)) return false;
    if (key === 0) {
      for (let i = 0; i < expected.length; i += 1) if (this.#keyByte(0, offset + i) !== expected[i]) return false;
      return true;
    }
    if (expected.length === 0) return true;
    const bytes = this.#bytes;
    const at = this.#keyAt(key) + offset;
    for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
    return true;
  }

  keyIsSigners(key: number): boolean {
    this.charge(GAS.argument);
    if (key === 0) return true;
    const at = this.#keyAt(key) + 1;
    const signer = this.#at + AT.signer;
    for (let i = 0; i < ADDRESS_BYTES; i += 1) if (this.#bytes[at + i] !== this.#bytes[signer + i]) return false;
    return true;
  }

  length(key: number): number {
    return this.#memory.lengthOf(this.#read(key));
  }

  u8(key: number, offset: number): number {
    const slot = this.#read(key);
    this.#memory.check(slot, offset, 1, 1);
    return this.#memory.bytes[this.#memory.byteAt(slot) + offset] as number;
  }

  u32(key: number, offset: number): number {
    const slot = this.#read(key);
    this.#memory.check(slot, offset, 4, 4);
    return this.#memory.words[this.#memory.wordAt(slot) + offset / 4] as number;
  }

  u64(key: number, offset: number): bigint {
    const slot = this.#read(key);
    this.#memory.check(slot, offset, 8, 8);
    return this.#memory.longs[this.#memory.longAt(slot) + offset / 8] as bigint;
  }

  bytes(key: number, offset: number, length: number): Uint8Array {
    const slot = this.#read(key);
    this.#memory.check(slot, offset, length, 1);
    this.charge(length >> 3);
    const at = this.#memory.byteAt(slot) + offset;
    return this.#memory.bytes.slice(at, at + length);
  }

  create(key: number, length: number): void {
    const slot = this.#write(key);
    this.charge(GAS.create);
    const space = this.keySpace(key);
    if (this.#memory.lengthOf(slot) !== 0 || !(length > 0 && inside(0, length, MAX_RECORD_BYTES)))
      throw faultOf(STATUS.badRecord);
    if (space === SPACES.account || space === SPACES.replay) throw faultOf(STATUS.foreignSpace);
    if (space === SPACES.balance && length !== BALANCE_RECORD_BYTES) throw faultOf(STATUS.badRecord);
    this.#memory.create(slot, length);
  }

  remove(key: number): void {
    const slot = this.#write(key);
    const space = this.keySpace(key);
    if (space === SPACES.account || space === SPACES.replay) throw faultOf(STATUS.foreignSpace);
    if (this.#memory.lengthOf(slot) === 0) throw faultOf(STATUS.badRecord);
    this.#memory.clear(slot);
  }

  setU8(key: number, offset: number, value: number): void {
    const slot = this.#writeField(key, offset, 1, 1);
    if (!(Number.isInteger(value) && value >= 0 && value <= 0xff)) throw faultOf(STATUS.overflow);
    this.#memory.bytes[this.#memory.byteAt(slot) + offset] = value;
  }

  setU32(key: number, offset: number, value: number): void {
    const slot = this.#writeField(key, offset, 4, 4);
    if (!(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff)) throw faultOf(STATUS.overflow);
    this.#memory.words[this.#memory.wordAt(slot) + offset / 4] = value;
  }

  setU64(key: number, offset: number, value: bigint): void {
    const slot = this.#writeField(key, offset, 8, 8);
    if (value < 0n || value > U64_MAX) throw faultOf(STATUS.overflow);
    this.#memory.longs[this.#memory.longAt(slot) + offset / 8] = value;
  }

  setBytes(key: number, offset: number, bytes: Uint8Array): void {
    const slot = this.#writeField(key, offset, bytes.length, 1);
    this.charge(bytes.length >> 3);
    this.#memory.bytes.set(bytes, this.#memory.byteAt(slot) + offset);
  }

  credit(key: number, amount: bigint): void {
    this.charge(GAS.credit);
    if (!(Number.isInteger(key) && key >= this.#readable && key < this.#keys)) throw faultOf(STATUS.undeclaredAccess);
    const space = this.keySpace(key);
    if (space !== SPACES.account && space !== SPACES.balance) throw faultOf(STATUS.foreignSpace);
    if (this.#spaces[space] === 0) throw faultOf(STATUS.foreignSpace);
    const at = key - this.#readable;
    const sum = (this.#credited[at] as bigint) + amount;
    if (amount < 0n || sum > MAX_AMOUNT) throw faultOf(STATUS.overflow);
    this.#credited[at] = sum;
    this.#hasCredits = true;
  }

  emit(topic: number, bytes: Uint8Array): void {
    this.charge(GAS.event + GAS.eventByte * bytes.length);
    this.#events.add((this.#program as Program).id, topic, bytes);
  }

  #argument(offset: number, length: number): number {
    if (!inside(offset, length, this.argumentsLength)) throw faultOf(STATUS.badArguments);
    return this.#argumentsAt + offset;
  }

  #read(key: number): number {
    this.charge(GAS.read);
    if (!(Number.isInteger(key) && key >= 0 && key < this.#readable)) throw faultOf(STATUS.undeclaredAccess);
    return this.#slots[this.#start + key] as number;
  }

  #write(key: number): number {
    this.charge(GAS.write);
    if (!(Number.isInteger(key) && key >= 0 && key < this.#written)) throw faultOf(STATUS.undeclaredAccess);
    if (this.#spaces[this.keySpace(key)] === 0) throw faultOf(STATUS.foreignSpace);
    const slot = this.#slots[this.#start + key] as number;
    if (this.#kept[key] === 0) {
      this.#kept[key] = 1;
      this.#memory.keep(slot);
    }
    return slot;
  }

  /** Of an account only the balance can be set: the nonce is the ledger's own. */
  #writeField(key: number, offset: number, width: number, alignment: number): number {
    const slot = this.#write(key);
    const space = this.keySpace(key);
    if (space === SPACES.replay) throw faultOf(STATUS.foreignSpace);
    if ((space === SPACES.account || space === SPACES.balance) && (offset !== 0 || width !== 8)) {
      throw faultOf(STATUS.badRecord);
    }
    this.#memory.check(slot, offset, width, alignment);
    return slot;
  }

  /** Byte of a declared key in the batch. */
  #keyAt(key: number): number {
    if (!(Number.isInteger(key) && key >= 1 && key < this.#keys)) throw faultOf(STATUS.undeclaredAccess);
    return this.#at + AT.keys + (key - 1) * KEY_BYTES;
  }

  #keyByte(key: number, index: number): number {
    if (key !== 0) return this.#bytes[this.#keyAt(key) + index] as number;
    if (index === 0) return SPACES.account;
    return index <= ADDRESS_BYTES ? (this.#bytes[this.#at + AT.signer + index - 1] as number) : 0;
  }

  #hasProof(): boolean {
    return ((this.#bytes[this.#at + AT.flags] as number) & FLAGS.proof) !== 0;
  }

  /** The proof stands behind the operations. */
  #proofAt(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    let next =
      at +
      operationsAt(bytes[at + AT.writes] as number, bytes[at + AT.reads] as number, bytes[at + AT.credits] as number);
    for (let i = 0; i < (bytes[at + AT.operations] as number); i += 1) {
      next += OPERATION_HEAD_BYTES + padded((bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8));
    }
    return next;
  }
}
