import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import type { Crypto, EddsaSignature, Point } from './interface.ts';

let shared: Promise<Crypto> | undefined;

/**
 * Poseidon and EdDSA-Poseidon over Baby Jubjub, by circomlibjs. Built once per process, at the first call: the library
 * takes a few hundred milliseconds to load, which verbs that need no hash must not pay.
 */
export function getCrypto(): Promise<Crypto> {
  shared ??= build();
  return shared;
}

async function build(): Promise<Crypto> {
  const { buildEddsa } = await import('circomlibjs');
  const eddsa = await buildEddsa();
  const { F, babyJub, poseidon } = eddsa;

  const toPoint = (point: Point): [Uint8Array, Uint8Array] => [F.e(point.x), F.e(point.y)];
  const isElement = (value: bigint): boolean => value >= 0n && value < SCALAR_FIELD_ORDER;

  const isPublicKey = (point: Point): boolean => {
    if (!isElement(point.x) || !isElement(point.y)) return false;
    const p = toPoint(point);
    // The neutral element (0, 1) is in the subgroup, and would verify every message with S = 0.
    return babyJub.inCurve(p) && babyJub.inSubgroup(p) && point.x !== 0n;
  };

  return {
    poseidon(inputs: readonly bigint[]): bigint {
      if (inputs.length < 1 || inputs.length > 16) throw new RangeError('Poseidon takes 1 to 16 inputs');
      if (!inputs.every(isElement)) throw new RangeError('Poseidon input outside the field');
      return F.toObject(poseidon(inputs));
    },
    publicKey(secretKey: Uint8Array): Point {
      const [x, y] = eddsa.prv2pub(secretKey);
      return { x: F.toObject(x), y: F.toObject(y) };
    },
    isPublicKey,
    signPoseidon(secretKey: Uint8Array, message: bigint): EddsaSignature {
      const { R8, S } = eddsa.signPoseidon(secretKey, F.e(message));
      return { r8x: F.toObject(R8[0]), r8y: F.toObject(R8[1]), s: S };
    },
    verifyPoseidon(publicKey: Point, message: bigint, signature: EddsaSignature): boolean {
      const r8 = { x: signature.r8x, y: signature.r8y };
      if (![message, r8.x, r8.y].every(isElement) || !isPublicKey(publicKey)) return false;
      // S below the subgroup's order: else S + order is a second signature of the same message.
      if (signature.s < 0n || signature.s >= babyJub.subOrder || !babyJub.inCurve(toPoint(r8))) return false;
      return eddsa.verifyPoseidon(F.e(message), { R8: toPoint(r8), S: signature.s }, toPoint(publicKey));
    },
  };
}
