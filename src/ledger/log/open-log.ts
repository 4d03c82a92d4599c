import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../errors.ts';
import { unwritable } from './failures.ts';
import { FRAME_HEAD_BYTES, KINDS, MAX_BUFFERED_SEALS, MAX_SEAL_BYTES } from './frame.ts';
import type { BlockLog, BlockLogOptions, CutTail, OnPoint, OrderedBlock, Seal } from './interface.ts';
import type { MarkerWriter } from './marker.ts';
import { encodeBlock, encodeSeals } from './payload.ts';
import { Queue } from './queue.ts';
import { readBlocks, readSeals } from './reader.ts';
import type { Recovered } from './recover.ts';
import { newSalt, notePlace, type Segment } from './segment.ts';
import { SegmentWriter, syncFolder } from './segment-writer.ts';

export interface OpenLogParts extends BlockLogOptions {
  readonly segmentBytes: number;
  readonly state: Recovered;
  readonly writer: SegmentWriter;
  readonly markers: MarkerWriter;
  readonly release: () => Promise<void>;
}

/** A log that was recovered and is ours: `openBlockLog` makes it. */
export class OpenLog implements BlockLog {
  readonly cut: CutTail | undefined;
  readonly #parts: OpenLogParts;
  readonly #segments: Segment[];
  readonly #queue = new Queue();
  readonly #onPoint: OnPoint;
  readonly #markers: MarkerWriter;
  #writer: SegmentWriter;
  #height: bigint;
  #time: bigint;
  /** Of the last seal that was written, and of the last that was taken. */
  #sealed: bigint | undefined;
  #seals: Seal[] = [];
  #closed = false;

  constructor(parts: OpenLogParts) {
    this.#parts = parts;
    this.#segments = parts.state.segments;
    this.#markers = parts.markers;
    this.#writer = parts.writer;
    this.#height = parts.state.height;
    this.#time = parts.state.time;
    this.#sealed = parts.state.sealed;
    this.cut = parts.state.cut;
    this.#onPoint = parts.onPoint ?? (() => undefined);
  }

  get head(): { height: bigint; time: bigint } {
    return { height: this.#height, time: this.#time };
  }

  get oldest(): bigint {
    return this.#segments[0]?.first ?? this.#height + 1n;
  }

  get sealed(): bigint | undefined {
    return this.#sealed;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get broken(): boolean {
    return this.#writer.broken;
  }

  append(block: OrderedBlock): Promise<void> {
    return this.#queue.run(async () => {
      this.#usable();
      if (block.height !== this.#height + 1n || block.time < this.#time) {
        throw refused(`block ${block.height} does not follow block ${this.#height} or is older than it`);
      }
      const seals = this.#seals.slice();
      const { front, crc, length } = encodeBlock(block, seals);
      await this.#rotate(FRAME_HEAD_BYTES + length);
      this.#onPoint('log.before-append');
      const frame = { kind: KINDS.block, length, crc };
      const offset = await this.#writer.append(frame, front, block.batch.bytes, () =>
        this.#onPoint('log.after-append'),
      );
      this.#onPoint('log.after-sync');
      this.#seals.splice(0, seals.length);
      this.#height = block.height;
      this.#time = block.time;
      notePlace(this.#writer.segment, block.height, offset);
      void this.#mark().then(() => this.#onPoint('log.after-marker'));
    });
  }

  async appendSeal(height: bigint, header: Uint8Array): Promise<void> {
    this.#usable();
    const wanted = this.#sealed === undefined ? height : this.#sealed + 1n;
    if (height !== wanted || height > this.#height || height < this.oldest) {
      throw refused(
        `seal ${height} is out of order: the last one is ${this.#sealed ?? 'none'}, the head ${this.#height}`,
      );
    }
    if (header.length === 0 || header.length > MAX_SEAL_BYTES) throw refused(`a header of ${header.length} bytes`);
    if (this.#seals.length >= MAX_BUFFERED_SEALS) {
      await this.flush();
      return this.appendSeal(height, header);
    }
    this.#seals.push({ height, header: header.slice() });
    this.#sealed = height;
    this.#onPoint('seal.buffered');
  }

  flush(): Promise<void> {
    return this.#queue.run(async () => {
      this.#usable();
      await this.#writeSeals();
    });
  }

  read(from: bigint, to?: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
    const last = to ?? this.#height;
    if (from < this.oldest || last > this.#height) {
      const there = `heights ${this.oldest} to ${this.#height} are there`;
      throw new LedgerError('LEDGER_NOT_FOUND', `blocks ${from} to ${last}: ${there}`);
    }
    return readBlocks(this.#readable(), from, last);
  }

  async *seals(from: bigint): AsyncGenerator<Seal, void, undefined> {
    // First what is buffered: it may be written, and so be seen twice, while the rest is read.
    const buffered = this.#seals.slice();
    let next = from;
    for await (const seal of readSeals(this.#readable(), from)) {
      yield seal;
      next = seal.height + 1n;
    }
    for (const seal of buffered) if (seal.height >= next) yield seal;
  }

  prune(below: bigint, snapshot: bigint): Promise<bigint> {
    return this.#queue.run(async () => {
      this.#usable();
      const keep = below < snapshot + 1n ? below : snapshot + 1n;
      const count = this.#segments.findLastIndex((segment) => segment.first <= keep);
      const gone = this.#segments.slice(0, Math.max(0, count));
      if (gone.length === 0) return this.oldest;
      try {
        await this.#deleteSegments(gone);
      } catch (error) {
        throw unwritable(error, 'cannot prune the log');
      }
      return this.oldest;
    });
  }

  close(): Promise<void> {
    return this.#queue.run(async () => {
      if (this.#closed) return;
      try {
        if (!this.broken) await this.#writeSeals().catch(() => undefined);
        await this.#markers.sync().catch(() => undefined);
      } finally {
        this.#closed = true;
        await this.#writer.close();
        await this.#markers.close();
        await this.#parts.release();
      }
    });
  }

  #readable(): { folder: string; segments: readonly Segment[] } {
    return { folder: this.#parts.folder, segments: this.#segments.slice() };
  }

  #usable(): void {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', 'the log is closed');
    if (this.broken)
      throw unwritable(new Error('an earlier write failed and could not be undone'), 'the log is broken', true);
  }

  #mark(): Promise<void> {
    const { segment } = this.#writer;
    return this.#markers.put({ oldest: this.oldest, segment: segment.first, bytes: segment.bytes });
  }

  async #writeSeals(): Promise<void> {
    const seals = this.#seals.slice();
    if (seals.length === 0) return;
    const { front, crc, length } = encodeSeals(seals);
    await this.#writer.append({ kind: KINDS.seals, length, crc }, front, undefined, () => undefined);
    this.#seals.splice(0, seals.length);
    void this.#mark();
  }

  /** Begins a segment, where the next block would outgrow this one. A segment has at least one block. */
  async #rotate(frameBytes: number): Promise<void> {
    const { segment } = this.#writer;
    if (segment.places.length === 0 || segment.bytes + frameBytes <= this.#parts.segmentBytes) return;
    this.#onPoint('log.before-rotate');
    const head = {
      salt: newSalt(),
      network: this.#parts.network,
      first: this.#height + 1n,
      previousBytes: segment.bytes,
      previousChain: segment.chain,
    };
    const before = this.#writer;
    try {
      this.#writer = await SegmentWriter.create(this.#parts.folder, head);
    } catch (error) {
      throw unwritable(error, 'cannot begin a new segment');
    }
    this.#segments.push(this.#writer.segment);
    await before.close();
    this.#onPoint('log.after-rotate');
  }

  async #deleteSegments(gone: Segment[]): Promise<void> {
    const { folder } = this.#parts;
    const { segment } = this.#writer;
    const oldest = this.#segments[gone.length]?.first ?? segment.first;
    this.#onPoint('log.before-prune');
    // Durable before the first is deleted: else a segment that was deleted would look like a lost one.
    await this.#markers.commit({ oldest, segment: segment.first, bytes: segment.bytes });
    this.#segments.splice(0, gone.length);
    for (const { name } of gone) {
      this.#onPoint('log.mid-prune');
      await unlink(join(folder, name));
    }
    await syncFolder(folder);
  }
}

function refused(what: string): LedgerError {
  return new LedgerError('LEDGER_LOG_UNWRITABLE', what, {
    hint: 'blocks and seals come in the order of their heights',
  });
}
