import { z } from 'zod';
import type { LedgerApi } from '../../node/interface.ts';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers, untilAnswered } from '../context.ts';
import { ApiError } from '../errors.ts';
import { address, asset, recordKey } from '../ledger-fields.ts';
import * as schemas from '../schemas.ts';
import { lastEventId, STREAM_TIMEOUT_MS } from '../sse.ts';
import * as views from './ledger-schemas.ts';

/** A waiting receipt answers well before the 30 s that an answer may take. */
const MAX_WAIT_MS = 20_000;
const MAX_ASSETS = 32;
const MAX_IDS = 1000;
const MAX_HEADERS = 100;

const heightText = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,18})$/, 'must be a height')
  .transform((text) => BigInt(text));
const heightOrHead = z.union([z.literal('head'), heightText], { error: 'must be a height, or head' });
const count = (most: number) => z.coerce.number().pipe(z.int().min(1).max(most));

/** @throws ApiError API_NO_LEDGER */
export function ledgerOf({ node }: ApiContext): LedgerApi {
  if (node.ledger !== undefined) return node.ledger;
  throw new ApiError(ApiErrorCode.NoLedger, 'this node keeps no ledger');
}

/** What the ledger says. */
export function ledgerRoutes(app: ApiApp, context: ApiContext): void {
  stateRoutes(app, context);
  blockRoutes(app, context);
}

function stateRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/ledger',
    {
      config: { scope: 'read' },
      schema: { tags: ['ledger'], summary: 'Head and state of the ledger', response: answers({ 200: views.status }) },
    },
    async () => ledgerOf(context).status(),
  );
  app.get(
    '/v1/ledger/receipts/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'What became of a transaction',
        description: `With wait, up to so many milliseconds (${MAX_WAIT_MS} at most) until it is executed.`,
        params: z.strictObject({ id: schemas.hex32 }),
        querystring: z.strictObject({ wait: z.coerce.number().pipe(z.int().min(0).max(MAX_WAIT_MS)).optional() }),
        response: answers({ 200: views.receipt }),
      },
    },
    async (request, reply) => {
      const { wait = 0 } = request.query;
      const found = await ledgerOf(context).receipt(request.params.id, wait, untilAnswered(reply));
      if (found !== undefined) return found;
      throw new ApiError('LEDGER_NOT_FOUND', 'there is no receipt of this transaction', {
        hint: 'it waits still, was dropped, or was executed long ago; ask with ?wait=',
      });
    },
  );
  app.get(
    '/v1/ledger/accounts/:address',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'Balance and nonce of an account, and what it holds of the assets that are named',
        params: z.strictObject({ address }),
        querystring: z.strictObject({
          assets: z
            .string()
            .max(MAX_ASSETS * 23)
            .transform((text) => text.split(','))
            .pipe(z.array(asset).max(MAX_ASSETS))
            .optional(),
        }),
        response: answers({ 200: views.account }),
      },
    },
    async (request) => ledgerOf(context).account(request.params.address, request.query.assets ?? []),
  );
  app.get(
    '/v1/ledger/records/:key',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'A record with its proof, or the proof that there is none',
        params: z.strictObject({ key: recordKey }),
        response: answers({ 200: views.record }),
      },
    },
    async (request) => ledgerOf(context).record(request.params.key),
  );
  app.post(
    '/v1/ledger/snapshots',
    {
      bodyLimit: 1024,
      config: { scope: 'admin' },
      schema: {
        tags: ['ledger'],
        summary: 'Writes a snapshot now',
        response: answers({ 201: z.object({ height: z.string() }) }),
      },
    },
    async (_request, reply) => reply.code(201).send({ height: await ledgerOf(context).snapshot() }),
  );
}

function blockRoutes(app: ApiApp, context: ApiContext): void {
  const whole = (given: bigint | 'head'): bigint =>
    given === 'head' ? BigInt(ledgerOf(context).status().head.height) : given;
  app.get(
    '/v1/ledger/headers',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: `Up to ${MAX_HEADERS} headers from a height on`,
        querystring: z.strictObject({ from: heightText, limit: count(MAX_HEADERS).optional() }),
        response: answers({ 200: schemas.items(views.header) }),
      },
    },
    async (request) => {
      const { from, limit = MAX_HEADERS } = request.query;
      return { items: await ledgerOf(context).headers(from, limit) };
    },
  );
  app.get(
    '/v1/ledger/blocks/:height',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'A block: its header, and ids of its transactions page by page',
        params: z.strictObject({ height: heightOrHead }),
        querystring: z.strictObject({
          first: z.coerce.number().pipe(z.int().min(0).max(65_536)).optional(),
          limit: count(MAX_IDS).optional(),
        }),
        response: answers({ 200: views.block }),
      },
    },
    async (request) => {
      const { first = 0, limit = MAX_IDS } = request.query;
      return ledgerOf(context).block(whole(request.params.height), first, limit);
    },
  );
  app.get(
    '/v1/ledger/blocks/:height/transactions/:index',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'A transaction of a block, and the proof that it stands there',
        params: z.strictObject({
          height: heightOrHead,
          index: z.coerce.number().pipe(z.int().min(0).max(65_535)),
        }),
        response: answers({ 200: views.transaction }),
      },
    },
    async (request) => ledgerOf(context).transaction(whole(request.params.height), request.params.index),
  );
  app.get(
    '/v1/ledger/events',
    {
      handlerTimeout: STREAM_TIMEOUT_MS,
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'Headers of blocks as they are executed (server-sent events)',
        description: 'Each event is a `block`, its id the height; Last-Event-ID resumes, as far as blocks are kept.',
        response: answers({ 200: z.string().meta({ description: 'text/event-stream' }) }),
      },
    },
    async (request, reply) => {
      const ledger = ledgerOf(context);
      const last = lastEventId(request);
      const { head, oldest } = ledger.status();
      const from = last === undefined ? BigInt(head.height) + 1n : BigInt(last) + 1n;
      const start = from < BigInt(oldest) ? BigInt(oldest) : from;
      return context.streams.send(reply, async function* (signal) {
        for await (const header of ledger.watch(start, signal)) {
          yield { id: header.height, event: 'block', data: header };
        }
      });
    },
  );
}
