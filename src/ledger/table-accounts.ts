import { fromHex } from '../base/bytes.ts';
import { ADDRESS_BYTES, BALANCE_RECORD_BYTES } from './constants.ts';
import { accountKey, replayKey } from './keys.ts';
import type { Accounts } from './ordering/interface.ts';
import type { StateTable } from './state/table.ts';

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

function addressOf(hex: string): Uint8Array {
  return fromHex(hex, ADDRESS_BYTES) ?? new Uint8Array(ADDRESS_BYTES);
}
