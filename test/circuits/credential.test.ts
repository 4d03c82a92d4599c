import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { sha248, TAGS } from '../../src/crypto/index.ts';
import { country, createWorld, type Inputs, NOW, OP, PERSON, SECRET, STRANGER_KEY, type World } from './fixtures.ts';
import { Circuit } from './harness.ts';

const MAX_128 = (1n << 128n) - 1n;

describe('credential circuit', () => {
  let world: World;
  let circuit: Circuit;
  let base: Inputs;

  before(async () => {
    world = await createWorld();
    circuit = await Circuit.committed('credential');
    base = world.credentialInputs();
  });

  const accepts = (changes: Inputs): boolean => circuit.accepts({ ...base, ...changes });
  /** The policy changed too: an honest verifier asks for just this. */
  const acceptsPolicy = (changes: Inputs): boolean => circuit.accepts(world.sealCredential({ ...base, ...changes }));
  const acceptsPerson = (attributes: bigint[], changes: Inputs = {}): boolean =>
    circuit.accepts(world.sealCredential({ ...world.credentialInputs(world.identity({ attributes })), ...changes }));
  const compare = (op: bigint, operand: bigint, slot = 2n): Inputs => ({
    compareSlot: [slot, 0n, 0n, 0n],
    compareOp: [op, 0n, 0n, 0n],
    compareOperand: [operand, 0n, 0n, 0n],
  });
  const person = (slot: number, value: bigint): bigint[] => PERSON.map((old, i) => (i === slot ? value : old));

  it('accepts an honest claim and outputs nullifier, link tag and the disclosed attribute', () => {
    const [, nullifier, linkTag, disclosed] = circuit.witness(base);
    assert.equal(nullifier, world.crypto.poseidon([TAGS.nullifier, SECRET, sha248('scope')]));
    assert.equal(linkTag, world.crypto.poseidon([TAGS.link, SECRET, sha248('context')]));
    assert.equal(disclosed, country('DE'));
  });

  it('refuses a credential of another holder', () => {
    assert.equal(accepts({ secret: SECRET + 1n }), false);
  });

  it('refuses an issuer that is not registered', () => {
    const forged = world.credentialInputs(world.identity({ key: STRANGER_KEY }));
    assert.equal(circuit.accepts(forged), false);
  });

  it('refuses an issuer registered for another schema', () => {
    assert.equal(acceptsPolicy({ schema: sha248('zkbazaar/schema/balance/1') }), false);
  });

  it('refuses attributes, serial and dates that were not signed', () => {
    assert.equal(acceptsPolicy({ attributes: person(7, 1n) }), false);
    assert.equal(accepts({ serial: 1_001n }), false);
    assert.equal(accepts({ expiresAt: (base['expiresAt'] as bigint) + 1n }), false);
    assert.equal(accepts({ issuedAt: (base['issuedAt'] as bigint) - 1n }), false);
  });

  it('refuses S + order, the second spelling of a signature', () => {
    const order = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;
    assert.equal(accepts({ s: (base['s'] as bigint) + order }), false);
  });

  it('refuses points that are not on the curve', () => {
    assert.equal(accepts({ r8x: (base['r8x'] as bigint) + 1n }), false);
    assert.equal(accepts({ issuerX: (base['issuerX'] as bigint) + 1n }), false);
  });

  it('holds from issuedAt to the second before expiresAt', () => {
    const at = (issuedAt: bigint, expiresAt: bigint): boolean =>
      circuit.accepts(world.credentialInputs(world.identity({ issuedAt, expiresAt })));
    assert.equal(at(NOW, NOW + 1n), true);
    assert.equal(at(NOW + 1n, NOW + 2n), false);
    assert.equal(at(NOW - 1n, NOW), false);
    assert.equal(at(0n, (1n << 40n) - 1n), true);
    assert.equal(at(0n, 1n << 40n), false);
    assert.equal(at(R - 1n, NOW + 1n), false);
    assert.equal(at(0n, R - 1n), false);
  });

  it('refuses a clock outside 40 bits', () => {
    assert.equal(accepts({ now: 1n << 40n }), false);
    assert.equal(accepts({ now: R - 1n }), false);
  });

  it('refuses a revoked serial, also through a neighbouring gap', () => {
    for (const serial of world.revoked) {
      assert.equal(circuit.accepts(world.credentialInputs(world.identity({ serial }))), false);
    }
  });

  it('accepts serials beside revoked ones and refuses those outside 128 bits', () => {
    const at = (serial: bigint): boolean => circuit.accepts(world.credentialInputs(world.identity({ serial })));
    assert.equal(at(4n), true);
    assert.equal(at(6n), true);
    assert.equal(at((1n << 100n) - 1n), true);
    assert.equal(at(MAX_128 - 1n), true);
    for (const outside of [0n, MAX_128, MAX_128 + 1n, R - 1n, R - 5n]) assert.equal(at(outside), false);
  });

  it('refuses the revocation tree of somebody else', () => {
    const empty = world.crypto.poseidon([TAGS.gap, 0n, MAX_128]);
    const path = [[empty, 0n, 0n, 0n, 0n, 0n, 0n, 0n], ...(base['revocationPath'] as bigint[][]).slice(1)];
    assert.equal(accepts({ revocationLo: 0n, revocationHi: MAX_128, revocationPath: path }), false);
  });

  it('refuses an inner node or the root in place of a leaf (depth is fixed)', () => {
    const path = base['registryPath'] as bigint[][];
    assert.throws(() => circuit.witness({ ...base, registryPath: path.slice(1) }));
    assert.equal(accepts({ registryPath: [...path.slice(1), path[0] ?? []] }), false);
  });

  it('refuses another registry root, policy hash', () => {
    assert.equal(accepts({ registryRoot: (base['registryRoot'] as bigint) + 1n }), false);
    assert.equal(accepts({ policyHash: (base['policyHash'] as bigint) + 1n }), false);
    assert.equal(accepts({ compareOperand: [20_090_101n, 2n, 0n, 0n] }), false);
  });

  describe('comparisons', () => {
    const table: [string, bigint, (value: bigint, operand: bigint) => boolean][] = [
      ['==', OP.eq, (a, b) => a === b],
      ['!=', OP.ne, (a, b) => a !== b],
      ['<', OP.lt, (a, b) => a < b],
      ['<=', OP.le, (a, b) => a <= b],
      ['>', OP.gt, (a, b) => a > b],
      ['>=', OP.ge, (a, b) => a >= b],
    ];
    for (const [sign, op, holds] of table) {
      it(`${sign} at every edge of 128 bits`, () => {
        for (const value of [0n, 1n, 2n, MAX_128 - 1n, MAX_128]) {
          for (const operand of [0n, 1n, 2n, MAX_128 - 1n, MAX_128]) {
            assert.equal(
              acceptsPerson(person(2, value), compare(op, operand)),
              holds(value, operand),
              `${value} ${sign} ${operand}`,
            );
          }
        }
      });
    }

    for (const [sign, op] of table.slice(2)) {
      it(`${sign} refuses integers outside 128 bits on either side`, () => {
        for (const outside of [MAX_128 + 1n, R - 1n, R - 2n, R >> 1n]) {
          assert.equal(acceptsPerson(person(2, outside), compare(op, 5n)), false, `value ${outside}`);
          assert.equal(acceptsPerson(person(2, 5n), compare(op, outside)), false, `operand ${outside}`);
        }
      });
    }

    it('== and != compare whole field elements', () => {
      assert.equal(acceptsPerson(person(2, R - 1n), compare(OP.eq, R - 1n)), true);
      assert.equal(acceptsPerson(person(2, R - 1n), compare(OP.ne, R - 2n)), true);
      assert.equal(acceptsPerson(person(2, R - 1n), compare(OP.eq, MAX_128)), false);
    });

    it('reads every slot, and no slot or operator beyond the last', () => {
      for (const [slot, value] of PERSON.entries()) {
        assert.equal(acceptsPolicy(compare(OP.eq, value, BigInt(slot))), true);
      }
      assert.equal(acceptsPolicy(compare(OP.eq, 0n, 8n)), false);
      assert.equal(acceptsPolicy(compare(7n, 2n)), false);
      // slot + 8 * op of another spelling: (8, 0) would hash like (0, 1)
      assert.equal(acceptsPolicy(compare(0n, 0n, 8n)), false);
    });

    it('all four have to hold', () => {
      for (const place of [0, 1, 2, 3]) {
        const operands = [1n, 1n, 1n, 1n].map((operand, i) => (i === place ? 3n : operand));
        const four = { compareSlot: [2n, 2n, 2n, 2n], compareOp: [OP.ge, OP.ge, OP.ge, OP.ge] };
        assert.equal(acceptsPolicy({ ...four, compareOperand: operands }), false);
        assert.equal(acceptsPolicy({ ...four, compareOperand: [1n, 1n, 1n, 1n] }), true);
      }
    });
  });

  describe('sets and lists', () => {
    it('refuses a value outside the set, and a set of the holder’s own making', () => {
      assert.equal(acceptsPolicy({ setCode: 3n }), false);
      const own = world.memberTree([2n]);
      assert.equal(acceptsPolicy({ setCode: 3n, setPath: own.path(0) }), false);
      assert.equal(acceptsPolicy({ setCode: 3n, setPath: own.path(0), setRoot: own.root }), true);
    });

    it('does not let an unused part stand for a used one', () => {
      const skipped = { setCode: 0n, setPath: world.memberTree([0n]).path(0) };
      assert.equal(accepts(skipped), false);
      assert.equal(acceptsPolicy({ ...skipped, setRoot: 0n }), true);
    });

    it('refuses a listed person at every listed element', () => {
      for (const listed of world.listed) assert.equal(acceptsPerson(person(3, listed)), false);
    });

    it('accepts the neighbours of listed elements, refuses keys outside 128 bits', () => {
      for (const listed of world.listed.slice(0, 2)) {
        assert.equal(acceptsPerson(person(3, listed - 1n)), true);
        assert.equal(acceptsPerson(person(3, listed + 1n)), true);
      }
      for (const outside of [0n, MAX_128, MAX_128 + 1n, R - 1n]) assert.equal(acceptsPerson(person(3, outside)), false);
    });

    it('refuses gaps whose bounds wrap around the field', () => {
      for (const [lo, hi] of [
        [R - 1n, 100n],
        [5n, R - 1n],
        [R - 10n, R - 1n],
      ] as const) {
        const leaf = world.crypto.poseidon([TAGS.gap, lo, hi]);
        const path = [[leaf, 0n, 0n, 0n, 0n, 0n, 0n, 0n], ...(base['gapPath'] as bigint[][]).slice(1)];
        assert.equal(acceptsPolicy({ gapLo: lo, gapHi: hi, gapPath: path }), false);
      }
    });

    it('discloses just the slot asked for', () => {
      for (const code of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]) {
        const witness = circuit.witness(world.sealCredential({ ...base, discloseCode: code }));
        assert.equal(witness[3], code === 0n ? 0n : PERSON[Number(code) - 1]);
      }
      assert.equal(acceptsPolicy({ discloseCode: 9n }), false);
    });
  });
});
