/** Bits of a fee that are summed apart from those above. */
const LOW = 2 ** 26;

/**
 * An exact sum of up to 2^26 fees below 2^52, without an integer object for each step: the sum itself may leave what a number
 * holds exactly, its two parts do not.
 */
export class FeeSum {
  #high = 0;
  #low = 0;

  add(fee: number): void {
    const high = Math.floor(fee / LOW);
    this.#high += high;
    this.#low += fee - high * LOW;
  }

  take(fee: number): void {
    const high = Math.floor(fee / LOW);
    this.#high -= high;
    this.#low -= fee - high * LOW;
  }

  /** Whether it would be more than a balance, with a fee more and another one less. */
  exceeds(balance: bigint, more = 0, less = 0): boolean {
    const held = this.#high * LOW + this.#low;
    const sum = held + (more - less);
    if (held <= Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return sum > Number(balance);
    return BigInt(this.#high) * BigInt(LOW) + BigInt(this.#low) + BigInt(more) - BigInt(less) > balance;
  }
}
