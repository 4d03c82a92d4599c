import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sha256, toHex } from '../base/bytes.ts';
import type { Node } from '../node/interface.ts';
import { ApiErrorCode } from './codes.ts';
import { ApiError } from './errors.ts';
import * as schemas from './schemas.ts';
import type { EventStreams } from './sse.ts';

export type ApiApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What every route has at hand. */
export interface ApiContext {
  node: Node;
  streams: EventStreams;
  /** Largest body of the few routes that take files or batches. */
  bodyLimitBytes: number;
  /** Longest answer of a route that proves before it answers. */
  proveTimeoutMs: number;
}

/** Documented answers of a route: its own, and problems for everything else. */
export function answers<S extends Record<number, unknown>>(own: S): S & { '4xx': unknown; '5xx': unknown } {
  return { ...own, '4xx': schemas.problem, '5xx': schemas.problem };
}

/**
 * Runs a create once per caller and `Idempotency-Key`; without the header, simply runs it.
 * @throws ApiError API_IDEMPOTENCY_KEY_INVALID; NODE_IDEMPOTENCY_MISMATCH from the node
 */
export async function createOnce<T extends object>(
  { node }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  make: () => Promise<T>,
): Promise<T> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return make();
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(key)) {
    throw new ApiError(ApiErrorCode.IdempotencyKeyInvalid, 'Idempotency-Key is not 1 to 128 visible ASCII characters', {
      where: 'header Idempotency-Key',
    });
  }
  const scope = `api ${request.caller?.name ?? ''} ${request.method} ${request.url}`;
  const { value, replayed } = await node.once(scope, key, toHex(request.bodyDigest ?? sha256('')), make);
  if (replayed) reply.header('idempotent-replayed', 'true');
  return value;
}

/**
 * Aborts when the answer is out or its client is gone. Fastify's own `request.signal` follows the request's stream, which
 * closes as soon as the body is read, long before the answer.
 */
export function untilAnswered(reply: FastifyReply): AbortSignal {
  const control = new AbortController();
  reply.raw.once('close', () => control.abort());
  return control.signal;
}
