import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../../base/errors.ts';
import type { FileProof, ProveFilesOptions } from '../../prover/prove-files.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit } from '../errors.ts';
import { readInput, readJson } from '../files.ts';
import type { DefineVerb } from '../verbs.ts';

/** As large as circuits get: a witness value has 32 bytes, and circom's WASM some hundred for each constraint. */
const MAX_WITNESS_BYTES = 2 ** 31 - 1;
const MAX_CIRCUIT_BYTES = 2 ** 30;
/** The largest honest file here is a verifying key with some thousand inputs. */
const MAX_VERIFY_BYTES = 16 * 1024 * 1024;

interface ProveOptions {
  tables?: boolean;
  verbose?: boolean;
}

/** Names that snarkjs takes where an argument is left out. */
const DEFAULTS = {
  input: 'input.json',
  wasm: 'circuit.wasm',
  zkey: 'circuit_final.zkey',
  witness: 'witness.wtns',
  key: 'verification_key.json',
  proof: 'proof.json',
  public: 'public.json',
} as const;

export const define: DefineVerb = (program, context) => {
  const groth16 = program
    .command('groth16')
    .summary('Prove and verify any Groth16 circuit, in place of snarkjs')
    .description(
      'The verbs of snarkjs’s groth16, with its files and arguments, for any circuit over bn128. Output files are ' +
        'overwritten, as snarkjs does.',
    );
  makesProof(
    groth16
      .command('prove')
      .description('Proves a witness.')
      .argument('[proving-key.zkey]', '', DEFAULTS.zkey)
      .argument('[witness.wtns]', '', DEFAULTS.witness),
  ).action(async (key: string, witnessPath: string, proofPath: string, publicPath: string, options: ProveOptions) => {
    await prove(context, options, { proofPath, publicPath }, async (settings) => {
      const { proveFiles } = await import('../../prover/prove-files.ts');
      return proveFiles(key, await readInput(witnessPath, MAX_WITNESS_BYTES), settings);
    });
  });
  makesProof(
    groth16
      .command('fullprove')
      .alias('fullProve')
      .description('Makes the witness from inputs and proves it.')
      .argument('[input.json]', '', DEFAULTS.input)
      .argument('[circuit.wasm]', '', DEFAULTS.wasm)
      .argument('[proving-key.zkey]', '', DEFAULTS.zkey),
  ).action(
    async (input: string, wasm: string, key: string, proofPath: string, publicPath: string, options: ProveOptions) => {
      await prove(context, options, { proofPath, publicPath }, async (settings) => {
        const [{ fullProveFiles }, inputs, circuit] = await Promise.all([
          import('../../prover/prove-files.ts'),
          readJson(input),
          readInput(wasm, MAX_CIRCUIT_BYTES),
        ]);
        return fullProveFiles(inputs, circuit, key, settings);
      });
    },
  );
  groth16
    .command('verify')
    .description('Verifies a proof, as strictly as a peer does. Exits 0 valid, 1 not, whatever the reason.')
    .argument('[verification_key.json]', '', DEFAULTS.key)
    .argument('[public.json]', '', DEFAULTS.public)
    .argument('[proof.json]', '', DEFAULTS.proof)
    .option('-v, --verbose', 'tell which engine ran, and how long')
    .action((key: string, publicPath: string, proof: string, options: ProveOptions) =>
      verify(context, [key, publicPath, proof], options),
    );
};

/** The last arguments and the options of both verbs that prove. */
function makesProof(command: Command): Command {
  return command
    .argument('[proof.json]', '', DEFAULTS.proof)
    .argument('[public.json]', '', DEFAULTS.public)
    .option('--tables', 'make tables for this key first and keep them: later proofs are faster (native)')
    .option('-v, --verbose', 'tell which engine ran, and how long');
}

interface OutputPaths {
  proofPath: string;
  publicPath: string;
}

async function prove(
  context: CliContext,
  options: ProveOptions,
  { proofPath, publicPath }: OutputPaths,
  work: (settings: ProveFilesOptions) => Promise<FileProof>,
): Promise<void> {
  const { engineSettings } = await import('../engine.ts');
  const settings = await engineSettings(context);
  if (options.tables === true && settings.tableDirectory !== undefined) {
    // It may be the first thing in the data folder, which a node refuses where others can read it.
    // Where it cannot be made, no tables can either, and the proof goes on without.
    await mkdir(settings.tableDirectory, { recursive: true, mode: 0o700 }).catch(() => undefined);
  }
  // Nothing needs an orderly end: files are written when all is done.
  context.graceMs = 500;
  const started = performance.now();
  const progress = context.progress('proving');
  try {
    const { proof, publicSignals, engine, withoutTables, notes } = await work({
      ...settings,
      threads: settings.threads ?? availableParallelism(),
      makeTables: options.tables === true,
      signal: context.signal,
      blocking: (work) => context.blocking(work),
      onProgress: (stage, fraction) => progress.update(stage, fraction),
    });
    progress.done();
    // Byte for byte the form in which snarkjs writes them.
    await writeResult(proofPath, JSON.stringify(proof, null, 1));
    await writeResult(publicPath, JSON.stringify(publicSignals, null, 1));
    if (options.tables === true && withoutTables !== undefined) context.note(`no tables: ${withoutTables}`);
    const ms = Math.round(performance.now() - started);
    if (options.verbose === true) context.note([`engine: ${engine}`, ...notes, `${ms} ms`].join(', '));
    context.result({ ok: true, engine, ms, files: [proofPath, publicPath] }, `wrote ${proofPath}, ${publicPath}`);
  } finally {
    progress.done();
  }
}

/** Proof and public signals are for others to read, so they get the mode of any file. @throws CliError */
async function writeResult(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CliError(CliErrorCode.WriteFailed, `cannot write ${basename(path)}: ${messageOf(error)}`, {
      where: path,
    });
  }
}

async function verify(context: CliContext, paths: readonly string[], options: ProveOptions): Promise<void> {
  const { verifyNamedFiles } = await import('../verify-here.ts');
  const started = performance.now();
  const { valid, code, reason, engine } = await verifyNamedFiles(context, paths, MAX_VERIFY_BYTES);
  if (options.verbose === true) context.note(`engine: ${engine}, ${Math.round(performance.now() - started)} ms`);
  // snarkjs says OK! and Invalid proof; scripts look for these words.
  context.result({ valid, code, reason }, `${valid ? 'OK!' : 'Invalid proof:'} ${code}: ${reason}`);
  process.exitCode = valid ? Exit.Ok : Exit.Negative;
}
