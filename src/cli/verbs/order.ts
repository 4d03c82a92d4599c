import type { OrderView } from '../../market/interface.ts';
import type { NodeClient } from '../client.ts';
import { CliError, CliErrorCode, Exit } from '../errors.ts';
import { wholeId } from '../ids.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

/** How often a waiting command looks again: people decide in minutes. */
const LOOK_AGAIN_MS = 2_000;

export const define: DefineVerb = (program, context) => {
  const client = async () => (await import('../client.ts')).connectNode(context);
  const order = program
    .command('order')
    .summary('Take offers, and accept or decline orders')
    .description('Orders, through the running node.');

  order
    .command('take')
    .argument('<offer-id>', 'whole, or as the list shows it')
    .option('--wait', 'wait until the maker has decided; exits 1 unless accepted')
    .description('Proves the offer’s policy for one new order and sends it to the maker.')
    .action(async (given: string, options: { wait?: boolean }) => {
      const node = await client();
      const offerId = await wholeId(node, 'offer', given);
      const progress = context.progress('proving and sending');
      try {
        let made = await node.post<OrderView>('/v1/orders', { offerId });
        if (options.wait === true) {
          progress.update('waiting for the maker');
          made = await settled(node, made);
          if (made.state !== 'accepted') process.exitCode = Exit.Negative;
        }
        progress.done();
        show(made);
      } finally {
        progress.done();
      }
    });

  order
    .command('list')
    .option('--role <role>', 'maker or taker')
    .option('--state <state>', 'proposed, qualified, accepted, declined, cancelled or expired')
    .option('--offer <offer-id>', 'of one offer')
    .description('Orders of this node.')
    .action(async (options: { role?: string; state?: string; offer?: string }) => {
      const query = new URLSearchParams();
      if (options.role !== undefined) query.set('role', options.role);
      if (options.state !== undefined) query.set('state', options.state);
      const node = await client();
      if (options.offer !== undefined) query.set('offerId', await wholeId(node, 'offer', options.offer));
      const { items } = await node.get<{ items: OrderView[] }>(`/v1/orders?${query}`);
      const rows = items.map((item) => [
        short(item.id),
        short(item.terms.offerId),
        item.role,
        item.state + (item.confirmed ? ', confirmed' : ''),
        item.nextActor ?? '-',
        time(item.deadline),
      ]);
      context.result({ items }, table(['order', 'offer', 'role', 'state', 'next', 'deadline'], rows));
    });

  order
    .command('show')
    .argument('<order-id>', 'whole, or as the list shows it')
    .description('One order.')
    .action(async (given: string) => {
      const node = await client();
      const id = await wholeId(node, 'order', given);
      show(await node.get<OrderView>(`/v1/orders/${encodeURIComponent(id)}`));
    });

  for (const [step, description, takesNote] of [
    ['accept', 'Accepts a qualified order (maker).', false],
    ['decline', 'Declines an order (maker).', true],
    ['cancel', 'Withdraws an order (taker).', true],
  ] as const) {
    const command = order
      .command(step)
      .argument('<order-id>', 'whole, or as the list shows it')
      .description(description);
    if (takesNote) command.option('--note <text>', 'a word to the other side');
    command.action(async (given: string, options: { note?: string }) => {
      const body = options.note === undefined ? undefined : { note: options.note };
      const node = await client();
      const id = await wholeId(node, 'order', given);
      show(await node.post<OrderView>(`/v1/orders/${encodeURIComponent(id)}/${step}`, body));
    });
  }

  /** Follows one order until nobody can decide any more. */
  async function settled(node: NodeClient, made: OrderView): Promise<OrderView> {
    let current = made;
    while (current.state === 'proposed' || current.state === 'qualified') {
      await pause(LOOK_AGAIN_MS, context.signal);
      current = await node.get<OrderView>(`/v1/orders/${made.id}`);
    }
    return current;
  }

  function show(item: OrderView): void {
    context.result(
      item,
      fields([
        ['order', item.id],
        ['offer', item.terms.offerId],
        ['title', item.terms.title],
        ['role', item.role],
        ['state', item.state + (item.confirmed ? ', confirmed by both' : '')],
        ['next', item.nextActor === null ? '-' : `${item.nextActor} until ${time(item.deadline)}`],
        ['reason', [item.reason, item.note].filter(Boolean).join(': ') || '-'],
        ['history', item.history.map(({ state, at }) => `${state} ${time(at)}`).join(', ')],
      ]),
    );
  }
};

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new CliError(CliErrorCode.Interrupted, 'interrupted'));
      },
      { once: true },
    );
  });
}
