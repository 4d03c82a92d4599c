/**
 * Every failure a user or a peer can see carries a stable code, says what and where, and what to do about it.
 * Codes are UPPER_SNAKE with the folder's word first (`POLICY_UNKNOWN_SET`); messages never hold secrets.
 */
export interface ErrorDetails {
  /** What the caller can do about it, one sentence. */
  hint?: string | undefined;
  /** Where it is: a JSON path, `line:column`, a file's base name. */
  where?: string | undefined;
  cause?: unknown;
}

export class CodedError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly where: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
    this.where = details.where;
  }
}

export function isCodedError(error: unknown): error is CodedError {
  return error instanceof CodedError;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
