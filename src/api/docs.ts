import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { ApiApp } from './context.ts';
import { OCTETS } from './octets.ts';

/** The reference page brings its script along; nothing is fetched from anywhere else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** OpenAPI 3.1 at /openapi.json and a reference page at /docs. Before the routes, which it reads as they come. */
export async function registerDocs(app: ApiApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'zkbazaar node',
        version,
        description:
          'REST API of one zkbazaar node. Tokens stand in `api-tokens.json` of the data folder; send one as ' +
          '`Authorization: Bearer …`. Errors are `application/problem+json` with a stable `code`. Creates honour ' +
          '`Idempotency-Key`.',
        license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { scope, octets } = input.route.config ?? {};
      const open = scope === 'open' || scope === undefined;
      const description = [schema.description, open ? undefined : `Scope: \`${scope}\`.`].filter(Boolean).join(' ');
      const body = octets === undefined ? undefined : { body: eitherBody(schema.body, octets) };
      const security = open ? [] : [{ token: [] }];
      return { url, schema: { ...schema, ...body, ...(description && { description }), security } };
    },
    transformObject: jsonSchemaTransformObject,
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/docs')) reply.header('content-security-policy', PAGE_POLICY);
  });
  // The page and its script come from the plugin, which knows nothing of scopes; they hold no data.
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/docs')) route.config = { ...route.config, scope: 'open' };
  });
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      agent: { disabled: true },
    },
  });
}

/** JSON, or bytes. */
function eitherBody(json: unknown, octets: string): unknown {
  const binary = { type: 'string', format: 'binary', description: octets };
  return { content: { 'application/json': { schema: json }, [OCTETS]: { schema: binary } } };
}

/** The document itself; after all routes. */
export function registerDocument(app: ApiApp): void {
  app.get('/openapi.json', { config: { scope: 'open' }, schema: { hide: true } }, async () => app.swagger());
}
