import { MAX_TRANSACTION_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { AT } from './layout.ts';

/**
 * Transactions that stand one behind the other, each as long as its first four bytes say; copies. Whether they are in form
 * is not looked at.
 * @param most of them
 * @throws LEDGER_TRANSACTION_INVALID with the place of the first that does not end within the bytes; undefined: more than `most`
 */
export function splitTransactions(bytes: Uint8Array, most: number): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const transactions: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (transactions.length === most) return undefined;
    const left = bytes.length - at;
    const length = left < AT.keys ? 0 : view.getUint32(at + AT.totalLength, true);
    if (length < AT.keys || length > left || length > MAX_TRANSACTION_BYTES) {
      const where = `transactions[${transactions.length}]`;
      const text = `${where}, from byte ${at} of ${bytes.length} on: its first four bytes are no length that it can have here`;
      const hint = 'nothing was taken; send whole transactions one behind the other, and nothing else';
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', text, { where, hint });
    }
    transactions.push(Uint8Array.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return transactions;
}
