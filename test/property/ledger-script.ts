import type { Context, Program } from '../../src/ledger/program/interface.ts';
import { PROGRAMS as REAL } from '../../src/ledger/programs/index.ts';

/** Beside the real programs one whose arguments are a little program, so that random programs are random. */
export const SCRIPT = 250;
export const SCRIPT_SPACE = 200;
export const INSTRUCTION_BYTES = 8;
const MASK = 2n ** 64n - 1n;

/** One step: `key` of the transaction, `at` an offset or a target, `small` and `value` whatever the step needs. */
interface Step {
  readonly key: number;
  readonly at: number;
  readonly small: number;
  readonly value: number;
}

type Instruction = (context: Context, acc: bigint, step: Step) => bigint;

/** Not symmetric, so that what comes out depends on the order in which records were read and written. */
const mix = (acc: bigint, value: bigint | number): bigint => (acc * 31n + BigInt(value) + 1n) & MASK;
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total * 7 + byte) % 65_521, 0);
const some = (acc: bigint, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((acc >> BigInt((i % 8) * 8)) & 0xffn));

/** What a step does to a key decides which keys of a transaction are worth drawing for it. */
export const READERS: Readonly<Record<string, Instruction>> = {
  u64: (c, acc, { key, at }) => mix(acc, c.u64(key, at)),
  u32: (c, acc, { key, at }) => mix(acc, c.u32(key, at)),
  u8: (c, acc, { key, at }) => mix(acc, c.u8(key, at)),
  bytes: (c, acc, { key, at, small }) => mix(acc, sum(c.bytes(key, at, small))),
  length: (c, acc, { key }) => mix(acc, c.length(key)),
};

export const WRITERS: Readonly<Record<string, Instruction>> = {
  setU64: (c, acc, { key, at }) => {
    c.setU64(key, at, acc);
    return acc;
  },
  /** Makes the record if need be, so that the others find one. */
  ensure: (c, acc, { key, small }) => {
    if (c.length(key) === 0) c.create(key, small);
    return mix(acc, c.length(key));
  },
  addU64: (c, acc, { key, at }) => {
    c.setU64(key, at, mix(acc, c.u64(key, at)));
    return acc;
  },
  setU32: (c, acc, { key, at }) => {
    c.setU32(key, at, Number(acc & 0xffff_ffffn));
    return acc;
  },
  setU8: (c, acc, { key, at, small }) => {
    c.setU8(key, at, small * 2 + Number(acc & 1n));
    return acc;
  },
  setBytes: (c, acc, { key, at, small }) => {
    c.setBytes(key, at, some(acc, small));
    return acc;
  },
  create: (c, acc, { key, small }) => {
    c.create(key, small);
    return acc;
  },
  remove: (c, acc, { key }) => {
    c.remove(key);
    return acc;
  },
};

/** Steps that succeed on whatever key they are given, so that whole transactions do. */
export const TAME: Readonly<Record<string, Instruction>> = {
  peek: (c, acc, { key }) => {
    const length = c.length(key);
    return mix(acc, length < 8 ? length : c.u64(key, 0));
  },
  upsert: (c, acc, { key }) => {
    const space = c.keySpace(key);
    const length = c.length(key);
    if (space === 1 && length !== 0) c.setU64(key, 0, c.u64(key, 0) + (acc & 0xffffn));
    if (space !== 2 && space !== SCRIPT_SPACE) return mix(acc, length);
    if (length === 0) c.create(key, 16);
    if (length === 0 || length >= 8) c.setU64(key, 0, mix(acc, c.u64(key, 0)));
    return mix(acc, length);
  },
  drop: (c, acc, { key }) => {
    if (c.length(key) !== 0 && c.keySpace(key) === SCRIPT_SPACE && (acc & 3n) === 0n) c.remove(key);
    return mix(acc, 1);
  },
};

export const CREDITORS: Readonly<Record<string, Instruction>> = {
  credit: (c, acc, { key, value }) => {
    c.credit(key, (acc & 0xffn) * BigInt(value & 0xffff));
    return acc;
  },
  creditMuch: (c, acc, { key, value }) => {
    c.credit(key, BigInt(value) << 32n);
    return acc;
  },
};

export const OTHERS: Readonly<Record<string, Instruction>> = {
  constant: (_, acc, { value }) => mix(acc, value),
  key: (c, acc, { key, at, small }) => mix(mix(acc, c.keySpace(key)), sum(c.keyBytes(key, at, small))),
  owns: (c, acc, { key }) => mix(acc, c.keyIsSigners(key) ? 1 : 0),
  matches: (c, acc, { key, at, small }) => mix(acc, c.keyMatches(key, at, new Uint8Array(small)) ? 1 : 0),
  block: (c, acc) => mix(mix(acc, c.height), c.time),
  signer: (c, acc) => mix(acc, sum(c.signer())),
  argument: (c, acc, { at, small }) => mix(mix(acc, c.argU64(at)), c.argU16(small) + c.argU32(at) + c.argU8(small)),
  proof: (c, acc, { small }) => mix(mix(acc, c.proofCircuit * 64 + c.proofSignals), sum(c.proofSignal(small % 3))),
  emit: (c, acc, { small, value }) => {
    c.emit(small, some(acc, value % 40));
    return acc;
  },
  charge: (c, acc, { value }) => {
    c.charge(value % 3_000);
    return acc;
  },
  require: (c: Context, acc, { small }) => {
    c.require((acc & 7n) !== 0n, 0x100 + small);
    return acc;
  },
  /** Statuses that a program has no right to are among these. */
  fail: (c, _, { small, value }) => c.fail(value % 4 === 0 ? small : 0x100 + (value % 70_000)),
  odd: (c, acc, { key, at, small, value }) => {
    const kind = value % 12;
    if (kind === 0) c.charge(-1 - small);
    if (kind === 1) c.charge(small + 0.5);
    if (kind === 2) return mix(acc, c.u8(key, at + 0.5));
    if (kind === 3) return mix(acc, c.argU8(Number.NaN));
    if (kind === 4) c.create(key, small + 0.25);
    if (kind === 5) return mix(acc, sum(c.keyBytes(key, 0.5, small)));
    if (kind === 6) c.setU64(key, 0, -1n);
    if (kind === 7) c.setU64(key, 0, 2n ** 64n);
    if (kind === 8) c.setU32(key, 0, 2 ** 32);
    if (kind === 9) c.setU32(key, 0, 1.5);
    if (kind === 10) c.setU8(key, 0, -1);
    c.credit(key, -1n);
    return acc;
  },
  crash: (_, acc, { value }) => (value % 2 === 0 ? mix(acc, BigInt.asUintN(64, undefined as never)) : raise()),
};

/** Beyond the table: goes back to step `at` as long as the sum is not a multiple of four; gas ends it. */
export const JUMP = 'jump';
export const INSTRUCTIONS: readonly (readonly [string, Instruction | undefined])[] = [
  ...Object.entries({ ...READERS, ...WRITERS, ...TAME, ...CREDITORS, ...OTHERS }),
  [JUMP, undefined],
];

function raise(): never {
  throw new RangeError('the script wanted it so');
}

function run(context: Context): void {
  const steps = Math.floor(context.argumentsLength / INSTRUCTION_BYTES);
  let acc = context.height;
  for (let i = 0; i < steps; i += 1) {
    context.charge(3);
    const from = i * INSTRUCTION_BYTES;
    const [, instruction] = INSTRUCTIONS[context.argU8(from) % INSTRUCTIONS.length] ?? [];
    const step = {
      key: context.argU8(from + 1),
      at: context.argU8(from + 2),
      small: context.argU8(from + 3),
      value: context.argU32(from + 4),
    };
    if (instruction !== undefined) {
      acc = instruction(context, acc, step);
      continue;
    }
    acc = mix(acc, 1);
    if ((acc & 3n) !== 0n) i = Math.min(step.at, i) - 1;
  }
}

const script: Program = {
  id: SCRIPT,
  name: 'script',
  spaces: [1, 2, 4, SCRIPT_SPACE],
  operations: new Map([[0, { name: 'run', gas: 10, run }]]),
  statuses: {},
};

/** For lanes, too: they import this module by its URL. */
export const PROGRAMS: ReadonlyMap<number, Program> = new Map([...REAL, [script.id, script]]);
