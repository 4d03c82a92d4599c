/** Inputs of the three circuits for comparing witness calculators: every branch of the circuits, and what breaks them. */
import fc from 'fast-check';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { sha248 } from '../../src/crypto/index.ts';
import { type BalanceAccount, country, DAY, type Inputs, NOW, OP, PERSON, type World } from './fixtures.ts';

export type CircuitName = 'credential' | 'balance' | 'qualification';

const MAX_128 = (1n << 128n) - 1n;
/** Values at which something changes: zero, the ends of ranges, both ends of the field, where signs turn. */
const EDGES = [0n, 1n, 2n, 3n, MAX_128 - 1n, MAX_128, MAX_128 + 1n, (1n << 248n) - 1n, (1n << 251n) - 1n, 1n << 253n];
const FIELD_EDGES = [...EDGES, R - 1n, R - 2n, (R - 1n) / 2n, (R + 1n) / 2n];

const fieldValue = fc.oneof(
  fc.constantFrom(...FIELD_EDGES),
  fc.bigInt({ min: 0n, max: MAX_128 }),
  fc.bigInt({ min: 0n, max: R - 1n }),
);

/** Inputs that satisfy a circuit. */
export function honestInputs(world: World, circuit: CircuitName): fc.Arbitrary<Inputs> {
  if (circuit === 'balance') return balances(world);
  return people(world).chain((person) => {
    if (circuit === 'credential') return fc.constant(world.sealCredential(person.inputs(world.credentialInputs)));
    return account.map((held) => {
      const qualification = (signed?: ReturnType<World['identity']>): Inputs =>
        world.qualificationInputs(signed, held, held.amount);
      return world.sealQualification(person.inputs(qualification));
    });
  });
}

/** Honest inputs of which some values were changed: what a circuit must refuse, and sometimes what it takes. */
export function changedInputs(world: World, circuit: CircuitName): fc.Arbitrary<Inputs> {
  const change = fc.record({ signal: fc.nat(), position: fc.nat(), value: fieldValue });
  return fc
    .tuple(honestInputs(world, circuit), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([inputs, changes]) => {
      const changed = structuredClone(inputs);
      for (const { signal, position, value } of changes) {
        const names = Object.keys(changed);
        const name = names[signal % names.length] ?? '';
        changed[name] = replaceValue(changed[name], position, value);
      }
      return changed;
    });
}

function replaceValue(value: Inputs[string] | undefined, position: number, replacement: bigint): Inputs[string] {
  if (!Array.isArray(value)) return replacement;
  const copy = [...value] as Inputs[string][];
  const at = position % copy.length;
  copy[at] = replaceValue(copy[at], Math.floor(position / copy.length), replacement);
  return copy as Inputs[string];
}

const account: fc.Arbitrary<BalanceAccount> = fc.record({
  amount: fc.oneof(fc.constantFrom(0n, 1n, MAX_128), fc.bigInt({ min: 0n, max: MAX_128 })),
  accountRef: fc.oneof(fc.constantFrom(0n, 1n, MAX_128), fc.bigInt({ min: 0n, max: MAX_128 })),
  serial: fc.bigInt({ min: 1n, max: MAX_128 - 1n }),
  issuedAt: fc.bigInt({ min: NOW - DAY, max: NOW }),
  expiresAt: fc.oneof(fc.constantFrom(NOW + 1n, (1n << 40n) - 1n), fc.bigInt({ min: NOW + 1n, max: NOW + 90n * DAY })),
});

function balances(world: World): fc.Arbitrary<Inputs> {
  const some = fc.uniqueArray(account, { minLength: 1, maxLength: 3, selector: ({ accountRef }) => accountRef });
  return fc.tuple(some, fc.bigInt({ min: 0n, max: MAX_128 }), fc.boolean()).map(([held, wanted, exact]) => {
    const accounts = held.sort((a, b) => (a.accountRef < b.accountRef ? -1 : 1));
    const sum = accounts.reduce((total, { amount }) => total + amount, 0n);
    const reachable = sum < MAX_128 ? sum : MAX_128;
    return world.balanceInputs(accounts, exact ? reachable : wanted % (reachable + 1n));
  });
}

/** A person and a policy that holds for them: operators, set, list and disclosure over every slot, or none. */
function people(world: World) {
  const attribute = fc.oneof(fc.constantFrom(0n, 1n, MAX_128), fc.bigInt({ min: 1n, max: MAX_128 - 1n }));
  const code = fc.nat({ max: 8 });
  const serial = fc.oneof(
    fc.constantFrom(2n, 4n, 6n, (1n << 100n) - 1n, MAX_128 - 1n),
    fc.bigInt({ min: 7n, max: (1n << 100n) - 1n }),
  );
  const comparison = fc.record({
    slot: fc.nat({ max: 7 }),
    op: fc.constantFrom(...Object.values(OP)),
    other: attribute,
  });
  return fc
    .record({
      values: fc.array(attribute, { minLength: 8, maxLength: 8 }),
      serial,
      comparisons: fc.array(comparison, { minLength: 4, maxLength: 4 }),
      set: code,
      gap: code,
      disclose: code,
      known: fc.boolean(),
    })
    .map(({ values, comparisons, set, gap, disclose, known, ...given }) => {
      const attributes = known ? PERSON : values;
      const at = (slot: number): bigint => attributes[slot] ?? 0n;
      const inputs = (make: (this: World, signed: ReturnType<World['identity']>) => Inputs): Inputs => {
        const base = make.call(world, world.identity({ attributes, serial: given.serial }));
        const members = world.memberTree([set === 0 ? 0n : at(set - 1), country('FR')]);
        const found = gap === 0 || !isWithin(at(gap - 1)) ? undefined : world.sanctions().prove(at(gap - 1));
        const absent = found ?? world.sanctions().prove(1n);
        const compared = comparisons.map(({ slot, op, other }) => ({ slot, ...comparisonFor(op, at(slot), other) }));
        return {
          ...base,
          compareSlot: compared.map(({ slot }) => BigInt(slot)),
          compareOp: compared.map(({ op }) => op),
          compareOperand: compared.map(({ operand }) => operand),
          setCode: BigInt(set),
          setRoot: members.root,
          setPath: members.path(0),
          gapCode: BigInt(found === undefined ? 0 : gap),
          gapLo: absent?.lo ?? 0n,
          gapHi: absent?.hi ?? 0n,
          gapPath: absent?.path ?? [],
          discloseCode: BigInt(disclose),
          scope: sha248(`scope ${given.serial}`),
        };
      };
      return { inputs };
    });
}

/** What can be absent from a list. */
function isWithin(value: bigint): boolean {
  return value > 0n && value < MAX_128;
}

/** `value op operand`, which holds: with the operator asked for, unless nothing is beyond `value` or it is no number. */
function comparisonFor(op: bigint, value: bigint, other: bigint): { op: bigint; operand: bigint } {
  const [low, high] = value < other ? [value, other] : [other, value];
  const order = op === OP.lt || op === OP.le || op === OP.gt || op === OP.ge;
  if (order && value > MAX_128) return { op: OP.eq, operand: value };
  if (op === OP.eq) return { op, operand: value };
  if (op === OP.ne) return { op, operand: other === value ? other + 1n : other };
  if (op === OP.le) return { op, operand: high };
  if (op === OP.ge) return { op, operand: low };
  if (op === OP.lt && value < MAX_128) return { op, operand: high === value ? value + 1n : high };
  if (op === OP.gt && value > 0n) return { op, operand: low === value ? value - 1n : low };
  return { op: OP.none, operand: other };
}
