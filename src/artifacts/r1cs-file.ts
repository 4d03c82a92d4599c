import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { ARTIFACT_FILES } from './manifest.ts';

/**
 * Constraint systems stand in `proofs/` as `circuit.r1cs.br`. The same Poseidon constants come back every few
 * megabytes, which Brotli's 16 MiB window sees: 40 MB become 4. Hashes are always those of the plain bytes.
 */
const WINDOW_BITS = 24;
/** Above 9 the time doubles for less than a tenth of the size. */
const QUALITY = 9;
/** 2^15 constraints take some 20 MB; this only bounds what a damaged or crafted file can cost. */
const MAX_R1CS_BYTES = 2 ** 30;

export function packR1cs(r1cs: Uint8Array): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: r1cs.length,
  };
  return new Uint8Array(brotliCompressSync(r1cs, { params }));
}

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function unpackR1cs(packed: Uint8Array, where: string, maxBytes: number = MAX_R1CS_BYTES): Uint8Array {
  try {
    return new Uint8Array(brotliDecompressSync(packed, { maxOutputLength: Math.max(1, maxBytes) }));
  } catch (cause) {
    throw new ArtifactError(ArtifactErrorCode.FormatInvalid, 'not Brotli, or larger than it should be', {
      where,
      cause,
    });
  }
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
