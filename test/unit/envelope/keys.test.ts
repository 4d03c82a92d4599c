import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../src/base/bytes.ts';
import { createPseudonym, isStrictPublicKey, verifySignature } from '../../../src/envelope/index.ts';

const P = 2n ** 255n - 19n;
const mod = (a: bigint) => ((a % P) + P) % P;
const pow = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
};
const inverse = (a: bigint) => pow(a, P - 2n);
const D = mod(-121665n * inverse(121666n));
type Point = [bigint, bigint];
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const k = mod(D * x1 * x2 * mod(y1 * y2));
  return [mod((x1 * y2 + y1 * x2) * inverse(1n + k)), mod((y1 * y2 + x1 * x2) * inverse(1n - k))];
};
const encode = (y: bigint, sign = 0): Uint8Array => {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 255n));
  bytes[31] = (bytes[31] ?? 0) | (sign << 7);
  return bytes;
};
/** x with x^2 = (y^2-1)/(dy^2+1), if there is one. */
const liftX = (y: bigint): bigint | undefined => {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  const root = pow(square, (P + 3n) / 8n);
  for (const x of [root, mod(root * pow(2n, (P - 1n) / 4n))]) if (mod(x * x) === square) return x;
  return undefined;
};

/** All points of small order, found by multiplying points by the prime order l. */
function smallOrderPoints(): Set<string> {
  const l = 2n ** 252n + 27742317777372353535851937790883648493n;
  const found = new Set<string>();
  for (let y = 2n; found.size < 8; y++) {
    const x = liftX(y);
    if (x === undefined) continue;
    let point: Point = [0n, 1n];
    for (let base: Point = [x, y], e = l; e > 0n; e >>= 1n, base = add(base, base))
      if (e & 1n) point = add(point, base);
    for (let i = 0, p: Point = [0n, 1n]; i < 8; i++, p = add(p, point))
      found.add(toHex(encode(p[1], Number(p[0] & 1n))));
  }
  return found;
}

test('none of the eight points of small order is a pseudonym', () => {
  const points = smallOrderPoints();
  assert.equal(points.size, 8);
  for (const hex of points) assert.equal(isStrictPublicKey(Buffer.from(hex, 'hex')), false, hex);
});

test('a y at or above the prime is a second spelling', () => {
  for (let y = P; y < 2n ** 255n; y++) {
    assert.equal(isStrictPublicKey(encode(y)), false);
    assert.equal(isStrictPublicKey(encode(y, 1)), false);
  }
  assert.equal(isStrictPublicKey(encode(P - 2n)), true);
  assert.equal(isStrictPublicKey(new Uint8Array(31)), false);
});

test('a signature under a key of small order is refused, whatever OpenSSL says', () => {
  const identity = encode(1n);
  const signature = new Uint8Array(64);
  signature.set(identity, 0); // R = 0·B, S = 0: satisfies the equation for every message
  assert.equal(verifySignature(identity, Uint8Array.of(1), signature), false);
});

test('malformed keys and signatures are false, never a throw', () => {
  const { signer } = createPseudonym();
  const message = Uint8Array.of(1, 2, 3);
  const signature = signer.sign(message);
  assert.equal(verifySignature(signer.publicKey, message, signature), true);
  assert.equal(verifySignature(signer.publicKey, message, signature.subarray(1)), false);
  assert.equal(verifySignature(new Uint8Array(5), message, signature), false);
  // 2 is no y of the curve with a root, so it does not decompress.
  assert.equal(verifySignature(encode(2n), message, signature), false);
  // S + l is the same signature to a lax reader.
  const l = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i] ?? 0);
  const aliased = Uint8Array.from(signature);
  aliased.set(encode(s + l), 32);
  assert.equal(verifySignature(signer.publicKey, message, aliased), false);
});
