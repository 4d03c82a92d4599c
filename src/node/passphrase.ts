import { CodedError } from '../base/errors.ts';
import { readPrivateFile } from '../base/private-file.ts';
import type { Config } from '../config/interface.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode } from './interface.ts';

const MAX_PASSPHRASE_FILE_BYTES = 4096;

/**
 * The wallet's passphrase from `ZKBAZAAR_PASSPHRASE`, else from `wallet.passphraseFile` (mode 0600, one line).
 * @returns undefined where neither is set; the cli then asks, and a peer without a wallet needs none
 * @throws NodeError NODE_PASSPHRASE_FILE
 */
export async function findPassphrase(
  settings: Config['wallet'],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const given = env['ZKBAZAAR_PASSPHRASE'];
  if (given !== undefined && given !== '') return given;
  if (settings.passphraseFile === null) return undefined;
  let text: string;
  try {
    text = (await readPrivateFile(settings.passphraseFile, MAX_PASSPHRASE_FILE_BYTES)).toString('utf8');
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new NodeError(NodeErrorCode.PassphraseFile, `cannot read the passphrase file: ${error.message}`, {
      where: 'wallet.passphraseFile',
      hint: error.hint,
    });
  }
  const line = text.replace(/\r?\n$/, '');
  if (line === '' || /[\r\n]/.test(line)) {
    throw new NodeError(NodeErrorCode.PassphraseFile, 'the passphrase file must hold one line', {
      where: 'wallet.passphraseFile',
    });
  }
  return line;
}
