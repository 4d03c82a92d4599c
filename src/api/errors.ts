import { CodedError, type ErrorDetails } from '../base/errors.ts';

export interface ApiErrorDetails extends ErrorDetails {
  /** Seconds until asking again makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number | undefined;
}

export class ApiError extends CodedError {
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, details: ApiErrorDetails = {}) {
    super(code, message, details);
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}
