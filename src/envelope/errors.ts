import { CodedError, type ErrorDetails } from '../base/errors.ts';
import type { EnvelopeErrorCode } from './interface.ts';

/** A refusal of bytes or values that are no envelope. */
export class EnvelopeError extends CodedError {
  declare readonly code: EnvelopeErrorCode;

  constructor(code: EnvelopeErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}
