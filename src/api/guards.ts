import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiErrorCode } from './codes.ts';
import { ApiError } from './errors.ts';
import type { Caller, Scope } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined on open routes. */
    caller: Caller | undefined;
    /** SHA-256 of the body's bytes as they came. */
    bodyDigest: Uint8Array | undefined;
  }
  interface FastifyContextConfig {
    /** The scope a caller needs; `open` needs no token. A route without one is closed to everybody. */
    scope?: Scope | 'open';
    /** Honours `Idempotency-Key`. */
    idempotent?: boolean;
    /** The route takes bytes as well as JSON; what they are. */
    octets?: string;
  }
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export interface GuardInit {
  /** Host names, besides loopback, that requests may carry. */
  allowedHosts: readonly string[];
  /** Origins of pages that may call us, besides our own. */
  corsOrigins: readonly string[];
  authenticate: (token: string) => Caller | undefined;
}

/** Host, Origin and bearer checks before a body is read. Cheapest first. */
export function registerGuards(app: FastifyInstance, init: GuardInit): void {
  const hosts = new Set([...LOOPBACK_NAMES, ...init.allowedHosts.map((name) => name.toLowerCase())]);
  const origins = new Set(init.corsOrigins.map((origin) => new URL(origin).origin));
  app.decorateRequest('caller', undefined);
  app.decorateRequest('bodyDigest', undefined);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    reply.header('referrer-policy', 'no-referrer').header('x-frame-options', 'DENY');
    const host = checkHost(request, hosts);
    const origin = request.headers.origin;
    if (origin !== undefined) {
      const own = origin === `http://${host}` || origin === `https://${host}`;
      if (!own && !origins.has(origin)) {
        throw new ApiError(ApiErrorCode.OriginRefused, 'this origin may not call the API', { where: 'header Origin' });
      }
      if (!own) allowOrigin(reply, origin);
      if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
        return reply.code(204).send();
      }
    }
    authorize(request, init.authenticate);
    return undefined;
  });
}

// A page on evil.example that re-binds its name to 127.0.0.1 still sends its own name as Host.
function checkHost(request: FastifyRequest, hosts: ReadonlySet<string>): string {
  const header = request.headers.host;
  const name = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase();
  if (header === undefined || name === undefined || !hosts.has(name)) {
    throw new ApiError(ApiErrorCode.HostRefused, 'this Host is not one of ours', { where: 'header Host' });
  }
  return header.toLowerCase();
}

function allowOrigin(reply: { header(name: string, value: string): unknown }, origin: string): void {
  reply.header('access-control-allow-origin', origin);
  reply.header('vary', 'Origin');
  reply.header('access-control-allow-headers', 'authorization, content-type, idempotency-key, last-event-id');
  reply.header('access-control-allow-methods', 'GET, POST, DELETE');
  reply.header('access-control-expose-headers', 'location, retry-after');
}

function authorize(request: FastifyRequest, authenticate: GuardInit['authenticate']): void {
  if (request.is404) return;
  const scope = request.routeOptions.config.scope;
  if (scope === 'open') return;
  const token = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  const caller = token === undefined ? undefined : authenticate(token);
  if (caller === undefined) {
    throw new ApiError(
      ApiErrorCode.Unauthenticated,
      token === undefined ? 'a bearer token is required' : 'this token is not known',
      { where: 'header Authorization' },
    );
  }
  if (scope === undefined || !caller.scopes.has(scope)) {
    throw new ApiError(ApiErrorCode.Forbidden, `this needs a token with scope ${scope ?? 'none has'}`, {
      where: 'header Authorization',
    });
  }
  request.caller = caller;
}
