import { z } from 'zod';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers, createOnce, untilAnswered } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';

const SMALL_BODY = 4096;
/** A full sanctions list (a quarter of a million 128-bit decimals) is 11 MiB. */
const SNAPSHOT_BODY = 16_777_216;
/** libp2p's own dial timeout is 10 s. */
const CONNECT_TIMEOUT_MS = 20_000;

const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'must be a peer id in base58');
const ban = z.object({ peerId: z.string(), reason: z.string(), until: z.number() });
const issuer = z.object({ name: z.string(), schema: z.string(), x: z.string(), y: z.string(), revoked: z.int() });

export function networkRoutes(app: ApiApp, context: ApiContext): void {
  registryRoutes(app, context);
  peerRoutes(app, context);
}

function registryRoutes(app: ApiApp, context: ApiContext): void {
  const { node } = context;
  const current = () => {
    const info = node.registry.current();
    if (info === null) throw new ApiError(ApiErrorCode.NoRegistry, 'this node holds no registry snapshot');
    return info;
  };
  app.get(
    '/v1/issuers',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['registry'],
        summary: 'Issuers that the current registry accepts',
        response: answers({ 200: schemas.items(issuer) }),
      },
    },
    async () => ({ items: current().issuers }),
  );
  app.get(
    '/v1/registry',
    {
      config: { scope: 'read' },
      schema: { tags: ['registry'], summary: 'Current registry', response: answers({ 200: schemas.registryInfo }) },
    },
    async () => current(),
  );
  app.get(
    '/v1/registry/snapshot',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['registry'],
        summary: 'Current signed snapshot as a file, for other nodes to import',
        response: answers({ 200: z.unknown() }),
      },
    },
    async (_request, reply) => {
      const file = await node.registry.export();
      return reply
        .type('application/json')
        .serializer((text) => text as string)
        .send(Buffer.from(file).toString('utf8'));
    },
  );
  app.post(
    '/v1/registry',
    {
      bodyLimit: SNAPSHOT_BODY,
      config: { scope: 'admin' },
      schema: {
        tags: ['registry'],
        summary: 'Takes a signed snapshot',
        body: z.looseObject({}),
        response: answers({ 201: schemas.registryInfo }),
      },
    },
    async (request, reply) => {
      const info = await createOnce(context, request, reply, () =>
        node.registry.import(Buffer.from(JSON.stringify(request.body))),
      );
      return reply.code(201).header('location', '/v1/registry').send(info);
    },
  );
  app.post(
    '/v1/registry/announce',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'admin' },
      schema: {
        tags: ['registry'],
        summary: 'Announces the held snapshot by gossip',
        response: answers({ 200: schemas.publishReport }),
      },
    },
    async () => node.registry.announce(),
  );
}

function peerRoutes(app: ApiApp, { node }: ApiContext): void {
  const params = z.strictObject({ peerId });
  app.get(
    '/v1/peers',
    {
      config: { scope: 'read' },
      schema: { tags: ['peers'], summary: 'Connected peers', response: answers({ 200: schemas.items(schemas.peer) }) },
    },
    async () => ({ items: node.peers.list() }),
  );
  app.post(
    '/v1/peers',
    {
      bodyLimit: SMALL_BODY,
      handlerTimeout: CONNECT_TIMEOUT_MS,
      config: { scope: 'admin' },
      schema: {
        tags: ['peers'],
        summary: 'Connects to a peer',
        body: z.strictObject({ address: z.string().min(1).max(512) }),
        response: answers({ 201: schemas.peer }),
      },
    },
    async (request, reply) =>
      reply.code(201).send(await node.peers.connect(request.body.address, untilAnswered(reply))),
  );
  app.delete(
    '/v1/peers/:peerId',
    {
      config: { scope: 'admin' },
      schema: { tags: ['peers'], summary: 'Disconnects a peer', params, response: answers({ 204: z.null() }) },
    },
    async (request, reply) => {
      await node.peers.disconnect(request.params.peerId);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/v1/bans',
    {
      config: { scope: 'read' },
      schema: { tags: ['peers'], summary: 'Banned peers', response: answers({ 200: schemas.items(ban) }) },
    },
    async () => ({ items: node.peers.bans() }),
  );
  app.post(
    '/v1/bans',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'admin' },
      schema: {
        tags: ['peers'],
        summary: 'Disconnects and refuses a peer',
        body: z.strictObject({
          peerId,
          reason: z.string().min(1).max(200),
          seconds: z.int().min(1).max(31_536_000).optional(),
        }),
        response: answers({ 201: schemas.items(ban) }),
      },
    },
    async (request, reply) => {
      const { seconds } = request.body;
      await node.peers.ban(
        request.body.peerId,
        request.body.reason,
        seconds === undefined ? undefined : seconds * 1000,
      );
      return reply.code(201).send({ items: node.peers.bans() });
    },
  );
  app.delete(
    '/v1/bans/:peerId',
    {
      config: { scope: 'admin' },
      schema: { tags: ['peers'], summary: 'Lifts a ban', params, response: answers({ 204: z.null() }) },
    },
    async (request, reply) => {
      node.peers.unban(request.params.peerId);
      return reply.code(204).send(null);
    },
  );
}
