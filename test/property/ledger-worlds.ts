import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.ts';
import { SPACES } from '../../src/ledger/constants.ts';
import { accountKey, balanceKey, join, replayKey } from '../../src/ledger/keys.ts';
import { ASSET_OPS, ASSETS } from '../../src/ledger/programs/assets/program.ts';
import type { OperationCall, TransactionBody } from '../../src/ledger/transaction/interface.ts';
import {
  CREDITORS,
  INSTRUCTION_BYTES,
  INSTRUCTIONS,
  JUMP,
  OTHERS,
  READERS,
  SCRIPT,
  SCRIPT_SPACE,
  TAME,
  WRITERS,
} from './ledger-script.ts';

/** Random blocks: a few accounts and keys, drawn with a skew, so that transactions meet each other all the time. */

export const NETWORK = new Uint8Array(16).fill(7);
const PEOPLE = 8;
export const person = (i: number): Uint8Array => new Uint8Array(20).fill(i + 1);
/** Somebody who sends, too. */
export const FEE_ACCOUNT = person(1);
const asset = new Uint8Array(11).fill(0xcc);

/** The hottest first: program records and money in turn, tags, then what no transaction should get far with. */
const KEYS: readonly Uint8Array[] = [
  replayKey(person(0), 0n),
  ...Array.from({ length: PEOPLE * 4 }, (_, i) => {
    const who = person((i >> 2) % PEOPLE);
    if (i % 4 === 1) return accountKey(who);
    if (i % 16 === 6) return replayKey(person(i >> 4), 1n);
    return i % 4 === 3 ? balanceKey(who, asset) : join(SCRIPT_SPACE, Uint8Array.of(i));
  }),
  ...Array.from({ length: 16 }, (_, i) => join(SCRIPT_SPACE, Uint8Array.of(100 + i))),
  join(SCRIPT_SPACE + 1, Uint8Array.of(1)),
  join(SPACES.asset, person(0), Uint8Array.of(1)),
  join(SPACES.asset, asset),
];

/** Index 0 to count - 1 by Zipf's law: weights (1 / rank) ^ skew. Shrinks to the hottest. */
function zipf(count: number, skew: number): fc.Arbitrary<number> {
  const weights = Array.from({ length: count }, (_, i) => (i + 1) ** -skew);
  const total = weights.reduce((a, b) => a + b, 0);
  return fc.nat(999_999).map((draw) => {
    let left = (draw / 1_000_000) * total;
    const index = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return Math.max(index, 0);
  });
}

type Reach = 'write' | 'read' | 'credit' | 'any';

interface StepSpec {
  readonly code: number;
  readonly reach: Reach;
  readonly pick: number;
  readonly at: number;
  readonly small: number;
  readonly value: number;
}

type OperationSpec =
  | { readonly kind: 'script'; readonly steps: readonly StepSpec[] }
  | { readonly kind: 'transfer'; readonly amount: bigint; readonly to: number }
  | { readonly kind: 'raw'; readonly program: number; readonly operation: number; readonly bytes: Uint8Array };

export interface TransactionSpec {
  readonly signer: number;
  readonly tag: number | undefined;
  /** What is wrong with it before it runs. */
  readonly wrong: 'nothing' | 'nonceLow' | 'nonceHigh' | 'network' | 'early' | 'late';
  readonly gasLimit: number;
  readonly gasPrice: bigint;
  readonly writes: readonly number[];
  readonly reads: readonly number[];
  readonly credits: readonly number[];
  readonly operations: readonly OperationSpec[];
  readonly signals: number;
}

export interface WorldSpec {
  /** Native balance of each person; undefined = no account. */
  readonly balances: readonly (bigint | undefined)[];
  /** Records of the first keys of the program. */
  readonly records: readonly (Uint8Array | undefined)[];
  readonly blocks: readonly (readonly TransactionSpec[])[];
}

const codeOf = (name: string) => INSTRUCTIONS.findIndex(([other]) => other === name);

/** Steps of one kind, with keys that they may use; `wild` of twelve name any key or none. */
function steps(table: Readonly<Record<string, unknown>>, reach: Reach, wild = 0): fc.Arbitrary<StepSpec> {
  return fc.record({
    code: fc.constantFrom(...Object.keys(table).map(codeOf)),
    reach: fc.nat(11).map((dice): Reach => (dice < wild ? 'any' : reach)),
    pick: fc.nat(255),
    at: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0, 0, 8) }, { weight: 1, arbitrary: fc.nat(130) }),
    small: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(16, 16, 8, 24) }, { weight: 1, arbitrary: fc.nat(140) }),
    value: fc.nat(0xffff_ffff),
  });
}

const quiet = Object.fromEntries(Object.entries(OTHERS).filter(([name]) => !['fail', 'odd', 'crash'].includes(name)));
const anyStep = fc.oneof(
  { weight: 8, arbitrary: steps(READERS, 'read', 1) },
  { weight: 9, arbitrary: steps(WRITERS, 'write', 1) },
  { weight: 3, arbitrary: steps(CREDITORS, 'credit', 1) },
  { weight: 4, arbitrary: steps(quiet, 'read') },
  { weight: 2, arbitrary: steps({ ...OTHERS, odd: 0, crash: 0, [JUMP]: 0 }, 'read') },
);
const { peek, ...changing } = TAME;
const tameStep = fc.oneof(
  { weight: 4, arbitrary: steps({ peek }, 'read') },
  { weight: 6, arbitrary: steps(changing, 'write') },
  { weight: 1, arbitrary: steps({ constant: 0, block: 0, signer: 0, emit: 0 }, 'read') },
);
const tameScript = fc
  .array(tameStep, { minLength: 1, maxLength: 10 })
  .map((list): OperationSpec => ({ kind: 'script', steps: list }));
/** Begins by making a record, since most steps need one. */
const anyScript = fc
  .tuple(fc.array(steps({ ensure: 0 }, 'write'), { maxLength: 2 }), fc.array(anyStep, { maxLength: 7 }))
  .map(([first, rest]): OperationSpec => ({ kind: 'script', steps: [...first, ...rest] }));
const anyOperation: fc.Arbitrary<OperationSpec> = fc.oneof(
  { weight: 14, arbitrary: tameScript },
  { weight: 6, arbitrary: anyScript },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('transfer' as const),
      amount: fc.bigInt(0n, 60_000n),
      to: fc.nat(PEOPLE - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('raw' as const),
      program: fc.nat(9),
      operation: fc.nat(9),
      bytes: fc.uint8Array({ maxLength: 40 }),
    }),
  },
);

function anyTransaction(skew: number): fc.Arbitrary<TransactionSpec> {
  const keys = (maxLength: number) => fc.array(zipf(KEYS.length, skew), { maxLength });
  return fc.record({
    signer: zipf(PEOPLE, skew),
    tag: fc.option(fc.oneof(fc.nat(2), fc.nat(99)), { nil: undefined, freq: 2 }),
    wrong: fc.oneof(
      { weight: 20, arbitrary: fc.constant('nothing' as const) },
      { weight: 2, arbitrary: fc.constantFrom('nonceLow', 'nonceHigh', 'network', 'early', 'late') },
    ),
    gasLimit: fc.oneof(
      { weight: 10, arbitrary: fc.constant(20_000) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
    ),
    gasPrice: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(1n, 1n, 2n, 0n, 30n) },
      { weight: 1, arbitrary: fc.constant(0xffff_ffffn) },
    ),
    writes: keys(4),
    reads: keys(3),
    credits: keys(3),
    operations: fc.array(anyOperation, { minLength: 1, maxLength: 3 }),
    signals: fc.nat(20).map((n) => (n > 17 ? n - 17 : 0)),
  });
}

/** @param size transactions of a block at most */
export function anyWorld(skew: number, size: number): fc.Arbitrary<WorldSpec> {
  const balance = fc.oneof(
    { weight: 6, arbitrary: fc.constant(50_000_000n) },
    { weight: 1, arbitrary: fc.bigInt(0n, 40_000n) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, 2n ** 63n - 1n) },
  );
  return fc.record({
    balances: fc.array(balance, { minLength: PEOPLE, maxLength: PEOPLE }),
    records: fc.array(fc.option(fc.uint8Array({ minLength: 1, maxLength: 32 }), { nil: undefined, freq: 2 }), {
      maxLength: 12,
    }),
    blocks: fc.array(fc.array(anyTransaction(skew), { maxLength: size, size: 'max' }), {
      minLength: 1,
      maxLength: 4,
      size: 'max',
    }),
  });
}

export function genesisOf({ balances, records }: WorldSpec): Map<string, Uint8Array> {
  const state = new Map<string, Uint8Array>();
  balances.forEach((amount, i) => {
    if (amount === undefined) return;
    const record = new Uint8Array(16);
    new DataView(record.buffer).setBigUint64(0, amount, true);
    state.set(toHex(accountKey(person(i))), record);
  });
  const own = KEYS.filter((key) => key[0] === SCRIPT_SPACE);
  records.forEach((record, i) => {
    const key = own[i];
    if (record !== undefined && key !== undefined) state.set(toHex(key), record);
  });
  return state;
}

/** @param nonces the next number of each signer, kept up */
export function bodyOf(spec: TransactionSpec, height: bigint, nonces: Map<number, bigint>): TransactionBody {
  const paid = spec.operations.flatMap((operation) => (operation.kind === 'transfer' ? [accountAt(operation.to)] : []));
  const writes = declared(spec.writes);
  const reads = declared(spec.reads.filter((key) => !spec.writes.includes(key)));
  const credits = declared([...spec.credits, ...paid]);
  const counts = { writes: writes.length, reads: reads.length, credits: credits.length };
  const nonce = nonces.get(spec.signer) ?? 0n;
  const { wrong, tag } = spec;
  if (wrong === 'nothing' && tag === undefined && spec.gasPrice < 1000n) nonces.set(spec.signer, nonce + 1n);
  const low = wrong === 'nonceLow' ? BigInt.asUintN(64, nonce - 1n) : nonce;
  const sequence = wrong === 'nonceHigh' ? nonce + 1n : low;
  return {
    algorithm: 1,
    network: wrong === 'network' ? NETWORK.map((byte, i) => byte ^ (i === 15 ? 1 : 0)) : NETWORK,
    signer: person(spec.signer),
    sequence: tag === undefined ? sequence : BigInt(tag),
    tagged: tag !== undefined,
    validFrom: wrong === 'early' ? height + 1n : height,
    validUntil: wrong === 'late' ? height - 1n : height + 10n,
    ...(wrong === 'late' ? { validFrom: 0n } : {}),
    gasLimit: spec.gasLimit,
    gasPrice: spec.gasPrice,
    writes,
    reads,
    credits,
    operations: spec.operations.map((operation) => callOf(operation, counts, credits)),
    proof:
      spec.signals === 0
        ? undefined
        : {
            circuit: spec.signals,
            signals: Array.from({ length: spec.signals }, (_, i) => new Uint8Array(32).fill(i + 1)),
            proof: new Uint8Array(256),
          },
  };
}

type Counts = Readonly<Record<'writes' | 'reads' | 'credits', number>>;

function callOf(spec: OperationSpec, counts: Counts, credits: readonly Uint8Array[]): OperationCall {
  if (spec.kind === 'raw') return { program: spec.program, operation: spec.operation, arguments: spec.bytes };
  if (spec.kind === 'transfer') {
    const bytes = new Uint8Array(10);
    new DataView(bytes.buffer).setBigUint64(0, spec.amount, true);
    bytes[8] = 0;
    bytes[9] = 1 + counts.writes + counts.reads + credits.indexOf(KEYS[accountAt(spec.to)] ?? bytes);
    return { program: ASSETS, operation: ASSET_OPS.transfer, arguments: bytes };
  }
  const bytes = new Uint8Array(spec.steps.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  spec.steps.forEach(({ code, reach, pick, at, small, value }, i) => {
    bytes.set([code, keyIndex(reach, pick, counts), at, small], i * INSTRUCTION_BYTES);
    view.setUint32(i * INSTRUCTION_BYTES + 4, value, true);
  });
  return { program: SCRIPT, operation: 0, arguments: bytes };
}

function keyIndex(reach: Reach, pick: number, { writes, reads, credits }: Counts): number {
  if (reach === 'write') return writes === 0 ? 0 : 1 + (pick % writes);
  if (reach === 'read') return pick % (1 + writes + reads);
  if (reach === 'credit') return 1 + writes + reads + (credits === 0 ? 0 : pick % credits);
  return pick % (writes + reads + credits + 3);
}

/** Where among the keys an account stands. */
function accountAt(who: number): number {
  const name = toHex(accountKey(person(who)));
  return KEYS.findIndex((key) => toHex(key) === name);
}

/** Ascending and each once, as a transaction needs them. */
function declared(indexes: readonly number[]): Uint8Array[] {
  const keys = [...new Set(indexes)].map((index) => KEYS[index] ?? new Uint8Array(32));
  return keys.sort((a, b) => Buffer.compare(a, b));
}
