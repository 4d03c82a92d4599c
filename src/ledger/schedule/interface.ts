/** Who runs what and when. Any schedule that keeps conflicting transactions in order comes to the same result. */
export interface Schedule {
  /** Lanes that take part; 1 = in the block's order, on one thread, without barriers. */
  readonly lanes: number;
  /** A barrier stands between two waves. */
  readonly waves: number;
  /** Transactions, wave after wave, lane after lane; shared. Empty when one lane takes the block in its own order. */
  readonly order: Int32Array;
  /** Where each wave and lane begins in `order`, `waves * lanes + 1` entries; shared. */
  readonly bounds: Uint32Array;
  /** Nanoseconds that the whole block is expected to take on one thread. */
  readonly expected: number;
}
