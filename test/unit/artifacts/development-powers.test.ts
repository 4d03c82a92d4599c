import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePowersOfTau } from '../../../src/artifacts/development-powers.ts';
import { closeCurve, loadSnarkjs, openCurve, type SnarkjsCurve } from '../../../src/artifacts/snarkjs.ts';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';

const SECRETS = { tau: 0xabcdef0123456789n ** 3n, alpha: SCALAR_FIELD_ORDER - 5n, beta: 77n };
const POWER = 4;
/** Magic, version, number of sections. */
const HEAD_BYTES = 12;
const G1_BYTES = 64;

describe('powers of tau by one party', () => {
  let curve: SnarkjsCurve;
  let file: Buffer;
  let dir: string;
  before(async () => {
    curve = await openCurve();
    dir = await mkdtemp(join(tmpdir(), 'zkbazaar-ptau-'));
    file = await collect();
  });
  after(async () => {
    await rm(dir, { recursive: true, force: true });
    await closeCurve();
  });

  async function collect(onFraction?: (fraction: number) => void): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of makePowersOfTau(curve, POWER, SECRETS, onFraction)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Sections in the order of the file: id, where it begins, where it ends. */
  function sections(bytes: Buffer): [id: number, start: number, end: number][] {
    const found: [number, number, number][] = [];
    for (let at = HEAD_BYTES; at < bytes.length; ) {
      const end = at + 12 + Number(bytes.readBigUInt64LE(at + 4));
      found.push([bytes.readUInt32LE(at), at + 12, end]);
      at = end;
    }
    return found;
  }

  it('are byte for byte what snarkjs prepares from the same powers', async () => {
    // The first seven sections are what snarkjs's phase 1 ends with.
    const phase1 = sections(file).findLast(([id]) => id === 7)?.[2];
    assert.ok(phase1 !== undefined);
    const input = Buffer.from(file.subarray(0, phase1));
    input.writeUInt32LE(7, 8);
    await writeFile(join(dir, 'phase1.ptau'), input);
    await (await loadSnarkjs()).powersOfTau.preparePhase2(join(dir, 'phase1.ptau'), join(dir, 'prepared.ptau'));
    assert.ok(file.equals(await readFile(join(dir, 'prepared.ptau'))));
  });

  it('are the powers of the secret', () => {
    const [, start = 0] = sections(file).find(([id]) => id === 2) ?? [];
    const [, alphaStart = 0] = sections(file).find(([id]) => id === 4) ?? [];
    const { G1, Fr } = curve;
    let scalar = 1n;
    for (let i = 0; i < 2 ** POWER; i++) {
      const expected = (factor: bigint) =>
        Buffer.from(G1.toAffine(G1.timesFr(G1.g, Fr.e((scalar * factor) % SCALAR_FIELD_ORDER))));
      const at = (section: number) => file.subarray(section + i * G1_BYTES, section + (i + 1) * G1_BYTES);
      assert.ok(at(start).equals(expected(1n)), `tau^${i}`);
      assert.ok(at(alphaStart).equals(expected(SECRETS.alpha)), `alpha tau^${i}`);
      scalar = (scalar * SECRETS.tau) % SCALAR_FIELD_ORDER;
    }
  });

  it('say how far they are, and are refused where the secret is in the domain', async () => {
    const fractions: number[] = [];
    assert.ok((await collect((fraction) => fractions.push(fraction))).equals(file));
    assert.equal(fractions.at(-1), 1);
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
    await assert.rejects(async () => {
      for await (const _ of makePowersOfTau(curve, POWER, { ...SECRETS, tau: 1n }));
    }, RangeError);
  });
});
