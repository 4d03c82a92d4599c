import { encodeHeader } from '../block/header.ts';
import type { BlockLog } from '../log/interface.ts';
import type { LedgerOptions } from '../options.ts';
import { pruneSnapshots, snapshotPath } from '../state/snapshot-folder.ts';
import { writeSnapshot } from '../state/snapshot-writer.ts';
import type { StateTable } from '../state/table.ts';
import type { BlockPipeline } from './pipeline.ts';

const EVERY = 10_000n;
const KEEP = 2;
/** Entries between two visits of the crash point. */
const POINT_EVERY = 64;

export interface SnapshotterParts {
  readonly options: LedgerOptions;
  readonly log: BlockLog;
  readonly table: StateTable;
  readonly pipeline: BlockPipeline;
  /** Folder. */
  readonly snapshots: string;
}

/** Writes snapshots between two blocks, and prunes what they make superfluous. */
export class Snapshotter {
  readonly #parts: SnapshotterParts;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(parts: SnapshotterParts) {
    this.#parts = parts;
  }

  /** Begins one in the background if the height asks for it. One that fails is told and tried again at the next. */
  due(height: bigint): void {
    const { snapshotEvery, onProgress } = this.#parts.options;
    const every = snapshotEvery === undefined ? EVERY : BigInt(snapshotEvery);
    if (every === 0n || height % every !== 0n) return;
    this.write().catch((error: Error) => onProgress?.(`no snapshot at height ${height}: ${error.message}`));
  }

  /** @returns the height */
  write(): Promise<bigint> {
    const writing = this.#writing.then(() => this.#write());
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /** Resolves when none is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<bigint> {
    const { pipeline, snapshots, options, log } = this.#parts;
    const height = await pipeline.pause(async () => {
      const { header } = pipeline.head;
      // The log's seals must reach as far as a snapshot does: replay behind it goes on from both.
      await log.flush();
      const head = { network: header.network, height: header.height, header: encodeHeader(header) };
      await writeSnapshot(snapshotPath(snapshots, header.height), head, this.#entries());
      options.onPoint?.('snapshot.written');
      return header.height;
    });
    await pruneSnapshots(snapshots, options.snapshots ?? KEEP);
    const { keepBlocks } = options;
    if (keepBlocks !== undefined) await log.prune(height - BigInt(keepBlocks), height);
    return height;
  }

  *#entries() {
    const { onPoint } = this.#parts.options;
    let count = 0;
    for (const entry of this.#parts.table.entries()) {
      if (count % POINT_EVERY === 0) onPoint?.('snapshot.mid');
      count += 1;
      yield entry;
    }
  }
}
