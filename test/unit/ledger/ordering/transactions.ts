import { blake3 } from '../../../../src/crypto/blake3.ts';
import type { BlockBatch } from '../../../../src/ledger/block/batch.ts';
import { LedgerError } from '../../../../src/ledger/errors.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import type { BlockLog } from '../../../../src/ledger/log/interface.ts';
import { EmbeddedOrdering } from '../../../../src/ledger/ordering/embedded.ts';
import type { EmbeddedOptions } from '../../../../src/ledger/ordering/embedded-options.ts';
import type { TransactionSummary } from '../../../../src/ledger/ordering/interface.ts';

/** Transactions of the ordering tests: u64 number, u32 signer, u32 price, zeros; each with a tag of its own. */
export function transaction(number: number, signer = number, price = 1, bytes = 64): Uint8Array {
  const made = new Uint8Array(bytes);
  const view = new DataView(made.buffer);
  view.setBigUint64(0, BigInt(number), true);
  view.setUint32(8, signer, true);
  view.setUint32(12, price, true);
  return made;
}

export function numberOf(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

export const idOf = (bytes: Uint8Array) => Buffer.from(blake3(bytes)).toString('hex');

export function summarize(bytes: Uint8Array): TransactionSummary {
  if (bytes.length < 16) throw new LedgerError('LEDGER_TRANSACTION_INVALID', 'too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    id: blake3(bytes),
    signer: view.getUint32(8, true).toString(16),
    sequence: view.getBigUint64(0, true),
    tagged: true,
    gasPrice: BigInt(view.getUint32(12, true)),
    gasLimit: 1_000,
    validFrom: 0n,
    validUntil: 1_000_000n,
    byteLength: bytes.length,
    keys: 2,
    writeKeys: [],
  };
}

export const rich = {
  account: () => ({ balance: 1_000_000_000_000n, nonce: 0n }),
  tagSpent: () => false,
};

export const NETWORK = new Uint8Array(16).fill(5);

export const rootOf = ({ bytes }: BlockBatch) => blake3(new Uint8Array(bytes));

/** An embedded driver with small, quick blocks over a log. */
export function embeddedOver(log: BlockLog, more: Partial<EmbeddedOptions> = {}): EmbeddedOrdering {
  return new EmbeddedOrdering({
    log,
    accounts: rich,
    admit: summarize,
    transactionsRoot: rootOf,
    blockTime: 5,
    blockTransactions: 50,
    ...more,
  });
}

export async function embedded(folder: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedOrdering> {
  return embeddedOver(await openBlockLog({ folder, network: NETWORK }), more);
}
