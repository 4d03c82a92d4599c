import type { SignatureAlgorithm } from '../constants.ts';

export interface OperationCall {
  readonly program: number;
  readonly operation: number;
  readonly arguments: Uint8Array;
}

/** A Groth16 proof with its public signals, as it stands in a transaction. */
export interface TransactionProof {
  /** Number of the circuit in the ledger's list of circuits. */
  readonly circuit: number;
  /** 32 bytes little-endian each, below r. */
  readonly signals: readonly Uint8Array[];
  /** A (64) B (128) C (64): coordinates of 32 bytes big-endian. */
  readonly proof: Uint8Array;
}

/** What is signed. */
export interface TransactionBody {
  readonly algorithm: SignatureAlgorithm;
  /** 16 bytes. */
  readonly network: Uint8Array;
  /** 20 bytes. */
  readonly signer: Uint8Array;
  /** The account's next number, or with `tagged` one that the account has never used. */
  readonly sequence: bigint;
  readonly tagged: boolean;
  /** First and last height in whose block it may stand. */
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly gasLimit: number;
  /** Native units per gas. */
  readonly gasPrice: bigint;
  /** 32 bytes each, strictly ascending within each list; no key is both written and read. */
  readonly writes: readonly Uint8Array[];
  readonly reads: readonly Uint8Array[];
  readonly credits: readonly Uint8Array[];
  readonly operations: readonly OperationCall[];
  readonly proof: TransactionProof | undefined;
}

export interface Transaction extends TransactionBody {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  /** 32 bytes, of the body alone. */
  readonly id: Uint8Array;
  /** The canonical form, as it was read. */
  readonly bytes: Uint8Array;
}
