import type { Command } from 'commander';
import type { AccountView, BlockView } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { fields, table, time } from '../text.ts';

export function defineLook(ledger: Command, context: CliContext): void {
  const client = async () => (await import('../client.ts')).connectNode(context);

  ledger
    .command('account')
    .argument('<account>', 'address, or name of a key here')
    .option('--asset <asset>', '22 hex digits, can be repeated', collect)
    .description('Balance and next nonce of an account.')
    .action(async (text: string, options: { asset?: string[] }) => {
      const { addressFrom } = await import('./keys.ts');
      const address = await addressFrom(context, text);
      const query = options.asset === undefined ? '' : `?assets=${encodeURIComponent(options.asset.join(','))}`;
      const account = await (await client()).get<AccountView>(`/v1/ledger/accounts/${address}${query}`);
      context.result(
        account,
        fields([
          ['address', account.address],
          ['balance', account.exists ? account.balance : '0 (no record yet)'],
          ['next nonce', account.nonce],
          ...account.assets.map(({ asset, amount }) => [asset, amount] as const),
          ['at height', account.height],
        ]),
      );
    });

  ledger
    .command('block')
    .argument('[height]', 'default: the last one', 'head')
    .option('--limit <n>', 'ids shown', '20')
    .description('A block: its header and the ids of its transactions.')
    .action(async (height: string, options: { limit: string }) => {
      const path = `/v1/ledger/blocks/${encodeURIComponent(height)}?limit=${encodeURIComponent(options.limit)}`;
      const { header, first, ids } = await (await client()).get<BlockView>(path);
      context.result(
        { header, first, ids },
        `${fields([
          ['height', header.height],
          ['time', time(Math.floor(header.timeMs / 1000))],
          ['hash', header.hash],
          ['parent', header.parent],
          ['transactions', `${header.transactions}, root ${header.transactionsRoot}`],
          ['state root', header.stateRoot],
          ['receipts root', header.receiptsRoot],
        ])}\n${table(
          ['place', 'transaction'],
          ids.map((id, i) => [String(first + i), id]),
        )}`,
      );
    });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
