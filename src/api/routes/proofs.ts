import { z } from 'zod';
import type { Policy } from '../../claims/interface.ts';
import type { NodeProofJob, PolicyInput, ProvenClaim } from '../../node/interface.ts';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers, createOnce, untilAnswered } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';
import { lastEventId, STREAM_TIMEOUT_MS } from '../sse.ts';

const SMALL_BODY = 16_384;
const params = z.strictObject({ id: schemas.jobId });

const proveRequest = z.strictObject({
  policy: schemas.policyInput,
  kind: z.enum(['claim', 'listing']).optional(),
  offerId: schemas.hex32OrNone.optional(),
  orderId: schemas.hex32OrNone.optional(),
  counterparty: schemas.hex32OrNone.optional(),
  pseudonym: schemas.hex32.optional(),
  expiresAt: schemas.seconds.optional(),
  timeoutMs: z.int().min(1000).max(3_600_000).optional(),
});

/** The schema bounds the policy's size; the policy language itself says what is wrong inside it. */
export function asPolicy(input: z.output<typeof schemas.policyInput>): PolicyInput {
  return typeof input === 'string' ? input : (input as Policy);
}

// The result is a route of its own: a list of jobs stays small.
function view({ result: _result, ...job }: NodeProofJob): Omit<NodeProofJob, 'result'> {
  return job;
}

export function claimView(claim: ProvenClaim): object {
  return { ...claim, envelope: Buffer.from(claim.envelope).toString('base64') };
}

export function proofRoutes(app: ApiApp, context: ApiContext): void {
  const { node, streams } = context;
  app.post(
    '/v1/policies/check',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'read' },
      schema: {
        tags: ['policies'],
        summary: 'Parses a policy and says what the wallet lacks for it',
        body: z.strictObject({ policy: schemas.policyInput }),
        response: answers({
          200: z.object({
            policy: z.unknown(),
            text: z.string(),
            canonical: z.string(),
            circuit: z.string(),
            shortfalls: z
              .array(z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }))
              .nullable(),
          }),
        }),
      },
    },
    async (request) => {
      const checked = await node.proofs.check(asPolicy(request.body.policy));
      // What the wallet lacks is the holder's business: a read token learns only what the policy says.
      return request.caller?.scopes.has('prove') ? checked : { ...checked, shortfalls: null };
    },
  );

  app.post(
    '/v1/proofs',
    {
      bodyLimit: SMALL_BODY,
      config: { scope: 'prove' },
      schema: {
        tags: ['proofs'],
        summary: 'Queues a proof job',
        description: 'Secrets stay in this node. Follow the job at Location, or its /events.',
        body: proveRequest,
        response: answers({ 202: schemas.job }),
      },
    },
    async (request, reply) => {
      const { policy, ...rest } = request.body;
      const job = await createOnce(context, request, reply, async () =>
        view(await node.proofs.submit({ ...rest, policy: asPolicy(policy) })),
      );
      return reply.code(202).header('location', `/v1/proofs/${job.id}`).send(job);
    },
  );
  app.get(
    '/v1/proofs',
    {
      config: { scope: 'prove' },
      schema: {
        tags: ['proofs'],
        summary: 'Proof jobs, newest first',
        response: answers({ 200: schemas.items(schemas.job) }),
      },
    },
    async () => ({ items: node.proofs.list().map(view) }),
  );
  app.get(
    '/v1/proofs/:id',
    {
      config: { scope: 'prove' },
      schema: { tags: ['proofs'], summary: 'One proof job', params, response: answers({ 200: schemas.job }) },
    },
    async (request) => view(known(node.proofs.get(request.params.id))),
  );
  app.get(
    '/v1/proofs/:id/result',
    {
      config: { scope: 'prove' },
      schema: {
        tags: ['proofs'],
        summary: 'Proof, public signals and signed envelope of a job that succeeded',
        params,
        response: answers({ 200: schemas.provenClaim }),
      },
    },
    async (request, reply) => {
      const job = known(node.proofs.get(request.params.id));
      if (job.state === 'queued' || job.state === 'running') {
        throw new ApiError(ApiErrorCode.NotFinished, `the job is ${job.state}`, {
          where: 'path id',
          retryAfterSeconds: 1,
        });
      }
      return claimView(await node.proofs.result(job.id, untilAnswered(reply)));
    },
  );
  app.delete(
    '/v1/proofs/:id',
    {
      config: { scope: 'prove' },
      schema: {
        tags: ['proofs'],
        summary: 'Cancels a queued or running job; a finished one stays as it is',
        params,
        response: answers({ 200: schemas.job }),
      },
    },
    async (request) => view(known(node.proofs.cancel(request.params.id))),
  );
  app.get(
    '/v1/proofs/:id/events',
    {
      handlerTimeout: STREAM_TIMEOUT_MS,
      config: { scope: 'prove' },
      schema: {
        tags: ['proofs'],
        summary: 'Progress of one job (server-sent events); ends with the job',
        params,
        response: answers({ 200: z.string().meta({ description: 'text/event-stream' }) }),
      },
    },
    async (request, reply) => {
      const { id } = known(node.proofs.get(request.params.id));
      const after = lastEventId(request) ?? 0;
      return streams.send(reply, async function* (signal) {
        for await (const event of node.proofs.events(id, after, signal)) {
          yield { id: String(event.id), event: event.type, data: event };
        }
      });
    },
  );
}

function known(job: NodeProofJob | undefined): NodeProofJob {
  if (job === undefined) throw new ApiError(ApiErrorCode.NotFound, 'no job has this id', { where: 'path id' });
  return job;
}
