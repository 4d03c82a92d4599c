import { join } from 'node:path';
import type { CeremonyTranscript, MakingListener, PowersOfTau, SetupKind } from '../../artifacts/index.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { fields, short, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface PtauOptions {
  ptau?: string;
  developmentPtau?: boolean;
}

const PTAU = ['--ptau <file>', 'prepared powers of tau of a public ceremony (snarkjs .ptau)'] as const;
const DEVELOPMENT_PTAU = ['--development-ptau', 'use (or make, slowly) this machine’s own powers of tau'] as const;

export const define: DefineVerb = (program, context) => {
  const ceremony = program
    .command('ceremony')
    .summary('Make proving keys with several parties')
    .description(
      'Phase 2 of one circuit: start, contribute (each party in turn, on its own machine), beacon, verify, finalize. ' +
        'Sound as long as one contributor threw the randomness away. docs/operations.md has the procedure.',
    );

  ceremony
    .command('start')
    .argument('<circuit>')
    .argument('<folder>', 'where the ceremony is kept and handed on')
    .option(...PTAU)
    .option(...DEVELOPMENT_PTAU)
    .description('Makes the initial key.')
    .action((circuit: string, directory: string, options: PtauOptions) =>
      working(context, async (lib, onProgress) => {
        const { proofs } = await folders(context);
        const definition = (await lib.readCircuitList()).circuits.find(({ name }) => name === circuit);
        if (definition === undefined) {
          throw new CliError(CliErrorCode.BadArgument, 'no circuit has this name', { where: circuit.slice(0, 40) });
        }
        const r1cs = await lib.readBuiltR1cs(proofs, circuit);
        const powersOfTau = await powersOf(options, onProgress);
        show(context, await lib.startCeremony({ directory, circuit, r1cs, powersOfTau, onProgress }));
      }),
    );

  ceremony
    .command('contribute')
    .argument('<folder>')
    .requiredOption('--name <name>', 'who contributes')
    .option('--entropy', 'type extra randomness (hidden); 64 bytes of the system’s are used in any case')
    .description('Adds your randomness. Publish the hash it prints; destroy nothing but your memory of it.')
    .action((directory: string, options: { name: string; entropy?: boolean }) =>
      working(context, async (lib, onProgress) => {
        const entropy = options.entropy === true ? await typedEntropy(context) : undefined;
        show(context, await lib.contribute({ directory, name: options.name, entropy, onProgress }));
      }),
    );

  ceremony
    .command('beacon')
    .argument('<folder>')
    .requiredOption('--value <hex>', 'a public value nobody could know before, such as a later block hash')
    .option('--iterations-exp <n>', 'iterate SHA-256 2^n times', '10')
    .option('--name <name>', 'what the value is', 'beacon')
    .description('Closes the ceremony.')
    .action((directory: string, options: { value: string; iterationsExp: string; name: string }) =>
      working(context, async (lib, onProgress) => {
        const iterationsExp = Number(options.iterationsExp);
        show(
          context,
          await lib.applyBeacon({ directory, beacon: options.value, iterationsExp, name: options.name, onProgress }),
        );
      }),
    );

  ceremony
    .command('verify')
    .argument('<folder>')
    .option(...PTAU)
    .option(...DEVELOPMENT_PTAU)
    .description('Checks the whole chain from circuit and powers of tau to the last key.')
    .action((directory: string, options: PtauOptions) =>
      working(context, async (lib, onProgress) => {
        const powersOfTau = await powersOf(options, onProgress);
        show(context, await lib.verifyCeremony({ directory, powersOfTau, onProgress }), 'the chain holds');
      }),
    );

  ceremony
    .command('finalize')
    .argument('<folder>')
    .option(...PTAU)
    .option(...DEVELOPMENT_PTAU)
    .option('--setup <kind>', 'production or development', 'production')
    .description('Verifies the ceremony and puts its keys into proofs/.')
    .action((directory: string, options: PtauOptions & { setup: string }) =>
      working(context, async (lib, onProgress) => {
        if (options.setup !== 'production' && options.setup !== 'development') {
          throw new CliError(CliErrorCode.BadArgument, '--setup is production or development', { where: '--setup' });
        }
        const setup: SetupKind = options.setup;
        const { proofs } = await folders(context);
        const { circuit } = await lib.openCeremony(directory);
        const definition = (await lib.readCircuitList()).circuits.find(({ name }) => name === circuit);
        if (definition === undefined) {
          throw new CliError(CliErrorCode.BadArgument, 'the ceremony is of a circuit that is not here', {
            where: directory,
          });
        }
        const powersOfTau = await powersOf(options, onProgress);
        const manifest = await lib.finalizeCeremony({
          directory,
          powersOfTau,
          definition,
          proofsDirectory: proofs,
          setup,
          onProgress,
        });
        context.result(manifest, `${circuit}: ${setup} keys are in ${join(proofs, circuit)}`);
      }),
    );

  ceremony
    .command('show')
    .argument('<folder>')
    .description('Shows the transcript.')
    .action((directory: string) => working(context, async (lib) => show(context, await lib.openCeremony(directory))));
};

type Lib = typeof import('../../artifacts/index.ts');

async function working(
  context: CliContext,
  work: (lib: Lib, onProgress: MakingListener) => Promise<void>,
): Promise<void> {
  const lib = await import('../../artifacts/index.ts');
  // snarkjs cannot be stopped in mid-step, and a step cut off is simply run again.
  context.graceMs = 0;
  const progress = context.progress('ceremony');
  try {
    await work(lib, ({ circuit, step, fraction }) => progress.update(`${circuit}: ${step}`, fraction));
  } finally {
    progress.done();
    // snarkjs keeps threads of its curve, which would keep the process alive.
    await lib.closeCurve();
  }
}

async function folders(context: CliContext): Promise<{ proofs: string }> {
  const { DEFAULT_PROOFS_DIRECTORY } = await import('../../artifacts/index.ts');
  const { config } = await context.settings();
  return { proofs: config.artifacts.dir ?? DEFAULT_PROOFS_DIRECTORY };
}

async function powersOf(options: PtauOptions, onProgress: MakingListener): Promise<PowersOfTau> {
  const lib = await import('../../artifacts/index.ts');
  if (options.ptau !== undefined) return lib.openPowersOfTau(options.ptau, 'external');
  if (options.developmentPtau !== true) {
    throw new CliError(CliErrorCode.Usage, 'say which powers of tau: --ptau <file> or --development-ptau');
  }
  const { maxPower } = await lib.readCircuitList();
  return lib.developmentPowersOfTau(lib.cacheDirectory(process.env), maxPower, onProgress);
}

async function typedEntropy(context: CliContext): Promise<string> {
  const { askPassphrase } = await import('../passphrase.ts');
  return askPassphrase(context, { purpose: 'contribution (any typing)', variable: '' });
}

function show(context: CliContext, transcript: CeremonyTranscript, verdict?: string): void {
  const rows = transcript.steps.map(({ kind, name, hash, key }) => [kind, name, short(hash, 24), short(key)]);
  context.result(
    transcript,
    [
      ...(verdict === undefined ? [] : [verdict]),
      fields([
        ['circuit', transcript.circuit],
        [
          'powers of tau',
          `2^${transcript.powersOfTau.power}, ${transcript.powersOfTau.origin}, ${short(transcript.powersOfTau.sha256)}`,
        ],
        ['initial key', short(transcript.initialKey)],
      ]),
      table(['step', 'name', 'hash', 'key'], rows),
    ].join('\n'),
  );
}
