import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { PACKAGE_ROOT } from '../base/package-root.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { VERBS } from './verbs.ts';

const EXITS = `
Exit codes: 0 done, 1 the answer is no (invalid, not met, refused), 2 input that cannot be used,
3 not available or failed here, 130 interrupted. Results go to standard output, all else to standard error.`;

/** The program with its verbs; loads the code of the verb that `argv` calls alone. */
export async function buildProgram(argv: readonly string[], context: CliContext): Promise<Command> {
  const program = new Command('zkbazaar')
    .description('Peer-to-peer marketplace: claims are proved here and verified by every peer before it relays them.')
    .version(packageVersion(), '--version', 'print the version')
    .option('--json', 'print the result as one JSON document')
    .option('--quiet', 'print nothing but the result')
    .option('--data-dir <folder>', 'data folder (default ~/.zkbazaar)')
    .option('--config <file>', 'config file (default zkbazaar.config.json in the data folder)')
    .option('--set <name=value>', 'a setting of the config file, can be repeated', collect)
    .option('--engine <name>', 'what proves and verifies: auto, native or wasm')
    .option('--node <url>', 'REST API of the running node (default from the settings)')
    .option('--passphrase-file <file>', 'file (mode 0600) with the passphrase; else ZKBAZAAR_PASSPHRASE or a prompt')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXITS)
    .showHelpAfterError(false)
    .exitOverride()
    // Usage errors are printed once, by main, in the one form that all errors have.
    .configureOutput({ outputError: () => undefined })
    .hook('preAction', (_program, action) => {
      context.options = action.optsWithGlobals<GlobalOptions>();
    });
  const called = verbOf(program, argv);
  for (const verb of VERBS) {
    if (verb.name === called) (await verb.load()).define(program, context);
    else program.command(verb.name).summary(verb.summary).description(verb.summary);
  }
  return program;
}

/** The first word that is neither an option nor the value of one; `help` names its verb behind it. */
function verbOf(program: Command, argv: readonly string[]): string | undefined {
  const takesValue = new Set(program.options.filter(({ required }) => required).map(({ long }) => long));
  let previous: string | undefined;
  return argv.find((word) => {
    const isValue = takesValue.has(previous);
    previous = isValue ? undefined : word;
    return !isValue && !word.startsWith('-') && word !== 'help';
  });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export function packageVersion(): string {
  const content = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string };
  return content.version;
}
