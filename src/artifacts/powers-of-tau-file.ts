import { open } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';
import { BASE_FIELD_ORDER } from '../base/field.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { littleEndianInteger } from './sections.ts';

/** Section 15 holds the last Lagrange table that `prepare phase2` writes. */
const LAST_PREPARED_SECTION = 15;
/** Field size, prime, power, power of the ceremony that it was cut from. */
const HEADER_BYTES = 4 + 32 + 4 + 4;

/**
 * Power of a prepared .ptau file, read from its section table only: the file may have gigabytes.
 * A file that is still being written, or was cut, fails here and not an hour later.
 * @throws ArtifactError ARTIFACT_POWERS_OF_TAU_INVALID
 */
export async function readPowersOfTauPower(path: string, where: string): Promise<number> {
  const refuse = (message: string) =>
    new ArtifactError(ArtifactErrorCode.PowersOfTauInvalid, message, {
      where,
      hint: 'give a .ptau file that `snarkjs powersoftau prepare phase2` has finished',
    });
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw refuse(`the powers of tau cannot be read (${(cause as NodeJS.ErrnoException).code ?? messageOf(cause)})`);
  }
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      if (bytesRead !== length) throw refuse('the file ends early');
      return bytes;
    };
    const head = await read(0, 12);
    if (new TextDecoder('latin1').decode(head.subarray(0, 4)) !== 'ptau') throw refuse('not a powers-of-tau file');
    const count = new DataView(head.buffer).getUint32(8, true);
    let position = 12;
    let power = 0;
    let prepared = false;
    for (let i = 0; i < Math.min(count, 64); i++) {
      const entry = new DataView((await read(position, 12)).buffer);
      const id = entry.getUint32(0, true);
      const length = Number(entry.getBigUint64(4, true));
      position += 12;
      if (id === 1) {
        if (length !== HEADER_BYTES) throw refuse('the header has the wrong size');
        power = readHeader(await read(position, length), refuse);
      }
      if (id === LAST_PREPARED_SECTION && length > 0) prepared = true;
      position += length;
      if (position > size) throw refuse('the file ends early');
    }
    if (!prepared) throw refuse('the file is not prepared for phase 2');
    if (position !== size || power < 1 || power > 28) throw refuse('the section table does not match the file');
    return power;
  } finally {
    await file.close();
  }
}

function readHeader(bytes: Uint8Array, refuse: (message: string) => ArtifactError): number {
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0, true) !== 32 || littleEndianInteger(bytes.subarray(4, 36)) !== BASE_FIELD_ORDER) {
    throw refuse('the curve is not BN254');
  }
  return view.getUint32(36, true);
}
