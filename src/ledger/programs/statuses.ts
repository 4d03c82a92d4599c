import { PROGRAM_STATUS } from '../constants.ts';

/**
 * Statuses that mean the same in every program. They take the first 32 numbers; what only one program knows begins at
 * `OWN_STATUS`. Consensus: they stand in receipts.
 */
export const REFUSED = {
  /** An amount of 0 or above 2^63 - 1. */
  amount: PROGRAM_STATUS,
  /** Too little there, or no record at all. */
  funds: PROGRAM_STATUS + 1,
  /** A holding that is to be debited is not the signer's. */
  notOwn: PROGRAM_STATUS + 2,
  /** The key under an index is of another space or kind, or has bytes set that must be zero. */
  key: PROGRAM_STATUS + 3,
  /** A holding is of another asset than the one asked for. */
  asset: PROGRAM_STATUS + 4,
  /** The key to be credited is not the holding of whom the money is owed to. */
  recipient: PROGRAM_STATUS + 5,
  /** The signer is not the party that may do this. */
  party: PROGRAM_STATUS + 6,
  missing: PROGRAM_STATUS + 7,
  exists: PROGRAM_STATUS + 8,
  tooEarly: PROGRAM_STATUS + 9,
  tooLate: PROGRAM_STATUS + 10,
  /** Arguments of another length than the operation's, or a field outside of its range. */
  malformed: PROGRAM_STATUS + 11,
  /** It would come to more than the caller said it may cost. */
  price: PROGRAM_STATUS + 12,
  /** It was done before, or the record is in a state that knows no such step. */
  state: PROGRAM_STATUS + 13,
} as const;

export const OWN_STATUS = PROGRAM_STATUS + 32;

/** Texts of `REFUSED`, for every program's table of statuses. */
export const REFUSED_NAMES: Readonly<Record<number, string>> = {
  [REFUSED.amount]: 'amount is 0 or above 2^63 - 1',
  [REFUSED.funds]: 'not enough funds',
  [REFUSED.notOwn]: 'the debited holding is not the signer’s',
  [REFUSED.key]: 'the key under this index is not what it must be',
  [REFUSED.asset]: 'wrong asset',
  [REFUSED.recipient]: 'the credited key is not the recipient’s',
  [REFUSED.party]: 'the signer may not do this',
  [REFUSED.missing]: 'no such record',
  [REFUSED.exists]: 'the record is there already',
  [REFUSED.tooEarly]: 'too early',
  [REFUSED.tooLate]: 'too late',
  [REFUSED.malformed]: 'malformed arguments',
  [REFUSED.price]: 'above the price that the signer agreed to',
  [REFUSED.state]: 'not in this state',
};
