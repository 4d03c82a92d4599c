import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package-root.ts';

/** Who plays, as the sample files know them. */
export const CAST = {
  /** Has the offer up; her node is P4. */
  mara: 'C-1004',
  /** Wants it; his node is P1. He has two accounts, either of which would do. */
  tom: 'C-1002',
  /** Qualifies as well, and attacks. */
  fionn: 'C-1009',
} as const;
export type Player = keyof typeof CAST;

export const NETWORK = 'demo';
/** Assets on the ledger, by their names in ASCII: the bank's euros, in cents, and Mara's bicycles. */
export const EUROS = '4555520000000000000000';
export const BICYCLES = '62696379636c6573000000';

export const TOMS_CENTS = 150_000;
export const MARAS_BICYCLES = 3;

export const POLICY = 'balance(EUR) >= 1200 and age >= 18 and country in EU and unsanctioned and unique';

const sample = (name: string): string => join(PACKAGE_ROOT, 'src', 'cli', 'demo', 'samples', name);
export const SAMPLES = {
  accounts: sample('custodian-accounts.csv'),
  people: sample('identity-records.json'),
  sanctions: sample('sdn.csv'),
  aliases: sample('alt.csv'),
} as const;

/** Neighbours alone are connected, so what P1 sends reaches P4 by way of P2 and P3. */
export const PEER_NAMES = ['P1', 'P2', 'P3', 'P4'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** The peer that puts the ledger's transactions in order. */
export const KEEPER: PeerName = 'P2';
/** Its neighbours execute its blocks themselves; P1 is Tom's. Mara's P4 keeps no ledger. */
export const FOLLOWERS: readonly PeerName[] = ['P1', 'P3'];
/** In the order of the line. */
export const LEDGER_PEERS = PEER_NAMES.filter((name) => name === KEEPER || FOLLOWERS.includes(name));
