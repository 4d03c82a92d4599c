import { blake3Key, blake3Keyed } from '../crypto/blake3.ts';
import { ADDRESS_BYTES, type SignatureAlgorithm } from './constants.ts';

/**
 * One BLAKE3 key per role, so that bytes hashed for one purpose never stand for another. Keys are
 * derive_key("zkbazaar ledger v1 <role>"), as BLAKE3's specification (section 2.3) has it.
 */
export const ROLES = {
  path: role('path'),
  leaf: role('leaf'),
  node: role('node'),
  transaction: role('transaction'),
  witness: role('witness'),
  receipt: role('receipt'),
  header: role('header'),
  address: role('address'),
  genesis: role('genesis'),
} as const;

function role(name: string): Uint8Array {
  return blake3Key(`zkbazaar ledger v1 ${name}`);
}

/** The account of one algorithm and public key: 20 bytes, 80 bits against collisions. */
export function addressOf(algorithm: SignatureAlgorithm, publicKey: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + publicKey.length);
  bytes[0] = algorithm;
  bytes.set(publicKey, 1);
  return blake3Keyed(ROLES.address, bytes).slice(0, ADDRESS_BYTES);
}
