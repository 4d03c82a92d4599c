import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { corrupt, FrameFault } from './failures.ts';
import { chained } from './frame.ts';
import { frames } from './frames.ts';
import type { CutTail, Seal } from './interface.ts';
import type { Marker } from './marker.ts';
import { notePlace, openSegment, type Segment, type SegmentHead } from './segment.ts';
import { judgeTail } from './tail.ts';
import { FileWindow } from './window.ts';

export interface Recovered {
  readonly segments: Segment[];
  readonly height: bigint;
  readonly time: bigint;
  readonly sealed: bigint | undefined;
  readonly cut: CutTail | undefined;
}

export interface RecoverOptions {
  readonly folder: string;
  readonly network: Uint8Array;
  /** Undefined only where the operator said `repair`. */
  readonly marker: Marker | undefined;
  readonly repair: boolean;
  readonly signal?: AbortSignal | undefined;
}

const CUT_HINT =
  'nothing was changed. If this machine lost power while it wrote, open the log once with repair; otherwise restore the file';

/**
 * Reads all segments through, front to back, in bounded memory, and tells where a torn tail begins; nothing is written.
 * @throws LEDGER_LOG_CORRUPT; the signal's reason
 */
export async function recover(names: readonly string[], options: RecoverOptions): Promise<Recovered> {
  const walk = new Walk(options);
  for (const [i, name] of names.entries()) {
    options.signal?.throwIfAborted();
    const handle = await open(join(options.folder, name), 'r');
    try {
      await walk.segment(handle, name, i === names.length - 1);
    } finally {
      await handle.close();
    }
  }
  return walk.end();
}

class Walk {
  readonly #options: RecoverOptions;
  readonly #segments: Segment[] = [];
  #height = 0n;
  #time = 0n;
  #sealed: bigint | undefined;
  #cut: CutTail | undefined;

  constructor(options: RecoverOptions) {
    this.#options = options;
  }

  async segment(handle: FileHandle, name: string, last: boolean): Promise<void> {
    const { head, segment } = await openSegment(handle, name, this.#options.network);
    this.#follows(segment, head);
    const { size } = await handle.stat();
    const floor = this.#floor(segment, size);
    const window = new FileWindow(handle);
    try {
      for await (const frame of frames(
        window,
        { from: segment.bytes, to: size, salt: segment.salt },
        () => 'checked',
      )) {
        this.#seals(segment, frame.offset, frame.seals);
        if (frame.block !== undefined) this.#block(segment, frame.offset, frame.block);
        segment.bytes = frame.end;
        segment.chain = chained(segment.chain, frame.head);
      }
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      await this.#judge(window, segment, error, size, last && error.offset >= floor);
    }
    this.#segments.push(segment);
  }

  end(): Recovered {
    const cut = this.#cut;
    return { segments: this.#segments, height: this.#height, time: this.#time, sealed: this.#sealed, cut };
  }

  /** Heights, length and chain of the segment before. */
  #follows(segment: Segment, head: SegmentHead): void {
    const before = this.#segments.at(-1);
    if (before === undefined) {
      this.#height = segment.first - 1n;
      return;
    }
    const wanted = this.#height + 1n;
    if (segment.first !== wanted) {
      throw corrupt(segment.name, 0, wanted, `it begins at height ${segment.first}: blocks or a segment are missing`);
    }
    if (head.previousBytes !== before.bytes || head.previousChain !== before.chain) {
      throw corrupt(segment.name, 0, wanted, `it does not continue ${before.name}: one of them was exchanged`);
    }
  }

  /** Offset up to which everything was acknowledged. */
  #floor(segment: Segment, size: number): number {
    const { marker, repair } = this.#options;
    if (marker === undefined || marker.segment !== segment.first) return 0;
    if (size < marker.bytes && !repair) {
      const what = `${marker.bytes - size} bytes are missing at the end that had been acknowledged`;
      throw corrupt(segment.name, size, segment.first, what);
    }
    return repair ? 0 : marker.bytes;
  }

  #block(segment: Segment, offset: number, block: { height: bigint; time: bigint }): void {
    const wanted = this.#height + 1n;
    if (block.height !== wanted) throw corrupt(segment.name, offset, wanted, `the block has height ${block.height}`);
    if (block.time < this.#time) throw corrupt(segment.name, offset, wanted, 'the block is older than the one before');
    notePlace(segment, block.height, offset);
    this.#height = block.height;
    this.#time = block.time;
  }

  #seals(segment: Segment, offset: number, seals: readonly Seal[]): void {
    for (const { height } of seals) {
      const wanted = this.#sealed === undefined ? height : this.#sealed + 1n;
      if (height !== wanted || height > this.#height) {
        throw corrupt(segment.name, offset, this.#height + 1n, `the seal of height ${height} is out of order`);
      }
      this.#sealed = height;
    }
  }

  async #judge(window: FileWindow, segment: Segment, fault: FrameFault, size: number, open: boolean): Promise<void> {
    const next = this.#height + 1n;
    if (!open) throw corrupt(segment.name, fault.offset, next, fault.message);
    const tail = await judgeTail(window, fault, size, segment.salt);
    if (tail.kind === 'buried') throw corrupt(segment.name, fault.offset, next, fault.message);
    if (tail.kind === 'damaged' && !this.#options.repair) {
      throw corrupt(segment.name, fault.offset, next, fault.message, CUT_HINT);
    }
    const why = tail.kind === 'torn' ? tail.why : `${fault.message}; cut because repair was asked for`;
    this.#cut = { file: segment.name, offset: fault.offset, bytes: size - fault.offset, why };
  }
}
