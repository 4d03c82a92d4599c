import type { BlockBatch } from './block/batch.ts';
import { ADDRESS_BYTES, BALANCE_RECORD_BYTES, KEY_BYTES, SPACES } from './constants.ts';
import { LedgerError } from './errors.ts';
import type { Accounts } from './ordering/interface.ts';
import { unpayable } from './ordering/refusals.ts';
import { SLOT_LONGS, VALUE_LONG } from './state/slot.ts';
import type { StateTable } from './state/table.ts';
import { AT, FLAGS } from './transaction/layout.ts';

const NOTHING = { balance: 0n, nonce: 0n };

/**
 * The accounts of the state as ordering asks for them. A block may be under way: what is read decides what is admitted,
 * never what comes out, since execution asks again.
 */
export function tableAccounts(table: StateTable): Accounts {
  const key = new Uint8Array(KEY_BYTES);
  const keyOf = (space: number, signer: string) => {
    key[0] = space;
    for (let i = 0; i < ADDRESS_BYTES; i += 1) key[i + 1] = signer.charCodeAt(i);
    return key.fill(0, 1 + ADDRESS_BYTES);
  };
  const view = new DataView(key.buffer);
  return {
    account(signer) {
      const slot = table.find(keyOf(SPACES.account, signer));
      if (slot < 0 || table.lengthOf(slot) !== BALANCE_RECORD_BYTES) return NOTHING;
      const { longs } = table.views;
      const at = slot * SLOT_LONGS + VALUE_LONG;
      return { balance: longs[at] as bigint, nonce: longs[at + 1] as bigint };
    },
    tagSpent(signer, tag) {
      keyOf(SPACES.replay, signer);
      view.setBigUint64(1 + ADDRESS_BYTES, tag, true);
      const slot = table.find(key);
      return slot >= 0 && table.lengthOf(slot) > 0;
    },
  };
}

/**
 * Why a transaction whose form was checked cannot be let in for its price, or before its proof is checked for its signer's
 * balance, which has to pay for all proofs that the same signer has sent together.
 */
export function unaffordable(accounts: Accounts, least: bigint) {
  const fees = new Map<string, bigint>();
  return ({ bytes, words, longs }: BlockBatch, at: number): LedgerError | undefined => {
    const price = longs[(at + AT.gasPrice) >> 3] as bigint;
    if (price < least) {
      return new LedgerError('LEDGER_TRANSACTION_REFUSED', `this peer takes a gas price of ${least} or more`, {
        hint: 'sign it again with a higher gasPrice',
      });
    }
    // The pool asks for every transaction what the account can pay; here it is asked in time for those that cost more to check.
    if (((bytes[at + AT.flags] as number) & FLAGS.proof) === 0) return undefined;
    const signer = String.fromCharCode(...bytes.subarray(at + AT.signer, at + AT.signer + ADDRESS_BYTES));
    const fee = BigInt(words[(at + AT.gasLimit) >> 2] as number) * price;
    const sum = fee + (fees.get(signer) ?? 0n);
    const { balance } = accounts.account(signer);
    if (sum > balance) return unpayable(Number(fee), balance);
    fees.set(signer, sum);
    return undefined;
  };
}
