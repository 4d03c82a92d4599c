import { sha256, toHex } from '../base/bytes.ts';
import { isCodedError, messageOf } from '../base/errors.ts';
import { readG1, readG2 } from '../claims/proof-codec.ts';
import { type G1Point, type G2Point, isInG2Subgroup, isOnG1, isOnG2Curve, keyWeakness } from '../crypto/bn254.ts';
import { VerifierError, VerifierErrorCode } from './errors.ts';

/** Most public signals of a key that is read; no exact reason, far above what any known circuit has. */
export const MAX_PUBLIC_SIGNALS = 16_384;

/** A verifying key that has passed every check; plain data, so it can be posted to a worker. */
export interface VerifyingKey {
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  /** One more than there are public signals. */
  readonly ic: readonly G1Point[];
}

export interface NamedVerifyingKey {
  /** SHA-256 of the file's bytes, hex. */
  readonly id: string;
  readonly key: VerifyingKey;
}

function refuse(message: string, where: string): never {
  throw new VerifierError(VerifierErrorCode.BadKey, message, { where });
}

const isTexts = (value: unknown, length: number): value is string[] =>
  Array.isArray(value) && value.length === length && value.every((item) => typeof item === 'string');

function g1(value: unknown, where: string): G1Point {
  if (!isTexts(value, 3)) refuse('a point of G1 must be three decimal texts', where);
  const point = readG1(value as [string, string, string], where);
  if (!isOnG1(point)) refuse('point is not on the curve', where);
  return point;
}

function g2(value: unknown, where: string): G2Point {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((part) => isTexts(part, 2))) {
    refuse('a point of G2 must be three pairs of decimal texts', where);
  }
  const point = readG2(value as Parameters<typeof readG2>[0], where);
  if (!isOnG2Curve(point)) refuse('point is not on the twist', where);
  if (!isInG2Subgroup(point)) refuse('point is not in the subgroup of order r', where);
  return point;
}

/**
 * Reads snarkjs's `verification_key.json`. `vk_alphabeta_12` is ignored: it is derived data that a file could lie
 * about, so the verifier computes e(alpha, beta) itself. Takes about 5 ms, most of it subgroup checks.
 * @throws VerifierError VERIFIER_BAD_KEY, VERIFIER_UNSOUND_KEY (gamma = +-delta, delta = +-generator)
 */
export function parseVerifyingKey(value: unknown): VerifyingKey {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('a key must be an object', 'key');
  const file = value as Record<string, unknown>;
  if (file['protocol'] !== 'groth16') refuse('protocol is not groth16', 'protocol');
  if (file['curve'] !== 'bn128') refuse('curve is not bn128', 'curve');
  const count = file['nPublic'];
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > MAX_PUBLIC_SIGNALS) {
    refuse(`nPublic must be an integer from 0 to ${MAX_PUBLIC_SIGNALS}`, 'nPublic');
  }
  const ic = file['IC'];
  if (!Array.isArray(ic) || ic.length !== count + 1)
    refuse(`IC must hold ${count + 1} points, one per signal and one more`, 'IC');
  try {
    const key: VerifyingKey = {
      alpha: g1(file['vk_alpha_1'], 'vk_alpha_1'),
      beta: g2(file['vk_beta_2'], 'vk_beta_2'),
      gamma: g2(file['vk_gamma_2'], 'vk_gamma_2'),
      delta: g2(file['vk_delta_2'], 'vk_delta_2'),
      ic: ic.map((point: unknown, index) => g1(point, `IC[${index}]`)),
    };
    const weakness = keyWeakness(key.gamma, key.delta);
    if (weakness !== undefined) {
      throw new VerifierError(VerifierErrorCode.UnsoundKey, weakness, {
        where: 'vk_delta_2',
        hint: 'Use a key whose phase 2 has at least one contribution.',
      });
    }
    return key;
  } catch (error) {
    if (error instanceof VerifierError || !isCodedError(error)) throw error;
    throw new VerifierError(VerifierErrorCode.BadKey, error.message, { where: error.where });
  }
}

/**
 * Reads the bytes of a `verification_key.json` and names the key by their hash.
 * @throws VerifierError VERIFIER_BAD_KEY, VERIFIER_UNSOUND_KEY
 */
export function readVerifyingKey(bytes: Uint8Array): NamedVerifyingKey {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new VerifierError(VerifierErrorCode.BadKey, `not JSON: ${messageOf(error)}`, { where: 'key' });
  }
  return { id: toHex(sha256(bytes)), key: parseVerifyingKey(value) };
}
