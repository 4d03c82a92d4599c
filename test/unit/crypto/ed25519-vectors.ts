/** Signatures at the edges of ZIP 215, made with @noble/curves. */
import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { SIGNED_PREFIX } from '../../../src/crypto/signatures/format.ts';

const { Point } = ed25519;
export const ORDER = Point.Fn.ORDER;
const P = Point.Fp.ORDER;

export interface Ed25519Case {
  what: string;
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
  good: boolean;
}

export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

export const numberOf = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const modulo = (value: bigint) => ((value % ORDER) + ORDER) % ORDER;

/** The eight points of small order: multiples of one of order 8. */
export const torsion = (() => {
  for (let y = 2n; ; y++) {
    try {
      const point = Point.fromBytes(littleEndian(y))
        .multiplyUnsafe(ORDER - 1n)
        .add(Point.fromBytes(littleEndian(y)));
      const eighth = point.multiplyUnsafe(4n);
      if (!eighth.equals(Point.ZERO)) return Array.from({ length: 8 }, (_, i) => point.multiplyUnsafe(BigInt(i)));
    } catch {
      // No point has this y.
    }
  }
})();

/** All 14 encodings that ZIP 215 decodes to a point of small order. */
export const smallOrderEncodings = (() => {
  const signed = (y: bigint) => [littleEndian(y), littleEndian(y | (1n << 255n))];
  const ys = new Set(torsion.map((point) => point.toAffine().y));
  const canonical = [...ys].flatMap(signed);
  // y of 0 and of 1 fit below 2^255 once more with p added; the others do not.
  return [...canonical, ...signed(P), ...signed(P + 1n)];
})();

export function hash(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  const digest = createHash('sha512').update(r).update(publicKey).update(SIGNED_PREFIX).update(message).digest();
  return modulo(numberOf(digest));
}

/** Valid under ZIP 215 for any key a B + T and any encoded R of small order: S = k a. */
function withSmallR(secret: bigint, order: number, r: Uint8Array, message: Uint8Array): Ed25519Case {
  const publicKey = Point.BASE.multiply(secret)
    .add(torsion[order] ?? Point.ZERO)
    .toBytes();
  const s = modulo(hash(r, publicKey, message) * secret);
  const signature = new Uint8Array([...r, ...littleEndian(s)]);
  return { what: `key + T${order}, R ${Buffer.from(r).toString('hex')}`, publicKey, message, signature, good: true };
}

/** A signature whose key and R both have a part of small order. */
function mixed(secret: bigint, nonce: bigint, order: number, message: Uint8Array): Ed25519Case {
  const publicKey = Point.BASE.multiply(secret)
    .add(torsion[order] ?? Point.ZERO)
    .toBytes();
  const r = Point.BASE.multiply(nonce)
    .add(torsion[(order * 3) % 8] ?? Point.ZERO)
    .toBytes();
  const s = modulo(nonce + hash(r, publicKey, message) * secret);
  const signature = new Uint8Array([...r, ...littleEndian(s)]);
  return { what: `mixed order ${order}`, publicKey, message, signature, good: true };
}

const message = new Uint8Array(32).fill(9);

/** Both small: valid under ZIP 215 with S = 0, refused here for the key. */
const refusedKeys = smallOrderEncodings.flatMap((publicKey) =>
  smallOrderEncodings.map((r) => {
    const signature = new Uint8Array([...r, ...new Uint8Array(32)]);
    return { what: 'key of small order', publicKey, message, signature, good: false };
  }),
);

const mixedOrders = Array.from({ length: 8 }, (_, order) => [
  mixed(12345n + BigInt(order), 99n, order, message),
  ...smallOrderEncodings.map((r) => withSmallR(777n + BigInt(order), order, r, message)),
]).flat();

/** S + L, S + 2L and so on: the same equation, another signature. */
const unreduced = mixedOrders.slice(0, 8).flatMap((one) =>
  [1n, 2n, 8n, 15n].map((times) => {
    const s = numberOf(one.signature.subarray(32)) + times * ORDER;
    return {
      ...one,
      what: `S + ${times} L`,
      signature: new Uint8Array([...one.signature.subarray(0, 32), ...littleEndian(s)]),
      good: false,
    };
  }),
);

/** Keys and R that are no points, or points written a second way that nobody can sign for. */
const undecodable = Array.from({ length: 40 }, (_, y) => {
  const [first] = mixedOrders;
  if (first === undefined) throw new RangeError('no vectors');
  const encoded = littleEndian(y < 20 ? BigInt(y) : P + BigInt(y - 20));
  const signature = new Uint8Array([...encoded, ...first.signature.subarray(32)]);
  return [
    { ...first, what: `key of y ${y}`, publicKey: encoded, good: false },
    { ...first, what: `R of y ${y}`, signature, good: false },
  ];
}).flat();

export const edgeCases: Ed25519Case[] = [...refusedKeys, ...mixedOrders, ...unreduced, ...undecodable];
