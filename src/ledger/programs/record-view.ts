import { toHex } from '../../base/bytes.ts';
import { ADDRESS_BYTES, ASSET_BYTES } from '../constants.ts';
import { isNative, isZero } from './holdings.ts';

/** A record or key for people: amounts as decimals, addresses and hashes as hex. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

/** What a program makes of one of its keys and its record; undefined for what is not its own. */
export type Describe = (key: RecordView, record: RecordView) => Fields | undefined;

/** Reads the parts of a record or key for `describe`; programs themselves read through their context. */
export class RecordView {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** As a decimal: JSON has no 64-bit integers. */
  u64(offset: number): string {
    return this.#view.getBigUint64(offset, true).toString();
  }

  hex(offset: number, length: number): string {
    return toHex(this.bytes.subarray(offset, offset + length));
  }

  /** Empty for nobody. */
  address(offset: number): string {
    const bytes = this.bytes.subarray(offset, offset + ADDRESS_BYTES);
    return isZero(bytes) ? '' : toHex(bytes);
  }

  asset(offset: number): string {
    const bytes = this.bytes.subarray(offset, offset + ASSET_BYTES);
    return isNative(bytes) ? 'native' : toHex(bytes);
  }
}
