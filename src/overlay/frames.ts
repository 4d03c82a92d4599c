import type { Stream } from '@libp2p/interface';
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { MAX_REMOTE_MESSAGE_BYTES } from './constants.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';

/** Frames are four bytes of big-endian length and the data: one spelling, and no varint that a peer could drag on. */
const LENGTH_BYTES = 4;
const STATUS_OK = 0;
const STATUS_ERROR = 1;
const CODE_PATTERN = /^[A-Z][A-Z0-9_]{1,63}$/;

export function frames(stream: Stream, maxBytes: number): LengthPrefixedStream<Stream> {
  return lpStream(stream, {
    maxDataLength: maxBytes,
    maxLengthLength: LENGTH_BYTES,
    // What a peer sends beyond one frame resets its stream instead of waiting in memory.
    maxBufferSize: maxBytes + LENGTH_BYTES,
    lengthEncoder: (length) => {
      const prefix = new Uint8Array(LENGTH_BYTES);
      new DataView(prefix.buffer).setUint32(0, length);
      return prefix;
    },
    lengthDecoder: (bytes) => {
      // RangeError asks lpStream for another byte.
      if (bytes.byteLength < LENGTH_BYTES) throw new RangeError('length prefix incomplete');
      return bytes.getUint32(0);
    },
  });
}

/** One frame as plain bytes of its own: no Buffer, and no window on a larger socket buffer. */
export async function readFrame(channel: LengthPrefixedStream<Stream>, signal: AbortSignal): Promise<Uint8Array> {
  return new Uint8Array((await channel.read({ signal })).subarray());
}

export function encodeAnswer(data: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(STATUS_OK), data);
}

export function encodeRefusal(code: string, message: string): Uint8Array {
  const text = utf8(`${CODE_PATTERN.test(code) ? code : OverlayErrorCode.HandlerFailed}\n${message}`);
  return concatBytes(Uint8Array.of(STATUS_ERROR), text.subarray(0, MAX_REMOTE_MESSAGE_BYTES));
}

/** The answer's data. @throws OverlayError OVERLAY_REMOTE_REFUSED, OVERLAY_FRAME_INVALID */
export function decodeAnswer(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === STATUS_OK) return bytes.subarray(1);
  if (bytes[0] !== STATUS_ERROR || bytes.length > MAX_REMOTE_MESSAGE_BYTES + 1) {
    throw new OverlayError(OverlayErrorCode.FrameInvalid, 'the answer has no known form');
  }
  const text = new TextDecoder().decode(bytes.subarray(1));
  const end = text.indexOf('\n');
  const code = end < 0 ? text : text.slice(0, end);
  if (!CODE_PATTERN.test(code)) throw new OverlayError(OverlayErrorCode.FrameInvalid, 'the refusal carries no code');
  // A peer's text reaches logs and terminals: printable characters only.
  const message =
    end < 0
      ? ''
      : text
          .slice(end + 1)
          .replace(/[^\x20-\x7e]/g, ' ')
          .trim();
  throw new OverlayError(
    OverlayErrorCode.RemoteRefused,
    `the peer refused: ${code}${message === '' ? '' : `: ${message}`}`,
    {
      remoteCode: code,
    },
  );
}
