import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { chooseEngine, type EngineChoice } from '../base/native/choose.ts';
import { isInSubgroup, isOnBabyJubjub, SUBGROUP_ORDER, signatureHolds } from './babyjub.ts';
import type { Crypto, EddsaSignature, Point } from './interface.ts';
import { MAX_POSEIDON_INPUTS, poseidonHash } from './poseidon.ts';

const isElement = (value: bigint): boolean => value >= 0n && value < SCALAR_FIELD_ORDER;

/** What hashes; all give the same. */
let hash: (inputs: readonly bigint[]) => bigint = poseidonHash;

/**
 * Takes a faster Poseidon for this process, before it hashes much: the addon's (ten times as fast), or where there is
 * none circomlibjs's (twice as fast, for over a second and 100 MiB), which pays only from some thousand hashes on.
 * @throws CodedError ENGINE_NOT_THERE
 */
export async function prepareHashing(engine: EngineChoice, { many }: { many: boolean }): Promise<void> {
  const { addon } = chooseEngine(engine);
  if (addon !== undefined) {
    hash = (inputs) => integerOf(addon.poseidon(bytesOf(inputs)));
  } else if (many) {
    const { buildPoseidon } = await import('circomlibjs');
    const build = await buildPoseidon();
    hash = (inputs) => build.F.toObject(build(inputs));
  } else {
    hash = poseidonHash;
  }
}

/** 32 bytes little-endian each. */
function bytesOf(values: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 32));
  values.forEach((value, i) => {
    for (let limb = 0; limb < 4; limb++) {
      view.setBigUint64(i * 32 + limb * 8, BigInt.asUintN(64, value >> BigInt(64 * limb)), true);
    }
  });
  return new Uint8Array(view.buffer);
}

function integerOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | view.getBigUint64(limb * 8, true);
  return value;
}

function poseidon(inputs: readonly bigint[]): bigint {
  if (inputs.length < 1 || inputs.length > MAX_POSEIDON_INPUTS) throw new RangeError('Poseidon takes 1 to 16 inputs');
  if (!inputs.every(isElement)) throw new RangeError('Poseidon input outside the field');
  return hash(inputs);
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
