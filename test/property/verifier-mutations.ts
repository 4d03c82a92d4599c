/** Ways to spoil a proof or its signals, for the differential test. Each says how often it is used per 10,000 mutants. */
import { BASE_FIELD_ORDER as Q, SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import type { Groth16Proof } from '../../src/claims/interface.ts';
import { negateG1, negateG2 } from '../../src/crypto/bn254.ts';
import type { VerifyRequest } from '../../src/verifier/index.ts';
import { addG1, g1Texts, g2Texts, malleated, offSubgroup, toG1, toG2, withProof } from '../unit/verifier/vectors.ts';
import type { Random } from './random.ts';
import { addG2, smallOrderPoints } from './verifier-judges.ts';

type Mutate = (request: VerifyRequest, random: Random, others: readonly VerifyRequest[]) => unknown;
export interface Mutation {
  readonly name: string;
  /** Mutants among 10,000. Those that reach snarkjs's pairing cost it 20 ms each, the others 1. */
  readonly share: number;
  readonly mutate: Mutate;
}

type Coordinate = readonly ['pi_a' | 'pi_c', 0 | 1] | readonly ['pi_b', 0 | 1, 0 | 1];
const COORDINATES: readonly Coordinate[] = [
  ['pi_a', 0],
  ['pi_a', 1],
  ['pi_b', 0, 0],
  ['pi_b', 0, 1],
  ['pi_b', 1, 0],
  ['pi_b', 1, 1],
  ['pi_c', 0],
  ['pi_c', 1],
];

function changeCoordinate(request: VerifyRequest, where: Coordinate, change: (text: string) => unknown): unknown {
  const proof = structuredClone(request.proof) as unknown as Record<string, unknown[]>;
  const [field, i, j] = where;
  const list = j === undefined ? proof[field] : (proof[field]?.[i] as unknown[] | undefined);
  const index = j ?? i;
  if (list !== undefined) list[index] = change(String(list[index]));
  return { ...request, proof };
}

const changeSignal = (request: VerifyRequest, random: Random, change: (text: string) => unknown): unknown => {
  const position = random.below(request.publicSignals.length);
  return { ...request, publicSignals: request.publicSignals.map((text, i) => (i === position ? change(text) : text)) };
};

const flip = (text: string, random: Random): string => String(BigInt(text) ^ (1n << BigInt(random.below(254))));
const hex = (text: string): string => `0x${BigInt(text).toString(16)}`;
const changeText = (text: string, random: Random): string => {
  const position = random.below(text.length);
  return text.slice(0, position) + random.pick(['7', 'a', '-', ' ', '.', '', '00', 'é']) + text.slice(position + 1);
};

/** The same point in Jacobian coordinates with another z, which snarkjs reads. */
function scaled(texts: readonly string[], z: bigint): string[] {
  const { x, y } = toG1(texts);
  return [String((x * z * z) % Q), String((y * z * z * z) % Q), String(z)];
}

const coordinate =
  (change: (text: string, random: Random) => unknown): Mutate =>
  (request, random) =>
    changeCoordinate(request, random.pick(COORDINATES), (text) => change(text, random));
const signal =
  (change: (text: string, random: Random) => unknown): Mutate =>
  (request, random) =>
    changeSignal(request, random, (text) => change(text, random));
const proofField =
  (change: (proof: Groth16Proof, random: Random) => object): Mutate =>
  (request, random) => ({ ...request, proof: change(request.proof, random) });

const INFINITY_1 = ['0', '1', '0'];
const INFINITY_2 = [
  ['0', '0'],
  ['1', '0'],
  ['0', '0'],
];
const JUNK = [
  undefined,
  null,
  0,
  1,
  true,
  '',
  'x',
  [],
  {},
  [[]],
  [null, null, null],
  ['1'],
  ['1', '2'],
  ['x', 'y', 'z'],
];
const omit = (value: object, field: string): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
const smallOrder = smallOrderPoints(g2Texts(offSubgroup()));
const POINTS = ['pi_a', 'pi_b', 'pi_c'] as const;
const LABELS = ['protocol', 'curve'] as const;

export const MUTATIONS: readonly Mutation[] = [
  { name: 'nothing changed', share: 60, mutate: (request) => request },
  { name: '(-A, -B, C)', share: 40, mutate: (request) => malleated(request) },

  // Coordinates.
  { name: 'bit of a coordinate flipped', share: 2600, mutate: coordinate(flip) },
  { name: 'character of a coordinate changed', share: 800, mutate: coordinate(changeText) },
  { name: 'random coordinate', share: 600, mutate: coordinate((_, random) => String(random.bits(254) % Q)) },
  { name: 'coordinate + q', share: 60, mutate: coordinate((text) => String(BigInt(text) + Q)) },
  { name: 'coordinate + 2q', share: 20, mutate: coordinate((text) => String(BigInt(text) + 2n * Q)) },
  { name: 'coordinate - q', share: 150, mutate: coordinate((text) => String(BigInt(text) - Q)) },
  { name: 'coordinate in hex', share: 50, mutate: coordinate(hex) },
  {
    name: 'coordinate with leading zeros',
    share: 40,
    mutate: coordinate((text, random) => '0'.repeat(1 + random.below(3)) + text),
  },
  { name: 'coordinate as number or junk', share: 400, mutate: coordinate((_, random) => random.pick(JUNK)) },
  {
    name: 'two coordinates swapped',
    share: 500,
    mutate: (request, random) => {
      const [from, to] = [random.pick(COORDINATES), random.pick(COORDINATES)];
      const read = ([field, i, j]: Coordinate) => {
        const value = request.proof[field][i];
        return String(Array.isArray(value) ? value[j ?? 0] : value);
      };
      const first = changeCoordinate(request, from, () => read(to)) as VerifyRequest;
      return changeCoordinate(first, to, () => read(from));
    },
  },

  // Whole points.
  { name: '-A', share: 40, mutate: proofField((proof) => ({ ...proof, pi_a: g1Texts(negateG1(toG1(proof.pi_a))) })) },
  { name: '-B', share: 40, mutate: proofField((proof) => ({ ...proof, pi_b: g2Texts(negateG2(toG2(proof.pi_b))) })) },
  { name: '-C', share: 40, mutate: proofField((proof) => ({ ...proof, pi_c: g1Texts(negateG1(toG1(proof.pi_c))) })) },
  {
    name: 'A and C swapped',
    share: 40,
    mutate: proofField((proof) => ({ ...proof, pi_a: proof.pi_c, pi_c: proof.pi_a })),
  },
  { name: 'A = C', share: 20, mutate: proofField((proof) => ({ ...proof, pi_a: proof.pi_c })) },
  {
    name: 'C + A',
    share: 40,
    mutate: proofField((proof) => ({ ...proof, pi_c: g1Texts(addG1(toG1(proof.pi_c), toG1(proof.pi_a))) })),
  },
  {
    name: 'B outside the subgroup',
    share: 60,
    mutate: (request, random) => withProof(request, { pi_b: g2Texts(offSubgroup(BigInt(random.below(1000)))) }),
  },
  {
    name: 'B of a small order',
    share: 20,
    mutate: (request, random) => withProof(request, { pi_b: random.pick(smallOrder) }),
  },
  {
    name: 'B plus a point of small order',
    share: 30,
    mutate: (request, random) => withProof(request, { pi_b: addG2(request.proof.pi_b, random.pick(smallOrder)) }),
  },
  {
    name: 'a point at infinity',
    share: 60,
    mutate: proofField((proof, random) => ({
      ...proof,
      ...random.pick([{ pi_a: INFINITY_1 }, { pi_b: INFINITY_2 }, { pi_c: INFINITY_1 }]),
    })),
  },
  {
    name: 'every point at infinity',
    share: 10,
    mutate: proofField((proof) => ({ ...proof, pi_a: INFINITY_1, pi_b: INFINITY_2, pi_c: INFINITY_1 })),
  },
  {
    name: 'a point with another z',
    share: 40,
    mutate: proofField((proof, random) => {
      const field = random.pick(['pi_a', 'pi_c'] as const);
      return { ...proof, [field]: scaled(proof[field], 2n + random.bits(250)) };
    }),
  },
  {
    name: 'a part of another proof',
    share: 100,
    mutate: (request, random, others) => {
      const field = random.pick(['pi_a', 'pi_b', 'pi_c'] as const);
      return withProof(request, { [field]: random.pick(others).proof[field] });
    },
  },

  // Shape.
  { name: 'a point missing', share: 450, mutate: proofField((proof, random) => omit(proof, random.pick(POINTS))) },
  { name: 'a label missing', share: 30, mutate: proofField((proof, random) => omit(proof, random.pick(LABELS))) },
  {
    name: 'a point of junk',
    share: 850,
    mutate: proofField((proof, random) => ({ ...proof, [random.pick(POINTS)]: random.pick(JUNK) })),
  },
  {
    name: 'a label of junk',
    share: 30,
    mutate: proofField((proof, random) => ({ ...proof, [random.pick(LABELS)]: random.pick(JUNK) })),
  },
  {
    name: 'another label',
    share: 40,
    mutate: proofField((proof, random) => ({
      ...proof,
      [random.pick(['protocol', 'curve'])]: random.pick(['plonk', 'fflonk', 'GROTH16', 'bn254', 'BN128', 'bls12381']),
    })),
  },
  { name: 'a field more', share: 30, mutate: proofField((proof) => ({ ...proof, comment: 'none' })) },
  { name: 'a coordinate more', share: 30, mutate: proofField((proof) => ({ ...proof, pi_a: [...proof.pi_a, '1'] })) },
  {
    name: 'a coordinate fewer',
    share: 300,
    mutate: proofField((proof, random) => ({
      ...proof,
      [random.pick(['pi_a', 'pi_b', 'pi_c'] as const)]: proof[random.pick(['pi_a', 'pi_c'] as const)].slice(
        0,
        random.below(3),
      ),
    })),
  },
  {
    name: 'junk instead of a proof',
    share: 200,
    mutate: (request, random) => ({ ...request, proof: random.pick(JUNK) }),
  },

  // Signals.
  {
    name: 'bit of a signal flipped',
    share: 120,
    mutate: signal((text, random) => String(BigInt(text) ^ (1n << BigInt(random.below(200))))),
  },
  { name: 'random signal', share: 60, mutate: signal((_, random) => String(random.bits(254) % R)) },
  { name: 'signal + r', share: 600, mutate: signal((text) => String(BigInt(text) + R)) },
  { name: 'signal - r', share: 500, mutate: signal((text) => String(BigInt(text) - R)) },
  { name: 'signal negated', share: 40, mutate: signal((text) => String((R - BigInt(text)) % R)) },
  { name: 'signal in hex', share: 50, mutate: signal(hex) },
  {
    name: 'signal with leading zeros',
    share: 40,
    mutate: signal((text, random) => '0'.repeat(1 + random.below(3)) + text),
  },
  { name: 'character of a signal changed', share: 300, mutate: signal(changeText) },
  { name: 'signal of junk', share: 200, mutate: signal((_, random) => random.pick(JUNK)) },
  {
    name: 'signals of another proof',
    share: 60,
    mutate: (request, random, others) => ({ ...request, publicSignals: random.pick(others).publicSignals }),
  },
  {
    name: 'signals turned',
    share: 30,
    mutate: (request) => ({ ...request, publicSignals: [...request.publicSignals].reverse() }),
  },
  {
    name: 'signals too few',
    share: 30,
    mutate: (request, random) => ({
      ...request,
      publicSignals: request.publicSignals.slice(0, random.below(request.publicSignals.length)),
    }),
  },
  {
    name: 'signals too many',
    share: 120,
    mutate: (request, random) => ({
      ...request,
      publicSignals: [...request.publicSignals, ...Array.from({ length: 1 + random.below(3) }, () => '0')],
    }),
  },
  {
    name: 'junk instead of signals',
    share: 100,
    mutate: (request, random) => ({ ...request, publicSignals: random.pick(JUNK) }),
  },
];
