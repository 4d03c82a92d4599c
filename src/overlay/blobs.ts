import { createHash } from 'node:crypto';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { BLOB_CHUNK_BYTES, BLOB_PEER_TIMEOUT_MS, MAX_BLOB_BYTES } from './constants.ts';
import { deadline } from './deadline.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';
import type { BlobSource, RequestHandler, RequestOptions } from './interface.ts';

/** `/blob/1`. Request: SHA-256 (32 bytes), offset (4). Answer: total size (4), then up to 256 KiB from that offset. */
export const BLOB_PROTOCOL = 'blob/1';
const REQUEST_BYTES = 36;
const TOTAL_BYTES = 4;

/** Serves `source`. */
export function blobHandler(source: BlobSource): RequestHandler {
  return async ({ data }) => {
    if (data.length !== REQUEST_BYTES) {
      throw new OverlayError(OverlayErrorCode.FrameInvalid, `a blob request has ${REQUEST_BYTES} bytes`);
    }
    const offset = uint32(data, 32);
    const part = await source.read(toHex(data.subarray(0, 32)), offset, BLOB_CHUNK_BYTES);
    if (part === undefined) throw new OverlayError(OverlayErrorCode.BlobNotFound, 'no such content here');
    if (part.total > MAX_BLOB_BYTES) throw new OverlayError(OverlayErrorCode.BlobTooLarge, 'the content is too large');
    return concatBytes(fromUint32(part.total), part.bytes.subarray(0, BLOB_CHUNK_BYTES));
  };
}

export type BlobRequest = (peer: string, data: Uint8Array, options: RequestOptions) => Promise<Uint8Array>;

/**
 * Content by its SHA-256 (64 hex digits) from the first of `peers` that has it whole; memory grows with what really
 * arrives, and a peer whose bytes do not hash right is passed over.
 * @throws OverlayError OVERLAY_BLOB_NOT_FOUND if none of them does
 */
export async function fetchBlob(
  sha256: string,
  peers: readonly string[],
  request: BlobRequest,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const hash = fromHex(sha256, 32);
  if (hash === undefined) throw new OverlayError(OverlayErrorCode.BlobNotFound, 'not the hex of a SHA-256');
  let failure: unknown;
  for (const peer of peers) {
    const until = deadline(BLOB_PEER_TIMEOUT_MS, signal);
    try {
      return await fetchFrom(peer, hash, request, until.signal);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      failure = error;
    } finally {
      until.clear();
    }
  }
  throw new OverlayError(OverlayErrorCode.BlobNotFound, `none of ${peers.length} peers gave the content`, {
    where: sha256,
    ...(failure === undefined ? {} : { cause: failure }),
  });
}

async function fetchFrom(
  peer: string,
  hash: Uint8Array,
  request: BlobRequest,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const digest = createHash('sha256');
  let received = 0;
  let total: number | undefined;
  while (total === undefined || received < total) {
    const answer = await request(peer, concatBytes(hash, fromUint32(received)), { signal });
    if (answer.length < TOTAL_BYTES)
      throw new OverlayError(OverlayErrorCode.FrameInvalid, 'a blob answer is too short');
    const size = uint32(answer, 0);
    const chunk = answer.subarray(TOTAL_BYTES);
    if (size > MAX_BLOB_BYTES) throw new OverlayError(OverlayErrorCode.BlobTooLarge, 'the content is above 16 MiB');
    // Short chunks, a size that changes or bytes beyond the end: a peer that plays for time.
    if ((total ?? size) !== size || chunk.length !== Math.min(BLOB_CHUNK_BYTES, size - received)) {
      throw new OverlayError(OverlayErrorCode.FrameInvalid, 'a blob answer does not fit the others');
    }
    total = size;
    received += chunk.length;
    digest.update(chunk);
    chunks.push(chunk);
  }
  if (!digest.digest().equals(hash)) {
    throw new OverlayError(OverlayErrorCode.FrameInvalid, 'the content does not have the hash asked for');
  }
  return concatBytes(...chunks);
}

function uint32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}

function fromUint32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}
