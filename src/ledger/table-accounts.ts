import { fromHex, toHex } from '../base/bytes.ts';
import { ADDRESS_BYTES, BALANCE_RECORD_BYTES } from './constants.ts';
import { LedgerError } from './errors.ts';
import { accountKey, replayKey } from './keys.ts';
import type { Accounts } from './ordering/interface.ts';
import type { StateTable } from './state/table.ts';
import { AT } from './transaction/layout.ts';

/**
 * The accounts of the state as ordering asks for them. A block may be under way: what is read decides what is admitted,
 * never what comes out, since execution asks again.
 */
export function tableAccounts(table: StateTable): Accounts {
  return {
    account(signer) {
      const record = table.get(accountKey(addressOf(signer)));
      if (record === undefined || record.length !== BALANCE_RECORD_BYTES) return { balance: 0n, nonce: 0n };
      const view = new DataView(record.buffer);
      return { balance: view.getBigUint64(0, true), nonce: view.getBigUint64(8, true) };
    },
    tagSpent: (signer, tag) => table.get(replayKey(addressOf(signer), tag)) !== undefined,
  };
}

/** Why a transaction whose form was checked cannot be let in for its price or its signer's balance. */
export function unaffordable(
  accounts: Accounts,
  least: bigint,
  bytes: Uint8Array,
  at: number,
): LedgerError | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const price = view.getBigUint64(AT.gasPrice, true);
  if (price < least) {
    return new LedgerError('LEDGER_TRANSACTION_REFUSED', `this peer takes a gas price of ${least} or more`, {
      hint: 'sign it again with a higher gasPrice',
    });
  }
  const fee = BigInt(view.getUint32(AT.gasLimit, true)) * price;
  const { balance } = accounts.account(toHex(bytes.subarray(at + AT.signer, at + AT.signer + ADDRESS_BYTES)));
  if (fee <= balance) return undefined;
  return new LedgerError('LEDGER_TRANSACTION_REFUSED', `the account has ${balance}, its fee may come to ${fee}`, {
    hint: 'lower the gas limit or the price, or fund the account',
  });
}

function addressOf(hex: string): Uint8Array {
  return fromHex(hex, ADDRESS_BYTES) ?? new Uint8Array(ADDRESS_BYTES);
}
