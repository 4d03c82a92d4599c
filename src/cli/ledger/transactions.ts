import type { Command } from 'commander';
import { fromHex } from '../../base/bytes.ts';
import { connectNode } from '../client.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readInput } from '../files.ts';
import { addressFrom } from './keys.ts';
import {
  hand,
  numberOf,
  openSender,
  receiptOf,
  sendOperations,
  showReceipt,
  type TransactionOptions,
  withOptions,
} from './send.ts';

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
    await sendOperations(context, await openSender(context, options.from), operations, options);
  });

  withOptions(
    ledger
      .command('submit')
      .argument(
        '<file>',
        'a signed transaction (bytes, hex or base64), or with --from operations as JSON; - for standard input',
      )
      .option('--from <key>', 'key that signs operations')
      .option('--proof <proof>', 'with --from: folder that prove --out wrote, or file with what prove --json prints')
      .description('Hands a transaction to the running node. Exits 1 if it was not done.'),
  ).action(async (file: string, options: TransactionOptions & { from?: string; proof?: string }) => {
    const content = await readInput(file, MAX_FILE_BYTES);
    if (options.from !== undefined) return submit(context, options.from, operationsOf(content, file), options);
    if (options.proof !== undefined) {
      throw new CliError(
        CliErrorCode.Usage,
        '--proof goes with operations and --from; a signed transaction has its own',
      );
    }
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
      showReceipt(context, await receiptOf(context, node, id, seconds));
    });
}

async function submit(
  context: CliContext,
  from: string,
  operations: unknown,
  options: TransactionOptions & { proof?: string },
): Promise<void> {
  if (options.proof === undefined) {
    return sendOperations(context, await openSender(context, from), operations, options);
  }
  const { checkCarried, readProof } = await import('./proof-file.ts');
  // Whatever is wrong with the proof is said before anybody types a passphrase.
  const proof = await readProof(context, options.proof);
  checkCarried(proof, await addressFrom(context, from), operations, options.proof);
  const sender = await openSender(context, from);
  await sendOperations(context, sender, operations, options, { proof: proof.carried });
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
