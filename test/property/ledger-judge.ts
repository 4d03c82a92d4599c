import { toHex } from '../../src/base/bytes.ts';
import { blake3Keyed, hashPairs } from '../../src/crypto/blake3.ts';
import { type BlockBatch, batchOf } from '../../src/ledger/block/batch.ts';
import { BaselineExecutor, type BaselineReceipt } from '../../src/ledger/execute/baseline.ts';
import { ROLES } from '../../src/ledger/hashes.ts';
import { accountKey } from '../../src/ledger/keys.ts';
import { decodeTransaction, encodeBody, joinSignature } from '../../src/ledger/transaction/codec.ts';
import type { Transaction, TransactionBody } from '../../src/ledger/transaction/interface.ts';
import { naiveRoot } from '../unit/ledger/state/records.ts';
import { PROGRAMS } from './ledger-script.ts';
import { bodyOf, FEE_ACCOUNT, genesisOf, NETWORK, person, type WorldSpec } from './ledger-worlds.ts';

/** What the baseline makes of a world, and roots over it that were computed in the plainest way. */

export interface JudgedBlock {
  readonly height: bigint;
  readonly time: bigint;
  readonly transactions: readonly Transaction[];
  readonly batch: BlockBatch;
  readonly receipts: readonly BaselineReceipt[];
  readonly receiptsRoot: string;
  readonly stateRoot: string;
  /** After the block, by the hex of the key. */
  readonly state: ReadonlyMap<string, string>;
}

export interface JudgedWorld {
  readonly genesis: ReadonlyMap<string, Uint8Array>;
  readonly blocks: readonly JudgedBlock[];
}

/** Bytes as they would come from a sender, decoded again; nobody checks signatures here. */
export function transactionOf(body: TransactionBody): Transaction {
  return decodeTransaction(joinSignature(encodeBody(body), new Uint8Array(32), new Uint8Array(64)));
}

export function judge(spec: WorldSpec): JudgedWorld {
  const genesis = genesisOf(spec);
  const executor = new BaselineExecutor(new Map(genesis), PROGRAMS, NETWORK, FEE_ACCOUNT);
  const blocks = spec.blocks.map((specs, i) => {
    const height = BigInt(i + 1);
    const nonces = noncesOf(executor.state);
    return judgeBlock(
      executor,
      specs.map((transaction) => transactionOf(bodyOf(transaction, height, nonces))),
      height,
    );
  });
  return { genesis, blocks };
}

export function judgeBlock(
  executor: BaselineExecutor,
  transactions: readonly Transaction[],
  height: bigint,
): JudgedBlock {
  const time = 1_700_000_000_000n + height * 1000n;
  const receipts = executor.execute({ height, time, transactions });
  return {
    height,
    time,
    transactions,
    batch: batchOf(transactions.map(({ bytes }) => bytes)),
    receipts,
    receiptsRoot: naiveReceiptsRoot(receipts),
    stateRoot: toHex(naiveRoot([...executor.state].map(([key, value]) => [Buffer.from(key, 'hex'), value]))),
    state: new Map([...executor.state].map(([key, value]) => [key, toHex(value)])),
  };
}

function noncesOf(state: ReadonlyMap<string, Uint8Array>): Map<number, bigint> {
  const nonces = new Map<number, bigint>();
  for (let i = 0; i < 16; i += 1) {
    const record = state.get(toHex(accountKey(person(i))));
    if (record !== undefined) nonces.set(i, new DataView(record.buffer, record.byteOffset).getBigUint64(8, true));
  }
  return nonces;
}

/** The receipts' root by its definition: one receipt's bytes after the other, RFC 6962 by recursion. */
export function naiveReceiptsRoot(receipts: readonly BaselineReceipt[]): string {
  const leaves = receipts.map(({ status, operation, gasUsed, fee, events }) => {
    const head = new DataView(new ArrayBuffer(16));
    head.setUint16(0, status, true);
    head.setUint16(2, operation, true);
    head.setUint32(4, gasUsed, true);
    head.setBigUint64(8, fee, true);
    const parts = events.map(({ program, topic, data }) =>
      Buffer.concat([Uint8Array.of(data.length & 0xff, data.length >> 8, program, topic), data]),
    );
    return blake3Keyed(ROLES.receipt, Buffer.concat([new Uint8Array(head.buffer), ...parts]));
  });
  return toHex(listRoot(leaves));
}

function listRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return new Uint8Array(32);
  if (leaves.length === 1) return only;
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  const root = new Uint8Array(32);
  hashPairs(ROLES.node, Buffer.concat([listRoot(leaves.slice(0, left)), listRoot(leaves.slice(left))]), 1, root);
  return root;
}
