import { bytesToInteger, fieldToBytes } from '../base/field.ts';
import type { CircuitName } from '../claims/interface.ts';

/** The ledger's numbers of circuits: consensus, so what a number means never changes. */
export const LEDGER_CIRCUITS: Readonly<Record<number, CircuitName>> = {
  1: 'credential',
  2: 'balance',
  3: 'qualification',
};

/** The ledger's number of a circuit; undefined for one that it does not know. */
export function ledgerCircuit(name: string): number | undefined {
  const found = Object.entries(LEDGER_CIRCUITS).find(([, circuit]) => circuit === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** A public signal as transactions and records hold it: 32 bytes little-endian. */
export function signalBytes(value: bigint): Uint8Array {
  return fieldToBytes(value).reverse();
}

/** What `signalBytes` made. */
export function signalValue(bytes: Uint8Array): bigint {
  return bytesToInteger(Uint8Array.from(bytes).reverse());
}
