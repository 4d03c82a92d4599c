import { ADDRESS_BYTES, MAX_KEYS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { accountKey } from '../keys.ts';
import type { OperationCall } from '../transaction/interface.ts';
import { ArgumentWriter } from './arguments.ts';

/** Where the transaction's lists have a key; what operations name it by. */
export interface KeyIndexes {
  write(key: Uint8Array): number;
  /** Of a key that is read or written. */
  read(key: Uint8Array): number;
  credit(key: Uint8Array): number;
}

/**
 * One operation before it is known what else stands in its transaction: the keys it needs, and how its arguments read
 * once each key has its index.
 */
export interface Call {
  readonly program: number;
  readonly operation: number;
  readonly writes: readonly Uint8Array[];
  readonly reads: readonly Uint8Array[];
  readonly credits: readonly Uint8Array[];
  encode(at: KeyIndexes, out: ArgumentWriter): ArgumentWriter;
}

interface CallKeys {
  readonly writes?: readonly Uint8Array[];
  readonly reads?: readonly Uint8Array[];
  readonly credits?: readonly Uint8Array[];
}

export function callOf(program: number, operation: number, keys: CallKeys, encode: Call['encode']): Call {
  const { writes = [], reads = [], credits = [] } = keys;
  return { program, operation, writes, reads, credits, encode };
}

/** Keys and operations as they stand in a transaction's body. */
export interface AssembledCalls {
  readonly writes: readonly Uint8Array[];
  readonly reads: readonly Uint8Array[];
  readonly credits: readonly Uint8Array[];
  readonly operations: readonly OperationCall[];
}

/**
 * Joins calls under one signature: each list of keys ascending and without doubles, what is written is not read as well,
 * and the signer's account is index 0 and in no list of its own.
 * @param signer address, 20 bytes
 * @throws LEDGER_TRANSACTION_INVALID with more keys than a transaction has room for, or an argument outside of its field
 */
export function assembleCalls(signer: Uint8Array, calls: readonly Call[]): AssembledCalls {
  const own = accountKey(signer.subarray(0, ADDRESS_BYTES));
  const isOwn = (key: Uint8Array) => compareKeys(key, own) === 0;
  const writes = ascending(calls.flatMap((call) => call.writes).filter((key) => !isOwn(key)));
  const reads = ascending(calls.flatMap((call) => call.reads).filter((key) => !isOwn(key) && indexIn(writes, key) < 0));
  const credits = ascending(calls.flatMap((call) => call.credits));
  for (const list of [writes, reads, credits]) {
    if (list.length > MAX_KEYS) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `${list.length} keys in one list; ${MAX_KEYS} are the most`, {
        hint: 'split the operations over several transactions',
      });
    }
  }
  const write = (key: Uint8Array) => (isOwn(key) ? 0 : 1 + declared(writes, key));
  const at: KeyIndexes = {
    write,
    read: (key) => (isOwn(key) || indexIn(writes, key) >= 0 ? write(key) : 1 + writes.length + declared(reads, key)),
    credit: (key) => 1 + writes.length + reads.length + declared(credits, key),
  };
  const operations = calls.map(({ program, operation, encode }) => ({
    program,
    operation,
    arguments: encode(at, new ArgumentWriter()).done(),
  }));
  return { writes, reads, credits, operations };
}

function declared(list: readonly Uint8Array[], key: Uint8Array): number {
  const index = indexIn(list, key);
  if (index < 0) throw new LedgerError('LEDGER_TRANSACTION_INVALID', 'a call names a key that it does not declare');
  return index;
}

function indexIn(list: readonly Uint8Array[], key: Uint8Array): number {
  return list.findIndex((other) => compareKeys(other, key) === 0);
}

function ascending(keys: readonly Uint8Array[]): Uint8Array[] {
  const sorted = keys.slice().sort(compareKeys);
  return sorted.filter((key, i) => i === 0 || compareKeys(key, sorted[i - 1] ?? key.subarray(0, 0)) !== 0);
}

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
