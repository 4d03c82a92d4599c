import { ArtifactError, ArtifactErrorCode } from './errors.ts';

/**
 * The container that r1cs, wtns, zkey and ptau files share: four magic bytes, version, number of sections, then per
 * section id (u32), length (u64) and content; all little-endian.
 * Source: iden3/binfileutils; iden3/r1csfile doc/r1cs_bin_format.md.
 */
export type SectionMagic = 'r1cs' | 'wtns' | 'zkey' | 'ptau';

// Real files have at most 15 kinds of sections; more entries than this are a crafted header.
const MAX_SECTIONS = 64;

/** One section's bytes with a cursor; every read is bounds-checked. */
export class SectionReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  #position = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** @throws ArtifactError if the value needs more than 53 bits */
  u64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw formatError(this.#where, 'a length does not fit 53 bits');
    return Number(value);
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Little-endian integer of `length` bytes. */
  integer(length: number): bigint {
    return littleEndianInteger(this.bytes(length));
  }

  #advance(length: number): number {
    const start = this.#position;
    if (length > this.remaining) throw formatError(this.#where, 'a section ends before its content does');
    this.#position = start + length;
    return start;
  }
}

/** The sections of a file by id. @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export class Sections {
  readonly #sections: ReadonlyMap<number, Uint8Array>;
  readonly where: string;

  constructor(file: Uint8Array, magic: SectionMagic, maxVersion: number, where: string = magic) {
    this.where = where;
    const reader = new SectionReader(file, where);
    if (reader.remaining < 12 || new TextDecoder('latin1').decode(reader.bytes(4)) !== magic) {
      throw formatError(where, `not a ${magic} file`);
    }
    const version = reader.u32();
    if (version === 0 || version > maxVersion) throw formatError(where, `${magic} version ${version} is not supported`);
    const count = reader.u32();
    if (count > MAX_SECTIONS) throw formatError(where, `${count} sections are too many`);
    const sections = new Map<number, Uint8Array>();
    for (let i = 0; i < count; i++) {
      const id = reader.u32();
      const length = reader.u64();
      if (sections.has(id)) throw formatError(where, `section ${id} occurs twice`);
      sections.set(id, reader.bytes(length));
    }
    if (reader.remaining !== 0) throw formatError(where, 'bytes after the last section');
    this.#sections = sections;
  }

  has(id: number): boolean {
    return this.#sections.has(id);
  }

  bytes(id: number): Uint8Array {
    const found = this.#sections.get(id);
    if (found === undefined) throw formatError(this.where, `section ${id} is missing`);
    return found;
  }

  read(id: number): SectionReader {
    return new SectionReader(this.bytes(id), this.where);
  }
}

/** Little-endian bytes to integer. */
export function littleEndianInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** Integer to little-endian bytes. */
export function littleEndianBytes(value: bigint, length: number): Uint8Array {
  return new Uint8Array(
    Buffer.from(
      value
        .toString(16)
        .padStart(length * 2, '0')
        .slice(-length * 2),
      'hex',
    ).reverse(),
  );
}

export function formatError(where: string, message: string): ArtifactError {
  return new ArtifactError(ArtifactErrorCode.FormatInvalid, message, { where });
}
