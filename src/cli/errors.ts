import { CodedError, isCodedError, messageOf } from '../base/errors.ts';

export const CliErrorCode = {
  Usage: 'CLI_USAGE',
  BadArgument: 'CLI_BAD_ARGUMENT',
  FileUnreadable: 'CLI_FILE_UNREADABLE',
  FileTooLarge: 'CLI_FILE_TOO_LARGE',
  FileExists: 'CLI_FILE_EXISTS',
  WriteFailed: 'CLI_WRITE_FAILED',
  NotJson: 'CLI_NOT_JSON',
  PassphraseNeeded: 'CLI_PASSPHRASE_NEEDED',
  PassphraseMismatch: 'CLI_PASSPHRASE_MISMATCH',
  ConfirmationNeeded: 'CLI_CONFIRMATION_NEEDED',
  NothingThere: 'CLI_NOTHING_THERE',
  ProofMismatch: 'CLI_PROOF_MISMATCH',
  VoteClosed: 'CLI_VOTE_CLOSED',
  VotedAlready: 'CLI_VOTED_ALREADY',
  VoteLinkable: 'CLI_VOTE_LINKABLE',
  NotAVoter: 'CLI_NOT_A_VOTER',
  OtherRegistry: 'CLI_OTHER_REGISTRY',
  OtherProposal: 'CLI_OTHER_PROPOSAL',
  FeeUnpayable: 'CLI_FEE_UNPAYABLE',
  NodeUnreachable: 'CLI_NODE_UNREACHABLE',
  NodeAnswer: 'CLI_NODE_ANSWER',
  Interrupted: 'CLI_INTERRUPTED',
  Internal: 'CLI_INTERNAL',
} as const;

export class CliError extends CodedError {}

/** Stable; `docs/cli.md` lists them. */
export const Exit = { Ok: 0, Negative: 1, Unusable: 2, Unavailable: 3, Interrupted: 130 } as const;

/** An error that already knows its HTTP status: it came from a node. */
export class NodeProblem extends CodedError {
  readonly status: number;

  constructor(code: string, message: string, details: { status: number; where?: string; hint?: string }) {
    super(code, message, { where: details.where, hint: details.hint });
    this.status = details.status;
  }
}

/** A well-formed question was answered with no, whatever the code says elsewhere. */
export class Refusal extends CodedError {}

/** Codes that say "no" to a well-formed question. */
const NEGATIVE =
  /^(?:CLAIM_(?!BAD_|UNKNOWN_SCHEMA)|GOSSIP_|VERIFIER_(?!BUSY|CLOSED|INTERNAL)|NODE_OWN_PROOF_REFUSED|NODE_NOT_PUBLISHED)/;
/** Codes about our own machinery: nothing that other input would cure. */
const UNAVAILABLE =
  /^(?:STORE_(?!BAD_)|OVERLAY_|PROVER_(?!INPUT_|WITNESS_|CIRCUIT_|KEY_|UNSATISFIED|UNKNOWN_)|ENGINE_|NODE_(?:NOT_|START_|ALREADY_)|API_(?:ADDRESS_|LISTEN_)|CLI_NODE_|CLI_INTERNAL|[A-Z]+_BUSY$|[A-Z]+_CLOSED$|FILE_LOCKED$|LEDGER_LANE_FAILED$)/;

export function exitCodeOf(error: unknown): number {
  if (!isCodedError(error)) return Exit.Unavailable;
  if (error.code === CliErrorCode.Interrupted) return Exit.Interrupted;
  if (error instanceof Refusal) return Exit.Negative;
  if (error instanceof NodeProblem) {
    if (error.status >= 500 || error.status === 429) return Exit.Unavailable;
    return error.status === 409 || NEGATIVE.test(error.code) ? Exit.Negative : Exit.Unusable;
  }
  if (UNAVAILABLE.test(error.code)) return Exit.Unavailable;
  return NEGATIVE.test(error.code) ? Exit.Negative : Exit.Unusable;
}

export interface ErrorReport {
  code: string;
  message: string;
  where?: string | undefined;
  hint?: string | undefined;
}

/** What a user sees of anything thrown; an unexpected error shows its text, never its stack. */
export function reportOf(error: unknown): ErrorReport {
  if (isCodedError(error)) {
    const { code, message, where, hint } = error;
    return { code, message, where, hint };
  }
  return {
    code: CliErrorCode.Internal,
    message: messageOf(error),
    hint: 'this is a fault of zkbazaar; run the command again with ZKBAZAAR_CHECK_STACK=1 and report what it prints',
  };
}
