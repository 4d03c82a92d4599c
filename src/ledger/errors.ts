import { CodedError, type ErrorDetails } from '../base/errors.ts';

/** What the ledger refuses or cannot do; codes are listed in docs/ledger.md. */
export type LedgerErrorCode =
  | 'LEDGER_TRANSACTION_INVALID'
  | 'LEDGER_TRANSACTION_UNSIGNED'
  | 'LEDGER_TRANSACTION_REFUSED'
  | 'LEDGER_MEMPOOL_FULL'
  | 'LEDGER_NOT_FOUND'
  | 'LEDGER_KEY_INVALID'
  | 'LEDGER_STATE_FULL'
  | 'LEDGER_GENESIS_INVALID'
  | 'LEDGER_CIRCUIT_MISMATCH'
  | 'LEDGER_LOG_CORRUPT'
  | 'LEDGER_LOG_UNWRITABLE'
  | 'LEDGER_SNAPSHOT_INVALID'
  | 'LEDGER_ROOT_MISMATCH'
  | 'LEDGER_LANE_FAILED'
  | 'LEDGER_PROOF_INVALID'
  | 'LEDGER_CLOSED';

export class LedgerError extends CodedError {
  declare readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}
