/**
 * Makes the keys and proofs in `test/vectors/verifier/`: two small circuits, compiled and set up by circom2 and snarkjs
 * (not by the code under test), and a key whose phase 2 was skipped, with a proof forged against it.
 * Each run makes new keys: `node test/vectors/make-verifier-vectors.ts`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as snarkjs from 'snarkjs';

interface Witness {
  wtns: { calculate(input: Record<string, string>, wasm: string, out: string): Promise<void> };
  groth16: typeof snarkjs.groth16;
}
const { wtns } = snarkjs as unknown as Witness;

const OUT = fileURLToPath(new URL('./verifier/', import.meta.url));
const CIRCOM = join(dirname(createRequire(import.meta.url).resolve('circom2/package.json')), 'cli.js');
const entropy = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');

const CIRCUITS = {
  /** out = a * b * c, with a private; four public signals. */
  product: `pragma circom 2.2.0;
template Product() {
  signal input a; signal input b; signal input c; signal input tag;
  signal ab; signal tagSquare; signal output out;
  ab <== a * b;
  tagSquare <== tag * tag;
  out <== ab * c;
}
component main {public [b, c, tag]} = Product();
`,
  /** out = a * a; one public signal. */
  square: `pragma circom 2.2.0;
template Square() { signal input a; signal output out; out <== a * a; }
component main = Square();
`,
};

const write = (name: string, value: unknown) => writeFileSync(join(OUT, `${name}.json`), `${JSON.stringify(value, null, 1)}\n`);

const folder = mkdtempSync(join(tmpdir(), 'zkbazaar-vectors-'));
const at = (name: string) => join(folder, name);
const curve = await snarkjs.curves.getCurveFromName('bn128');
await snarkjs.powersOfTau.newAccumulator(curve, 4, at('0.ptau'));
await snarkjs.powersOfTau.contribute(at('0.ptau'), at('1.ptau'), 'vectors', entropy());
await snarkjs.powersOfTau.preparePhase2(at('1.ptau'), at('2.ptau'));

async function setUp(name: keyof typeof CIRCUITS) {
  writeFileSync(at(`${name}.circom`), CIRCUITS[name]);
  execFileSync(process.execPath, [CIRCOM, `${name}.circom`, '--r1cs', '--wasm'], { cwd: folder, stdio: 'ignore' });
  await snarkjs.zKey.newZKey(at(`${name}.r1cs`), at('2.ptau'), at(`${name}.0.zkey`));
  await snarkjs.zKey.contribute(at(`${name}.0.zkey`), at(`${name}.zkey`), 'vectors', entropy());
  write(`${name}-key`, await snarkjs.zKey.exportVerificationKey(at(`${name}.zkey`)));
}

async function prove(name: keyof typeof CIRCUITS, key: string, input: Record<string, string>) {
  await wtns.calculate(input, at(`${name}_js/${name}.wasm`), at('witness.wtns'));
  return snarkjs.groth16.prove(at(key), at('witness.wtns'));
}

await setUp('product');
await setUp('square');
const products = [];
for (let i = 1n; i <= 24n; i++) {
  const big = i ** 40n;
  products.push(await prove('product', 'product.zkey', { a: String(i), b: String(big), c: String(i + 7n), tag: String(i * 1000n) }));
}
write('product-proofs', products);
const squares = [];
for (let i = 1; i <= 8; i++) squares.push(await prove('square', 'square.zkey', { a: String(i) }));
write('square-proofs', squares);

// Nobody contributed: gamma = delta = generator, and A = alpha, B = beta, C = -vk_x is a "proof" of anything.
const skipped = (await snarkjs.zKey.exportVerificationKey(at('product.0.zkey'))) as Record<string, never>;
const signals = ['12345', '1', '2', '3'];
const { G1 } = curve;
const ic = skipped['IC'] as unknown as string[][];
const point = (text: unknown) => G1.fromObject(JSON.parse(JSON.stringify(text), (_, v) => (typeof v === 'string' ? BigInt(v) : v)));
let sum = point(ic[0]);
signals.forEach((signal, i) => {
  sum = G1.add(sum, G1.timesFr(point(ic[i + 1]), curve.Fr.e(signal)));
});
const c = (G1.toObject(G1.toAffine(G1.neg(sum))) as bigint[]).map(String);
const forged = { pi_a: skipped['vk_alpha_1'], pi_b: skipped['vk_beta_2'], pi_c: c, protocol: 'groth16', curve: 'bn128' };
if (!(await snarkjs.groth16.verify(skipped, signals, forged))) throw new Error('the forgery must pass in snarkjs');
write('skipped-key', skipped);
write('skipped-forgery', { proof: forged, publicSignals: signals });

rmSync(folder, { recursive: true });
await curve.terminate();
process.stdout.write(`${readFileSync(join(OUT, 'product-key.json')).length} bytes of key\n`);
