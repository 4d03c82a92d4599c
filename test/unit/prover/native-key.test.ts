import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { closeCurve, loadSnarkjs } from '../../../src/artifacts/index.ts';
import type { NativeAddon } from '../../../src/base/native/interface.ts';
import type { ProofResult } from '../../../src/prover/index.ts';
import { NativeKey } from '../../../src/prover/native-key.ts';
import { WitnessCalculator } from '../../../src/prover/witness-calculator.ts';
import { powerInputs, TINY_VECTORS } from '../artifacts/tiny.ts';
import { nativeAddon } from '../verifier/engines.ts';

const folder = join(TINY_VECTORS, 'proofs', 'power');
const KEY = join(folder, 'proving-key.zkey');
const LIMIT = 2 ** 24;
const quiet = () => undefined;

function testKeys(addon: NativeAddon): void {
  let dir: string;
  let calculator: WitnessCalculator;
  let verifyingKey: unknown;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-native-key-'));
    calculator = await WitnessCalculator.create(new Uint8Array(await readFile(join(folder, 'circuit.wasm'))));
    verifyingKey = JSON.parse(await readFile(join(folder, 'verifying-key.json'), 'utf8'));
  });
  after(async () => {
    await closeCurve();
    await rm(dir, { recursive: true, force: true });
  });
  const witness = (a = 3) => calculator.calculate(powerInputs(a)).body;
  const holds = async ({ proof, publicSignals }: ProofResult) =>
    (await loadSnarkjs()).groth16.verify(verifyingKey, publicSignals, proof);
  const checked = async (key: NativeKey) => assert.ok(await holds(await key.prove(witness(), quiet)));
  const tablesIn = async (directory: string) =>
    (await readdir(directory)).filter((name) => name.endsWith('.table')).map((name) => join(directory, name));
  /** A key with the table of its own folder, and where that is. */
  const withTable = async (name: string) => {
    const tables = { directory: join(dir, name), limitBytes: LIMIT };
    const key = await NativeKey.open(addon, KEY, { threads: 2, tables });
    await key.makeTables();
    const [file] = await tablesIn(tables.directory);
    assert.ok(file);
    return { key, tables, file };
  };

  it('knows its circuit, and proves with any number of threads', async () => {
    for (const threads of [1, 2, 5]) {
      const key = await NativeKey.open(addon, KEY, { threads });
      assert.equal(key.threads, threads);
      assert.ok(key.wires > 10 && key.mappedBytes === (await stat(KEY)).size);
      await checked(key);
    }
  });

  it('says why it has no tables, makes them once, and finds them again', async () => {
    const tables = { directory: join(dir, 'fresh'), limitBytes: LIMIT };
    const key = await NativeKey.open(addon, KEY, { tables });
    assert.deepEqual([key.tables, /NATIVE_TABLE_MISSING/.test(key.tablesNote ?? '')], ['none', true]);
    await Promise.all([key.makeTables(), key.makeTables(), key.makeTables()]);
    assert.deepEqual([key.tables, key.tablesNote], ['in use', undefined]);
    assert.equal((await readdir(tables.directory)).length, 1);
    await checked(key);
    const again = await NativeKey.open(addon, KEY, { tables });
    assert.equal(again.tables, 'in use');
    await checked(again);
  });

  it('makes none without a folder, without room, or where it cannot write; proofs go on', async () => {
    const none = await NativeKey.open(addon, KEY, { tables: { directory: join(dir, 'no'), limitBytes: 0 } });
    await none.makeTables();
    assert.equal(none.tables, 'none');
    const file = join(dir, 'file');
    await writeFile(file, '');
    for (const tables of [
      { directory: join(dir, 'small'), limitBytes: 1000 },
      { directory: file, limitBytes: LIMIT },
    ]) {
      const key = await NativeKey.open(addon, KEY, { tables });
      await assert.rejects(key.makeTables(), { code: 'PROVER_TABLES_UNAVAILABLE' });
      await checked(key);
    }
  });

  it('removes a damaged table, proves without it, and makes it again', async () => {
    const { tables, file } = await withTable('damaged');
    const bytes = await readFile(file);
    for (const change of [(b: Buffer) => b.subarray(0, b.length - 1), (b: Buffer) => b.fill(7, b.length / 2)]) {
      await writeFile(file, change(Buffer.from(bytes)));
      const key = await NativeKey.open(addon, KEY, { tables });
      assert.match(key.tablesNote ?? '', /NATIVE_TABLE_INVALID/);
      assert.deepEqual(await tablesIn(tables.directory), []);
      await checked(key);
      await key.makeTables();
      assert.equal(key.tables, 'in use');
      await checked(key);
    }
  });

  it('lets no wrong proof out when its table is changed under it, and drops the table', async () => {
    const { key, tables, file } = await withTable('changed');
    const { size } = await stat(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(size - 4096, 7), 0, size - 4096, 4096);
    await handle.close();
    await checked(key);
    assert.deepEqual([key.tables, /wrong proof/.test(key.tablesNote ?? '')], ['none', true]);
    assert.deepEqual(await tablesIn(tables.directory), []);
    await key.makeTables();
    await checked(key);
    assert.equal(key.tables, 'in use');
  });

  it('uses no table in a folder that others can write to', async () => {
    const { tables } = await withTable('open');
    await chmod(tables.directory, 0o777);
    const key = await NativeKey.open(addon, KEY, { tables });
    assert.equal(key.tables, 'none');
    await checked(key);
    await assert.rejects(key.makeTables(), { code: 'PROVER_TABLES_UNAVAILABLE' });
  });

  it('refuses witnesses that are none or break a rule, with codes and without values', async () => {
    const { key } = await withTable('codes');
    const wrong = witness();
    wrong.fill(9, wrong.length - 32, wrong.length - 20);
    const large = witness().fill(0xff, 64, 96);
    const refusals: [Uint8Array, string][] = [
      [wrong, 'PROVER_UNSATISFIED'],
      [large, 'PROVER_WITNESS_INVALID'],
      [witness().subarray(32), 'PROVER_WITNESS_INVALID'],
      [witness().subarray(0, 100), 'PROVER_WITNESS_INVALID'],
      [new Uint8Array(0), 'PROVER_WITNESS_INVALID'],
    ];
    for (const [body, code] of refusals) {
      await assert.rejects(key.prove(body, quiet), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.doesNotMatch(error.message, /\d{6}|[0-9a-f]{8}/, 'a value is told');
        return true;
      });
    }
    assert.equal(key.tables, 'in use');
    await checked(key);
  });

  it('leaves the witness alone and takes many proofs at once', async () => {
    const key = await NativeKey.open(addon, KEY);
    const bodies = [2, 3, 4, 5].map((a) => witness(a));
    const before = bodies.map((body) => Uint8Array.from(body));
    const results = await Promise.all(bodies.map((body) => key.prove(body, quiet)));
    for (const result of results) assert.ok(await holds(result));
    assert.deepEqual(bodies, before);
    assert.deepEqual(
      results.map(({ publicSignals }) => publicSignals[0]),
      [2, 3, 4, 5].map((a) => String(a ** 8 + 5)),
    );
  });

  it('is cancelled by a signal that was or is given', async () => {
    const key = await NativeKey.open(addon, KEY);
    await assert.rejects(key.prove(witness(), quiet, AbortSignal.abort()), { code: 'PROVER_CANCELLED' });
    const controller = new AbortController();
    const calls = Array.from({ length: 8 }, () => key.prove(witness(), quiet, controller.signal));
    controller.abort();
    const outcomes = await Promise.allSettled(calls);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'PROVER_CANCELLED');
      else assert.ok(await holds(outcome.value));
    }
    await checked(key);
  });

  it('refuses files that are no keys, with the codes of the artifacts', async () => {
    const good = await readFile(KEY);
    const files: [string, Uint8Array, string][] = [
      ['empty', new Uint8Array(0), 'ARTIFACT_FORMAT_INVALID'],
      ['cut', good.subarray(0, good.length - 300), 'ARTIFACT_FORMAT_INVALID'],
      ['text', Buffer.from('{"protocol":"groth16"}'), 'ARTIFACT_FORMAT_INVALID'],
      ['other', Buffer.concat([Buffer.from('wtns'), good.subarray(4)]), 'ARTIFACT_FORMAT_INVALID'],
    ];
    for (const [name, bytes, code] of files) {
      const path = join(dir, `${name}.zkey`);
      await writeFile(path, bytes);
      await assert.rejects(NativeKey.open(addon, path), { code });
    }
    await mkdir(join(dir, 'folder.zkey'));
    for (const path of [join(dir, 'missing.zkey'), join(dir, 'folder.zkey')]) {
      await assert.rejects(NativeKey.open(addon, path), { code: 'PROVER_KEY_UNREADABLE' });
    }
  });
}

// Where there is none, test/unit/verifier/engines.test.ts says whether there should be one.
if (nativeAddon !== undefined) {
  const addon = nativeAddon;
  describe('a proving key in the hands of the addon', () => testKeys(addon));
}
