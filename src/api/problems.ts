import { type CodedError, isCodedError } from '../base/errors.ts';
import { kindOf, type ProblemKind } from './catalogue.ts';
import { ApiError } from './errors.ts';

/** RFC 9457 `application/problem+json`, plus our code, place and hint. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  where?: string | undefined;
  hint: string;
  /** Single faults of a body, query or path; at most `MAX_FAULTS`. */
  faults?: { where: string; message: string }[] | undefined;
}

export interface ProblemAnswer {
  problem: Problem;
  retryAfterSeconds: number | undefined;
  /** Ours to look into: log the cause. */
  unexpected: boolean;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const MAX_FAULTS = 20;
const MAX_DETAIL = 600;
const UNLISTED: ProblemKind = { status: 422, title: 'Request refused', hint: 'see the code' };

/** The one place where anything thrown becomes an answer. Never repeats a stack, a path or an unexpected error's text. */
export function toProblem(error: unknown): ProblemAnswer {
  const known = fromFastify(error) ?? error;
  if (!isCodedError(known)) return internal();
  // A code that nobody listed is most likely about the request; a test of the catalogue finds it.
  return answer(known, kindOf(known.code) ?? UNLISTED);
}

function answer(error: CodedError, kind: ProblemKind): ProblemAnswer {
  const problem: Problem = {
    type: `urn:zkbazaar:problem:${error.code}`,
    title: kind.title,
    status: kind.status,
    code: error.code,
    detail: error.message.slice(0, MAX_DETAIL),
    where: error.where,
    hint: error.hint ?? kind.hint,
  };
  if (error instanceof ValidationProblem) problem.faults = error.faults.slice(0, MAX_FAULTS);
  return { problem, retryAfterSeconds: retryAfter(error, kind), unexpected: kind.status === 500 };
}

function retryAfter(error: CodedError, kind: ProblemKind): number | undefined {
  if (error instanceof ApiError && error.retryAfterSeconds !== undefined) return error.retryAfterSeconds;
  const ms = (error as { retryAfterMs?: unknown }).retryAfterMs;
  if (typeof ms === 'number' && ms >= 0) return Math.max(1, Math.ceil(ms / 1000));
  return kind.status === 429 || kind.status === 503 ? 1 : undefined;
}

function internal(): ProblemAnswer {
  const error = new ApiError('API_INTERNAL', 'something went wrong here; the log has the details');
  return { ...answer(error, kindOf(error.code) ?? UNLISTED), unexpected: true };
}

class ValidationProblem extends ApiError {
  readonly faults: { where: string; message: string }[];

  constructor(part: string, faults: { where: string; message: string }[]) {
    const first = faults[0];
    super('API_VALIDATION', `the ${part} is not as described: ${first?.message ?? 'unknown fault'}`, {
      where: first?.where,
    });
    this.faults = faults;
  }
}

interface FastifyFault {
  code?: unknown;
  message?: unknown;
  statusCode?: unknown;
  validation?: unknown;
  validationContext?: unknown;
}

const FASTIFY_CODES: Readonly<Record<string, [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['API_BODY_TOO_LARGE', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'API_UNSUPPORTED_MEDIA_TYPE',
    'the body must be of a type that this route takes: application/json',
  ],
  FST_ERR_CTP_EMPTY_TYPE: [
    'API_UNSUPPORTED_MEDIA_TYPE',
    'the body must be of a type that this route takes: application/json',
  ],
  FST_ERR_CTP_INVALID_TYPE: [
    'API_UNSUPPORTED_MEDIA_TYPE',
    'the body must be of a type that this route takes: application/json',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['API_BAD_REQUEST', 'the body is not as long as Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['API_BAD_JSON', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['API_BAD_JSON', 'the body is not JSON'],
  FST_ERR_NOT_FOUND: ['API_NOT_FOUND', 'there is nothing at this path'],
  FST_ERR_HANDLER_TIMEOUT: ['API_TIMEOUT', 'the answer took too long'],
};

/** Fastify's own errors, and its validation errors, as ours. */
function fromFastify(error: unknown): CodedError | undefined {
  if (isCodedError(error) || typeof error !== 'object' || error === null) return undefined;
  const fault = error as FastifyFault;
  if (Array.isArray(fault.validation)) {
    const part = typeof fault.validationContext === 'string' ? fault.validationContext : 'request';
    return new ValidationProblem(
      part,
      fault.validation.map((item: unknown) => faultOf(part, item)),
    );
  }
  const named = typeof fault.code === 'string' ? FASTIFY_CODES[fault.code] : undefined;
  if (named !== undefined) return new ApiError(named[0], named[1]);
  // The framework's remaining 4xx speak about the request line or headers alone.
  if (typeof fault.statusCode === 'number' && fault.statusCode >= 400 && fault.statusCode < 500) {
    return new ApiError('API_BAD_REQUEST', 'the request is malformed');
  }
  return undefined;
}

function faultOf(part: string, item: unknown): { where: string; message: string } {
  const { instancePath, message } = item as { instancePath?: unknown; message?: unknown };
  const path = typeof instancePath === 'string' && instancePath !== '/' ? instancePath.slice(0, 200) : '';
  return { where: `${part}${path}`, message: typeof message === 'string' ? message.slice(0, 200) : 'not allowed here' };
}
