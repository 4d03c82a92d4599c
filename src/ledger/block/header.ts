import { blake3Keyed } from '../../crypto/blake3.ts';
import { HASH_BYTES, NETWORK_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { ROLES } from '../hashes.ts';

/** What a block comes to, once it was executed. */
export interface BlockHeader {
  /** 16 bytes. */
  readonly network: Uint8Array;
  readonly height: bigint;
  /** Milliseconds since 1970; never falls. */
  readonly time: bigint;
  /** How many transactions. */
  readonly transactions: number;
  /** Hash of the header before. */
  readonly parent: Uint8Array;
  /** Of nodes `BLAKE3[node](id || witness)`, in the shape of RFC 6962. */
  readonly transactionsRoot: Uint8Array;
  /** After this block. */
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
}

const VERSION = 1;
const AT = { version: 0, transactions: 4, height: 8, time: 16, network: 24, parent: 40 } as const;
export const HEADER_BYTES = AT.parent + 4 * HASH_BYTES;

/** Version u32, transactions u32, height u64, time u64, network 16, parent, transactionsRoot, stateRoot, receiptsRoot. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(AT.version, VERSION, true);
  view.setUint32(AT.transactions, header.transactions, true);
  view.setBigUint64(AT.height, header.height, true);
  view.setBigUint64(AT.time, header.time, true);
  bytes.set(header.network, AT.network);
  const hashes = [header.parent, header.transactionsRoot, header.stateRoot, header.receiptsRoot];
  hashes.forEach((hash, i) => {
    bytes.set(hash, AT.parent + i * HASH_BYTES);
  });
  return bytes;
}

/** @throws LEDGER_LOG_CORRUPT for other bytes than `encodeHeader` writes */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length !== HEADER_BYTES || view.getUint32(AT.version, true) !== VERSION) {
    throw new LedgerError('LEDGER_LOG_CORRUPT', `a header has ${HEADER_BYTES} bytes and version ${VERSION}`);
  }
  const hash = (i: number) => bytes.slice(AT.parent + i * HASH_BYTES, AT.parent + (i + 1) * HASH_BYTES);
  return {
    transactions: view.getUint32(AT.transactions, true),
    height: view.getBigUint64(AT.height, true),
    time: view.getBigUint64(AT.time, true),
    network: bytes.slice(AT.network, AT.network + NETWORK_BYTES),
    parent: hash(0),
    transactionsRoot: hash(1),
    stateRoot: hash(2),
    receiptsRoot: hash(3),
  };
}

export function headerHash(header: BlockHeader): Uint8Array {
  return blake3Keyed(ROLES.header, encodeHeader(header));
}
