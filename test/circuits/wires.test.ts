import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import { evaluateCombination, readCircuitList } from '../../src/artifacts/index.ts';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { sha248, TAGS } from '../../src/crypto/index.ts';
import { ACCOUNT, createWorld, type Inputs, type World } from './fixtures.ts';
import { Circuit } from './harness.ts';

let world: World;
before(async () => {
  world = await createWorld();
});

const honest: Record<string, () => Inputs> = {
  credential: () => world.credentialInputs(),
  balance: () =>
    world.balanceInputs([ACCOUNT, { amount: 50n, accountRef: 5_000n }, { amount: 70n, accountRef: 6_000n }], 150_100n),
  qualification: () => world.qualificationInputs(),
};

describe('every wire', () => {
  it('has a statement for each circuit of the list', async () => {
    const list = await readCircuitList();
    assert.deepEqual(list.circuits.map((circuit) => circuit.name).sort(), Object.keys(honest).sort());
  });

  for (const name of Object.keys(honest)) {
    it(`of ${name} is held by a constraint, but for the hints of IsZero at zero`, async () => {
      const circuit = await Circuit.committed(name);
      const { constraints, nWires, nPubOut, nPubIn } = circuit.r1cs;
      const witness = circuit.witness((honest[name] as () => Inputs)());
      const held = new Uint8Array(nWires);
      for (const [a, b, c] of constraints) {
        const va = evaluateCombination(a, witness);
        const vb = evaluateCombination(b, witness);
        const vc = evaluateCombination(c, witness);
        for (const wire of new Set([...a.keys(), ...b.keys(), ...c.keys()])) {
          const moved = (va + (a.get(wire) ?? 0n)) * (vb + (b.get(wire) ?? 0n)) - vc - (c.get(wire) ?? 0n);
          if (moved % R !== 0n) held[wire] = 1;
        }
      }
      const free = [...held.keys()].filter((wire) => held[wire] === 0);
      // A free wire is `inv` of an IsZero whose input is 0 (in one constraint, times that 0), or a last doubling of a
      // ladder that nothing uses (in none). Never a public one.
      for (const wire of free) {
        assert.ok(wire > nPubOut + nPubIn, `public wire ${wire} of ${name} is free`);
        const rows = constraints.filter((sides) => sides.some((side) => side.has(wire)));
        assert.ok(rows.length <= 1, `wire ${wire} of ${name} is free in ${rows.length} constraints`);
      }
      assert.ok(free.length <= 24, `${free.length} free wires in ${name}`);
    });
  }
});

describe('constants of the circuits', () => {
  const numbers = async (file: string): Promise<Map<string, bigint>> => {
    const text = await readFile(new URL(`../../circuits/lib/${file}`, import.meta.url), 'utf8');
    return new Map(
      [...text.matchAll(/function (\w+)\(\)\s*\{\s*return (\d+);\s*\}/g)].map(([, name, value]) => [
        name ?? '',
        BigInt(value ?? 0),
      ]),
    );
  };

  it('tags equal those of src/crypto', async () => {
    const tags = await numbers('tags.circom');
    assert.ok(tags.size >= 12);
    for (const [name, value] of tags) assert.equal(value, TAGS[name.slice(4).toLowerCase() as keyof typeof TAGS], name);
    assert.equal(new Set(Object.values(TAGS)).size, Object.keys(TAGS).length);
  });

  it('the balance schema is the hash of its name', async () => {
    assert.equal((await numbers('credential.circom')).get('BALANCE_SCHEMA'), sha248('zkbazaar/schema/balance/1'));
  });
});
