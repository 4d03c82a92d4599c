import type { Command } from 'commander';
import { buildTransaction, transactionRequest } from '../../api/ledger-build.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { joinSignature } from '../../ledger/transaction/codec.ts';
import type { AccountView, LedgerStatusView, ReceiptView } from '../../node/interface.ts';
import { connectNode, type NodeClient } from '../client.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit, NodeProblem } from '../errors.ts';
import { readInput, writeOutput } from '../files.ts';
import { fields } from '../text.ts';
import { addressFrom, openKey } from './keys.ts';

interface TransactionOptions {
  from?: string;
  nonce?: string;
  tag?: string;
  gasLimit?: string;
  gasPrice?: string;
  out?: string;
  force?: boolean;
  wait: string | boolean;
}

/** The API waits so long at once. */
const WAIT_MS = 20_000;
const DEFAULT_WAIT_SECONDS = 60;
const MAX_FILE_BYTES = 1_048_576;

export function defineTransactions(ledger: Command, context: CliContext): void {
  withOptions(
    ledger
      .command('transfer')
      .argument('<to>', 'address, or name of a key here')
      .argument('<amount>', 'in the asset’s smallest unit')
      .requiredOption('--from <key>', 'key that signs')
      .option('--asset <asset>', '22 hex digits; default: the native asset')
      .description('Signs a transfer here and hands it to the running node. Exits 1 if it was not done.'),
  ).action(async (to: string, amount: string, options: TransactionOptions & { from: string; asset?: string }) => {
    const target = await addressFrom(context, to);
    const asset = options.asset === undefined ? {} : { asset: options.asset };
    const operations = [{ operation: 'assets.transfer', to: target, amount, ...asset }];
    await sign(context, options.from, operations, options);
  });

  withOptions(
    ledger
      .command('submit')
      .argument(
        '<file>',
        'a signed transaction (bytes, hex or base64), or with --from operations as JSON; - for standard input',
      )
      .option('--from <key>', 'key that signs operations')
      .description('Hands a transaction to the running node. Exits 1 if it was not done.'),
  ).action(async (file: string, options: TransactionOptions) => {
    const content = await readInput(file, MAX_FILE_BYTES);
    if (options.from !== undefined) return sign(context, options.from, operationsOf(content, file), options);
    await hand(context, await connectNode(context), bytesOf(content, file), options);
  });

  ledger
    .command('receipt')
    .argument('<id>', 'of the transaction')
    .option('--wait <seconds>', 'until it is executed', '0')
    .description('What became of a transaction. Exits 1 if it was not done.')
    .action(async (id: string, options: { wait: string }) => {
      const node = await connectNode(context);
      const seconds = numberOf(options.wait, '--wait');
      show(context, await receiptOf(context, node, id, seconds));
    });
}

function withOptions(command: Command): Command {
  return command
    .option('--nonce <n>', 'default: the account’s next number')
    .option('--tag <n>', 'instead of a nonce: a number never used, for transactions in no order')
    .option('--gas-limit <n>', 'default: an estimate that is rather too high')
    .option('--gas-price <n>', 'native units per gas', '1')
    .option('--out <file>', 'write the signed transaction instead of handing it over')
    .option('--force', 'overwrite the file')
    .option('--wait <seconds>', `for its receipt; default ${DEFAULT_WAIT_SECONDS}`)
    .option('--no-wait', 'do not wait for the receipt');
}

async function sign(
  context: CliContext,
  name: string,
  operations: unknown,
  options: TransactionOptions,
): Promise<void> {
  const key = await openKey(context, name);
  const node = await connectNode(context);
  const [status, account] = await Promise.all([
    node.get<LedgerStatusView>('/v1/ledger'),
    node.get<AccountView>(`/v1/ledger/accounts/${key.address}`),
  ]);
  const { nonce, tag, gasLimit, gasPrice } = options;
  const request = transactionRequest.safeParse({
    signer: key.address,
    algorithm: key.algorithm,
    operations,
    ...(nonce === undefined ? {} : { nonce }),
    ...(tag === undefined ? {} : { tag }),
    ...(gasLimit === undefined ? {} : { gasLimit: numberOf(gasLimit, '--gas-limit') }),
    ...(gasPrice === undefined ? {} : { gasPrice }),
  });
  if (!request.success) {
    const [issue] = request.error.issues;
    throw new CliError(CliErrorCode.BadArgument, `not a transaction: ${issue?.message ?? 'unknown fault'}`, {
      where: issue?.path.join('.'),
      hint: 'docs/ledger.md lists the operations and their fields',
    });
  }
  const made = buildTransaction(request.data, {
    network: fromHex(status.network) ?? new Uint8Array(),
    height: BigInt(status.head.height),
    nonce: BigInt(account.nonce),
  });
  const signed = joinSignature(made.body, fromHex(key.publicKey) ?? new Uint8Array(), key.sign(made.id));
  if (options.out !== undefined) {
    await writeOutput(options.out, signed, options.force);
    const id = toHex(made.id);
    context.result({ id, file: options.out, bytes: signed.length }, `wrote ${options.out}: transaction ${id}`);
    return;
  }
  await hand(context, node, signed, options);
}

async function hand(
  context: CliContext,
  node: NodeClient,
  bytes: Uint8Array,
  options: TransactionOptions,
): Promise<void> {
  const transaction = Buffer.from(bytes).toString('base64');
  const { id } = await node.post<{ id: string }>('/v1/ledger/transactions', { transaction });
  if (options.wait === false) {
    context.result({ id }, `transaction ${id}`);
    return;
  }
  const seconds = typeof options.wait === 'string' ? numberOf(options.wait, '--wait') : DEFAULT_WAIT_SECONDS;
  show(context, await receiptOf(context, node, id, seconds));
}

/** @throws NodeProblem LEDGER_NOT_FOUND when the time is over */
async function receiptOf(context: CliContext, node: NodeClient, id: string, seconds: number): Promise<ReceiptView> {
  const end = performance.now() + seconds * 1000;
  const progress = context.progress('waiting for the block');
  try {
    for (;;) {
      const left = Math.max(0, Math.ceil(end - performance.now()));
      try {
        const path = `/v1/ledger/receipts/${encodeURIComponent(id)}?wait=${Math.min(left, WAIT_MS)}`;
        return await node.get<ReceiptView>(path);
      } catch (error) {
        if (!(error instanceof NodeProblem) || error.code !== 'LEDGER_NOT_FOUND' || left === 0) throw error;
      }
    }
  } finally {
    progress.done();
  }
}

function show(context: CliContext, receipt: ReceiptView): void {
  if (!receipt.ok) process.exitCode = Exit.Negative;
  const { operation } = receipt;
  const failed = receipt.ok ? 'done' : `not done: ${receipt.meaning}`;
  context.result(
    receipt,
    fields([
      ['transaction', receipt.id],
      ['result', operation === null || receipt.ok ? failed : `${failed} (operation ${operation})`],
      ['block', `${receipt.height}, place ${receipt.index}`],
      ['fee', `${receipt.fee} (${receipt.gasUsed} gas)`],
    ]),
  );
}

function operationsOf(content: Uint8Array, file: string): unknown {
  try {
    const parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content)) as unknown;
    const { operations } = Array.isArray(parsed) ? { operations: parsed } : (parsed as { operations?: unknown });
    if (operations !== undefined) return operations;
  } catch {
    // Said below.
  }
  throw new CliError(CliErrorCode.NotJson, 'the file holds no operations', {
    where: file,
    hint: '[{"operation": "assets.transfer", "to": "<address>", "amount": "1"}], or the same under "operations"',
  });
}

/** A transaction begins with its length, which no text does. */
function bytesOf(content: Uint8Array, file: string): Uint8Array {
  const says = content.length < 4 ? 0 : new DataView(content.buffer, content.byteOffset).getUint32(0, true);
  if (says === content.length) return content;
  const text = Buffer.from(content).toString('latin1').trim();
  const bytes = fromHex(text) ?? (/^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined);
  if (bytes !== undefined) return new Uint8Array(bytes);
  throw new CliError(CliErrorCode.BadArgument, 'the file holds no transaction', {
    where: file,
    hint: 'operations as JSON need --from <key>, which signs them',
  });
}

export function numberOf(text: string, where: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError(CliErrorCode.BadArgument, `${where} takes a whole number`, { where });
}
