import { z } from 'zod';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers, createOnce } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';

const ENVELOPE_BODY = 16_384;
const params = z.strictObject({ id: schemas.hex32 });
const body = z.strictObject({ data: schemas.envelopeBase64 });
const KINDS = ['listing', 'listing-update', 'claim', 'registry', 'receipt'] as const;

export function envelopeRoutes(app: ApiApp, context: ApiContext): void {
  const { node } = context;
  app.post(
    '/v1/envelopes',
    {
      bodyLimit: ENVELOPE_BODY,
      config: { scope: 'prove' },
      schema: {
        tags: ['envelopes'],
        summary: 'Validates an envelope as any peer would and, if it passes, publishes it',
        body,
        response: answers({ 201: schemas.publishReport }),
      },
    },
    async (request, reply) => {
      const report = await createOnce(context, request, reply, async () => {
        const outcome = await node.envelopes.publish(Buffer.from(request.body.data, 'base64'));
        // Not kept under the key: a refusal may be for now only.
        if (!outcome.accepted) {
          throw new ApiError(outcome.code, `not published: our own validation says ${outcome.action}`, {
            where: outcome.id === '' ? 'body/data' : `envelope ${outcome.id}`,
          });
        }
        return outcome;
      });
      return reply.code(201).header('location', `/v1/envelopes/${report.id}`).send(report);
    },
  );
  app.post(
    '/v1/envelopes/inspect',
    {
      bodyLimit: ENVELOPE_BODY,
      config: { scope: 'read' },
      schema: {
        tags: ['envelopes'],
        summary: 'Decodes an envelope without judging it',
        body,
        response: answers({ 200: schemas.envelopeInspected }),
      },
    },
    async (request) => node.envelopes.inspect(Buffer.from(request.body.data, 'base64')),
  );
  app.get(
    '/v1/envelopes',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['envelopes'],
        summary: 'Envelopes this node has accepted, oldest first',
        querystring: z.strictObject({
          kind: z.enum(KINDS).optional(),
          cursor: schemas.cursor.optional(),
          limit: schemas.limit,
        }),
        response: answers({ 200: schemas.envelopePage }),
      },
    },
    async (request) => {
      const { kind, cursor, limit } = request.query;
      return node.envelopes.query({ kind, after: cursor, limit });
    },
  );
  app.get(
    '/v1/envelopes/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['envelopes'],
        summary: 'One envelope',
        params,
        response: answers({ 200: schemas.envelopeFull }),
      },
    },
    async (request) => {
      const found = await node.envelopes.get(request.params.id);
      if (found === undefined)
        throw new ApiError(ApiErrorCode.NotFound, 'no envelope has this id', { where: 'path id' });
      return { ...found, data: Buffer.from(found.data).toString('base64') };
    },
  );
  app.get(
    '/v1/verdicts',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['envelopes'],
        summary: 'What this node judged of the messages it saw, newest first',
        querystring: z.strictObject({
          after: z.coerce.number().pipe(z.int().min(0)).optional(),
          limit: z.coerce.number().pipe(z.int().min(1).max(1000)).optional(),
          code: z.string().max(64).optional(),
        }),
        response: answers({ 200: schemas.items(schemas.verdictEntry) }),
      },
    },
    async (request) => {
      const { after, limit, code } = request.query;
      return { items: node.verdicts({ afterSeq: after, limit, code }) };
    },
  );
}
