import { z } from 'zod';
import { type ApiApp, type ApiContext, answers } from '../context.ts';

const health = z
  .object({
    live: z.boolean(),
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), required: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Health' });
const alive = z.object({ live: z.boolean() });

export function healthRoutes(app: ApiApp, { node }: ApiContext): void {
  app.get(
    '/v1/health/live',
    {
      config: { scope: 'open' },
      schema: { tags: ['health'], summary: 'Process answers', response: { 200: alive, 503: alive } },
    },
    async (_request, reply) => {
      const { live } = node.health();
      return reply.code(live ? 200 : 503).send({ live });
    },
  );
  app.get(
    '/v1/health/ready',
    {
      config: { scope: 'open' },
      schema: { tags: ['health'], summary: 'Verifies and relays', response: { 200: health, 503: health } },
    },
    async (_request, reply) => {
      const state = node.health();
      if (!state.ready) reply.code(503).header('retry-after', '1');
      return reply.send(state);
    },
  );
  app.get(
    '/v1/metrics',
    {
      config: { scope: 'read' },
      schema: { tags: ['health'], summary: 'Prometheus metrics', response: answers({ 200: z.string() }) },
    },
    async (_request, reply) => {
      const { contentType, body } = await node.metrics();
      return reply
        .type(contentType)
        .serializer((text) => text as string)
        .send(body);
    },
  );
}
