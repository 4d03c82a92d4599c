import type { Command } from 'commander';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { HeaderView, RecordView } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit } from '../errors.ts';
import { readJson, writeOutput } from '../files.ts';
import { fields } from '../text.ts';

/** A proof has at most 256 siblings of 32 bytes, in hex. */
const MAX_PROOF_FILE = 65_536;

export function defineProofs(ledger: Command, context: CliContext): void {
  ledger
    .command('prove')
    .argument('[key]', 'of the record, 64 hex digits')
    .option('--account <account>', 'instead of a key: the record of an account (address, or name of a key here)')
    .option('--asset <asset>', 'with --account: what it holds of this asset')
    .option('--out <file>', 'write the proof, for verify-proof')
    .option('--force', 'overwrite the file')
    .description('A record of the state with its proof, or the proof that there is none.')
    .action(
      async (key: string | undefined, options: { account?: string; asset?: string; out?: string; force?: boolean }) => {
        const { connectNode } = await import('../client.ts');
        const wanted = await keyOf(context, key, options);
        const shown = await (await connectNode(context)).get<RecordView>(
          `/v1/ledger/records/${encodeURIComponent(wanted)}`,
        );
        if (options.out !== undefined)
          await writeOutput(options.out, `${JSON.stringify(shown, null, 2)}\n`, options.force);
        const parts = Object.entries(shown.fields ?? {}).map(([name, value]) => [name, String(value)] as const);
        context.result(
          shown,
          fields([
            ['key', shown.key],
            ['record', shown.record ?? 'none'],
            ...parts,
            ['at height', shown.header.height],
            ['state root', shown.header.stateRoot],
            ['proof', options.out === undefined ? `${shown.proof.length / 2} bytes` : options.out],
          ]),
        );
      },
    );

  ledger
    .command('verify-proof')
    .argument('<file>', 'as ledger prove --out wrote it; - for standard input')
    .option('--block <hash>', 'hash of a header that you trust: the proof must be of that block')
    .description('Checks a proof here, without any node. Exits 0 valid, 1 not.')
    .action(async (file: string, options: { block?: string }) => {
      const [{ verifyStateProof }, { encodeHeader, decodeHeader, headerHash }] = await Promise.all([
        import('../../ledger/state/proof.ts'),
        import('../../ledger/block/header.ts'),
      ]);
      const { key, record, proof, header } = readProof(await readJson(file, MAX_PROOF_FILE), file);
      const told = headerFrom(header);
      const hash = toHex(headerHash(decodeHeader(encodeHeader(told))));
      const reason =
        hash !== header.hash
          ? 'the header does not have the hash it states'
          : options.block !== undefined && options.block !== hash
            ? 'the proof is of another block than the one you trust'
            : verifyStateProof(told.stateRoot, key, record, proof)
              ? undefined
              : 'the proof does not lead to the state root';
      const valid = reason === undefined;
      if (!valid) process.exitCode = Exit.Negative;
      const found = {
        valid,
        reason: reason ?? null,
        key: toHex(key),
        record: record === undefined ? null : toHex(record),
      };
      const what = record === undefined ? 'there is no such record' : `record ${toHex(record)}`;
      context.result(
        { ...found, height: header.height, block: hash },
        valid ? `valid: ${what}, in block ${header.height} (${hash})` : `not valid: ${reason}`,
      );
    });
}

async function keyOf(
  context: CliContext,
  key: string | undefined,
  { account, asset }: { account?: string; asset?: string },
): Promise<string> {
  if (key !== undefined && account === undefined) return key;
  if (key !== undefined || account === undefined) {
    throw new CliError(CliErrorCode.Usage, 'name a key, or --account', {
      hint: 'zkbazaar ledger prove --account alice',
    });
  }
  const [{ addressFrom }, { accountKey, balanceKey }] = await Promise.all([
    import('./keys.ts'),
    import('../../ledger/keys.ts'),
  ]);
  const address = fromHex(await addressFrom(context, account)) ?? new Uint8Array();
  if (asset === undefined) return toHex(accountKey(address));
  const bytes = fromHex(asset, 11);
  if (bytes === undefined)
    throw new CliError(CliErrorCode.BadArgument, 'an asset has 22 hex digits', { where: '--asset' });
  return toHex(balanceKey(address, bytes));
}

function readProof(given: unknown, where: string) {
  const malformed = () =>
    new CliError(CliErrorCode.BadArgument, 'the file holds no proof', {
      where,
      hint: 'zkbazaar ledger prove --out writes one',
    });
  if (typeof given !== 'object' || given === null) throw malformed();
  const { key, record, proof, header } = given as Partial<RecordView>;
  const bytes = { key: fromHex(key, 32), record: fromHex(record ?? ''), proof: fromHex(proof) };
  if (bytes.key === undefined || bytes.record === undefined || bytes.proof === undefined) throw malformed();
  if (record === undefined || typeof header !== 'object' || header === null) throw malformed();
  return { key: bytes.key, record: record === null ? undefined : bytes.record, proof: bytes.proof, header };
}

function headerFrom(header: HeaderView) {
  const hash = (text: unknown, bytes = 32): Uint8Array => {
    const found = fromHex(text, bytes);
    if (found === undefined) throw new CliError(CliErrorCode.BadArgument, 'the header of the proof is malformed');
    return found;
  };
  if (!/^[0-9]{1,19}$/.test(String(header.height)) || !Number.isSafeInteger(header.timeMs) || header.timeMs < 0) {
    throw new CliError(CliErrorCode.BadArgument, 'the header of the proof is malformed');
  }
  return {
    network: hash(header.network, 16),
    height: BigInt(header.height),
    time: BigInt(header.timeMs),
    transactions: Number.isInteger(header.transactions) ? header.transactions : 0,
    parent: hash(header.parent),
    transactionsRoot: hash(header.transactionsRoot),
    stateRoot: hash(header.stateRoot),
    receiptsRoot: hash(header.receiptsRoot),
  };
}
