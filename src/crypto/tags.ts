import { utf8 } from '../base/bytes.ts';
import { bytesToInteger } from '../base/field.ts';

const tag = (name: string): bigint => bytesToInteger(utf8(`zkb:${name}`));

/**
 * Domain tags: the first input of every Poseidon hash, so that no hash of one kind is ever one of another.
 * Each is the big-endian integer of its ASCII name; `circuits/lib/tags.circom` holds the same numbers (a test compares).
 */
export const TAGS = {
  holder: tag('holder'),
  attrs: tag('attrs'),
  credential: tag('credential'),
  node: tag('node'),
  issuer: tag('issuer'),
  list: tag('list'),
  gap: tag('gap'),
  member: tag('member'),
  nullifier: tag('nullifier'),
  link: tag('link'),
  pledge: tag('pledge'),
  policy: tag('policy'),
  qualification: tag('qualification'),
} as const;
