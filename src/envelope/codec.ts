/**
 * Envelope <-> bytes. One envelope has exactly one encoding: fields in ascending order, each once (public signals
 * repeat), defaults left out, shortest varints, valid UTF-8, nothing unknown. `decodeEnvelope` decodes, encodes again
 * and requires equal bytes, so whatever spelling tricks a writer knows, two byte strings are two envelopes.
 *
 * ```proto
 * message Envelope {
 *   uint32 version = 1;            // 1
 *   Kind kind = 2;                 // LISTING = 1; LISTING_UPDATE = 2; CLAIM = 3; REGISTRY = 4; RECEIPT = 5;
 *   bytes circuit = 3;             // 32 or none
 *   string policy = 4;
 *   bytes registry_root = 5;       // 32 or none
 *   repeated bytes public_signals = 6;  // 32 each
 *   bytes proof = 7;               // 128, 256 or none
 *   uint64 expires_at = 8;
 *   bytes pseudonym = 9;           // 32
 *   bytes body = 10;
 *   bytes signature = 11;          // 64
 * }
 * ```
 */
import { bytesToInteger } from '../base/field.ts';
import { checkEnvelope } from './check.ts';
import { MAX_ENVELOPE_BYTES, MAX_PUBLIC_SIGNALS } from './constants.ts';
import { EnvelopeError } from './errors.ts';
import { ENVELOPE_KINDS, type Envelope, EnvelopeErrorCode, type UnsignedEnvelope } from './interface.ts';
import { readFields, type WireValue, WireWriter } from './wire.ts';

const EMPTY = new Uint8Array(0);
const SIGNAL_BYTES = 32;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What an encoding may leave out: the signature for the signed bytes, proof and signature for the id. */
export interface EncodeParts {
  proof: boolean;
  signature: boolean;
}

/** Canonical bytes of an envelope, or of the part of it that is signed or named. Checks nothing. */
export function encodeFields(envelope: UnsignedEnvelope & { signature?: Uint8Array }, parts: EncodeParts): Uint8Array {
  const writer = new WireWriter();
  writer.number(1, envelope.version);
  writer.number(2, ENVELOPE_KINDS.indexOf(envelope.kind) + 1);
  writer.bytes(3, envelope.circuit);
  writer.bytes(4, Buffer.from(envelope.policy, 'utf8'));
  writer.bytes(5, envelope.registryRoot);
  for (const signal of envelope.publicSignals) writer.bytes(6, signalToBytes(signal));
  if (parts.proof) writer.bytes(7, envelope.proof);
  writer.number(8, envelope.expiresAt);
  writer.bytes(9, envelope.pseudonym);
  writer.bytes(10, envelope.body);
  if (parts.signature && envelope.signature) writer.bytes(11, envelope.signature);
  return writer.finish();
}

/** @throws EnvelopeError for anything that `decodeEnvelope` would refuse */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  checkEnvelope(envelope);
  const bytes = encodeFields(envelope, { proof: true, signature: true });
  checkSize(bytes);
  return bytes;
}

/**
 * Reads one envelope. Says nothing about signature, body, proof or time.
 * @param data at most `MAX_ENVELOPE_BYTES`; the envelope keeps views of it
 * @throws EnvelopeError ENVELOPE_SIZE, _MALFORMED, _NOT_CANONICAL, _VERSION, _KIND, _FIELD, _PROOF_PARTS, _KEY
 */
export function decodeEnvelope(data: Uint8Array): Envelope {
  checkSize(data);
  const raw = { version: 0, kind: 0, expiresAt: 0, signals: [] as bigint[], bytes: new Map<number, Uint8Array>() };
  readFields(data, (field, value) => takeField(raw, field, value));
  const bytes = (field: number) => raw.bytes.get(field) ?? EMPTY;
  if (raw.version !== 1) throw new EnvelopeError(EnvelopeErrorCode.Version, 'the version is not 1');
  const kind = ENVELOPE_KINDS[raw.kind - 1];
  if (kind === undefined) throw new EnvelopeError(EnvelopeErrorCode.Kind, 'the kind is unknown');
  const envelope: Envelope = {
    version: 1,
    kind,
    circuit: bytes(3),
    policy: decodeText(bytes(4)),
    registryRoot: bytes(5),
    publicSignals: raw.signals,
    proof: bytes(7),
    expiresAt: raw.expiresAt,
    pseudonym: bytes(9),
    body: bytes(10),
    signature: bytes(11),
  };
  checkEnvelope(envelope);
  if (Buffer.compare(encodeFields(envelope, { proof: true, signature: true }), data) !== 0) {
    throw new EnvelopeError(EnvelopeErrorCode.NotCanonical, 'the message has a shorter or better ordered spelling');
  }
  return envelope;
}

interface RawEnvelope {
  version: number;
  kind: number;
  expiresAt: number;
  signals: bigint[];
  bytes: Map<number, Uint8Array>;
}

function takeField(raw: RawEnvelope, field: number, value: WireValue): void {
  const wantsNumber = field === 1 || field === 2 || field === 8;
  if (field < 1 || field > 11) {
    throw new EnvelopeError(EnvelopeErrorCode.NotCanonical, `field ${field} is unknown`);
  }
  if ((typeof value === 'number') !== wantsNumber) {
    throw new EnvelopeError(EnvelopeErrorCode.Malformed, `field ${field} has the wrong wire type`);
  }
  if (typeof value === 'number') {
    if (field === 1) raw.version = value;
    else if (field === 2) raw.kind = value;
    else raw.expiresAt = value;
  } else if (field === 6) {
    if (value.length !== SIGNAL_BYTES || raw.signals.length === MAX_PUBLIC_SIGNALS) {
      throw new EnvelopeError(EnvelopeErrorCode.Field, 'public signals are at most 16, of 32 bytes each', {
        where: 'publicSignals',
      });
    }
    raw.signals.push(bytesToInteger(value));
  } else {
    raw.bytes.set(field, value);
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new EnvelopeError(EnvelopeErrorCode.Malformed, 'the policy is not UTF-8', { where: 'policy' });
  }
}

function checkSize(data: Uint8Array): void {
  if (data.length === 0 || data.length > MAX_ENVELOPE_BYTES) {
    throw new EnvelopeError(
      EnvelopeErrorCode.Size,
      `${data.length} bytes; an envelope has 1 to ${MAX_ENVELOPE_BYTES}`,
      { hint: 'Put long content behind its hash.' },
    );
  }
}

function signalToBytes(signal: bigint): Uint8Array {
  return Buffer.from(signal.toString(16).padStart(SIGNAL_BYTES * 2, '0'), 'hex');
}
