import { LedgerError } from '../errors.ts';

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

export function full(): LedgerError {
  return new LedgerError('LEDGER_MEMPOOL_FULL', 'the pool is full of transactions that are worth as much or more', {
    hint: 'pay more for each gas, or send it later',
  });
}
