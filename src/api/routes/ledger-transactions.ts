import { z } from 'zod';
import { fromHex, toHex } from '../../base/bytes.ts';
import { MAX_TRANSACTION_BYTES } from '../../ledger/constants.ts';
import { joinSignature } from '../../ledger/transaction/codec.ts';
import { AT } from '../../ledger/transaction/layout.ts';
import { splitTransactions } from '../../ledger/transaction/split.ts';
import { ApiErrorCode } from '../codes.ts';
import { type ApiApp, type ApiContext, answers } from '../context.ts';
import { ApiError } from '../errors.ts';
import { buildTransaction, transactionRequest } from '../ledger-build.ts';
import { takeOctets } from '../octets.ts';
import * as schemas from '../schemas.ts';
import { ledgerOf } from './ledger.ts';
import * as views from './ledger-schemas.ts';

const MAX_BATCH = 1024;
/** Hex of the longest transaction, and what stands round it. */
const SUBMIT_BODY = 2 * MAX_TRANSACTION_BYTES + 4096;
/** 64 operations with everything they can hold. */
const BUILD_BODY = 262_144;

/** Base64, or lower-case hex. */
const bytes = z
  .string()
  .min(8)
  .max(2 * MAX_TRANSACTION_BYTES)
  .regex(/^(?:[0-9a-f]{2}){4,}$|^[A-Za-z0-9+/]{4,}={0,2}$/, 'must be lower-case hex or base64')
  .transform((text) => fromHex(text) ?? new Uint8Array(Buffer.from(text, 'base64')));
const whole = z.strictObject({ transaction: bytes });
const parts = z.strictObject({ body: bytes, publicKey: bytes, signature: bytes });
const submission = z
  .union([whole, parts], { error: 'must be {transaction}, or {body, publicKey, signature}' })
  .meta({ id: 'TransactionSubmission', description: 'Base64 or hex: the whole transaction, or its three parts' });

/** Transactions: built, and taken. */
export function ledgerTransactionRoutes(app: ApiApp, context: ApiContext): void {
  app.post(
    '/v1/ledger/transactions/build',
    {
      bodyLimit: BUILD_BODY,
      config: { scope: 'read' },
      schema: {
        tags: ['ledger'],
        summary: 'Makes an unsigned transaction of operations',
        description: 'Sign `toSign` with the key of `signer`, then submit `body`, public key and signature.',
        body: transactionRequest,
        response: answers({ 200: views.built }),
      },
    },
    async (request) => {
      const ledger = ledgerOf(context);
      const { network, head } = ledger.status();
      const { nonce } = ledger.account(request.body.signer, []);
      const made = buildTransaction(request.body, {
        network: fromHex(network) ?? new Uint8Array(),
        height: BigInt(head.height),
        nonce: BigInt(nonce),
      });
      return {
        id: toHex(made.id),
        body: Buffer.from(made.body).toString('base64'),
        toSign: toHex(made.toSign),
        sequence: String(made.sequence),
        validFrom: String(made.validFrom),
        validUntil: String(made.validUntil),
        gasLimit: made.gasLimit,
        gasPrice: String(made.gasPrice),
      };
    },
  );
  // Their own part of the app, so that no other route takes bytes.
  void app.register(async (part: ApiApp) => submissionRoutes(part, context));
}

function submissionRoutes(app: ApiApp, context: ApiContext): void {
  takeOctets(app);
  app.post(
    '/v1/ledger/transactions',
    {
      bodyLimit: SUBMIT_BODY,
      config: { scope: 'prove', octets: 'The canonical form of one transaction' },
      schema: {
        tags: ['ledger'],
        summary: 'Checks a transaction and takes it into the pool',
        description: 'Once it is in a block, /v1/ledger/receipts/{id} says what became of it.',
        body: submission,
        response: answers({ 202: views.submitted }),
      },
    },
    async (request, reply) => {
      const given: unknown = request.body;
      const id = await ledgerOf(context).submit(given instanceof Uint8Array ? given : bytesOf(request.body));
      return reply.code(202).header('location', `/v1/ledger/receipts/${id}`).send({ id });
    },
  );
  app.post(
    '/v1/ledger/transactions/batch',
    {
      bodyLimit: context.bodyLimitBytes,
      config: { scope: 'prove', octets: `Canonical forms of up to ${MAX_BATCH} transactions, one behind the other` },
      schema: {
        tags: ['ledger'],
        summary: `Up to ${MAX_BATCH} transactions; one answer each, in their order`,
        body: z.strictObject({ items: z.array(submission).min(1).max(MAX_BATCH) }),
        response: answers({ 200: schemas.items(views.submittedOrNot) }),
      },
    },
    async (request) => {
      const given: unknown = request.body;
      const ledger = ledgerOf(context);
      const transactions = given instanceof Uint8Array ? batchFrom(given) : request.body.items.map(bytesOf);
      return { items: await ledger.submitMany(transactions) };
    },
  );
}

function batchFrom(bytes: Uint8Array): Uint8Array[] {
  const transactions = splitTransactions(bytes, MAX_BATCH);
  if (transactions !== undefined && transactions.length > 0) return transactions;
  throw new ApiError(ApiErrorCode.Validation, `the body is not 1 to ${MAX_BATCH} transactions`, { where: 'body' });
}

function bytesOf(given: z.output<typeof submission>): Uint8Array {
  if ('transaction' in given) return given.transaction;
  const { body, publicKey, signature } = given;
  // A body that is too short for its own length, or whose length cannot hold the parts, is refused as it stands.
  const total = body.length < AT.keys ? 0 : new DataView(body.buffer, body.byteOffset).getUint32(AT.totalLength, true);
  if (total > MAX_TRANSACTION_BYTES || total < body.length + publicKey.length + signature.length) return body;
  return joinSignature(body, publicKey, signature);
}
