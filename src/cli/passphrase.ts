import { isCodedError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import type { CliContext } from './context.ts';
import { CliError, CliErrorCode } from './errors.ts';

const MAX_BYTES = 4096;

export interface PassphraseOptions {
  /** What it opens, for the prompt: "wallet", "issuer Bank". */
  purpose: string;
  /** Asks twice, since a slip would lock the owner out. */
  fresh?: boolean | undefined;
  /** Goes before the common --passphrase-file. */
  file?: string | undefined;
  /** Default ZKBAZAAR_PASSPHRASE; '' for none. */
  variable?: string | undefined;
}

/**
 * The passphrase from a file (mode 0600), the environment, or a hidden prompt; never from the command line, which
 * other users can read.
 * @throws CliError CLI_PASSPHRASE_NEEDED, CLI_PASSPHRASE_MISMATCH; CodedError FILE_* for a file that others can read
 */
export async function askPassphrase(context: CliContext, options: PassphraseOptions): Promise<string> {
  const variable = options.variable ?? 'ZKBAZAAR_PASSPHRASE';
  const given = variable === '' ? undefined : process.env[variable];
  if (options.file === undefined && given !== undefined && given !== '') return given;
  const file = options.file ?? (variable === '' ? undefined : (await context.settings()).config.wallet.passphraseFile);
  if (file !== undefined && file !== null) return readPassphraseFile(file);
  if (process.stdin.isTTY !== true) {
    throw new CliError(CliErrorCode.PassphraseNeeded, `the passphrase of the ${options.purpose} is needed`, {
      hint: `set ${variable === '' ? 'a passphrase file' : variable}, pass --passphrase-file, or run it in a terminal`,
    });
  }
  const first = await promptHidden(
    context,
    `${options.fresh ? 'New passphrase' : 'Passphrase'} of the ${options.purpose}: `,
  );
  if (options.fresh === true && first !== (await promptHidden(context, 'The same again: '))) {
    throw new CliError(CliErrorCode.PassphraseMismatch, 'the two passphrases differ');
  }
  return first;
}

async function readPassphraseFile(file: string): Promise<string> {
  try {
    const text = (await readPrivateFile(file, MAX_BYTES)).toString('utf8');
    // Editors end a file with a line break; it is no part of the passphrase.
    return text.replace(/\r?\n$/, '');
  } catch (error) {
    if (isCodedError(error)) throw error;
    throw new CliError(CliErrorCode.FileUnreadable, 'the passphrase file cannot be read', { where: file });
  }
}

/** Reads one line from the terminal without showing it. @throws CliError CLI_INTERRUPTED on Ctrl-C */
async function promptHidden(context: CliContext, text: string): Promise<string> {
  const { stdin, stderr } = process;
  // Echo goes off before the prompt invites anybody to type.
  stdin.setRawMode(true);
  stderr.write(text);
  stdin.setEncoding('utf8');
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(new CliError(CliErrorCode.Interrupted, 'interrupted'));
      context.signal.addEventListener('abort', stop, { once: true });
      let line = '';
      stdin.on('data', (part: string) => {
        for (const char of part) {
          if (char === '\r' || char === '\n') resolve(line);
          else if (char === '\u0003' || char === '\u0004') stop();
          else if (char === '\u007f' || char === '\b') line = [...line].slice(0, -1).join('');
          else if (char >= ' ') line += char;
        }
      });
    });
  } finally {
    stdin.removeAllListeners('data');
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
