import { z } from 'zod';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';
import { lastEventId, STREAM_TIMEOUT_MS } from '../sse.ts';
import type { Caller } from '../tokens.ts';

const info = z
  .object({
    version: z.string(),
    network: z.string(),
    production: z.boolean(),
    peerId: z.string(),
    addresses: z.array(z.string()),
    startedAtMs: z.number().nullable(),
    wallet: z.enum(['absent', 'locked', 'open']),
    holder: z.string().nullable(),
    registrySequence: z.number().nullable(),
    engine: z.enum(['native', 'wasm']),
    developmentKeys: z.boolean(),
  })
  .meta({ id: 'Node' });

const circuit = z
  .object({
    name: z.string(),
    summary: z.string(),
    verifyingKeyId: schemas.hex32,
    setup: z.enum(['development', 'production']),
    constraints: z.int(),
    publicSignals: z.array(z.string()),
    files: z.unknown(),
  })
  .meta({ id: 'Circuit' });

const EVENT_TYPES = ['verdict', 'offer', 'order', 'registry', 'peer', 'job'] as const;
type EventType = (typeof EVENT_TYPES)[number];
/** What `/v1/orders` and `/v1/proofs` show under `prove` only. */
const HOLDER_EVENTS: ReadonlySet<EventType> = new Set<EventType>(['order', 'job']);
const eventTypes = z
  .string()
  .max(100)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(EVENT_TYPES)))
  .optional();

export function nodeRoutes(app: ApiApp, { node, streams }: ApiContext): void {
  app.get(
    '/v1/node',
    { config: { scope: 'read' }, schema: { tags: ['node'], summary: 'This node', response: answers({ 200: info }) } },
    async () => node.info(),
  );
  app.get(
    '/v1/circuits',
    {
      config: { scope: 'read' },
      schema: { tags: ['circuits'], summary: 'Circuits in use', response: answers({ 200: schemas.items(circuit) }) },
    },
    async () => ({ items: node.circuits() }),
  );
  const params = z.strictObject({ circuit: schemas.circuitRef });
  app.get(
    '/v1/circuits/:circuit',
    {
      config: { scope: 'read' },
      schema: { tags: ['circuits'], summary: 'One circuit', params, response: answers({ 200: circuit }) },
    },
    async (request) => {
      const found = node
        .circuits()
        .find(
          ({ name, verifyingKeyId }) => name === request.params.circuit || verifyingKeyId === request.params.circuit,
        );
      if (found === undefined) throw unknownCircuit();
      return found;
    },
  );
  app.get(
    '/v1/circuits/:circuit/verifying-key',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['circuits'],
        summary: 'Verifying key as snarkjs writes it',
        params,
        response: answers({ 200: z.unknown() }),
      },
    },
    async (request) => {
      const key = node.verifyingKey(request.params.circuit);
      if (key === undefined) throw unknownCircuit();
      return key;
    },
  );
  app.get(
    '/v1/events',
    {
      handlerTimeout: STREAM_TIMEOUT_MS,
      config: { scope: 'read' },
      schema: {
        tags: ['node'],
        summary: 'Events of this node as they happen (server-sent events)',
        description:
          'Each event is named by its type; `order` and `job` need a token with scope prove. Last-Event-ID resumes within the last 1,000.',
        querystring: z.strictObject({ types: eventTypes }),
        response: answers({ 200: z.string().meta({ description: 'text/event-stream' }) }),
      },
    },
    async (request, reply) => {
      const types = visibleTypes(request);
      const from = lastEventId(request);
      return streams.send(reply, async function* (signal) {
        for await (const { id, atMs, type, data } of node.events.subscribe({ signal, afterId: from, types })) {
          yield { id: String(id), event: type, data: { atMs, ...data } };
        }
      });
    },
  );
}

/** @throws ApiError API_FORBIDDEN for types that are the holder's own business */
function visibleTypes({ query, caller }: { query: { types?: EventType[] | undefined }; caller: Caller | undefined }) {
  const open = (type: EventType) => caller?.scopes.has('prove') === true || !HOLDER_EVENTS.has(type);
  const hidden = query.types?.find((type) => !open(type));
  if (hidden === undefined) return query.types ?? EVENT_TYPES.filter(open);
  throw new ApiError(ApiErrorCode.Forbidden, `events of type ${hidden} need a token with scope prove`, {
    where: 'query types',
  });
}

function unknownCircuit(): ApiError {
  return new ApiError(ApiErrorCode.NotFound, 'no circuit has this name or key id', { where: 'path circuit' });
}
