/** Sizes, bounds and status numbers of the ledger. They are consensus: a change of one is another network. */

export const HASH_BYTES = 32;
export const KEY_BYTES = 32;
export const ADDRESS_BYTES = 20;
export const ASSET_BYTES = 11;
export const NETWORK_BYTES = 16;

/** Bytes of a record at most; each slot of the state table takes as many. */
export const MAX_RECORD_BYTES = 128;
/** {amount u64, nonce u64}, the record of accounts and balances. */
export const BALANCE_RECORD_BYTES = 16;

export const MAX_TRANSACTION_BYTES = 64 * 1024;
export const MAX_OPERATIONS = 64;
/** Each of writes, reads and credits. */
export const MAX_KEYS = 64;
export const MAX_ARGUMENT_BYTES = 1024;
export const MAX_PROOF_SIGNALS = 32;
export const MAX_GAS = 1_000_000;
export const MAX_GAS_PRICE = 0xffff_ffffn;
/** Heights between the first and the last in which a transaction is valid, at most. */
export const MAX_VALIDITY = 100_000n;
export const MAX_BLOCK_TRANSACTIONS = 65_536;
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024;
/** Keys that all transactions of a block name, signers included: what 16 MiB of transactions can hold. */
export const MAX_BLOCK_KEYS = (16 * 1024 * 1024) / KEY_BYTES + 2 * MAX_BLOCK_TRANSACTIONS;
export const MAX_EVENT_BYTES = 256;

/** No amount, supply or sum of one asset is larger, so that sums of two never leave 64 bits. */
export const MAX_AMOUNT = 2n ** 63n - 1n;
export const U64_MAX = 2n ** 64n - 1n;

export { SIGNATURE_ALGORITHM as SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../crypto/signatures/format.ts';

/** First byte of a key: which program's records these are. Spaces from 16 on belong to programs. */
export const SPACES = { account: 1, balance: 2, asset: 3, replay: 4 } as const;

/**
 * How a transaction ended. Below `BARRED_BEFORE` it changed nothing and paid nothing; above, it paid its fee and kept its
 * nonce but its operations are undone. From `PROGRAM_STATUS` on the numbers are the programs' own.
 */
export const STATUS = {
  ok: 0,
  wrongNetwork: 1,
  notYetValid: 2,
  expired: 3,
  wrongNonce: 4,
  replayed: 5,
  feeUnpayable: 6,
  outOfGas: 16,
  undeclaredAccess: 17,
  unknownProgram: 18,
  unknownOperation: 19,
  badArguments: 20,
  badRecord: 21,
  overflow: 22,
  foreignSpace: 23,
  proofMissing: 24,
  programCrashed: 25,
} as const;
export const BARRED_BEFORE = 16;
export const PROGRAM_STATUS = 0x100;
