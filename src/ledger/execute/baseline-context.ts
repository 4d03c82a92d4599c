import { toHex } from '../../base/bytes.ts';
import {
  BALANCE_RECORD_BYTES,
  KEY_BYTES,
  MAX_AMOUNT,
  MAX_EVENT_BYTES,
  MAX_RECORD_BYTES,
  SPACES,
  STATUS,
  U64_MAX,
} from '../constants.ts';
import { accountKey } from '../keys.ts';
import { faultOf } from '../program/fault.ts';
import { GAS } from '../program/gas.ts';
import type { Context, Program } from '../program/interface.ts';
import type { Transaction } from '../transaction/interface.ts';
import type { Event } from './events.ts';

/** Records by the hex of their key. */
export type PlainState = Map<string, Uint8Array>;

/** The context of the baseline: plain values, copies everywhere, each rule written where it applies. */
export class PlainContext implements Context {
  readonly height: bigint;
  readonly time: bigint;
  gasUsed = 0;
  readonly events: Event[] = [];
  readonly #credits = new Map<number, bigint>();
  readonly #state: PlainState;
  /** By the hex of the key; undefined = removed. Nothing reaches the state before `commit`. */
  readonly #changes = new Map<string, Uint8Array | undefined>();
  readonly #transaction: Transaction;
  readonly #declared: readonly Uint8Array[];
  readonly #written: number;
  readonly #readable: number;
  #program: Program | undefined;
  #arguments: DataView = new DataView(new ArrayBuffer(0));

  constructor(state: PlainState, transaction: Transaction, height: bigint, time: bigint) {
    this.#state = state;
    this.#transaction = transaction;
    this.height = height;
    this.time = time;
    const { writes, reads, credits } = transaction;
    this.#declared = [accountKey(transaction.signer), ...writes, ...reads, ...credits];
    this.#written = 1 + writes.length;
    this.#readable = this.#written + reads.length;
  }

  get keys(): number {
    return this.#declared.length;
  }

  get credits(): { key: Uint8Array; amount: bigint }[] {
    const some = [...this.#credits].filter(([, amount]) => amount > 0n);
    return some.map(([key, amount]) => ({ key: this.#key(key), amount }));
  }

  /** Makes what the transaction changed part of the state. */
  commit(): void {
    for (const [key, record] of this.#changes) {
      if (record === undefined) this.#state.delete(key);
      else this.#state.set(key, record);
    }
  }

  begin(program: Program, args: Uint8Array): void {
    this.#program = program;
    this.#arguments = new DataView(args.buffer, args.byteOffset, args.length);
  }

  charge(gas: number): void {
    this.require(Number.isInteger(gas) && gas >= 0, STATUS.programCrashed);
    this.gasUsed += gas;
    this.require(this.gasUsed <= this.#transaction.gasLimit, STATUS.outOfGas);
  }

  fail(status: number): never {
    throw faultOf(status);
  }

  require(condition: boolean, status: number): asserts condition {
    if (!condition) throw faultOf(status);
  }

  get argumentsLength(): number {
    return this.#arguments.byteLength;
  }

  argU8(offset: number): number {
    return this.#argument(offset, 1).getUint8(0);
  }

  argU16(offset: number): number {
    return this.#argument(offset, 2).getUint16(0, true);
  }

  argU32(offset: number): number {
    return this.#argument(offset, 4).getUint32(0, true);
  }

  argU64(offset: number): bigint {
    return this.#argument(offset, 8).getBigUint64(0, true);
  }

  argBytes(offset: number, length: number): Uint8Array {
    const view = this.#argument(offset, length);
    return new Uint8Array(view.buffer, view.byteOffset, length).slice();
  }

  get proofCircuit(): number {
    return this.#transaction.proof?.circuit ?? 0;
  }

  get proofSignals(): number {
    return this.#transaction.proof?.signals.length ?? 0;
  }

  proofSignal(index: number): Uint8Array {
    const signal = this.#transaction.proof?.signals[index];
    if (signal === undefined) return this.fail(STATUS.proofMissing);
    this.charge(GAS.read);
    return signal.slice();
  }

  signer(): Uint8Array {
    return this.#transaction.signer.slice();
  }

  keySpace(key: number): number {
    return this.#key(key)[0] as number;
  }

  keyBytes(key: number, offset: number, length: number): Uint8Array {
    this.charge(GAS.argument);
    this.require(inside(offset, length, KEY_BYTES), STATUS.badArguments);
    return this.#key(key).slice(offset, offset + length);
  }

  keyMatches(key: number, offset: number, bytes: Uint8Array): boolean {
    this.charge(GAS.argument);
    if (!inside(offset, bytes.length, KEY_BYTES)) return false;
    return bytes.length === 0 || toHex(this.#key(key).slice(offset, offset + bytes.length)) === toHex(bytes);
  }

  keyIsSigners(key: number): boolean {
    this.charge(GAS.argument);
    return toHex(this.#key(key).slice(1, 21)) === toHex(this.#transaction.signer);
  }

  length(key: number): number {
    return this.#read(key).length;
  }

  u8(key: number, offset: number): number {
    return this.#field(this.#read(key), offset, 1, 1).getUint8(0);
  }

  u32(key: number, offset: number): number {
    return this.#field(this.#read(key), offset, 4, 4).getUint32(0, true);
  }

  u64(key: number, offset: number): bigint {
    return this.#field(this.#read(key), offset, 8, 8).getBigUint64(0, true);
  }

  bytes(key: number, offset: number, length: number): Uint8Array {
    const view = this.#field(this.#read(key), offset, length, 1);
    this.charge(length >> 3);
    return new Uint8Array(view.buffer, view.byteOffset, length).slice();
  }

  create(key: number, length: number): void {
    const before = this.#write(key);
    this.charge(GAS.create);
    this.require(before.length === 0 && length > 0 && inside(0, length, MAX_RECORD_BYTES), STATUS.badRecord);
    this.#refuseOwn(key);
    if (this.keySpace(key) === SPACES.balance) this.require(length === BALANCE_RECORD_BYTES, STATUS.badRecord);
    this.#set(key, new Uint8Array(length));
  }

  remove(key: number): void {
    const before = this.#write(key);
    this.#refuseOwn(key);
    this.require(before.length > 0, STATUS.badRecord);
    this.#changes.set(toHex(this.#key(key)), undefined);
  }

  setU8(key: number, offset: number, value: number): void {
    const record = this.#writeField(key, offset, 1, 1);
    this.require(Number.isInteger(value) && value >= 0 && value < 2 ** 8, STATUS.overflow);
    record[offset] = value;
    this.#set(key, record);
  }

  setU32(key: number, offset: number, value: number): void {
    const record = this.#writeField(key, offset, 4, 4);
    this.require(Number.isInteger(value) && value >= 0 && value < 2 ** 32, STATUS.overflow);
    new DataView(record.buffer).setUint32(offset, value, true);
    this.#set(key, record);
  }

  setU64(key: number, offset: number, value: bigint): void {
    const record = this.#writeField(key, offset, 8, 8);
    this.require(value >= 0n && value <= U64_MAX, STATUS.overflow);
    new DataView(record.buffer).setBigUint64(offset, value, true);
    this.#set(key, record);
  }

  setBytes(key: number, offset: number, bytes: Uint8Array): void {
    const record = this.#writeField(key, offset, bytes.length, 1);
    this.charge(bytes.length >> 3);
    record.set(bytes, offset);
    this.#set(key, record);
  }

  credit(key: number, amount: bigint): void {
    this.charge(GAS.credit);
    this.require(Number.isInteger(key) && key >= this.#readable && key < this.keys, STATUS.undeclaredAccess);
    const space = this.keySpace(key);
    this.require(space === SPACES.account || space === SPACES.balance, STATUS.foreignSpace);
    this.require(this.#program?.spaces.includes(space) === true, STATUS.foreignSpace);
    const sum = (this.#credits.get(key) ?? 0n) + amount;
    this.require(amount >= 0n && sum <= MAX_AMOUNT, STATUS.overflow);
    this.#credits.set(key, sum);
  }

  emit(topic: number, bytes: Uint8Array): void {
    this.charge(GAS.event + GAS.eventByte * bytes.length);
    this.require(bytes.length <= MAX_EVENT_BYTES, STATUS.badArguments);
    this.require(Number.isInteger(topic) && topic >= 0 && topic < 256, STATUS.badArguments);
    this.events.push({ program: this.#program?.id ?? 0, topic, data: bytes.slice() });
  }

  #argument(offset: number, length: number): DataView {
    this.require(inside(offset, length, this.argumentsLength), STATUS.badArguments);
    return new DataView(this.#arguments.buffer, this.#arguments.byteOffset + offset, length);
  }

  #key(key: number): Uint8Array {
    return this.#declared[key] ?? this.fail(STATUS.undeclaredAccess);
  }

  /** The record, a copy; no bytes where there is none. */
  #read(key: number): Uint8Array<ArrayBuffer> {
    this.charge(GAS.read);
    this.require(Number.isInteger(key) && key >= 0 && key < this.#readable, STATUS.undeclaredAccess);
    return this.#record(key);
  }

  #write(key: number): Uint8Array<ArrayBuffer> {
    this.charge(GAS.write);
    this.require(Number.isInteger(key) && key >= 0 && key < this.#written, STATUS.undeclaredAccess);
    this.require(this.#program?.spaces.includes(this.keySpace(key)) === true, STATUS.foreignSpace);
    return this.#record(key);
  }

  #record(key: number): Uint8Array<ArrayBuffer> {
    const name = toHex(this.#key(key));
    const record = this.#changes.has(name) ? this.#changes.get(name) : this.#state.get(name);
    return record === undefined ? new Uint8Array(0) : new Uint8Array(record);
  }

  #writeField(key: number, offset: number, width: number, alignment: number): Uint8Array<ArrayBuffer> {
    const record = this.#write(key);
    const space = this.keySpace(key);
    this.require(space !== SPACES.replay, STATUS.foreignSpace);
    const balance = space === SPACES.account || space === SPACES.balance;
    this.require(!balance || (offset === 0 && width === 8), STATUS.badRecord);
    this.#field(record, offset, width, alignment);
    return record;
  }

  #field(record: Uint8Array<ArrayBuffer>, offset: number, width: number, alignment: number): DataView {
    this.require(inside(offset, width, record.length) && offset % alignment === 0, STATUS.badRecord);
    return new DataView(record.buffer, offset, width);
  }

  /** Accounts come from credits and tags from the ledger itself. */
  #refuseOwn(key: number): void {
    const space = this.keySpace(key);
    this.require(space !== SPACES.account && space !== SPACES.replay, STATUS.foreignSpace);
  }

  #set(key: number, record: Uint8Array): void {
    this.#changes.set(toHex(this.#key(key)), record);
  }
}

function inside(offset: number, width: number, length: number): boolean {
  return Number.isInteger(offset) && Number.isInteger(width) && offset >= 0 && width >= 0 && offset + width <= length;
}
