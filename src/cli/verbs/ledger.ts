import type { Command } from 'commander';
import { SHORT_NAME_RULE } from '../../base/short-name.ts';
import type { LedgerStatusView } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { defineAudit } from '../ledger/audit.ts';
import { defineFiles } from '../ledger/files.ts';
import { defineFollow } from '../ledger/follow.ts';
import { defineLook } from '../ledger/look.ts';
import { defineProofs } from '../ledger/proofs.ts';
import { defineTransactions } from '../ledger/transactions.ts';
import { defineVotes } from '../ledger/vote-verbs.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  const ledger = program
    .command('ledger')
    .summary('Keys, transactions and blocks of the ledger')
    .description('The ledger of the running node: accounts, transfers, proofs; its genesis, snapshots and audit.');
  defineStatus(ledger, context);
  defineKeys(ledger, context);
  for (const add of [defineTransactions, defineLook, defineProofs, defineFiles, defineFollow, defineAudit]) {
    add(ledger, context);
  }
  defineVotes(ledger, context);
};

function defineStatus(ledger: Command, context: CliContext): void {
  ledger
    .command('status', { isDefault: true })
    .description('Head, state and size of the ledger. Exits 1 where it has failed or refused a block.')
    .action(async () => {
      const { connectNode } = await import('../client.ts');
      const status = await (await connectNode(context)).get<LedgerStatusView>('/v1/ledger');
      const { head, following, error } = status;
      if (status.state === 'failed' || following?.state === 'refused') process.exitCode = 1;
      context.result(
        status,
        fields([
          ['network', status.network],
          ['state', status.state],
          ['height', `${head.height} (${time(Math.floor(head.timeMs / 1000))})`],
          ['block', head.hash],
          ['state root', head.stateRoot],
          ['kept from', status.oldest],
          ['records', `${status.records} of ${status.capacity}`],
          ['waiting', String(status.pending)],
          ['lanes', String(status.lanes)],
          ...(following === null
            ? []
            : [
                [
                  'following',
                  `${short(following.peer, 16)}: ${following.state}, it says height ${following.told}`,
                ] as const,
              ]),
          ...(following?.error ? [['trouble', `${following.error.code}: ${following.error.message}`] as const] : []),
          ...(error === null ? [] : [['failure', `${error.code}: ${error.message}`] as const]),
        ]),
      );
    });
}

function defineKeys(ledger: Command, context: CliContext): void {
  const key = ledger.command('key').description('Keys that sign transactions, one sealed file each.');
  const keys = () => import('../ledger/keys.ts');
  key
    .command('new')
    .argument('<name>', SHORT_NAME_RULE)
    .option('--algorithm <name>', 'ed25519, ml-dsa-44 (post-quantum) or hybrid (both must hold)', 'ed25519')
    .description('Makes a key, sealed under a passphrase, and prints its address.')
    .action(async (name: string, options: { algorithm: string }) => {
      const made = await (await keys()).makeKey(context, name, options.algorithm);
      context.result(
        made,
        `address ${made.address}\nkey ${name} (${made.algorithm}) is sealed in the data folder: back it up`,
      );
    });
  key
    .command('list')
    .description('Keys of this data folder.')
    .action(async () => {
      const items = await (await keys()).listKeys(context);
      const rows = items.map(({ name, algorithm, address }) => [name, algorithm, address]);
      context.result({ items }, table(['key', 'algorithm', 'address'], rows));
    });
  key
    .command('address')
    .argument('<name>')
    .description('The address of a key.')
    .action(async (name: string) => {
      const found = await (await keys()).publicPart(context, name);
      context.result(found, found.address);
    });
}
