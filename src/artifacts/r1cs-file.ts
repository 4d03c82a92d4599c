import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack, unpack } from './brotli.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { ARTIFACT_FILES } from './manifest.ts';

/** 2^15 constraints take some 20 MB; this only bounds what a damaged or crafted file can cost. */
const MAX_R1CS_BYTES = 2 ** 30;

/** The form in which a constraint system stands in `proofs/`. */
export function packR1cs(r1cs: Uint8Array): Uint8Array {
  return pack(r1cs);
}

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function unpackR1cs(packed: Uint8Array, where: string, maxBytes: number = MAX_R1CS_BYTES): Uint8Array {
  return unpack(packed, where, maxBytes);
}

/** The plain constraint system of a built circuit. @throws ArtifactError ARTIFACT_FILE_MISSING, ARTIFACT_FORMAT_INVALID */
export async function readBuiltR1cs(proofsDirectory: string, circuit: string): Promise<Uint8Array> {
  const where = `${circuit}/${ARTIFACT_FILES.r1cs}`;
  const packed = await readFile(join(proofsDirectory, circuit, ARTIFACT_FILES.r1cs)).catch(() => undefined);
  if (packed === undefined) {
    throw new ArtifactError(ArtifactErrorCode.FileMissing, `${circuit} is not built`, {
      where,
      hint: 'run `npm run circuits:build` first',
    });
  }
  return unpackR1cs(new Uint8Array(packed), where);
}
