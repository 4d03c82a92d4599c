import { z } from 'zod';
import { MAX_NOTE_CHARACTERS } from '../../market/constants.ts';
import { type ApiApp, type ApiContext, answers, createOnce, untilAnswered } from '../context.ts';
import * as schemas from '../schemas.ts';
import { asPolicy } from './proofs.ts';

const SMALL_BODY = 16_384;
const params = z.strictObject({ id: schemas.hex32 });
const note = z.strictObject({ note: z.string().max(MAX_NOTE_CHARACTERS).optional() }).nullish();

export function marketRoutes(app: ApiApp, context: ApiContext): void {
  offerRoutes(app, context);
  orderRoutes(app, context);
}

function offerRoutes(app: ApiApp, context: ApiContext): void {
  const { node } = context;
  app.post(
    '/v1/offers',
    {
      bodyLimit: SMALL_BODY,
      handlerTimeout: context.proveTimeoutMs,
      config: { scope: 'prove' },
      schema: {
        tags: ['offers'],
        summary: 'Makes an offer and publishes it',
        description: 'With makerPolicy, this proves first and takes some seconds.',
        body: z.strictObject({
          side: z.enum(['sell', 'buy']).optional(),
          title: z.string().min(1).max(120),
          description: z.string().max(1000).optional(),
          price: schemas.price,
          policy: schemas.policyInput,
          makerPolicy: schemas.policyInput.optional(),
          units: z.int().min(1).max(1000).optional(),
          lifetimeSeconds: z.int().min(1).max(31_536_000).optional(),
        }),
        response: answers({ 201: schemas.offer }),
      },
    },
    async (request, reply) => {
      const { policy, makerPolicy, ...rest } = request.body;
      const wanted = {
        ...rest,
        policy: asPolicy(policy),
        ...(makerPolicy === undefined ? {} : { makerPolicy: asPolicy(makerPolicy) }),
      };
      const offer = await createOnce(context, request, reply, () =>
        node.offers.create(wanted, { signal: untilAnswered(reply) }),
      );
      return reply.code(201).header('location', `/v1/offers/${offer.id}`).send(offer);
    },
  );
  app.get(
    '/v1/offers',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['offers'],
        summary: 'Offers this node knows',
        querystring: z.strictObject({
          status: schemas.offerStatus.optional(),
          mine: z
            .enum(['true', 'false'])
            .transform((text) => text === 'true')
            .optional(),
          cursor: schemas.cursor.optional(),
          limit: schemas.limit,
        }),
        response: answers({ 200: schemas.offerPage }),
      },
    },
    async (request) => {
      const { cursor, status, mine, limit } = request.query;
      return node.offers.list({ status, mine, after: cursor, limit });
    },
  );
  app.get(
    '/v1/offers/:id',
    {
      config: { scope: 'read' },
      schema: { tags: ['offers'], summary: 'One offer', params, response: answers({ 200: schemas.offer }) },
    },
    async (request) => node.offers.show(request.params.id),
  );
  app.post(
    '/v1/offers/:id/cancel',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'prove' },
      schema: {
        tags: ['offers'],
        summary: 'Withdraws an offer of this node and declines its open orders',
        params,
        response: answers({ 200: schemas.offer }),
      },
    },
    async (request) => node.offers.cancel(request.params.id),
  );
}

function orderRoutes(app: ApiApp, context: ApiContext): void {
  const { node } = context;
  app.post(
    '/v1/orders',
    {
      bodyLimit: SMALL_BODY,
      handlerTimeout: context.proveTimeoutMs,
      config: { scope: 'prove' },
      schema: {
        tags: ['orders'],
        summary: 'Takes an offer: proves its policy for one new order and sends it to the maker',
        description: 'Takes some seconds; answers once the order is on this disk.',
        body: z.strictObject({ offerId: schemas.hex32 }),
        response: answers({ 201: schemas.order }),
      },
    },
    async (request, reply) => {
      const order = await createOnce(context, request, reply, () =>
        node.orders.take(request.body.offerId, { signal: untilAnswered(reply) }),
      );
      return reply.code(201).header('location', `/v1/orders/${order.id}`).send(order);
    },
  );
  app.get(
    '/v1/orders',
    {
      config: { scope: 'prove' },
      schema: {
        tags: ['orders'],
        summary: 'Orders of this node',
        querystring: z.strictObject({
          role: z.enum(['maker', 'taker']).optional(),
          state: schemas.orderState.optional(),
          offerId: schemas.hex32.optional(),
        }),
        response: answers({ 200: schemas.items(schemas.order) }),
      },
    },
    async (request) => {
      const items = await node.orders.list(request.query);
      return { items };
    },
  );
  app.get(
    '/v1/orders/:id',
    {
      config: { scope: 'prove' },
      schema: { tags: ['orders'], summary: 'One order', params, response: answers({ 200: schemas.order }) },
    },
    async (request) => node.orders.show(request.params.id),
  );
  const steps = {
    accept: ['Accepts a qualified order (maker)', (id: string) => node.orders.accept(id)],
    decline: ['Declines an order (maker)', (id: string, text?: string) => node.orders.decline(id, text)],
    cancel: ['Withdraws an order (taker)', (id: string, text?: string) => node.orders.cancel(id, text)],
  } as const;
  for (const [step, [summary, act]] of Object.entries(steps)) {
    app.post(
      `/v1/orders/:id/${step}`,
      {
        bodyLimit: SMALL_BODY,
        config: { scope: 'prove' },
        schema: { tags: ['orders'], summary, params, body: note, response: answers({ 200: schemas.order }) },
      },
      async (request) => act(request.params.id, request.body?.note),
    );
  }
}
