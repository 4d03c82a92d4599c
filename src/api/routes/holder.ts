import { z } from 'zod';
import { type ApiApp, type ApiContext, answers, createOnce } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';

const UNLOCK_BODY = 4096;
const walletState = z.object({ state: z.enum(['absent', 'locked', 'open']) });

/** The holder's side: wallet and credentials. Nothing here ever answers with a secret, an attribute or a signature. */
export function holderRoutes(app: ApiApp, context: ApiContext): void {
  const { node, bodyLimitBytes } = context;
  let unlocking = false;
  app.get(
    '/v1/wallet',
    {
      config: { scope: 'prove' },
      schema: { tags: ['wallet'], summary: 'State of the wallet', response: answers({ 200: walletState }) },
    },
    async () => ({ state: node.wallet.state() }),
  );
  app.post(
    '/v1/wallet/unlock',
    {
      bodyLimit: UNLOCK_BODY,
      config: { scope: 'admin' },
      schema: {
        tags: ['wallet'],
        summary: 'Opens the wallet until the node stops',
        body: z.strictObject({ passphrase: z.string().min(1).max(1024) }),
        response: answers({ 200: walletState }),
      },
    },
    async (request) => {
      // Each try takes 128 MiB and half a second by design: one at a time.
      if (unlocking) throw new ApiError('WALLET_BUSY', 'another unlock is at work');
      unlocking = true;
      try {
        await node.wallet.unlock(request.body.passphrase);
      } finally {
        unlocking = false;
      }
      return { state: node.wallet.state() };
    },
  );
  app.get(
    '/v1/credentials',
    {
      config: { scope: 'prove' },
      schema: {
        tags: ['credentials'],
        summary: 'Credentials held, without their contents',
        response: answers({ 200: schemas.items(schemas.credentialSummary) }),
      },
    },
    async () => ({ items: await node.wallet.credentials() }),
  );
  app.post(
    '/v1/credentials',
    {
      bodyLimit: bodyLimitBytes,
      config: { scope: 'prove' },
      schema: {
        tags: ['credentials'],
        summary: 'Imports credentials as an issuer wrote them: one, an array, or {"credentials": [...]}',
        body: z.union([z.looseObject({}), z.array(z.looseObject({})).max(4096)]),
        response: answers({
          201: z.object({ imported: z.array(schemas.credentialSummary), known: z.array(z.string()) }),
        }),
      },
    },
    async (request, reply) => {
      const report = await createOnce(context, request, reply, () =>
        node.wallet.importCredentials(JSON.stringify(request.body)),
      );
      return reply.code(201).header('location', '/v1/credentials').send(report);
    },
  );
  app.delete(
    '/v1/credentials/:serial',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['credentials'],
        summary: 'Forgets a credential',
        params: z.strictObject({ serial: schemas.decimal }),
        response: answers({ 204: z.null() }),
      },
    },
    async (request, reply) => {
      await node.wallet.removeCredential(request.params.serial);
      return reply.code(204).send(null);
    },
  );
}
