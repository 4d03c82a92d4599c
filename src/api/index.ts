/**
 * REST API of a node: `createApi` makes the app, `serveApi` listens.
 *
 * @example
 * const api = serveApi(node);
 * await api.start();
 * console.error(api.url);
 */
export { type ApiInit, createApi } from './app.ts';
export { CATALOGUE, FAMILIES, kindOf, type ProblemKind } from './catalogue.ts';
export { ApiErrorCode } from './codes.ts';
export { ApiError } from './errors.ts';
export type { Problem } from './problems.ts';
export { type ApiServer, type ServeApiInit, serveApi } from './server.ts';
export { type ApiToken, openTokenFile, readTokenFile, SCOPES, type Scope } from './tokens.ts';
