import { Exit } from '../errors.ts';
import { readInput } from '../files.ts';
import type { DefineVerb } from '../verbs.ts';

/** The largest honest file here is a verifying key with some hundred inputs, about 100 KiB. */
const MAX_BYTES = 4 * 1024 * 1024;

export const define: DefineVerb = (program, context) => {
  program
    .command('verify')
    .summary('Verify a snarkjs Groth16 proof')
    .description(
      'Verifies any snarkjs Groth16 proof over bn128, in snarkjs’s argument order, as strictly as a peer does. ' +
        'Exits 0 valid, 1 invalid, 2 unusable input.',
    )
    .argument('<verification_key.json>')
    .argument('<public.json>')
    .argument('<proof.json>')
    .action(async (keyPath: string, publicPath: string, proofPath: string) => {
      const [verifyingKey, publicSignals, proof] = await Promise.all(
        [keyPath, publicPath, proofPath].map((path) => readVerifyInput(path)),
      );
      const unread = [verifyingKey, publicSignals, proof].find((part) => typeof part === 'string');
      const verdict =
        typeof unread === 'string'
          ? { valid: false, code: 'CLI_FILE_UNREADABLE', reason: unread, unusable: true }
          : await verifyBytes(verifyingKey as Uint8Array, publicSignals as Uint8Array, proof as Uint8Array);
      const { valid, code, reason, unusable } = verdict;
      context.result(
        { valid, code, reason },
        `${valid ? 'valid' : unusable ? 'unusable' : 'invalid'}: ${code}: ${reason}`,
      );
      process.exitCode = unusable ? Exit.Unusable : valid ? Exit.Ok : Exit.Negative;
    });
};

/** The bytes, or in words why there are none: --json promises one form of answer for whatever is wrong. */
async function readVerifyInput(path: string): Promise<Uint8Array | string> {
  try {
    return await readInput(path, MAX_BYTES);
  } catch (error) {
    return (error as Error).message;
  }
}

async function verifyBytes(verifyingKey: Uint8Array, publicSignals: Uint8Array, proof: Uint8Array) {
  const { verifyFiles } = await import('../../verifier/verify-files.ts');
  return verifyFiles({ verifyingKey, publicSignals, proof });
}
