import { z } from 'zod';
import { signedBytes } from '../crypto/signatures/format.ts';
import { MAX_GAS, MAX_OPERATIONS, MAX_VALIDITY, type SignatureAlgorithm } from '../ledger/constants.ts';
import { GAS } from '../ledger/program/gas.ts';
import { assembleCalls } from '../ledger/programs/call.ts';
import { PROGRAMS } from '../ledger/programs/index.ts';
import { encodeBody, transactionId } from '../ledger/transaction/codec.ts';
import type { TransactionBody } from '../ledger/transaction/interface.ts';
import { PROOF_BYTES, SIGNAL_BYTES, witnessBytes } from '../ledger/transaction/layout.ts';
import { address, hexField, u8, u64 } from './ledger-fields.ts';
import { operation, toCall } from './ledger-operations.ts';

/** Names of the signature algorithms in JSON and on the command line. */
export const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = { ed25519: 1, 'ml-dsa-44': 2, hybrid: 3 };
const ALGORITHM_NAMES = ['ed25519', 'ml-dsa-44', 'hybrid'] as const;
/** Heights for which a transaction is good where nobody says; some minutes at two blocks a second. */
const DEFAULT_VALIDITY = 1000n;
/** What an operation and a key may cost beside their own price: reads, writes, a new record, an event. */
const OPERATION_ROOM = 400;
const KEY_ROOM = 250;

/** What a transaction is made of, as JSON. */
export const transactionRequest = z
  .strictObject({
    signer: address,
    algorithm: z.enum(ALGORITHM_NAMES).default('ed25519'),
    operations: z.array(operation).min(1).max(MAX_OPERATIONS),
    /** Default: the account's next number. */
    nonce: u64.optional(),
    /** Instead of a nonce: a number that the account has never used. */
    tag: u64.optional(),
    validFrom: u64.optional(),
    validUntil: u64.optional(),
    /** Default: an estimate that is rather too high; what is not used is not paid. */
    gasLimit: z.int().min(1).max(MAX_GAS).optional(),
    gasPrice: u64.optional(),
    proof: z
      .strictObject({
        circuit: u8,
        signals: z.array(hexField(SIGNAL_BYTES, 'a signal')).min(1).max(32),
        proof: hexField(PROOF_BYTES, 'a proof'),
      })
      .optional(),
  })
  .refine(({ nonce, tag }) => nonce === undefined || tag === undefined, 'has a nonce or a tag, not both');
export type TransactionRequest = z.output<typeof transactionRequest>;

/** What the ledger adds to a request. */
export interface BuildContext {
  /** 16 bytes. */
  readonly network: Uint8Array;
  /** Height of the last block. */
  readonly height: bigint;
  readonly nonce: bigint;
}

export interface BuiltTransaction {
  readonly body: Uint8Array;
  readonly id: Uint8Array;
  /** The bytes that the key signs. */
  readonly toSign: Uint8Array;
  readonly sequence: bigint;
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly gasLimit: number;
  readonly gasPrice: bigint;
}

/** The unsigned transaction. @throws LEDGER_TRANSACTION_INVALID, LEDGER_KEY_INVALID */
export function buildTransaction(request: TransactionRequest, context: BuildContext): BuiltTransaction {
  const { signer } = request;
  const algorithm = ALGORITHMS[request.algorithm] as SignatureAlgorithm;
  const calls = assembleCalls(
    signer,
    request.operations.map((input) => toCall(signer, input)),
  );
  const validFrom = request.validFrom ?? 0n;
  const furthest = validFrom + MAX_VALIDITY;
  const begin = validFrom > context.height ? validFrom : context.height;
  const wanted = request.validUntil ?? begin + DEFAULT_VALIDITY;
  const draft: TransactionBody = {
    ...calls,
    algorithm,
    network: context.network,
    signer,
    sequence: request.tag ?? request.nonce ?? context.nonce,
    tagged: request.tag !== undefined,
    // Without a window: from now on, since one that is too long has no form.
    validFrom: request.validFrom === undefined && wanted > furthest ? context.height : validFrom,
    validUntil: wanted,
    gasLimit: request.gasLimit ?? 1,
    gasPrice: request.gasPrice ?? 1n,
    proof: request.proof,
  };
  const gasLimit = request.gasLimit ?? estimate(draft);
  const body = encodeBody({ ...draft, gasLimit });
  const id = transactionId(body);
  const { sequence, validUntil, gasPrice } = draft;
  return { body, id, toSign: signedBytes(id), sequence, validFrom: draft.validFrom, validUntil, gasLimit, gasPrice };
}

function estimate(draft: TransactionBody): number {
  const keys = draft.writes.length + draft.reads.length + draft.credits.length;
  const form =
    GAS.transaction +
    (encodeBody(draft).length / 8 + 16) * GAS.word +
    keys * (GAS.key + KEY_ROOM) +
    signatureGas(draft);
  const operations = draft.operations.reduce((sum, { program, operation: code, arguments: given }) => {
    const own = PROGRAMS.get(program)?.operations.get(code)?.gas ?? 0;
    return sum + own + given.length * GAS.argument + OPERATION_ROOM;
  }, 0);
  const room = GAS.roomByte * (encodeBody(draft).length + witnessBytes(draft.algorithm));
  return Math.min(MAX_GAS, Math.ceil(Math.max(form + operations, room) / 1000) * 1000);
}

function signatureGas({ algorithm, proof }: TransactionBody): number {
  // The public key and signature are bytes of the transaction, too.
  const witness = algorithm === 1 ? 12 : 480;
  return (GAS.signature[algorithm] ?? 0) + witness + (proof === undefined ? 0 : GAS.proof);
}
