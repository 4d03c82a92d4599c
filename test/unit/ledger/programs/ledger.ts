import assert from 'node:assert/strict';
import { toHex } from '../../../../src/base/bytes.ts';
import { STATUS } from '../../../../src/ledger/constants.ts';
import { BaselineExecutor, type BaselineReceipt, type PlainState } from '../../../../src/ledger/execute/baseline.ts';
import type { Program } from '../../../../src/ledger/program/interface.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import { holdingKey, NATIVE } from '../../../../src/ledger/programs/holdings.ts';
import { describeRecord, describeStatus, PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { encodeBody, joinSignature } from '../../../../src/ledger/transaction/codec.ts';
import type { OperationCall, Transaction, TransactionProof } from '../../../../src/ledger/transaction/interface.ts';

/** 20 bytes that stand for a person. */
export function person(name: number): Uint8Array {
  const address = new Uint8Array(20).fill(name);
  address[0] = 0xaa;
  return address;
}

/** 11 bytes. */
export function assetId(name: number): Uint8Array {
  const id = new Uint8Array(11).fill(name);
  id[0] = 0xcc;
  return id;
}

export const hash32 = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** A transaction as hostile as one likes: keys and arguments exactly as given. */
export interface RawTransaction {
  readonly writes?: readonly Uint8Array[];
  readonly reads?: readonly Uint8Array[];
  readonly credits?: readonly Uint8Array[];
  readonly operations: readonly OperationCall[];
  readonly proof?: TransactionProof;
}

export const NETWORK = new Uint8Array(16).fill(7);
export const FEE_ACCOUNT = person(250);

/** The baseline executor, one transaction a block, no fees: what programs do is all that happens. */
export class TestLedger {
  readonly state: PlainState = new Map();
  readonly #executor: BaselineExecutor;
  height = 0n;
  /** Milliseconds. */
  time = 1_700_000_000_000n;

  constructor(programs: ReadonlyMap<number, Program> = PROGRAMS) {
    this.#executor = new BaselineExecutor(this.state, programs, NETWORK, FEE_ACCOUNT);
  }

  /** Puts money there from nowhere. */
  give(owner: Uint8Array, amount: bigint, asset: Uint8Array = NATIVE): void {
    const record = new Uint8Array(16);
    new DataView(record.buffer).setBigUint64(0, amount, true);
    this.state.set(toHex(holdingKey(owner, asset)), record);
  }

  holds(owner: Uint8Array, asset: Uint8Array = NATIVE): bigint {
    const record = this.record(holdingKey(owner, asset));
    return record === undefined ? 0n : new DataView(record.buffer, record.byteOffset).getBigUint64(0, true);
  }

  record(key: Uint8Array): Uint8Array | undefined {
    return this.state.get(toHex(key));
  }

  /** The record as faces show it. */
  shown(key: Uint8Array): ReturnType<typeof describeRecord> {
    const record = this.record(key);
    return record === undefined ? undefined : describeRecord(key, record);
  }

  transaction(signer: Uint8Array, raw: RawTransaction, gasLimit = 1_000_000, gasPrice = 0n): Transaction {
    const account = this.record(holdingKey(signer, NATIVE));
    const sequence =
      account === undefined ? 0n : new DataView(account.buffer, account.byteOffset).getBigUint64(8, true);
    const { writes = [], reads = [], credits = [], operations, proof } = raw;
    const body = {
      algorithm: 1 as const,
      network: NETWORK,
      signer,
      sequence,
      tagged: false,
      validFrom: this.height,
      validUntil: this.height + 10n,
      gasLimit,
      gasPrice,
      writes,
      reads,
      credits,
      operations,
      proof,
    };
    const [publicKey, signature] = [new Uint8Array(32), new Uint8Array(64)];
    const bytes = joinSignature(encodeBody(body), publicKey, signature);
    return { ...body, publicKey, signature, id: hash32(0), bytes };
  }

  block(transactions: readonly Transaction[]): BaselineReceipt[] {
    this.height += 1n;
    return this.#executor.execute({ height: this.height, time: this.time, transactions });
  }

  /** One transaction of one block. */
  raw(signer: Uint8Array, raw: RawTransaction): BaselineReceipt {
    const [receipt] = this.block([this.transaction(signer, raw)]);
    assert.ok(receipt !== undefined);
    return receipt;
  }

  run(signer: Uint8Array, ...calls: Call[]): BaselineReceipt {
    return this.raw(signer, assembleCalls(signer, calls));
  }

  /** @returns the receipt's events and gas */
  ok(signer: Uint8Array, ...calls: Call[]): BaselineReceipt {
    const receipt = this.run(signer, ...calls);
    assert.equal(receipt.status, STATUS.ok, describeStatus(calls[receipt.operation]?.program ?? 0, receipt.status));
    return receipt;
  }

  /** The transaction ends with this status and changes nothing but the signer's nonce. */
  refused(status: number, signer: Uint8Array, ...calls: Call[]): void {
    this.refusedRaw(status, signer, assembleCalls(signer, calls));
  }

  refusedRaw(status: number, signer: Uint8Array, raw: RawTransaction): void {
    const before = this.#withoutNonces();
    const receipt = this.raw(signer, raw);
    const program = raw.operations[receipt.operation]?.program ?? 0;
    assert.equal(
      describeStatus(program, receipt.status),
      describeStatus(program, status),
      'the transaction ended otherwise',
    );
    assert.deepEqual(this.#withoutNonces(), before, 'a refused transaction changed the state');
  }

  #withoutNonces(): Map<string, string> {
    const plain = new Map<string, string>();
    for (const [key, record] of this.state) {
      const text = toHex(key.startsWith('01') ? record.slice(0, 8) : record);
      // An account of nothing is one that only ever sent what was refused.
      if (!(key.startsWith('01') && /^0*$/.test(text))) plain.set(key, text);
    }
    return plain;
  }
}

/** One call with a single byte or number of its arguments changed, or its keys exchanged. */
export function tampered(signer: Uint8Array, call: Call, change: (raw: Mutable) => void): RawTransaction {
  const { writes, reads, credits, operations } = assembleCalls(signer, [call]);
  const raw: Mutable = {
    writes: writes.map((key) => key.slice()),
    reads: reads.map((key) => key.slice()),
    credits: credits.map((key) => key.slice()),
    args: operations[0]?.arguments.slice() ?? new Uint8Array(0),
  };
  change(raw);
  return { ...raw, operations: [{ program: call.program, operation: call.operation, arguments: raw.args }] };
}

export interface Mutable {
  writes: Uint8Array[];
  reads: Uint8Array[];
  credits: Uint8Array[];
  args: Uint8Array;
}
