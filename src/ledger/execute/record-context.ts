import { BALANCE_RECORD_BYTES, MAX_AMOUNT, MAX_KEYS, MAX_RECORD_BYTES, SPACES, STATUS, U64_MAX } from '../constants.ts';
import { faultOf } from '../program/fault.ts';
import { GAS } from '../program/gas.ts';
import type { Context, Program } from '../program/interface.ts';
import { AT } from '../transaction/layout.ts';
import { DeclaredParts } from './declared-parts.ts';
import type { EventArena } from './events.ts';
import { inside, type RecordMemory } from './memory.ts';
import type { PlannedBlock } from './shared.ts';

/** The context over shared memory: one per thread, told where to look before each transaction and operation. */
export class RecordContext extends DeclaredParts implements Context {
  height = 0n;
  time = 0n;
  readonly #memory: RecordMemory;
  readonly #events: EventArena;
  #block: PlannedBlock | undefined;
  #slots: Int32Array = new Int32Array(0);
  /** The transaction's first entry in `slots`. */
  #start = 0;
  /** Keys below are written, read; the rest is credited. */
  #written = 0;
  #readable = 0;
  #program: Program | undefined;
  /** One bit a space that the program may change. */
  readonly #spaces = new Uint8Array(256);
  /** Whether a key's old record was kept in this transaction. */
  readonly #kept = new Uint8Array(MAX_KEYS + 1);
  readonly #credited = new BigUint64Array(MAX_KEYS);
  #hasCredits = false;

  constructor(memory: RecordMemory, events: EventArena) {
    super();
    this.#memory = memory;
    this.#events = events;
  }

  beginBlock(block: PlannedBlock): void {
    this.#block = block;
    this.height = block.height;
    this.time = block.time;
    this.batchBytes = block.batch.bytes;
    this.batchLongs = block.batch.longs;
    this.#slots = block.slots;
  }

  beginTransaction(at: number, start: number, gasLimit: number): void {
    const bytes = this.batchBytes;
    this.at = at;
    this.#start = start;
    this.gasLimit = gasLimit;
    this.gasUsed = 0;
    this.#written = 1 + (bytes[at + AT.writes] as number);
    this.#readable = this.#written + (bytes[at + AT.reads] as number);
    this.keyTotal = this.#readable + (bytes[at + AT.credits] as number);
    for (let i = 0; i < this.#written; i += 1) this.#kept[i] = 0;
    if (this.#hasCredits) this.#credited.fill(0n);
    this.#hasCredits = false;
  }

  beginOperation(program: Program, argumentsAt: number, length: number): void {
    this.argumentsAt = argumentsAt;
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
    const count = this.keyTotal - this.#readable;
    const first = this.#start + this.#readable;
    for (let i = 0; i < count; i += 1) credits[first + i] = this.#credited[i] as bigint;
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
    if (!(Number.isInteger(key) && key >= this.#readable && key < this.keyTotal))
      throw faultOf(STATUS.undeclaredAccess);
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
}
