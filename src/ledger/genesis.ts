import { fromHex, toHex, utf8 } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { blake3Keyed } from '../crypto/blake3.ts';
import { ADDRESS_BYTES, BALANCE_RECORD_BYTES, HASH_BYTES, MAX_AMOUNT, NETWORK_BYTES } from './constants.ts';
import { LedgerError } from './errors.ts';
import { ROLES } from './hashes.ts';
import { accountKey } from './keys.ts';

/** A transaction names its circuit in one byte. */
const MAX_CIRCUIT = 255;

/** What a ledger begins with; a file of JSON. Its hash names the network. */
export interface Genesis {
  /** For people, 1 to 64 characters. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Hex of the address that fees go to. */
  readonly feeAccount: string;
  /** Native units by address (hex), as decimal text; together at most 2^63 - 1. */
  readonly balances: Readonly<Record<string, string>>;
  /**
   * By which verifying keys the proofs of transactions are judged: SHA-256 of each circuit's verifying-key.json (hex) by
   * the ledger's number of the circuit. Left out, every peer goes by the keys that it has.
   */
  readonly circuits?: Readonly<Record<string, string>>;
}

export interface OpenedGenesis {
  readonly genesis: Genesis;
  /** First 16 bytes of BLAKE3[genesis] of the canonical JSON. */
  readonly network: Uint8Array;
  readonly feeAccount: Uint8Array;
  readonly records: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
}

/** @throws LEDGER_GENESIS_INVALID with the place */
export function openGenesis(given: unknown): OpenedGenesis {
  const genesis = checkGenesis(given);
  let total = 0n;
  const records = Object.entries(genesis.balances).map(([address, amount]) => {
    if (!/^(?:0|[1-9]\d{0,19})$/.test(amount)) throw invalid(`balances.${address}`, 'is no amount in decimal digits');
    total += BigInt(amount);
    const value = new Uint8Array(BALANCE_RECORD_BYTES);
    new DataView(value.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(amount)), true);
    return { key: accountKey(addressOfHex(address, `balances.${address}`)), value };
  });
  if (total > MAX_AMOUNT) throw invalid('balances', 'come to more than 2^63 - 1');
  const hash = blake3Keyed(ROLES.genesis, utf8(canonicalJson({ ...genesis })));
  const feeAccount = addressOfHex(genesis.feeAccount, 'feeAccount');
  return { genesis, network: hash.slice(0, NETWORK_BYTES), feeAccount, records };
}

function checkGenesis(given: unknown): Genesis {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('genesis', 'is no JSON object');
  const { name, time, feeAccount, balances, circuits, ...others } = given as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(unknown, 'is no field of a genesis');
  if (typeof name !== 'string' || name.length < 1 || name.length > 64)
    throw invalid('name', 'has not 1 to 64 characters');
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0)
    throw invalid('time', 'is no number of milliseconds');
  if (typeof feeAccount !== 'string') throw invalid('feeAccount', 'is missing');
  if (typeof balances !== 'object' || balances === null)
    throw invalid('balances', 'is no object of address and amount');
  for (const [address, amount] of Object.entries(balances)) {
    if (typeof amount !== 'string') throw invalid(`balances.${address}`, 'is no text');
  }
  const genesis = { name, time, feeAccount, balances: balances as Record<string, string> };
  const bound = circuitKeysOf(given);
  // Left out is left out: an empty field would be another network.
  return bound === undefined ? genesis : { ...genesis, circuits: circuits as Record<string, string> };
}

/**
 * The verifying keys that a genesis names, by the ledger's number of the circuit; undefined where it names none. Reads
 * nothing else of it. @throws LEDGER_GENESIS_INVALID
 */
export function circuitKeysOf(given: unknown): ReadonlyMap<number, string> | undefined {
  const { circuits } = (given ?? {}) as { circuits?: unknown };
  if (circuits === undefined) return undefined;
  if (typeof circuits !== 'object' || circuits === null || Array.isArray(circuits))
    throw invalid('circuits', 'is no object of circuit and key');
  const keys = new Map<number, string>();
  for (const [number, key] of Object.entries(circuits)) {
    const where = `circuits.${number}`;
    if (!/^[1-9]\d{0,2}$/.test(number) || Number(number) > MAX_CIRCUIT)
      throw invalid(where, 'is no number from 1 to 255');
    if (typeof key !== 'string' || fromHex(key, HASH_BYTES) === undefined)
      throw invalid(where, 'is no hash: 64 digits of lower-case hex');
    keys.set(Number(number), key);
  }
  return keys;
}

function addressOfHex(text: string, where: string): Uint8Array {
  const bytes = fromHex(text, ADDRESS_BYTES);
  if (bytes === undefined) throw invalid(where, `is no address: ${ADDRESS_BYTES * 2} digits of lower-case hex`);
  return bytes;
}

function invalid(where: string, text: string): LedgerError {
  return new LedgerError('LEDGER_GENESIS_INVALID', `${where} ${text}`, {
    where,
    hint: 'zkbazaar ledger genesis makes one; docs/ledger.md has an example',
  });
}

/** The network as people see it. */
export function networkName(network: Uint8Array): string {
  return toHex(network);
}
