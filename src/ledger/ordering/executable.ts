import type { AccountQueue, Pending } from './account-queue.ts';
import type { Load } from './selection.ts';

/**
 * How much could stand in the next block: no number is missing before it, it was valid when it came, and its account has
 * nothing in a block under way, after which it may be empty, and no number that is valid later only. What cannot must not make a block look full.
 */
export class Executable {
  #transactions = 0;
  #bytes = 0;
  #gas = 0;

  /** Whether it fills a block by itself. */
  fills({ transactions, bytes, gas }: Load): boolean {
    return this.#transactions >= transactions || this.#bytes >= bytes || this.#gas >= gas;
  }

  /** @param sign 1 = it can be executed from now on, -1 = no longer */
  count({ account, byteLength, gasLimit, isTimely }: Pending, sign: 1 | -1): void {
    if (!isTimely) return;
    const own = account.executable;
    own.transactions += sign;
    own.bytes += sign * byteLength;
    own.gas += sign * gasLimit;
    if (account.isCounted) this.#add({ transactions: 1, bytes: byteLength, gas: gasLimit }, sign);
  }

  /** Takes all that is an account's in or out, as it is now. */
  countAccount(account: AccountQueue): void {
    const isCounted = account.inFlight === 0 && account.early === 0;
    if (account.isCounted === isCounted) return;
    account.isCounted = isCounted;
    this.#add(account.executable, isCounted ? 1 : -1);
  }

  #add({ transactions, bytes, gas }: Load, sign: 1 | -1): void {
    this.#transactions += sign * transactions;
    this.#bytes += sign * bytes;
    this.#gas += sign * gas;
  }
}
