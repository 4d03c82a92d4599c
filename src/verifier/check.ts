/**
 * Everything about a request that needs no pairing library: microseconds, on the caller's thread, cheapest first.
 */
import { isCodedError } from '../base/errors.ts';
import { parseDecimal } from '../base/field.ts';
import { checkProofShape, ProofCodecErrorCode, readProofPoints } from '../claims/proof-codec.ts';
import { Outcome, type PairingJob } from './engine.ts';
import { type Verdict, VerdictCode } from './interface.ts';
import { MAX_PUBLIC_SIGNALS, type NamedVerifyingKey } from './verifying-key.ts';

/** A request that passed all that can be checked without a pairing library. */
export interface CheckedRequest {
  readonly origin: string | undefined;
  readonly job: PairingJob;
  /**
   * The refusal of a later step, due only if the subgroup check passes: the order of steps is part of the port.
   * With one, `job.key` is undefined.
   */
  readonly late: Verdict | undefined;
}

/** The allow-list. */
export type KeyIndex = ReadonlyMap<string, { readonly position: number; readonly signalCount: number }>;

export function indexKeys(keys: readonly NamedVerifyingKey[]): KeyIndex {
  return new Map(keys.map(({ id, key }, position) => [id, { position, signalCount: key.ic.length - 1 }]));
}

const VALID: Verdict = { valid: true, code: VerdictCode.Valid, reason: 'the proof is valid' };

export function refusal(code: VerdictCode, reason: string): Verdict {
  return { valid: false, code, reason };
}

const CODEC_VERDICTS: Readonly<Record<string, VerdictCode>> = {
  [ProofCodecErrorCode.Shape]: VerdictCode.BadShape,
  [ProofCodecErrorCode.Label]: VerdictCode.BadLabel,
  [ProofCodecErrorCode.Coordinate]: VerdictCode.CoordinateNotCanonical,
  [ProofCodecErrorCode.Infinity]: VerdictCode.PointAtInfinity,
  [ProofCodecErrorCode.NotOnCurve]: VerdictCode.PointNotOnCurve,
};

class Refused extends Error {
  readonly verdict: Verdict;

  constructor(code: VerdictCode, reason: string) {
    super(reason);
    this.verdict = refusal(code, reason);
  }
}

/** An array of the size of a request's own, so that `every` cannot skip holes or take minutes. */
function isSmallArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= MAX_PUBLIC_SIGNALS;
}

function checkShape(request: unknown) {
  if (typeof request !== 'object' || request === null)
    throw new Refused(VerdictCode.BadShape, 'a request must be an object');
  const { verifyingKey, proof, publicSignals, expected, origin } = request as Record<string, unknown>;
  if (typeof verifyingKey !== 'string') throw new Refused(VerdictCode.BadShape, 'verifyingKey must be a text');
  if (!isSmallArray(publicSignals)) {
    throw new Refused(VerdictCode.BadShape, `publicSignals must be an array of at most ${MAX_PUBLIC_SIGNALS}`);
  }
  for (const signal of publicSignals) {
    if (typeof signal !== 'string') throw new Refused(VerdictCode.BadShape, 'publicSignals must hold texts only');
  }
  if (expected !== undefined) {
    if (!isSmallArray(expected)) throw new Refused(VerdictCode.BadShape, 'expected must be an array');
    for (const item of expected) {
      // A hole or an undefined must never pass for "free".
      if (item !== null && typeof item !== 'string')
        throw new Refused(VerdictCode.BadShape, 'expected must hold texts and null only');
    }
  }
  if (origin !== undefined && typeof origin !== 'string')
    throw new Refused(VerdictCode.BadShape, 'origin must be a text');
  checkProofShape(proof);
  return {
    verifyingKey,
    origin,
    proof,
    publicSignals: publicSignals as string[],
    expected: expected as (string | null)[] | undefined,
  };
}

function readSignals(texts: readonly string[]): bigint[] {
  return texts.map((text, index) => {
    const value = parseDecimal(text);
    if (value === undefined) {
      throw new Refused(VerdictCode.SignalNotCanonical, `public signal ${index} is no canonical decimal below r`);
    }
    return value;
  });
}

function compareSignals(
  signals: readonly string[],
  expected: readonly (string | null)[] | undefined,
): Verdict | undefined {
  if (expected === undefined) return undefined;
  if (expected.length !== signals.length) {
    return refusal(VerdictCode.UnexpectedSignal, `expected ${expected.length} public signals, got ${signals.length}`);
  }
  const index = expected.findIndex((value, position) => value !== null && value !== signals[position]);
  if (index < 0) return undefined;
  return refusal(VerdictCode.UnexpectedSignal, `public signal ${index} is not the one expected`);
}

/**
 * Shape, canonical decimals, number of signals, coordinates, curve; and in `late`, allow-list and expected signals.
 * Never throws, whatever `request` is.
 */
export function checkRequest(request: unknown, keys: KeyIndex): CheckedRequest | { verdict: Verdict } {
  try {
    const { verifyingKey, proof, publicSignals, expected, origin } = checkShape(request);
    const signals = readSignals(publicSignals);
    const known = keys.get(verifyingKey);
    if (known !== undefined && known.signalCount !== signals.length) {
      throw new Refused(
        VerdictCode.SignalCount,
        `the key has ${known.signalCount} public signals, got ${signals.length}`,
      );
    }
    const points = readProofPoints(proof);
    const late =
      known === undefined
        ? refusal(VerdictCode.UnknownKey, 'the verifying key is not on the allow-list')
        : compareSignals(publicSignals, expected);
    return { job: { key: late === undefined ? known?.position : undefined, points, signals }, late, origin };
  } catch (error) {
    if (error instanceof Refused) return { verdict: error.verdict };
    const code = isCodedError(error) ? CODEC_VERDICTS[error.code] : undefined;
    if (code === undefined || !isCodedError(error)) {
      return { verdict: refusal(VerdictCode.Internal, 'the request could not be read') };
    }
    return { verdict: refusal(code, `${error.where}: ${error.message}`) };
  }
}

/** What an engine's outcome means for a checked request. */
export function verdictOf(outcome: Outcome | undefined, late: Verdict | undefined): Verdict {
  switch (outcome) {
    case Outcome.Passed:
      return late ?? VALID;
    case Outcome.OffSubgroup:
      return refusal(VerdictCode.PointNotInSubgroup, 'pi_b: point is not in the subgroup of order r');
    case Outcome.Failed:
      return refusal(VerdictCode.InvalidProof, 'the pairing equation does not hold');
    default:
      return refusal(VerdictCode.Internal, 'the engine gave no outcome');
  }
}
