import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DEFAULT_PROOFS_DIRECTORY } from '../../../src/artifacts/index.ts';
import { CliContext } from '../../../src/cli/context.ts';
import { carry, checkCarried, readProof, voterOf } from '../../../src/cli/ledger/proof-file.ts';

const SAMPLE = join(DEFAULT_PROOFS_DIRECTORY, 'samples', 'credential-good');

/** A real proof, as `prove --out` and `prove --json` write it. */
describe('a proof for a transaction', () => {
  const context = new CliContext(new AbortController().signal);
  let dir: string;
  let signals: string[];
  let proof: unknown;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-proof-'));
    context.options = { dataDir: join(dir, 'data') };
    signals = JSON.parse(await readFile(join(SAMPLE, 'public.json'), 'utf8')) as string[];
    proof = JSON.parse(await readFile(join(SAMPLE, 'proof.json'), 'utf8'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  async function folder(name: string, key = 'credential'): Promise<string> {
    await mkdir(join(dir, name));
    for (const file of ['proof.json', 'public.json']) await copyFile(join(SAMPLE, file), join(dir, name, file));
    const from = join(DEFAULT_PROOFS_DIRECTORY, key, 'verifying-key.json');
    await copyFile(from, join(dir, name, 'verification_key.json'));
    return join(dir, name);
  }
  const file = async (content: object): Promise<string> => {
    await writeFile(join(dir, 'proof.json'), JSON.stringify(content));
    return join(dir, 'proof.json');
  };

  it('is read from a folder and from a file to the same bytes', async () => {
    const read = await readProof(context, await folder('good'));
    const same = await readProof(context, await file({ circuit: 'credential', publicSignals: signals, proof }));
    assert.deepEqual(read, same);
    const { carried } = read;
    assert.deepEqual([carried.circuit, carried.signals.length, carried.proof.length], [1, 8, 512]);
    const back = BigInt(
      `0x${Buffer.from(carried.signals[7] ?? '', 'hex')
        .reverse()
        .toString('hex')}`,
    );
    assert.equal(back.toString(), signals[7]);
  });

  it('is refused where circuit, key or signals are not those of the ledger', async () => {
    const mismatch = { code: 'CLI_PROOF_MISMATCH' };
    const read = async (content: object) => readProof(context, await file(content));
    await assert.rejects(readProof(context, await folder('other', 'balance')), {
      ...mismatch,
      message: /12 public signals/,
    });
    await writeFile(join(dir, 'good', 'verification_key.json'), '{}');
    await assert.rejects(readProof(context, join(dir, 'good')), { ...mismatch, message: /no circuit of this/ });
    const good = { circuit: 'credential', publicSignals: signals, proof };
    await assert.rejects(read({ ...good, verifyingKeyId: 'ab'.repeat(32) }), mismatch);
    await assert.rejects(read({ ...good, circuit: 'multiplier' }), { ...mismatch, message: /knows no circuit/ });
    await assert.rejects(read({ ...good, publicSignals: signals.slice(1) }), {
      ...mismatch,
      message: /and this one 7/,
    });
    await assert.rejects(read({ ...good, publicSignals: [`0${signals[0]}`, ...signals.slice(1)] }), mismatch);
    await assert.rejects(read({ ...good, proof: {} }), { code: 'PROOF_CODEC_SHAPE' });
    await assert.rejects(read({ proof }), { code: 'CLI_BAD_ARGUMENT' });
  });

  it('is refused under another signer, and for another voter than its own', () => {
    const signer = '0123456789abcdef0123456789abcdef01234567';
    const context = BigInt(`0x${Buffer.from(signer, 'hex').reverse().toString('hex')}`).toString();
    const read = carry('credential', [...signals.slice(0, 7), context], proof, 'here');
    const voter = voterOf(BigInt(signals[0] ?? ''));
    const vote = { operation: 'vote.vote', voter, listed: false };
    checkCarried(read, signer, [vote, { operation: 'assets.transfer' }, null], 'here');
    const refused = (address: string, operations: unknown, where: string) =>
      assert.throws(() => checkCarried(read, address, operations, 'here'), { code: 'CLI_PROOF_MISMATCH', where });
    refused('ff'.repeat(20), [vote], 'here');
    refused(signer, [vote, { ...vote, voter: signer }], 'operations.1.voter');
  });
});
