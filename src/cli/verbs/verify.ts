import { Exit } from '../errors.ts';
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
    .action(async (...paths: string[]) => {
      const { verifyNamedFiles } = await import('../verify-here.ts');
      const { valid, code, reason, unusable } = await verifyNamedFiles(context, paths.slice(0, 3), MAX_BYTES);
      context.result(
        { valid, code, reason },
        `${valid ? 'valid' : unusable ? 'unusable' : 'invalid'}: ${code}: ${reason}`,
      );
      process.exitCode = unusable ? Exit.Unusable : valid ? Exit.Ok : Exit.Negative;
    });
};
