import { ADDRESS_BYTES, HASH_BYTES } from '../../constants.ts';
import type { Context, Program } from '../../program/interface.ts';
import { isZero, NOBODY, sameBytes } from '../holdings.ts';
import { requireNew, requireRecord, SPACE, TAG_BYTES } from '../spaces.ts';
import { OWN_STATUS, REFUSED, REFUSED_NAMES } from '../statuses.ts';

/**
 * Program 7: where a product has been. Its key carries the manufacturer, so nobody can register in another's name; its
 * inspections are records of their own, numbered without gaps and never changed. It moves no money.
 */

export const PROVENANCE = 7;
export const PROVENANCE_OPS = {
  register: 0,
  handOver: 1,
  propose: 2,
  accept: 3,
  appoint: 4,
  inspect: 5,
  retire: 6,
} as const;
export const PROVENANCE_REFUSED = { retired: OWN_STATUS, number: OWN_STATUS + 1, full: OWN_STATUS + 2 } as const;
export const PRODUCT_KIND = 1;
export const INSPECTION_KIND = 2;
/** Key `[21][1][manufacturer 20][serial u64][zero 2]`. */
export const PRODUCT_RECORD = {
  registered: 0,
  handovers: 8,
  inspections: 12,
  retired: 16,
  holder: 20,
  proposed: 40,
  inspector: 60,
  content: 80,
  bytes: 112,
} as const;
/** Key `[21][2][manufacturer 20][serial u64][number u16]`. */
export const INSPECTION_RECORD = { time: 0, inspector: 8, attestation: 32, bytes: 64 } as const;
export const MAX_INSPECTIONS = 0xffff;
/** Event of a new holder: old 20, new 20, the product's key without space and kind 30. */
export const HANDED_OVER = 1;

const PRODUCT: Uint8Array = new Uint8Array([SPACE.provenance, PRODUCT_KIND]);
const INSPECTION: Uint8Array = new Uint8Array([SPACE.provenance, INSPECTION_KIND]);
const MAKER_AT = 2;
const SERIAL_AT = MAKER_AT + ADDRESS_BYTES;
const NUMBER_AT = SERIAL_AT + TAG_BYTES;

/** {product u8, content hash 32, inspector 20}, by the manufacturer, who is the first holder; zeros: no inspector yet. */
function register(context: Context): void {
  context.require(context.argumentsLength === 53, REFUSED.malformed);
  const key = context.argU8(0);
  context.require(context.keyMatches(key, 0, PRODUCT), REFUSED.key);
  requireManufacturer(context, key);
  requireNew(context, key, NUMBER_AT);
  context.create(key, PRODUCT_RECORD.bytes);
  context.setU64(key, PRODUCT_RECORD.registered, context.time);
  context.setBytes(key, PRODUCT_RECORD.holder, context.signer());
  context.setBytes(key, PRODUCT_RECORD.content, context.argBytes(1, HASH_BYTES));
  context.setBytes(key, PRODUCT_RECORD.inspector, context.argBytes(33, ADDRESS_BYTES));
}

/** {product u8, to 20}, by the holder, at once; not to who has it, or histories would be made of nothing. */
function handOver(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const key = context.argU8(0);
  requireHolder(context, key);
  const to = context.argBytes(1, ADDRESS_BYTES);
  // Nobody could ever act for the address of zeros; who wants that, retires the product.
  context.require(!isZero(to) && !sameBytes(to, context.signer()), REFUSED.malformed);
  moveTo(context, key, to);
}

/** {product u8, to 20}, by the holder, who stays so until it is accepted; again, to change it; zeros take it back. */
function propose(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const key = context.argU8(0);
  requireHolder(context, key);
  const to = context.argBytes(1, ADDRESS_BYTES);
  context.require(!sameBytes(to, context.signer()), REFUSED.malformed);
  context.setBytes(key, PRODUCT_RECORD.proposed, to);
}

/** {product u8}, by the proposed holder. */
function accept(context: Context): void {
  context.require(context.argumentsLength === 1, REFUSED.malformed);
  const key = context.argU8(0);
  requireActive(context, key);
  const proposed = context.bytes(key, PRODUCT_RECORD.proposed, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, proposed), REFUSED.party);
  moveTo(context, key, proposed);
}

/** {product u8, inspector 20}, by the manufacturer, whoever holds the product; zeros: nobody. */
function appoint(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const key = context.argU8(0);
  requireActive(context, key);
  requireManufacturer(context, key);
  context.setBytes(key, PRODUCT_RECORD.inspector, context.argBytes(1, ADDRESS_BYTES));
}

/** {product u8, inspection u8, attestation hash 32}, by the inspector; its number is the count so far. */
function inspect(context: Context): void {
  context.require(context.argumentsLength === 34, REFUSED.malformed);
  const key = context.argU8(0);
  const inspection = context.argU8(1);
  requireActive(context, key);
  const inspector = context.bytes(key, PRODUCT_RECORD.inspector, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, inspector), REFUSED.party);
  context.require(context.keyMatches(inspection, 0, INSPECTION), REFUSED.key);
  const product = context.keyBytes(key, MAKER_AT, ADDRESS_BYTES + TAG_BYTES);
  context.require(context.keyMatches(inspection, MAKER_AT, product), REFUSED.key);
  const count = context.u32(key, PRODUCT_RECORD.inspections);
  context.require(count < MAX_INSPECTIONS, PROVENANCE_REFUSED.full);
  const number = new Uint8Array([count & 0xff, count >>> 8]);
  context.require(context.keyMatches(inspection, NUMBER_AT, number), PROVENANCE_REFUSED.number);
  context.create(inspection, INSPECTION_RECORD.bytes);
  context.setU64(inspection, INSPECTION_RECORD.time, context.time);
  context.setBytes(inspection, INSPECTION_RECORD.inspector, inspector);
  context.setBytes(inspection, INSPECTION_RECORD.attestation, context.argBytes(2, HASH_BYTES));
  context.setU32(key, PRODUCT_RECORD.inspections, count + 1);
}

/** {product u8}, by the holder: its history ends and stays. */
function retire(context: Context): void {
  context.require(context.argumentsLength === 1, REFUSED.malformed);
  const key = context.argU8(0);
  requireHolder(context, key);
  context.setU32(key, PRODUCT_RECORD.retired, 1);
  context.setBytes(key, PRODUCT_RECORD.proposed, NOBODY);
}

function moveTo(context: Context, key: number, to: Uint8Array): void {
  const data = new Uint8Array(2 * ADDRESS_BYTES + 30);
  data.set(context.bytes(key, PRODUCT_RECORD.holder, ADDRESS_BYTES));
  data.set(to, ADDRESS_BYTES);
  data.set(context.keyBytes(key, MAKER_AT, 30), 2 * ADDRESS_BYTES);
  context.emit(HANDED_OVER, data);
  context.setBytes(key, PRODUCT_RECORD.holder, to);
  context.setBytes(key, PRODUCT_RECORD.proposed, NOBODY);
  context.setU32(key, PRODUCT_RECORD.handovers, context.u32(key, PRODUCT_RECORD.handovers) + 1);
}

function requireActive(context: Context, key: number): void {
  requireRecord(context, key, PRODUCT);
  context.require(context.u32(key, PRODUCT_RECORD.retired) === 0, PROVENANCE_REFUSED.retired);
}

function requireHolder(context: Context, key: number): void {
  requireActive(context, key);
  const holder = context.bytes(key, PRODUCT_RECORD.holder, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, holder), REFUSED.party);
}

function requireManufacturer(context: Context, key: number): void {
  context.require(context.keyMatches(key, MAKER_AT, context.signer()), REFUSED.party);
}

export const provenance: Program = {
  id: PROVENANCE,
  name: 'provenance',
  spaces: [SPACE.provenance],
  operations: new Map([
    [PROVENANCE_OPS.register, { name: 'register', gas: 80, run: register }],
    [PROVENANCE_OPS.handOver, { name: 'handOver', gas: 60, run: handOver }],
    [PROVENANCE_OPS.propose, { name: 'propose', gas: 40, run: propose }],
    [PROVENANCE_OPS.accept, { name: 'accept', gas: 60, run: accept }],
    [PROVENANCE_OPS.appoint, { name: 'appoint', gas: 40, run: appoint }],
    [PROVENANCE_OPS.inspect, { name: 'inspect', gas: 100, run: inspect }],
    [PROVENANCE_OPS.retire, { name: 'retire', gas: 40, run: retire }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [PROVENANCE_REFUSED.retired]: 'the product is retired',
    [PROVENANCE_REFUSED.number]: 'the inspection’s number must be the count of those so far',
    [PROVENANCE_REFUSED.full]: 'the product has as many inspections as it can have',
  },
};
