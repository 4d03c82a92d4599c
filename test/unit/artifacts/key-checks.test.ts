import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  ARTIFACT_FILES,
  closeCurve,
  loadArtifacts,
  loadSnarkjs,
  openCurve,
  parseVerifyingKey,
  readBuiltR1cs,
  readProvingKeyHeader,
  type SnarkjsFile,
  type VerifyingKey,
} from '../../../src/artifacts/index.ts';
import { editManifest, readProof, refuses, replaceFile } from './refusals.ts';
import { type TinyProject, tinyProject } from './tiny.ts';

let project: TinyProject;
beforeEach(async () => {
  project = await tinyProject();
});
afterEach(() => project.remove());
after(() => closeCurve());

const load = () => loadArtifacts({ ...project, production: false });
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The key as `groth16 setup` leaves it, before anybody contributed: what a skipped phase 2 ships. */
async function uncontributedKey(): Promise<{ provingKey: Uint8Array; verifyingKey: VerifyingKey }> {
  const { zKey } = await loadSnarkjs();
  const r1cs: SnarkjsFile = { type: 'mem', data: await readBuiltR1cs(project.proofsDirectory, 'power') };
  const key: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
  await zKey.newZKey(r1cs, join(project.cache, 'ptau', 'development-7.ptau'), key);
  assert.ok(key.data);
  const exported = (await zKey.exportVerificationKey({ type: 'mem', data: key.data })) as unknown as VerifyingKey;
  return { provingKey: key.data, verifyingKey: exported };
}

/** A = alpha, B = beta, C = -vk_x: with gamma == delta, e(A,B) = e(alpha,beta) * e(vk_x,gamma) * e(C,delta). */
async function forge(key: VerifyingKey, publicSignals: readonly string[]): Promise<unknown> {
  const { G1, Fr } = await openCurve();
  const point = (coordinates: readonly string[]) => G1.fromObject(coordinates.map(BigInt));
  const sum = publicSignals.reduce(
    (total, signal, index) => G1.add(total, G1.timesFr(point(key.IC[index + 1] ?? []), Fr.e(BigInt(signal)))),
    point(key.IC[0] ?? []),
  );
  const c = G1.toObject(G1.toAffine(G1.neg(sum))) as bigint[];
  return { pi_a: key.vk_alpha_1, pi_b: key.vk_beta_2, pi_c: c.map(String), protocol: 'groth16', curve: 'bn128' };
}

describe('a skipped phase 2', () => {
  it('lets anybody forge a proof that snarkjs accepts, and its key is refused here', async () => {
    const { provingKey, verifyingKey } = await uncontributedKey();
    const claimed = ['123456789', '42'];
    const forged = await forge(verifyingKey, claimed);
    const { groth16 } = await loadSnarkjs();
    assert.equal(await groth16.verify(verifyingKey, claimed, forged), true, 'the forgery must be a real one');

    await replaceFile(project, 'power', 'verifyingKey', encode(verifyingKey));
    await replaceFile(project, 'power', 'provingKey', provingKey);
    await refuses('ARTIFACT_GAMMA_EQUALS_DELTA', load, /verifying-key/);
  });

  it('the same forgery fails against a key with a contribution', async () => {
    const key = (await load()).get('power').verifyingKey;
    const { groth16 } = await loadSnarkjs();
    assert.equal(await groth16.verify(key, ['1', '2'], await forge(key, ['1', '2'])), false);
  });

  it('a proving key without a contribution is refused beside a good verifying key', async () => {
    const { provingKey } = await uncontributedKey();
    assert.equal(readProvingKeyHeader(provingKey).contributions.length, 0);
    await replaceFile(project, 'power', 'provingKey', provingKey);
    await refuses('ARTIFACT_NO_CONTRIBUTION', async () => (await load()).openProving('power'), /proving-key/);
  });

  it('a manifest without a contribution is refused', async () => {
    await editManifest(project, 'power', (manifest) => ({ ...manifest, contributions: [] }));
    await refuses('ARTIFACT_NO_CONTRIBUTION', load);
    await editManifest(project, 'chain', (manifest) => ({
      ...manifest,
      contributions: manifest.contributions.filter(({ kind }) => kind === 'beacon'),
    }));
    await refuses('ARTIFACT_NO_CONTRIBUTION', () =>
      loadArtifacts({ ...project, production: false, circuits: ['chain'] }),
    );
  });
});

describe('a verifying key', () => {
  const change = async (edit: (key: Record<string, unknown>) => void, code: string) => {
    const key = JSON.parse(new TextDecoder().decode(await readProof(project, 'power', ARTIFACT_FILES.verifyingKey)));
    edit(key);
    await replaceFile(project, 'power', 'verifyingKey', encode(key));
    return refuses(code, load, /verifying-key/);
  };
  const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
  type G1 = string[];

  it('with delta equal to the generator of G2 is refused', async () => {
    await change((key) => {
      // gamma of a snarkjs key is the generator; another gamma shows that the two refusals are two checks.
      key['vk_delta_2'] = key['vk_gamma_2'];
      key['vk_gamma_2'] = key['vk_beta_2'];
    }, 'ARTIFACT_DELTA_IS_GENERATOR');
  });
  it('with a coordinate + q is refused', async () => {
    await change((key) => {
      const alpha = key['vk_alpha_1'] as G1;
      alpha[0] = String(BigInt(alpha[0] ?? '0') + q);
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
  });
  it('with a hex coordinate is refused', async () => {
    await change((key) => {
      const alpha = key['vk_alpha_1'] as G1;
      alpha[0] = `0x${BigInt(alpha[0] ?? '0').toString(16)}`;
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
  });
  it('with a point off the curve is refused, in G1 and in G2', async () => {
    await change((key) => {
      (key['vk_alpha_1'] as G1)[0] = '1';
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
    await project.remove();
    project = await tinyProject();
    await change((key) => {
      (key['vk_beta_2'] as string[][])[0] = ['1', '2'];
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
  });
  it('with the point at infinity is refused', async () => {
    await change((key) => {
      (key['IC'] as G1[])[1] = ['0', '1', '0'];
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
  });
  it('with an IC that does not match nPublic is refused', async () => {
    await change((key) => {
      (key['IC'] as G1[]).pop();
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
  });
  it('of another protocol or curve is refused', async () => {
    await change((key) => {
      key['protocol'] = 'plonk';
    }, 'ARTIFACT_VERIFYING_KEY_INVALID');
    assert.throws(() => parseVerifyingKey(encode({ protocol: 'groth16', curve: 'bls12381' }), 'key'), {
      code: 'ARTIFACT_VERIFYING_KEY_INVALID',
      where: 'key curve',
    });
  });
});

describe('the reader of proving keys', () => {
  it('finds the verifying key that snarkjs exports', async () => {
    const { provingKey, verifyingKey } = await (await load()).openProving('power');
    const { zKey } = await loadSnarkjs();
    const exported = await zKey.exportVerificationKey({ type: 'mem', data: provingKey });
    const { verifyingKey: read } = readProvingKeyHeader(provingKey);
    assert.deepEqual({ ...exported, vk_alphabeta_12: undefined }, { ...read, vk_alphabeta_12: undefined });
    assert.deepEqual(verifyingKey, read);
  });
  it('computes the contribution hash that snarkjs announces', async () => {
    const { provingKey } = await uncontributedKey();
    const { zKey } = await loadSnarkjs();
    const next: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
    const announced = await zKey.contribute({ type: 'mem', data: provingKey }, next, 'somebody', 'entropy');
    assert.ok(next.data);
    const [contribution] = readProvingKeyHeader(next.data).contributions;
    assert.equal(contribution?.hash, Buffer.from(announced).toString('hex'));
    assert.equal(contribution?.name, 'somebody');
    assert.equal(contribution?.kind, 'contribution');
  });
});
