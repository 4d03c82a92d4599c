import type { OfferView } from '../../market/interface.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { wholeId } from '../ids.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface CreateOptions {
  price: string;
  policy: string;
  makerPolicy?: string;
  buy?: boolean;
  description?: string;
  units?: string;
  hours?: string;
}

export const define: DefineVerb = (program, context) => {
  const client = async () => (await import('../client.ts')).connectNode(context);
  const offer = program
    .command('offer')
    .summary('Make, see and withdraw offers')
    .description('Offers, through the running node.');

  offer
    .command('create')
    .argument('<title>', 'one line')
    .requiredOption('--price <amount asset>', 'such as "1200 EUR"')
    .requiredOption('--policy <policy>', 'what a taker must prove')
    .option('--maker-policy <policy>', 'what you prove with the offer')
    .option('--buy', 'you buy; default: you sell')
    .option('--description <text>', 'up to 1000 characters')
    .option('--units <n>', 'how many orders you will accept')
    .option('--hours <n>', 'life of the offer')
    .description('Makes an offer and publishes it.')
    .action(async (title: string, options: CreateOptions) => {
      const { readPolicy } = await import('../policy-input.ts');
      const price = await priceOf(options.price);
      const body = {
        title,
        price,
        policy: readPolicy(context, options.policy),
        ...(options.makerPolicy === undefined ? {} : { makerPolicy: readPolicy(context, options.makerPolicy) }),
        ...(options.buy === true ? { side: 'buy' } : {}),
        ...(options.description === undefined ? {} : { description: options.description }),
        ...(options.units === undefined ? {} : { units: wholeNumber('--units', options.units) }),
        ...(options.hours === undefined ? {} : { lifetimeSeconds: wholeNumber('--hours', options.hours) * 3600 }),
      };
      const node = await client();
      const progress = context.progress('making the offer');
      const made = await node.post<OfferView>('/v1/offers', body).finally(() => progress.done());
      context.result(made, `offer ${made.id}\nopen until ${time(made.expiresAt)}`);
    });

  offer
    .command('list')
    .option('--status <status>', 'open, taken, cancelled or expired')
    .option('--mine', 'your own only')
    .option('--limit <n>', 'at most so many, up to 100', '50')
    .description('Offers this node knows.')
    .action(async (options: { status?: string; mine?: boolean; limit: string }) => {
      const query = new URLSearchParams({ limit: String(wholeNumber('--limit', options.limit)) });
      if (options.status !== undefined) query.set('status', options.status);
      if (options.mine === true) query.set('mine', 'true');
      const page = await (await client()).get<{ items: OfferView[]; next: string | null }>(`/v1/offers?${query}`);
      const { formatAmount } = await import('../../claims/assets.ts');
      const rows = page.items.map((item) => [
        short(item.id),
        item.side,
        item.title.slice(0, 40),
        formatAmount(BigInt(item.price.amount), item.price.asset),
        item.status + (item.mine ? ' (mine)' : ''),
        time(item.expiresAt),
      ]);
      context.result(page, table(['offer', 'side', 'title', 'price', 'status', 'expires'], rows));
    });

  offer
    .command('show')
    .argument('<offer-id>', 'whole, or as the list shows it')
    .description('One offer, with the policy that its taker must meet.')
    .action(async (given: string) => {
      const node = await client();
      const id = await wholeId(node, 'offer', given);
      await show(await node.get<OfferView>(`/v1/offers/${encodeURIComponent(id)}`));
    });

  offer
    .command('cancel')
    .argument('<offer-id>', 'whole, or as the list shows it')
    .description('Withdraws your offer and declines its open orders.')
    .action(async (given: string) => {
      const node = await client();
      const id = await wholeId(node, 'offer', given);
      await show(await node.post<OfferView>(`/v1/offers/${encodeURIComponent(id)}/cancel`));
    });

  async function show(item: OfferView): Promise<void> {
    const { formatAmount } = await import('../../claims/assets.ts');
    const { printPolicy } = await import('../../claims/policy/index.ts');
    context.result(
      item,
      fields([
        ['offer', item.id],
        ['status', item.status + (item.mine ? ' (mine)' : '')],
        ['side', item.side],
        ['title', item.title],
        ['description', item.description || '-'],
        ['price', formatAmount(BigInt(item.price.amount), item.price.asset)],
        ['asks', printPolicy(item.policy)],
        ['proven', item.makerPolicy === null ? 'nothing' : printPolicy(item.makerPolicy)],
        ['units', String(item.units)],
        ['expires', time(item.expiresAt)],
      ]),
    );
  }
};

async function priceOf(text: string): Promise<{ asset: string; amount: string }> {
  const { assetDecimals, toMinorUnits } = await import('../../claims/assets.ts');
  const parts = /^([0-9.]+)\s*([A-Za-z]+)$/.exec(text.trim());
  const asset = parts?.[2]?.toUpperCase() ?? '';
  const decimals = assetDecimals(asset);
  const amount = decimals === undefined ? undefined : toMinorUnits(parts?.[1] ?? '', decimals);
  if (amount === undefined || amount === 0n) {
    const known = parts === null || decimals !== undefined;
    throw new CliError(
      CliErrorCode.BadArgument,
      known ? `"${text.slice(0, 40)}" is no price` : `there is no asset ${asset}`,
      {
        where: '--price',
        hint: 'an amount and an asset, such as "1200.50 EUR"',
      },
    );
  }
  return { asset, amount: String(amount) };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) {
    throw new CliError(CliErrorCode.BadArgument, `${name} takes a whole number above 0`, { where: name });
  }
  return Number(text);
}
