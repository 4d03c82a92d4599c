import type { Command } from 'commander';
import { type BuiltTransaction, buildTransaction, transactionRequest } from '../../api/ledger-build.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { joinSignature } from '../../ledger/transaction/codec.ts';
import type { AccountView, LedgerStatusView, ReceiptView } from '../../node/interface.ts';
import { connectNode, type NodeClient } from '../client.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit, NodeProblem } from '../errors.ts';
import { writeOutput } from '../files.ts';
import { fields } from '../text.ts';
import type { OpenKey } from './keys.ts';

/** Transactions on their way: built and signed here, handed to the running node, followed to their receipt. */

export interface TransactionOptions {
  nonce?: string;
  tag?: string;
  gasLimit?: string;
  gasPrice?: string;
  out?: string;
  force?: boolean;
  wait: string | boolean;
}

/** A proof as the build route takes it; signals and proof are hex. */
export interface CarriedProof {
  circuit: number;
  signals: string[];
  proof: string;
}

export interface Sender {
  readonly key: OpenKey;
  readonly node: NodeClient;
}

/** More for the result than the receipt: names with what they are. */
export type Extra = Readonly<Record<string, string>>;

/** The API waits so long at once. */
const WAIT_MS = 20_000;
const DEFAULT_WAIT_SECONDS = 60;

export function withOptions(command: Command): Command {
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

/** The account that signs, as the node knows it. */
export async function accountOf({ key, node }: Sender): Promise<AccountView> {
  return node.get<AccountView>(`/v1/ledger/accounts/${key.address}`);
}

/** The unsigned transaction, on top of the node's head. @throws CliError CLI_BAD_ARGUMENT; LEDGER_TRANSACTION_INVALID */
export async function buildFor(
  sender: Sender,
  operations: unknown,
  options: TransactionOptions,
  proof?: CarriedProof,
): Promise<BuiltTransaction> {
  const { key, node } = sender;
  const [status, account] = await Promise.all([node.get<LedgerStatusView>('/v1/ledger'), accountOf(sender)]);
  const { nonce, tag, gasLimit, gasPrice } = options;
  const request = transactionRequest.safeParse({
    signer: key.address,
    algorithm: key.algorithm,
    operations,
    ...(nonce === undefined ? {} : { nonce }),
    ...(tag === undefined ? {} : { tag }),
    ...(gasLimit === undefined ? {} : { gasLimit: numberOf(gasLimit, '--gas-limit') }),
    ...(gasPrice === undefined ? {} : { gasPrice }),
    ...(proof === undefined ? {} : { proof }),
  });
  if (!request.success) {
    const [issue] = request.error.issues;
    throw new CliError(CliErrorCode.BadArgument, `not a transaction: ${issue?.message ?? 'unknown fault'}`, {
      where: issue?.path.join('.'),
      hint: 'docs/ledger.md lists the operations and their fields',
    });
  }
  return buildTransaction(request.data, {
    network: fromHex(status.network) ?? new Uint8Array(),
    height: BigInt(status.head.height),
    nonce: BigInt(account.nonce),
  });
}

/** Signs operations and hands them over, or writes the transaction where that is asked for. */
export async function sendOperations(
  context: CliContext,
  sender: Sender,
  operations: unknown,
  options: TransactionOptions,
  { proof, extra = {} }: { proof?: CarriedProof | undefined; extra?: Extra } = {},
): Promise<void> {
  const { key, node } = sender;
  const made = await buildFor(sender, operations, options, proof);
  const signed = joinSignature(made.body, fromHex(key.publicKey) ?? new Uint8Array(), key.sign(made.id));
  if (options.out !== undefined) {
    await writeOutput(options.out, signed, options.force);
    const id = toHex(made.id);
    context.result(
      { id, file: options.out, bytes: signed.length, ...extra },
      `wrote ${options.out}: transaction ${id}`,
    );
    return;
  }
  await hand(context, node, signed, options, extra);
}

export async function hand(
  context: CliContext,
  node: NodeClient,
  bytes: Uint8Array,
  options: TransactionOptions,
  extra: Extra = {},
): Promise<void> {
  const transaction = Buffer.from(bytes).toString('base64');
  const { id } = await node.post<{ id: string }>('/v1/ledger/transactions', { transaction });
  if (options.wait === false) {
    context.result({ id, ...extra }, `transaction ${id}`);
    return;
  }
  const seconds = typeof options.wait === 'string' ? numberOf(options.wait, '--wait') : DEFAULT_WAIT_SECONDS;
  showReceipt(context, await receiptOf(context, node, id, seconds), extra);
}

/** @throws NodeProblem LEDGER_NOT_FOUND when the time is over */
export async function receiptOf(
  context: CliContext,
  node: NodeClient,
  id: string,
  seconds: number,
): Promise<ReceiptView> {
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

export function showReceipt(context: CliContext, receipt: ReceiptView, extra: Extra = {}): void {
  if (!receipt.ok) process.exitCode = Exit.Negative;
  const { operation } = receipt;
  const failed = receipt.ok ? 'done' : `not done: ${receipt.meaning}`;
  context.result(
    { ...receipt, ...extra },
    fields([
      ['transaction', receipt.id],
      ['result', operation === null || receipt.ok ? failed : `${failed} (operation ${operation})`],
      ['block', `${receipt.height}, place ${receipt.index}`],
      ['fee', `${receipt.fee} (${receipt.gasUsed} gas)`],
      ...Object.entries(extra),
    ]),
  );
}

/** The key of `--from`, and the node; the passphrase is asked for before anything else happens. */
export async function openSender(context: CliContext, name: string): Promise<Sender> {
  const { openKey } = await import('./keys.ts');
  const key = await openKey(context, name);
  return { key, node: await connectNode(context) };
}

export function numberOf(text: string, where: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError(CliErrorCode.BadArgument, `${where} takes a whole number`, { where });
}
