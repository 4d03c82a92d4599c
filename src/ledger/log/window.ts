import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 256 * 1024;

/** Reads a file front to back through one buffer, so that small frames cost no call to the system each. */
export class FileWindow {
  readonly #handle: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  #start = 0;
  #end = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Fills `target` from `position` on; returns how many bytes there were. Large targets are read in place. */
  async read(target: Uint8Array, position: number): Promise<number> {
    if (position >= this.#start && position + target.length <= this.#end) return this.#copy(target, position);
    if (target.length >= WINDOW_BYTES) return await this.#fill(target, position);
    this.#start = position;
    this.#end = position;
    this.#end += await this.#fill(this.#buffer, position);
    return this.#copy(target, position);
  }

  /** Up to a window of bytes at `position`, in place: good until the next call. Empty at the file's end. */
  async view(position: number, limit: number): Promise<Buffer> {
    if (position < this.#start || position >= this.#end) {
      this.#start = position;
      this.#end = position;
      this.#end += await this.#fill(this.#buffer, position);
    }
    const at = position - this.#start;
    return this.#buffer.subarray(at, Math.min(this.#end - this.#start, at + limit));
  }

  #copy(target: Uint8Array, position: number): number {
    const from = this.#buffer.subarray(
      position - this.#start,
      Math.min(this.#end, position + target.length) - this.#start,
    );
    target.set(from);
    return from.length;
  }

  async #fill(target: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await this.#handle.read(target, done, target.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }
}
