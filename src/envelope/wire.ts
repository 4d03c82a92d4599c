/**
 * The five grammar rules of protobuf that the envelope needs: varints and length-delimited fields. The reader is
 * lenient about spelling, since the codec compares the re-encoded bytes afterwards; it is strict about ends.
 */
import { EnvelopeError } from './errors.ts';
import { EnvelopeErrorCode } from './interface.ts';

export const WireType = { Varint: 0, Bytes: 2 } as const;

/** 64 bits in groups of seven: what any protobuf reader takes before it gives up. */
const MAX_VARINT_BYTES = 10;

export type WireValue = number | Uint8Array;

/**
 * Reads all fields in order and hands each to `take`.
 * @param data not copied: byte fields are views of it
 * @throws EnvelopeError ENVELOPE_MALFORMED
 */
export function readFields(data: Uint8Array, take: (field: number, value: WireValue) => void): void {
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = data[offset];
      if (byte === undefined) throw malformed('ends inside a number', offset);
      offset++;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw malformed('has a number above 2^53', offset);
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw malformed('has a number of more than 10 bytes', offset);
  };
  while (offset < data.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === WireType.Varint) {
      take(field, varint());
    } else if (tag % 8 === WireType.Bytes) {
      const length = varint();
      if (length > data.length - offset) throw malformed('has a field that reaches beyond its end', offset);
      take(field, data.subarray(offset, offset + length));
      offset += length;
    } else {
      throw malformed(`has a field of wire type ${tag % 8}`, offset);
    }
  }
}

function malformed(what: string, offset: number): EnvelopeError {
  return new EnvelopeError(EnvelopeErrorCode.Malformed, `the message ${what}`, { where: `byte ${offset}` });
}

/** Writes fields into one growing buffer; the caller keeps the order. */
export class WireWriter {
  #buffer = new Uint8Array(1024);
  #length = 0;

  /** A field with a number; 0 is the default and is left out, as proto3 has it. */
  number(field: number, value: number): void {
    if (value === 0) return;
    this.#varint(field * 8 + WireType.Varint);
    this.#varint(value);
  }

  /** A field with bytes; empty ones are left out. */
  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#varint(field * 8 + WireType.Bytes);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
