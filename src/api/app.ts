import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { Config } from '../config/interface.ts';
import type { Node } from '../node/interface.ts';
import { registerBodyParser } from './body.ts';
import { ApiErrorCode } from './codes.ts';
import type { ApiApp, ApiContext } from './context.ts';
import { registerDocs, registerDocument } from './docs.ts';
import { ApiError } from './errors.ts';
import { registerGuards } from './guards.ts';
import { PROBLEM_TYPE, toProblem } from './problems.ts';
import { envelopeRoutes } from './routes/envelopes.ts';
import { healthRoutes } from './routes/health.ts';
import { holderRoutes } from './routes/holder.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { ledgerTransactionRoutes } from './routes/ledger-transactions.ts';
import { marketRoutes } from './routes/market.ts';
import { networkRoutes } from './routes/network.ts';
import { nodeRoutes } from './routes/node.ts';
import { proofRoutes } from './routes/proofs.ts';
import { verifyRoutes } from './routes/verify.ts';
import { EventStreams } from './sse.ts';
import { type ApiToken, createAuthenticator } from './tokens.ts';

export interface ApiInit {
  settings: Config['api'];
  tokens: readonly ApiToken[];
  /** Proofs may take this long, plus a margin; from `prover.timeoutSeconds`. */
  proverTimeoutSeconds?: number | undefined;
  /** How long most answers may take; default 30 s. */
  handlerTimeoutMs?: number | undefined;
  /** Gets what went wrong on our side. Never request bodies, tokens or paths with secrets. */
  onUnexpected?: ((report: { method: string; route: string; error: unknown }) => void) | undefined;
}

/** Whole request must arrive within this: slow senders hold no sockets. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Routes that prove or dial set their own. */
const HANDLER_TIMEOUT_MS = 30_000;
/** What most routes take; files and batches set their own. */
const DEFAULT_BODY_BYTES = 65_536;
const KEEP_ALIVE_MS = 5_000;

/**
 * The REST API of a node, as an app that listens nowhere: tests use `inject`, `serveApi` listens.
 * @example
 * const app = await createApi(node, { settings: node.config.api, tokens });
 * await app.inject({ url: '/v1/health/live' });
 */
export async function createApi(node: Node, init: ApiInit): Promise<ApiApp> {
  const app: ApiApp = Fastify({
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: init.handlerTimeoutMs ?? HANDLER_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Event streams are ended by us; what is idle need not hold up a stop.
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    trustProxy: false,
    logger: false,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(init, error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || (error as NodeJS.ErrnoException).code === 'ECONNRESET') return;
      socket.end(rawProblem(error));
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  // Answers are made from typed values; their schemas are for readers and for the tests that compare the two.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) => sendProblem(init, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const error = new ApiError(ApiErrorCode.NotFound, `there is no ${request.method} at this path`);
    return sendProblem(init, error, request, reply);
  });

  registerBodyParser(app);
  const streams = new EventStreams();
  app.addHook('preClose', async () => streams.close());
  registerGuards(app, {
    allowedHosts: [...init.settings.allowedHosts, ...namesOf(init.settings.host)],
    corsOrigins: init.settings.corsOrigins,
    authenticate: createAuthenticator(init.tokens),
  });
  const context: ApiContext = {
    node,
    streams,
    bodyLimitBytes: init.settings.bodyLimitBytes,
    proveTimeoutMs: ((init.proverTimeoutSeconds ?? 120) + 15) * 1000,
  };
  await registerDocs(app, node.info().version);
  for (const routes of [
    healthRoutes,
    nodeRoutes,
    proofRoutes,
    verifyRoutes,
    envelopeRoutes,
    holderRoutes,
    networkRoutes,
    marketRoutes,
    ledgerRoutes,
    ledgerTransactionRoutes,
  ]) {
    routes(app, context);
  }
  registerDocument(app);
  await app.ready();
  return app;
}

// A wildcard address is no name that anybody calls us by.
function namesOf(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return [];
  return [host.includes(':') ? `[${host}]` : host];
}

function sendProblem(init: ApiInit, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfterSeconds, unexpected } = toProblem(error);
  if (unexpected) {
    init.onUnexpected?.({ method: request.method, route: request.routeOptions?.url ?? 'unknown', error });
  }
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="zkbazaar"');
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .serializer((value) => JSON.stringify(value))
    .send(problem);
}

/** For what never became a request: broken HTTP, oversized headers, a body that did not come. */
function rawProblem(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const titles: Record<number, string> = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Headers Too Large' };
  const { problem } = toProblem(new ApiError(ApiErrorCode.BadRequest, 'this is not a complete HTTP/1.1 request'));
  const body = JSON.stringify({ ...problem, status });
  const head = `HTTP/1.1 ${status} ${titles[status] ?? 'Bad Request'}`;
  return `${head}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
