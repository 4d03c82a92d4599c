import type { Wallet } from '../../wallet/interface.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readInput, writeOutput } from '../files.ts';
import { askPassphrase } from '../passphrase.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  const wallet = program
    .command('wallet')
    .summary('Keep credentials, encrypted')
    .description('The wallet holds your secret and your credentials in one encrypted file (scrypt, AES-256-GCM).');

  wallet
    .command('init')
    .description('Makes a wallet and prints its holder commitment, which issuers are given.')
    .action(async () => {
      const { createWallet } = await import('../../wallet/index.ts');
      const { paths } = await context.settings();
      const passphrase = await askPassphrase(context, { purpose: 'wallet', fresh: true });
      const made = await createWallet({ dir: paths.walletDir, passphrase });
      const { holder } = made;
      made.close();
      context.result(
        { folder: paths.walletDir, holder },
        `holder ${holder}\nback it up: zkbazaar wallet backup <file>`,
      );
    });

  wallet
    .command('import')
    .argument('<file>', 'credentials as an issuer wrote them; - for standard input')
    .description('Checks and stores credentials: all of the file or none.')
    .action(async (file: string) => {
      const content = await readInput(file);
      await withWallet(context, async (open) => {
        const report = await open.importCredentials(content);
        const text = `imported ${report.imported.length}, known already ${report.known.length}`;
        context.result(report, text);
      });
    });

  wallet
    .command('list')
    .description('Lists credentials, without their contents.')
    .action(() =>
      withWallet(context, async (open) => {
        const credentials = await open.list();
        const rows = credentials.map((item) => [
          item.schema,
          item.serial,
          short(item.issuer.x),
          time(item.issuedAt),
          `${time(item.expiresAt)}${item.expired ? ' (expired)' : ''}`,
        ]);
        context.result(
          { holder: open.holder, credentials },
          `${fields([['holder', open.holder]])}\n${table(['schema', 'serial', 'issuer', 'issued', 'expires'], rows)}`,
        );
      }),
    );

  wallet
    .command('remove')
    .argument('<serial>')
    .description('Forgets one credential.')
    .action((serial: string) =>
      withWallet(context, async (open) => {
        await open.removeCredential(serial);
        context.result({ removed: serial }, `removed ${serial}`);
      }),
    );

  wallet
    .command('backup')
    .argument('<file>', 'where to write it')
    .option('--backup-passphrase-file <file>', 'passphrase of the backup; default: the wallet’s own')
    .option('--force', 'overwrite the file')
    .description('Writes everything in one encrypted file with a checksum.')
    .action(async (file: string, options: { backupPassphraseFile?: string; force?: boolean }) => {
      await withWallet(context, async (open, passphrase) => {
        const own = options.backupPassphraseFile;
        const backup = await open.backup(
          own === undefined ? passphrase : await askPassphrase(context, { purpose: 'backup', file: own }),
        );
        await writeOutput(file, backup, options.force);
        context.result({ file, bytes: backup.length }, `wrote ${file} (${backup.length} bytes, encrypted)`);
      });
    });

  wallet
    .command('restore')
    .argument('<file>', 'a backup')
    .option('--new-passphrase-file <file>', 'passphrase of the new wallet; default: the backup’s')
    .description('Makes a wallet from a backup, where there is none yet.')
    .action(async (file: string, options: { newPassphraseFile?: string }) => {
      const { restoreWallet } = await import('../../wallet/index.ts');
      const { paths } = await context.settings();
      const backup = await readInput(file);
      const passphrase = await askPassphrase(context, { purpose: 'backup' });
      const next = options.newPassphraseFile;
      const restored = await restoreWallet({
        dir: paths.walletDir,
        backup,
        passphrase,
        ...(next === undefined
          ? {}
          : { newPassphrase: await askPassphrase(context, { purpose: 'new wallet', file: next }) }),
      });
      const { holder } = restored;
      const credentials = (await restored.list()).length;
      restored.close();
      context.result(
        { folder: paths.walletDir, holder, credentials },
        `restored ${credentials} credentials of holder ${holder}`,
      );
    });

  wallet
    .command('passwd')
    .option('--new-passphrase-file <file>', 'file (mode 0600) with the new passphrase; else a prompt')
    .description('Changes the passphrase.')
    .action(async (options: { newPassphraseFile?: string }) => {
      await withWallet(context, async (open, passphrase) => {
        const next = await askPassphrase(context, {
          purpose: 'wallet',
          fresh: true,
          file: options.newPassphraseFile,
          variable: '',
        });
        if (next === passphrase) throw new CliError(CliErrorCode.BadArgument, 'the new passphrase is the old one');
        await open.changePassphrase(passphrase, next);
        context.result({ changed: true }, 'the passphrase is changed; older backups keep theirs');
      });
    });
};

async function withWallet(
  context: CliContext,
  use: (wallet: Wallet, passphrase: string) => Promise<void>,
): Promise<void> {
  const { openWallet } = await import('../../wallet/index.ts');
  const { paths } = await context.settings();
  const passphrase = await askPassphrase(context, { purpose: 'wallet' });
  const wallet = await openWallet({ dir: paths.walletDir, passphrase });
  try {
    await use(wallet, passphrase);
  } finally {
    wallet.close();
  }
}
