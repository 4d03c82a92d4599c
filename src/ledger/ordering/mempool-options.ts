export interface MempoolOptions {
  /** Waiting transactions of one account; 64 unless told. */
  readonly perAccount?: number;
  /** How far a number may run ahead of the account's, and a first height ahead of the next; 64 unless told. */
  readonly gap?: number;
  /** Waiting transactions in all; 200,000 unless told. */
  readonly transactions?: number;
  /** Bytes of them; 128 MiB unless told. */
  readonly bytes?: number;
  /** Gas and bytes of a block: what is larger alone is refused. */
  readonly blockGas: number;
  readonly blockBytes: number;
  /** Told of each that leaves without being ordered. */
  readonly onDropped?: (id: Uint8Array, why: string) => void;
}

export const MEMPOOL_DEFAULTS = {
  perAccount: 64,
  gap: 64,
  transactions: 200_000,
  bytes: 128 * 1024 * 1024,
  onDropped: () => undefined,
};
