import { BASE_FIELD_ORDER, parseDecimal } from '../base/field.ts';
import { type Fp2, G2_GENERATOR, isOnG1, isOnG2Curve } from '../crypto/bn254.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import type { CircuitManifest, G2Decimals, VerifyingKey } from './interface.ts';
import { Fields, failIn, parseJson } from './json.ts';
import type { ProvingKeyHeader } from './zkey.ts';

/** The generator that snarkjs uses: gamma of every snarkjs key, and delta before phase 2. */
const GENERATOR: G2Decimals = [decimals(G2_GENERATOR.x), decimals(G2_GENERATOR.y), ['1', '0']];

const MAX_PUBLIC_SIGNALS = 256;

/**
 * Reads a snarkjs verification key and checks what a verifier relies on, without a pairing: shape, canonical
 * coordinates, points on their curve, and a delta that a phase 2 has moved.
 * @throws ArtifactError ARTIFACT_VERIFYING_KEY_INVALID, ARTIFACT_GAMMA_EQUALS_DELTA, ARTIFACT_DELTA_IS_GENERATOR
 */
export function parseVerifyingKey(bytes: Uint8Array, where: string): VerifyingKey {
  const fail = failIn(ArtifactErrorCode.VerifyingKeyInvalid, where);
  const root = new Fields(parseJson(bytes, fail), '', fail);
  const key: VerifyingKey = {
    protocol: root.oneOf('protocol', ['groth16']),
    curve: root.oneOf('curve', ['bn128']),
    nPublic: root.integer('nPublic', 0, MAX_PUBLIC_SIGNALS),
    vk_alpha_1: readG1(root.list('vk_alpha_1', decimal), 'vk_alpha_1'),
    vk_beta_2: readG2(root.list('vk_beta_2', pair), 'vk_beta_2'),
    vk_gamma_2: readG2(root.list('vk_gamma_2', pair), 'vk_gamma_2'),
    vk_delta_2: readG2(root.list('vk_delta_2', pair), 'vk_delta_2'),
    IC: root.list('IC', (value, path) => readG1(list(value, path).map(decimal), path)),
  };
  if (key.IC.length !== key.nPublic + 1) throw fail('must hold one point more than nPublic', 'IC');
  checkDelta(key, where);
  return key;

  function decimal(value: unknown, path: string | number): string {
    if (parseDecimal(value, BASE_FIELD_ORDER) === undefined) {
      throw fail('must be a canonical decimal below q', String(path));
    }
    return value as string;
  }
  function list(value: unknown, path: string): unknown[] {
    if (!Array.isArray(value)) throw fail('must be a list', path);
    return value;
  }
  function pair(value: unknown, path: string): [string, string] {
    const [a, b, ...more] = list(value, path).map(decimal);
    if (a === undefined || b === undefined || more.length > 0) throw fail('must hold two decimals', path);
    return [a, b];
  }
  function readG1(values: string[], path: string): [string, string, string] {
    const [x, y, z, ...more] = values;
    if (x === undefined || y === undefined || z !== '1' || more.length > 0) throw fail('must be an affine point', path);
    if (!isOnG1({ x: BigInt(x), y: BigInt(y) })) throw fail('is not on the curve', path);
    return [x, y, z];
  }
  function readG2(values: [string, string][], path: string): G2Decimals {
    const [x, y, z, ...more] = values;
    if (x === undefined || y === undefined || z?.[0] !== '1' || z[1] !== '0' || more.length > 0) {
      throw fail('must be an affine point', path);
    }
    if (!isOnG2Curve({ x: [BigInt(x[0]), BigInt(x[1])], y: [BigInt(y[0]), BigInt(y[1])] }))
      throw fail('is not on the curve', path);
    return [x, y, z];
  }
}

/** Where phase 2 was skipped, gamma == delta and anybody can forge proofs; snarkjs accepts such a key. */
function checkDelta(key: VerifyingKey, where: string): void {
  const hint = 'the key was made without a phase-2 contribution: proofs under it can be forged; make a new one';
  if (samePoint(key.vk_gamma_2, key.vk_delta_2)) {
    throw new ArtifactError(ArtifactErrorCode.GammaEqualsDelta, 'gamma equals delta', { where, hint });
  }
  if (samePoint(key.vk_delta_2, GENERATOR)) {
    throw new ArtifactError(ArtifactErrorCode.DeltaIsGenerator, 'delta is the generator of G2', { where, hint });
  }
}

/**
 * Checks that a proving key belongs to a verifying key and a manifest, and that somebody contributed to it.
 * @throws ArtifactError ARTIFACT_NO_CONTRIBUTION, ARTIFACT_CONTRIBUTION_MISMATCH, ARTIFACT_KEY_MISMATCH
 */
export function checkProvingKey(
  header: ProvingKeyHeader,
  key: VerifyingKey,
  manifest: CircuitManifest,
  where: string,
): void {
  const last = header.contributions.at(-1);
  if (last === undefined) {
    throw new ArtifactError(ArtifactErrorCode.NoContribution, 'the proving key has no phase-2 contribution', { where });
  }
  if (last.deltaAfter[0] !== header.delta1[0] || last.deltaAfter[1] !== header.delta1[1]) {
    throw mismatch('the last contribution does not lead to the delta of the key');
  }
  const listed = manifest.contributions.map(({ name, kind, hash }) => `${kind} ${hash} ${name}`);
  const inside = header.contributions.map(({ name, kind, hash }) => `${kind} ${hash} ${name}`);
  if (listed.join('\n') !== inside.join('\n')) {
    throw mismatch('the contributions in the proving key are not those of the manifest');
  }
  if (header.nPublic !== key.nPublic || header.nWires !== manifest.constraints.wires) {
    throw keyMismatch('the proving key is for a circuit of another size');
  }
  const fields = ['vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'vk_delta_2', 'IC'] as const;
  const differs = fields.find((field) => String(header.verifyingKey[field]) !== String(key[field]));
  if (differs !== undefined) throw keyMismatch(`${differs} of the proving key is not that of the verifying key`);

  function mismatch(message: string): ArtifactError {
    return new ArtifactError(ArtifactErrorCode.ContributionMismatch, message, { where });
  }
  function keyMismatch(message: string): ArtifactError {
    return new ArtifactError(ArtifactErrorCode.KeyMismatch, message, { where });
  }
}

function samePoint(a: G2Decimals, b: G2Decimals): boolean {
  return String(a) === String(b);
}

function decimals([a, b]: Fp2): [string, string] {
  return [a.toString(), b.toString()];
}
