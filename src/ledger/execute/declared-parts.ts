import { ADDRESS_BYTES, KEY_BYTES, SPACES, STATUS } from '../constants.ts';
import { faultOf } from '../program/fault.ts';
import { GAS } from '../program/gas.ts';
import {
  AT,
  FLAGS,
  OPERATION_HEAD_BYTES,
  operationsAt,
  PROOF_HEAD_BYTES,
  padded,
  SIGNAL_BYTES,
} from '../transaction/layout.ts';
import { inside } from './memory.ts';

/**
 * What a program sees of its transaction alone: arguments, declared keys, signer, proof, and the gas that is left. Read in
 * place from the block's batch.
 */
export abstract class DeclaredParts {
  gasUsed = 0;
  argumentsLength = 0;
  protected batchBytes: Uint8Array = new Uint8Array(0);
  protected batchLongs: BigUint64Array = new BigUint64Array(0);
  /** Byte of the transaction, and of the operation's arguments, in the batch. */
  protected at = 0;
  protected argumentsAt = 0;
  protected keyTotal = 0;
  protected gasLimit = 0;

  get keys(): number {
    return this.keyTotal;
  }

  charge(gas: number): void {
    if (!(Number.isInteger(gas) && gas >= 0)) throw faultOf(STATUS.programCrashed);
    this.gasUsed += gas;
    if (!(this.gasUsed <= this.gasLimit)) throw faultOf(STATUS.outOfGas);
  }

  fail(status: number): never {
    throw faultOf(status);
  }

  require(condition: boolean, status: number): asserts condition {
    if (!condition) throw faultOf(status);
  }

  argU8(offset: number): number {
    return this.batchBytes[this.#argument(offset, 1)] as number;
  }

  argU16(offset: number): number {
    const at = this.#argument(offset, 2);
    return (this.batchBytes[at] as number) | ((this.batchBytes[at + 1] as number) << 8);
  }

  argU32(offset: number): number {
    const at = this.#argument(offset, 4);
    const bytes = this.batchBytes;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
    return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
  }

  argU64(offset: number): bigint {
    const at = this.#argument(offset, 8);
    if ((at & 7) === 0) return this.batchLongs[at >> 3] as bigint;
    return BigInt(this.argU32(offset)) | (BigInt(this.argU32(offset + 4)) << 32n);
  }

  argBytes(offset: number, length: number): Uint8Array {
    const at = this.#argument(offset, length);
    return this.batchBytes.slice(at, at + length);
  }

  get proofCircuit(): number {
    return this.#hasProof() ? (this.batchBytes[this.#proofAt()] as number) : 0;
  }

  get proofSignals(): number {
    return this.#hasProof() ? (this.batchBytes[this.#proofAt() + 1] as number) : 0;
  }

  proofSignal(index: number): Uint8Array {
    if (!inside(index, 1, this.proofSignals)) throw faultOf(STATUS.proofMissing);
    this.charge(GAS.read);
    const at = this.#proofAt() + PROOF_HEAD_BYTES + index * SIGNAL_BYTES;
    return this.batchBytes.slice(at, at + SIGNAL_BYTES);
  }

  signer(): Uint8Array {
    const at = this.at + AT.signer;
    return this.batchBytes.slice(at, at + ADDRESS_BYTES);
  }

  keySpace(key: number): number {
    return this.keyByte(key, 0);
  }

  keyBytes(key: number, offset: number, length: number): Uint8Array {
    this.charge(GAS.argument);
    if (!inside(offset, length, KEY_BYTES)) throw faultOf(STATUS.badArguments);
    if (key === 0) {
      const whole = new Uint8Array(KEY_BYTES);
      for (let i = 0; i <= ADDRESS_BYTES; i += 1) whole[i] = this.keyByte(0, i);
      return whole.subarray(offset, offset + length);
    }
    const at = this.#keyAt(key) + offset;
    return this.batchBytes.slice(at, at + length);
  }

  keyMatches(key: number, offset: number, expected: Uint8Array): boolean {
    this.charge(GAS.argument);
    if (!inside(offset, expected.length, KEY_BYTES)) return false;
    if (key === 0) {
      for (let i = 0; i < expected.length; i += 1) if (this.keyByte(0, offset + i) !== expected[i]) return false;
      return true;
    }
    if (expected.length === 0) return true;
    const bytes = this.batchBytes;
    const at = this.#keyAt(key) + offset;
    for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
    return true;
  }

  keyIsSigners(key: number): boolean {
    this.charge(GAS.argument);
    if (key === 0) return true;
    const at = this.#keyAt(key) + 1;
    const signer = this.at + AT.signer;
    for (let i = 0; i < ADDRESS_BYTES; i += 1)
      if (this.batchBytes[at + i] !== this.batchBytes[signer + i]) return false;
    return true;
  }

  #argument(offset: number, length: number): number {
    if (!inside(offset, length, this.argumentsLength)) throw faultOf(STATUS.badArguments);
    return this.argumentsAt + offset;
  }

  /** Byte of a declared key in the batch. */
  #keyAt(key: number): number {
    if (!(Number.isInteger(key) && key >= 1 && key < this.keyTotal)) throw faultOf(STATUS.undeclaredAccess);
    return this.at + AT.keys + (key - 1) * KEY_BYTES;
  }

  protected keyByte(key: number, index: number): number {
    if (key !== 0) return this.batchBytes[this.#keyAt(key) + index] as number;
    if (index === 0) return SPACES.account;
    return index <= ADDRESS_BYTES ? (this.batchBytes[this.at + AT.signer + index - 1] as number) : 0;
  }

  #hasProof(): boolean {
    return ((this.batchBytes[this.at + AT.flags] as number) & FLAGS.proof) !== 0;
  }

  /** The proof stands behind the operations. */
  #proofAt(): number {
    const bytes = this.batchBytes;
    const at = this.at;
    let next =
      at +
      operationsAt(bytes[at + AT.writes] as number, bytes[at + AT.reads] as number, bytes[at + AT.credits] as number);
    for (let i = 0; i < (bytes[at + AT.operations] as number); i += 1) {
      next += OPERATION_HEAD_BYTES + padded((bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8));
    }
    return next;
  }
}
