import { z } from 'zod';
import * as schemas from '../schemas.ts';

/** Answers of the ledger's routes. */

const u64 = z.string().meta({ description: 'integer of 64 bits, decimal' });
const hex = z.string().meta({ description: 'lower-case hex' });
const failure = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });

export const header = z
  .object({
    height: u64,
    timeMs: z.number(),
    network: hex,
    transactions: z.int(),
    parent: hex,
    transactionsRoot: hex,
    stateRoot: hex,
    receiptsRoot: hex,
    hash: hex,
  })
  .meta({ id: 'LedgerHeader' });

export const status = z
  .object({
    network: hex,
    state: z.enum(['open', 'follower', 'failed']),
    head: header,
    oldest: u64,
    records: z.int(),
    capacity: z.int(),
    pending: z.int(),
    lanes: z.int(),
    bytes: z.int(),
    following: z
      .object({
        peer: z.string(),
        state: z.enum(['following', 'waiting', 'refused']),
        told: u64,
        error: failure.nullable(),
      })
      .nullable(),
    error: failure.nullable(),
  })
  .meta({ id: 'LedgerStatus' });

export const receipt = z
  .object({
    id: schemas.hex32,
    height: u64,
    index: z.int(),
    ok: z.boolean(),
    status: z.int(),
    meaning: z.string(),
    operation: z.int().nullable(),
    program: z.int().nullable(),
    gasUsed: z.int(),
    fee: u64,
    events: z.array(z.object({ program: z.int(), topic: z.int(), data: hex })),
  })
  .meta({ id: 'LedgerReceipt' });

export const account = z
  .object({
    address: hex,
    exists: z.boolean(),
    balance: u64,
    nonce: u64,
    assets: z.array(z.object({ asset: hex, amount: u64 })),
    height: u64,
  })
  .meta({ id: 'LedgerAccount' });

export const record = z
  .object({
    key: hex,
    record: hex.nullable(),
    fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
    header,
    proof: hex,
  })
  .meta({ id: 'LedgerRecord', description: 'A record, or that there is none, with its proof under the header' });

export const block = z.object({ header, first: z.int(), ids: z.array(hex) }).meta({ id: 'LedgerBlock' });

export const transaction = z
  .object({
    id: hex,
    height: u64,
    index: z.int(),
    transaction: z.string().meta({ description: 'canonical form, base64' }),
    header,
    proof: z.object({ leaf: hex, siblings: z.array(hex) }),
  })
  .meta({ id: 'LedgerTransaction' });

export const built = z
  .object({
    id: schemas.hex32,
    body: z.string().meta({ description: 'what is signed, base64' }),
    toSign: hex,
    sequence: u64,
    validFrom: u64,
    validUntil: u64,
    gasLimit: z.int(),
    gasPrice: u64,
  })
  .meta({ id: 'UnsignedTransaction' });

export const submitted = z.object({ id: schemas.hex32 }).meta({ id: 'SubmittedTransaction' });
export const submittedOrNot = z.union([submitted, z.object({ error: failure })]);
