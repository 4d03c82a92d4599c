import { utf8 } from '../base/bytes.ts';
import { bytesToInteger } from '../base/field.ts';
import { sha248 } from '../crypto/index.ts';
import type { SchemaName } from './interface.ts';

/** Slot of each attribute in a credential. Slots without a name hold 0. */
export const SLOTS = {
  identity: { birthDate: 0, country: 1, kycLevel: 2, nameKey: 3, personRef: 4, nationality: 5, entityType: 6 },
  balance: { asset: 0, amount: 1, accountRef: 2 },
} as const;

export const SCHEMA_NAMES = ['identity', 'balance'] as const satisfies readonly SchemaName[];

const SCHEMA_IDS: Readonly<Record<SchemaName, bigint>> = {
  identity: sha248('zkbazaar/schema/identity/1'),
  balance: sha248('zkbazaar/schema/balance/1'),
};

/** The field element that stands for a schema in credentials and in the registry. */
export function schemaId(name: SchemaName): bigint {
  return SCHEMA_IDS[name];
}

/** Birth date of who has none (a company): later than every day, so that no `age >=` ever holds for it. */
export const NO_BIRTH_DATE = 99_991_231;
export const MAX_KYC_LEVEL = 9;
export const ENTITY_TYPES = { person: 1, company: 2 } as const;
export type EntityType = keyof typeof ENTITY_TYPES;

/** ASCII text as a big-endian integer: `DE` is 0x4445. */
export function asciiToInteger(text: string): bigint {
  return bytesToInteger(utf8(text));
}

/** The inverse; undefined where the bytes are not printable ASCII. */
export function integerToAscii(value: bigint): string | undefined {
  const hex = value.toString(16);
  const text = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined;
}
