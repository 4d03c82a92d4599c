/**
 * Writes proofs/samples: for each circuit one good proof under the committed keys, and bad ones made from it, with the
 * verdict that each must get. Run it again after a change of keys: node test/vectors/make-samples.ts
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeCurve, DEFAULT_PROOFS_DIRECTORY, loadArtifacts } from '../../src/artifacts/index.ts';
import { BASE_FIELD_ORDER, SCALAR_FIELD_ORDER } from '../../src/base/field.ts';
import { type Groth16Proof, parsePolicy } from '../../src/claims/index.ts';
import { createProver } from '../../src/prover/index.ts';
import { account, BINDING, claims, identity, NOW, SECRET, snapshot } from '../unit/claims/fixture.ts';

const POLICIES = {
  credential: 'age >= 18 and country in EU and unsanctioned',
  balance: 'balance(EUR) >= 1200',
  qualification: 'balance(EUR) >= 1200 and age >= 18 and country in EU and unsanctioned and unique',
};

interface Sample {
  name: string;
  circuit: string;
  valid: boolean;
  code: string;
}

const folder = join(DEFAULT_PROOFS_DIRECTORY, 'samples');
await rm(folder, { recursive: true, force: true });
const circuits = await loadArtifacts({ production: false });
const prover = createProver({}, { circuits });
const index: Sample[] = [];

async function write(sample: Sample, proof: Groth16Proof, publicSignals: readonly string[]): Promise<void> {
  const place = join(folder, sample.name);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'proof.json'), `${JSON.stringify(proof, null, 1)}\n`);
  await writeFile(join(place, 'public.json'), `${JSON.stringify(publicSignals, null, 1)}\n`);
  index.push(sample);
}

for (const [circuit, text] of Object.entries(POLICIES)) {
  const credentials = [identity(), account(150_000n, 5n)];
  const registry = snapshot();
  const policy = parsePolicy(text);
  const claim = claims.buildClaim({ policy, secret: SECRET, credentials, registry, binding: BINDING, now: NOW });
  const { proof, publicSignals } = await prover.prove(claim);
  const first = publicSignals[0] ?? '0';
  const others = publicSignals.slice(1);
  const bad = (name: string, code: string) => ({ name: `${circuit}-${name}`, circuit, valid: false, code });
  const [x, y] = proof.pi_a;

  await write({ name: `${circuit}-good`, circuit, valid: true, code: 'VERIFIER_VALID' }, proof, publicSignals);
  const changed = [String((BigInt(first) + 1n) % SCALAR_FIELD_ORDER), ...others];
  await write(bad('changed-signal', 'VERIFIER_INVALID_PROOF'), proof, changed);
  const aliased = [String(BigInt(first) + SCALAR_FIELD_ORDER), ...others];
  await write(bad('aliased-signal', 'VERIFIER_SIGNAL_NOT_CANONICAL'), proof, aliased);
  const hex = [`0x${BigInt(first).toString(16)}`, ...others];
  await write(bad('hex-signal', 'VERIFIER_SIGNAL_NOT_CANONICAL'), proof, hex);
  const negated: Groth16Proof = { ...proof, pi_a: [x, String(BASE_FIELD_ORDER - BigInt(y)), '1'] };
  await write(bad('negated-a', 'VERIFIER_INVALID_PROOF'), negated, publicSignals);
  const large: Groth16Proof = { ...proof, pi_a: [String(BigInt(x) + BASE_FIELD_ORDER), y, '1'] };
  await write(bad('coordinate-plus-q', 'VERIFIER_COORDINATE_NOT_CANONICAL'), large, publicSignals);
}
await writeFile(join(folder, 'samples.json'), `${JSON.stringify(index, null, 1)}\n`);
await prover.close();
await closeCurve();
