/**
 * Every prover against every verifier: proofs of the native engine (with tables and without), the WASM engine and
 * snarkjs, each judged by both of our verifiers, by snarkjs and by @noble/curves. Keys of the random circuits are made
 * by snarkjs; ours are the committed ones.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { groth16, type SnarkjsFile, zKey } from 'snarkjs';
import {
  closeCurve,
  DEFAULT_PROOFS_DIRECTORY,
  firstBrokenConstraint,
  loadArtifacts,
  openPowersOfTau,
  readR1cs,
} from '../../src/artifacts/index.ts';
import { readWitnessBody } from '../../src/artifacts/wtns.ts';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { type Groth16Proof, parsePolicy } from '../../src/claims/index.ts';
import { type ProofResult, WitnessCalculator } from '../../src/prover/index.ts';
import { NativeKey } from '../../src/prover/native-key.ts';
import { WasmKey } from '../../src/prover/wasm-key.ts';
import { createVerifier, readVerifyingKey } from '../../src/verifier/index.ts';
import { TINY_POWER, TINY_VECTORS } from '../unit/artifacts/tiny.ts';
import { account, BINDING, claims, identity, NOW, SECRET, snapshot } from '../unit/claims/fixture.ts';
import { ENGINES, nativeAddon } from '../unit/verifier/engines.ts';
import { type KeyFile, nobleHolds } from './noble-groth16.ts';
import { Random } from './random.ts';
import { randomCircuit, type Shape } from './random-circuits.ts';

const SEED = Number(process.env['ZKBAZAAR_TEST_SEED'] ?? Date.now() % 2 ** 31);
const RANDOM_CIRCUITS = Number(process.env['ZKBAZAAR_TEST_CIRCUITS'] ?? 5);
const quiet = () => undefined;

interface Case {
  /** Path of the proving key. */
  path: string;
  key: Uint8Array;
  verifyingKey: Uint8Array;
  witnessFile: Uint8Array;
  publicSignals: readonly string[];
  /** Makes tables, too: seconds for a large key. */
  withTables: boolean;
}

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zkb-differential-'));
});
after(async () => {
  await closeCurve();
  await rm(dir, { recursive: true, force: true });
});

const memory = (data: Uint8Array): SnarkjsFile => ({ type: 'mem', data });

/** Proofs of one witness by everything that makes proofs here. */
async function proofsOf({ path, key, witnessFile, withTables }: Case): Promise<[maker: string, ProofResult][]> {
  const witness = readWitnessBody(witnessFile);
  const made: [string, ProofResult][] = [];
  if (nativeAddon !== undefined) {
    const tables = withTables ? { directory: join(dir, 'tables'), limitBytes: 2 ** 24 } : undefined;
    const native = await NativeKey.open(nativeAddon, path, { threads: 2, tables });
    made.push(['native', await native.prove(witness, quiet)]);
    if (tables !== undefined) {
      await native.makeTables();
      assert.equal(native.tables, 'in use');
      made.push(['native with tables', await native.prove(witness, quiet)]);
      await rm(tables.directory, { recursive: true });
    }
  }
  made.push(['wasm', await (await WasmKey.open(key)).prove(witness, quiet)]);
  const { proof, publicSignals } = await groth16.prove(memory(key), memory(witnessFile));
  made.push(['snarkjs', { proof: proof as Groth16Proof, publicSignals }]);
  return made;
}

/** What each verifier says. */
async function verdictsOn(verifyingKey: Uint8Array, { proof, publicSignals }: ProofResult) {
  const file = JSON.parse(new TextDecoder().decode(verifyingKey)) as KeyFile;
  const request = { verifyingKey: readVerifyingKey(verifyingKey).id, proof, publicSignals };
  const said: Record<string, boolean> = {};
  for (const engine of ENGINES) {
    const verifier = await createVerifier({ keys: [verifyingKey], engine });
    said[engine] = (await verifier.verify(request)).valid;
    await verifier.close();
  }
  said['snarkjs'] = await groth16.verify(file, publicSignals, proof);
  said['noble'] = nobleHolds(file, proof, publicSignals);
  return said;
}

async function compare(one: Case, what: string): Promise<void> {
  const all = (verdict: boolean) => Object.fromEntries([...ENGINES, 'snarkjs', 'noble'].map((name) => [name, verdict]));
  const made = await proofsOf(one);
  for (const [maker, result] of made) {
    assert.deepEqual(result.publicSignals, one.publicSignals, `${what}, ${maker}`);
    assert.deepEqual(await verdictsOn(one.verifyingKey, result), all(true), `${what}, a proof of ${maker}`);
  }
  const [first, ...others] = one.publicSignals;
  const [, result] = made.at(0) ?? [];
  if (first === undefined || result === undefined) return;
  const wrong = { ...result, publicSignals: [String((BigInt(first) + 1n) % R), ...others] };
  assert.deepEqual(await verdictsOn(one.verifyingKey, wrong), all(false), `${what}, another signal`);
}

async function prepare(shape: Shape, random: Random): Promise<Case> {
  const { r1cs, witnessFile, values, publicSignals } = randomCircuit(shape, random);
  assert.equal(firstBrokenConstraint(readR1cs(r1cs), values), -1, 'the generator is wrong');
  const { path: powers } = await openPowersOfTau(
    join(TINY_VECTORS, 'cache', 'ptau', `development-${TINY_POWER}.ptau`),
    'development',
  );
  const [initial, key] = [{ type: 'mem' } as SnarkjsFile & object, { type: 'mem' } as SnarkjsFile & object];
  assert.notEqual(await zKey.newZKey(memory(r1cs), powers, initial), -1);
  // Before this gamma = delta, a key that our verifiers refuse.
  await zKey.contribute(initial, key, 'a test', String(random.below(2 ** 30)));
  const exported = await zKey.exportVerificationKey(key);
  const bytes = 'data' in key && key.data !== undefined ? Uint8Array.from(key.data) : new Uint8Array(0);
  const path = join(dir, 'proving-key.zkey');
  await writeFile(path, bytes);
  const verifyingKey = new TextEncoder().encode(JSON.stringify(exported));
  return { path, key: bytes, verifyingKey, witnessFile, publicSignals, withTables: true };
}

describe(`provers against verifiers (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const check = async (shape: Shape) => compare(await prepare(shape, random), `${JSON.stringify(shape)}, seed ${SEED}`);

  // A domain holds a row for each constraint, each public signal, and the constant.
  const EDGES: readonly (readonly [constraints: number, publics: number])[] = [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
    [4, 3],
    [5, 2],
    [16, 1],
    [17, 1],
    [30, 1],
    [31, 1],
    [64, 1],
    [126, 1],
  ];
  for (const [constraints, publics] of EDGES) {
    it(`${constraints} constraints and ${publics} public signals`, () =>
      check({ constraints, publics, free: 3, unused: 0, kind: 'any' }));
  }

  it('all wires public', () => check({ constraints: 3, publics: 5, free: 2, unused: 0, kind: 'any' }));
  it('many wires at infinity', () => check({ constraints: 3, publics: 2, free: 2, unused: 30, kind: 'any' }));
  it('a witness of zeros', () => check({ constraints: 12, publics: 3, free: 4, unused: 2, kind: 'zeros' }));
  it('a witness of zeros and ones', () => check({ constraints: 50, publics: 4, free: 4, unused: 2, kind: 'bits' }));
  it('a matrix B of nothing', () => check({ constraints: 5, publics: 2, free: 2, unused: 1, kind: 'no B' }));

  it(`${RANDOM_CIRCUITS} random circuits`, async () => {
    for (let i = 0; i < RANDOM_CIRCUITS; i++) {
      const constraints = 1 + random.below(110);
      const kind = random.pick(['any', 'any', 'bits', 'zeros'] as const);
      await check({ constraints, publics: 1 + random.below(8), free: 8, unused: random.below(5), kind });
    }
  });
});

describe('provers against verifiers, on the circuits of this repository', () => {
  const POLICIES = {
    credential: 'age >= 18 and country in EU and unsanctioned',
    balance: 'balance(EUR) >= 1200',
    qualification: 'balance(EUR) >= 1200 and age >= 18 and country in EU and unsanctioned and unique',
  };

  for (const [circuit, text] of Object.entries(POLICIES)) {
    it(circuit, async () => {
      const registry = snapshot();
      const credentials = [identity(), account(150_000n, 5n)];
      const policy = parsePolicy(text);
      const claim = claims.buildClaim({ policy, secret: SECRET, credentials, registry, binding: BINDING, now: NOW });
      assert.equal(claim.circuit, circuit);
      const artifacts = await loadArtifacts({ production: false, circuits: [circuit] });
      const { wasm, provingKey: key, provingKeyPath: path } = await artifacts.openProving(circuit);
      const { file: witnessFile } = (await WitnessCalculator.create(wasm)).calculate(claim.inputs);
      const verifyingKey = new Uint8Array(
        await readFile(join(DEFAULT_PROOFS_DIRECTORY, circuit, 'verifying-key.json')),
      );
      const { nPublic } = artifacts.get(circuit).verifyingKey;
      const body = readWitnessBody(witnessFile);
      const publicSignals = Array.from({ length: nPublic }, (_, i) =>
        String(
          BigInt(
            `0x${Buffer.from(body.subarray(32 * (i + 1), 32 * (i + 2)))
              .reverse()
              .toString('hex')}`,
          ),
        ),
      );
      await compare({ path, key, verifyingKey, witnessFile, publicSignals, withTables: false }, circuit);
    });
  }
});
