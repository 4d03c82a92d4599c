import { Buffer } from 'node:buffer';
import type { BlockBatch } from '../block/batch.ts';
import { ADDRESS_BYTES, KEY_BYTES } from '../constants.ts';
import type { TransactionSummary } from '../ordering/interface.ts';
import { AT, FLAGS } from '../transaction/layout.ts';

const NONE: readonly string[] = [];

/** Reads what ordering needs out of a batch whose forms were checked. */
export class Summariser {
  readonly #batch: BlockBatch;
  readonly #text: Buffer;

  constructor(batch: BlockBatch) {
    this.#batch = batch;
    this.#text = Buffer.from(batch.buffer);
  }

  summarise(index: number, id: Uint8Array): TransactionSummary {
    const { bytes, words, longs, offsets } = this.#batch;
    const at = offsets[index] as number;
    const writes = bytes[at + AT.writes] as number;
    return {
      id,
      signer: this.#text.toString('latin1', at + AT.signer, at + AT.signer + ADDRESS_BYTES),
      sequence: longs[(at + AT.sequence) >> 3] as bigint,
      tagged: ((bytes[at + AT.flags] as number) & FLAGS.tag) !== 0,
      gasPrice: longs[(at + AT.gasPrice) >> 3] as bigint,
      gasLimit: words[(at + AT.gasLimit) >> 2] as number,
      validFrom: longs[(at + AT.validFrom) >> 3] as bigint,
      validUntil: longs[(at + AT.validUntil) >> 3] as bigint,
      byteLength: (offsets[index + 1] as number) - at,
      keys: writes + (bytes[at + AT.reads] as number) + (bytes[at + AT.credits] as number) + 2,
      writeKeys: writes === 0 ? NONE : this.#writeKeys(at + AT.keys, writes),
    };
  }

  #writeKeys(first: number, count: number): string[] {
    return Array.from({ length: count }, (_, i) =>
      this.#text.toString('latin1', first + i * KEY_BYTES, first + (i + 1) * KEY_BYTES),
    );
  }
}
