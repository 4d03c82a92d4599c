/** Statements whose witnesses the mutation run starts from: true ones in every mode, and false ones a mode at a time. */
import { ACCOUNT, DAY, type Inputs, NOW, OP, type World } from '../fixtures.ts';

export interface Statement {
  name: string;
  inputs: Inputs;
}

const ORDER_OPERATORS = [OP.lt, OP.le, OP.gt, OP.ge] as const;
/** kyc is 2, entityType 1 (fixtures.ts). */
const KYC_SLOT = 2n;

type Compare = readonly [slot: bigint, op: bigint, operand: bigint];

function withCompare(base: Inputs, compare: readonly Compare[]): Inputs {
  return {
    ...base,
    compareSlot: compare.map(([slot]) => slot),
    compareOp: compare.map(([, op]) => op),
    compareOperand: compare.map(([, , operand]) => operand),
  };
}

const NONE: Compare = [0n, OP.none, 0n];

/** True comparisons with every operator in every place, then a false one of every operator in every place. */
function comparisonStatements(base: Inputs, seal: (inputs: Inputs) => Inputs): Statement[] {
  const holding: Compare[] = [
    [KYC_SLOT, OP.eq, 2n],
    [KYC_SLOT, OP.ne, 3n],
    [KYC_SLOT, OP.lt, 3n],
    [KYC_SLOT, OP.le, 3n],
    [KYC_SLOT, OP.gt, 1n],
    [KYC_SLOT, OP.ge, 1n],
    [KYC_SLOT, OP.le, 2n],
    [KYC_SLOT, OP.ge, 2n],
  ];
  const failing: Compare[] = [
    [KYC_SLOT, OP.eq, 3n],
    [KYC_SLOT, OP.ne, 2n],
    ...ORDER_OPERATORS.map((op): Compare => [KYC_SLOT, op, op === OP.lt || op === OP.le ? 1n : 3n]),
    [KYC_SLOT, OP.lt, 2n],
    [KYC_SLOT, OP.gt, 2n],
  ];
  const places = [0, 1, 2, 3];
  const at = (place: number, compare: Compare): Compare[] => places.map((i) => (i === place ? compare : NONE));
  return [
    ...holding.map((compare, i) => ({
      name: `true comparison ${i}`,
      inputs: seal(withCompare(base, [compare, compare, compare, compare])),
    })),
    ...failing.flatMap((compare, i) =>
      places.map((place) => ({
        name: `false comparison ${i} at ${place}`,
        inputs: seal(withCompare(base, at(place, compare))),
      })),
    ),
  ];
}

function policyStatements(world: World, base: Inputs, seal: (inputs: Inputs) => Inputs): Statement[] {
  const dummySet = world.memberTree([0n]);
  const dummyGap = world.sanctions().prove(1n);
  if (dummyGap === undefined) throw new Error('1 is on no list');
  const unused = {
    setCode: 0n,
    setRoot: 0n,
    setPath: dummySet.path(0),
    gapCode: 0n,
    gapRoot: 0n,
    gapLo: dummyGap.lo,
    gapHi: dummyGap.hi,
    gapPath: dummyGap.path,
    discloseCode: 0n,
  };
  return [
    { name: 'set, list and disclosure not asked', inputs: seal({ ...base, ...unused }) },
    { name: 'other set root', inputs: seal({ ...base, setRoot: 7n }) },
    { name: 'other list root', inputs: seal({ ...base, gapRoot: 7n }) },
    { name: 'nationality in the set', inputs: seal({ ...base, setCode: 6n, discloseCode: 8n }) },
    { name: 'birth date disclosed', inputs: seal({ ...base, discloseCode: 1n }) },
    { name: 'another policy', inputs: { ...base, policyHash: 5n } },
    ...comparisonStatements(base, seal),
  ];
}

function credentialStatements(world: World): Statement[] {
  const base = world.credentialInputs();
  return [
    { name: 'true', inputs: base },
    ...policyStatements(world, base, (inputs) => world.sealCredential(inputs)),
    { name: 'other registry', inputs: { ...base, registryRoot: 3n } },
    { name: 'unsigned', inputs: { ...base, s: (base['s'] as bigint) + 1n } },
  ];
}

function qualificationStatements(world: World): Statement[] {
  const base = world.qualificationInputs();
  return [
    { name: 'true', inputs: base },
    ...policyStatements(world, base, (inputs) => world.sealQualification(inputs)),
    { name: 'other registry', inputs: { ...base, registryRoot: 3n } },
    { name: 'poor', inputs: world.qualificationInputs(world.identity(), { ...ACCOUNT, amount: 119_999n }) },
  ];
}

function balanceStatements(world: World): Statement[] {
  const three = [
    { ...ACCOUNT, serial: 1n },
    { amount: 50n, accountRef: 5_000n, serial: 2n, issuedAt: NOW - DAY },
    { amount: 70n, accountRef: 6_000n, serial: 3n },
  ];
  const base = world.balanceInputs(three, 150_100n);
  return [
    { name: 'three accounts', inputs: base },
    { name: 'two accounts', inputs: world.balanceInputs(three.slice(0, 2), 150_000n) },
    { name: 'one account', inputs: world.balanceInputs(three.slice(0, 1), 150_000n) },
    { name: 'poor', inputs: world.balanceInputs(three, 150_121n) },
    { name: 'one account twice', inputs: world.balanceInputs([ACCOUNT, ACCOUNT], 150_001n) },
    {
      name: 'second slot counted twice',
      inputs: { ...world.balanceInputs(three.slice(0, 2), 1n), used: [1n, 2n, 0n] },
    },
    { name: 'third slot counted twice', inputs: { ...world.balanceInputs(three, 1n), used: [1n, 1n, 2n] } },
    { name: 'third slot without the second', inputs: { ...world.balanceInputs(three, 1n), used: [1n, 0n, 1n] } },
    { name: 'other registry', inputs: { ...base, registryRoot: 3n } },
  ];
}

export function statementsOf(circuit: string, world: World): Statement[] {
  if (circuit === 'credential') return credentialStatements(world);
  if (circuit === 'balance') return balanceStatements(world);
  if (circuit === 'qualification') return qualificationStatements(world);
  throw new Error(`no statements for ${circuit}: add them beside the others in statements.ts`);
}
