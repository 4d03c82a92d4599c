import { z } from 'zod';
import type { Groth16Proof } from '../../claims/interface.ts';
import type { VerifyInput } from '../../node/interface.ts';
import { isDecided, type Verdict } from '../../verifier/interface.ts';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers } from '../context.ts';
import { ApiError } from '../errors.ts';
import * as schemas from '../schemas.ts';
import { asPolicy } from './proofs.ts';

// A proof is about 1 KiB and has at most 16 signals of 77 digits.
const ONE_BODY = 65_536;
const MAX_BATCH = 256;

const verifyInput = z.strictObject({
  circuit: schemas.circuitRef,
  // What is wrong with a proof is the verifier's verdict, not a schema fault.
  proof: z.unknown().meta({ description: 'snarkjs proof.json' }),
  publicSignals: z.array(z.unknown()).max(64).meta({ description: 'snarkjs public.json' }),
  policy: schemas.policyInput.optional(),
  binding: schemas.binding.optional(),
});

function inputOf({ policy, proof, publicSignals, ...rest }: z.output<typeof verifyInput>): VerifyInput {
  return {
    ...rest,
    proof: proof as Groth16Proof,
    publicSignals: publicSignals as string[],
    ...(policy === undefined ? {} : { policy: asPolicy(policy) }),
  };
}

function decided(verdict: Verdict): Verdict {
  if (!isDecided(verdict)) throw new ApiError(verdict.code, verdict.reason, { retryAfterSeconds: 1 });
  return verdict;
}

export function verifyRoutes(app: ApiApp, { node, bodyLimitBytes }: ApiContext): void {
  const refuseIfFull = (): void => {
    if (!node.canVerify()) throw new ApiError(ApiErrorCode.VerifierFull, 'the verifier queue is full');
  };
  app.post(
    '/v1/verify',
    {
      bodyLimit: ONE_BODY,
      config: { scope: 'read' },
      schema: {
        tags: ['verify'],
        summary: 'Verdict on one proof',
        description:
          'With policy and binding, the public signals are held against what the policy demands; else only the proof is checked.',
        body: verifyInput,
        response: answers({ 200: schemas.verdict }),
      },
    },
    async (request) => {
      refuseIfFull();
      return decided(await node.verify(inputOf(request.body)));
    },
  );
  app.post(
    '/v1/verify-batch',
    {
      bodyLimit: bodyLimitBytes,
      config: { scope: 'read' },
      schema: {
        tags: ['verify'],
        summary: `Verdicts on up to ${MAX_BATCH} proofs, in their order`,
        body: z.strictObject({ items: z.array(verifyInput).min(1).max(MAX_BATCH) }),
        response: answers({ 200: schemas.items(schemas.verdict) }),
      },
    },
    async (request) => {
      refuseIfFull();
      const verdicts = await node.verifyBatch(request.body.items.map(inputOf));
      return { items: verdicts.map(decided) };
    },
  );
}
