/** `zkbazaar groth16 verify` as a whole process against the snarkjs command. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coldPair } from './cold.ts';
import type { VerifierBench } from './verifier-suite.ts';

export async function coldVerifierSection(bench: VerifierBench): Promise<void> {
  for (const subject of bench.list) {
    if (!subject.name.startsWith('reference-')) continue;
    const [request] = await bench.requests(subject);
    if (request === undefined) throw new RangeError('no proof');
    const proof = join(bench.dir, `${subject.name}-proof.json`);
    const signals = join(bench.dir, `${subject.name}-public.json`);
    await writeFile(proof, JSON.stringify(request.proof));
    await writeFile(signals, JSON.stringify(request.publicSignals));
    const args = ['groth16', 'verify', subject.files.verifyingKey, signals, proof];
    await coldPair(bench, {
      id: `verifier.${subject.name}.cold-verify`,
      what: `\`zkbazaar groth16 verify\`, ${subject.name}, whole process`,
      ours: args,
      theirs: args,
      runs: bench.sizes.coldRuns,
    });
  }
}
