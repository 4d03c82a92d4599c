import { isIP } from 'node:net';
import { messageOf } from '../base/errors.ts';
import type { Startable } from '../base/lifecycle.ts';
import { dataPaths } from '../config/index.ts';
import type { Node } from '../node/interface.ts';
import { createApi } from './app.ts';
import { ApiErrorCode } from './codes.ts';
import type { ApiApp } from './context.ts';
import { ApiError } from './errors.ts';
import { openTokenFile } from './tokens.ts';

export interface ApiServer extends Startable {
  /** `http://127.0.0.1:4380`; undefined until started. */
  readonly url: string | undefined;
}

export interface ServeApiInit {
  /** Gets what went wrong on our side. */
  onUnexpected?: ((report: { method: string; route: string; error: unknown }) => void) | undefined;
  /** How long most answers may take; default 30 s. */
  handlerTimeoutMs?: number | undefined;
}

/** How long a stop waits for answers under way. */
const CLOSE_GRACE_MS = 5_000;

/**
 * The one listener of the REST API. `start` makes the token file where there is none.
 * @throws ApiError API_PUBLIC_BIND, API_ADDRESS_IN_USE, API_LISTEN_FAILED, API_TOKEN_FILE (from `start`)
 */
export function serveApi(node: Node, init: ServeApiInit = {}): ApiServer {
  let app: ApiApp | undefined;
  let url: string | undefined;
  return {
    get url() {
      return url;
    },
    async start() {
      if (app !== undefined) return;
      const { api, prover } = node.config;
      refusePublicBind(api.host, api.allowPublicBind);
      const tokens = await openTokenFile(dataPaths(node.config).tokenFile);
      const made = await createApi(node, {
        settings: api,
        tokens,
        proverTimeoutSeconds: prover.timeoutSeconds,
        onUnexpected: init.onUnexpected,
        handlerTimeoutMs: init.handlerTimeoutMs,
      });
      try {
        url = await made.listen({ host: api.host, port: api.port });
      } catch (error) {
        await made.close();
        throw listenError(error, `${api.host}:${api.port}`);
      }
      app = made;
    },
    async stop() {
      const running = app;
      app = undefined;
      url = undefined;
      if (running === undefined) return;
      const force = setTimeout(() => running.server.closeAllConnections(), CLOSE_GRACE_MS);
      await running.close().finally(() => clearTimeout(force));
    },
  };
}

/** Tokens travel in clear over HTTP: beyond loopback that must be a decision. */
function refusePublicBind(host: string, allowed: boolean): void {
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (loopback || allowed) return;
  throw new ApiError(ApiErrorCode.PublicBind, `api.host ${host} is reachable from other machines, over plain HTTP`, {
    where: 'api.host',
    hint: 'keep 127.0.0.1, or set api.allowPublicBind to true behind a TLS proxy or a firewall',
  });
}

function listenError(error: unknown, where: string): ApiError {
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return new ApiError(ApiErrorCode.AddressInUse, 'another program listens there already', {
      where,
      hint: 'set api.port (or --port) to a free port; 0 picks one',
      cause: error,
    });
  }
  return new ApiError(ApiErrorCode.ListenFailed, `cannot listen: ${messageOf(error)}`, { where, cause: error });
}
