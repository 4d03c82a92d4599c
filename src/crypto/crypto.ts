import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { isInSubgroup, isOnBabyJubjub, SUBGROUP_ORDER, signatureHolds } from './babyjub.ts';
import type { Crypto, EddsaSignature, Point } from './interface.ts';
import { MAX_POSEIDON_INPUTS, poseidonHash } from './poseidon.ts';

const isElement = (value: bigint): boolean => value >= 0n && value < SCALAR_FIELD_ORDER;

function poseidon(inputs: readonly bigint[]): bigint {
  if (inputs.length < 1 || inputs.length > MAX_POSEIDON_INPUTS) throw new RangeError('Poseidon takes 1 to 16 inputs');
  if (!inputs.every(isElement)) throw new RangeError('Poseidon input outside the field');
  return poseidonHash(inputs);
}

function isPublicKey(point: Point): boolean {
  if (!isElement(point.x) || !isElement(point.y)) return false;
  // The neutral element (0, 1) is in the subgroup, and would verify every message with S = 0.
  return point.x !== 0n && isOnBabyJubjub(point) && isInSubgroup(point);
}

function verifyPoseidon(publicKey: Point, message: bigint, signature: EddsaSignature): boolean {
  const { r8x, r8y, s } = signature;
  if (![message, r8x, r8y].every(isElement) || !isPublicKey(publicKey)) return false;
  // S below the subgroup's order: else S + order is a second signature of the same message.
  if (s < 0n || s >= SUBGROUP_ORDER || !isOnBabyJubjub({ x: r8x, y: r8y })) return false;
  return signatureHolds(publicKey, message, signature);
}

const crypto: Crypto = { poseidon, isPublicKey, verifyPoseidon };

/** Poseidon, and EdDSA-Poseidon as verifiers need it. Loads no library; its tables are made when they are first needed. */
export async function getCrypto(): Promise<Crypto> {
  return crypto;
}
