import { MAX_ARGUMENT_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';

/** Writes the arguments of one operation, little-endian and without gaps, as each program's table has them. */
export class ArgumentWriter {
  readonly #bytes = new Uint8Array(MAX_ARGUMENT_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): this {
    this.#view.setUint8(this.#take(1, value, 0xff), value);
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#take(2, value, 0xffff), value, true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#take(4, value, 0xffff_ffff), value, true);
    return this;
  }

  u64(value: bigint): this {
    if (BigInt.asUintN(64, value) !== value) throw outside(value);
    this.#view.setBigUint64(this.#take(8, 0, 0), value, true);
    return this;
  }

  bytes(value: Uint8Array, length: number): this {
    if (value.length !== length) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `expected ${length} bytes, got ${value.length}`);
    }
    this.#bytes.set(value, this.#take(length, 0, 0));
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #take(width: number, value: number, highest: number): number {
    if (!(Number.isInteger(value) && value >= 0 && value <= highest)) throw outside(value);
    if (this.#length + width > MAX_ARGUMENT_BYTES) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `arguments take more than ${MAX_ARGUMENT_BYTES} bytes`);
    }
    this.#length += width;
    return this.#length - width;
  }
}

function outside(value: bigint | number): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_INVALID', `${value} does not fit its field of the arguments`);
}
