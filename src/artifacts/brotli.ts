import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';

/**
 * Constraint systems and witness graphs stand in `proofs/` as Brotli (`.br`). The same Poseidon constants come back
 * every few megabytes, which Brotli's 16 MiB window sees: 40 MB become 4. Hashes are always those of the plain bytes.
 */
const WINDOW_BITS = 24;
/** Above 9 the time doubles for less than a tenth of the size. */
const QUALITY = 9;

export function pack(plain: Uint8Array): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  };
  return new Uint8Array(brotliCompressSync(plain, { params }));
}

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function unpack(packed: Uint8Array, where: string, maxBytes: number): Uint8Array {
  try {
    return new Uint8Array(brotliDecompressSync(packed, { maxOutputLength: Math.max(1, maxBytes) }));
  } catch (cause) {
    throw new ArtifactError(ArtifactErrorCode.FormatInvalid, 'not Brotli, or larger than it should be', {
      where,
      cause,
    });
  }
}
