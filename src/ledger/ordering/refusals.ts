import { MAX_GAS, MAX_GAS_PRICE } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { TransactionSummary } from './interface.ts';

/** Whether there could be a block that it stands in. @param height of the next one */
export function checkBounds(
  { gasPrice, gasLimit, byteLength }: TransactionSummary,
  validFrom: number,
  validUntil: number,
  height: number,
  { blockGas, blockBytes, gap }: { readonly blockGas: number; readonly blockBytes: number; readonly gap: number },
): void {
  if (gasPrice > MAX_GAS_PRICE) throw refused(`the price of ${gasPrice} is more than ${MAX_GAS_PRICE}`);
  if (gasLimit > MAX_GAS) throw refused(`its gas limit of ${gasLimit} is more than ${MAX_GAS}`);
  if (gasLimit > blockGas) throw refused(`its gas limit of ${gasLimit} is more than a block has (${blockGas})`);
  if (byteLength > blockBytes) throw refused(`its ${byteLength} bytes are more than a block has (${blockBytes})`);
  if (validUntil < height) throw refused(`it was valid until height ${validUntil}, the next is ${height}`);
  if (validFrom > height + gap) throw refused(`it is not valid before height ${validFrom}`, 'send it later');
}

/** A tenth more, so that replacing again and again costs more each time. */
export function checkOutbids(price: number, old: number): void {
  if (price > old && price * 10 >= old * 11) return;
  throw refused(
    `one with the same number waits at a price of ${old}`,
    'to take its place, pay at least a tenth more for each gas',
  );
}

export function refused(what: string, hint?: string): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_REFUSED', `the transaction is refused: ${what}`, { hint });
}

/** @param fee of this one alone */
export function unpayable(fee: number, balance: bigint): LedgerError {
  if (BigInt(fee) <= balance) {
    return refused('the account cannot pay for all that it has waiting', 'lower the gas limit or the price');
  }
  const hint = 'lower the gas limit or the price, or fund the account';
  return new LedgerError('LEDGER_TRANSACTION_REFUSED', `the account has ${balance}, its fee may come to ${fee}`, {
    hint,
  });
}

export function full(): LedgerError {
  return new LedgerError('LEDGER_MEMPOOL_FULL', 'the pool is full of transactions that are worth as much or more', {
    hint: 'pay more for each gas, or send it later',
  });
}
