import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DEFAULT_PROOFS_DIRECTORY, loadArtifacts } from '../../../src/artifacts/index.ts';
import type { Groth16Proof } from '../../../src/claims/interface.ts';
import { encodeProof } from '../../../src/claims/proof-codec.ts';
import { resolveConfig } from '../../../src/config/index.ts';
import type { Ledger, ProofChecker } from '../../../src/ledger/interface.ts';
import { transfer } from '../../../src/ledger/programs/assets/build.ts';
import { assembleCalls } from '../../../src/ledger/programs/call.ts';
import { encodeBody, joinSignature, transactionId } from '../../../src/ledger/transaction/codec.ts';
import type { TransactionProof } from '../../../src/ledger/transaction/interface.ts';
import { createNode } from '../../../src/node/index.ts';
import { ledgerProofs } from '../../../src/node/ledger-proofs.ts';
import { createVerifierPool, type Verifier } from '../../../src/verifier/index.ts';
import { ALICE, BOB, GENESIS, makeLedger } from '../api/ledger-world.ts';

const CIRCUITS = { credential: 1, balance: 2, qualification: 3 } as const;

async function sample(name: keyof typeof CIRCUITS): Promise<TransactionProof> {
  const read = async <T>(file: string) =>
    JSON.parse(await readFile(join(DEFAULT_PROOFS_DIRECTORY, 'samples', `${name}-good`, file), 'utf8')) as T;
  const signals = (await read<string[]>('public.json')).map((decimal) => {
    return new Uint8Array(Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').reverse());
  });
  const proof = encodeProof(await read<Groth16Proof>('proof.json'), 'uncompressed');
  return { circuit: CIRCUITS[name], signals, proof };
}

/** The same with one bit of one part turned. */
function changed(job: TransactionProof, part: 'signal' | 'proof'): TransactionProof {
  const turn = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  if (part === 'proof') return { ...job, proof: job.proof.map((byte, i) => (i === 31 ? byte ^ 1 : byte)) };
  return { ...job, signals: job.signals.map((signal, i) => (i === 0 ? turn(signal) : signal)) };
}

describe('proofs that transactions carry', () => {
  let verifier: Verifier;
  let checker: ProofChecker;
  before(async () => {
    const circuits = await loadArtifacts({ production: false });
    verifier = createVerifierPool({
      keys: circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes),
      workers: 1,
    });
    checker = ledgerProofs(circuits, verifier);
  });
  after(() => verifier.close());

  it('are judged together: each circuit by its number, a bad one never for another', async () => {
    const [credential, balance, qualification] = await Promise.all([
      sample('credential'),
      sample('balance'),
      sample('qualification'),
    ]);
    const jobs = [
      credential,
      changed(balance, 'signal'),
      balance,
      changed(qualification, 'proof'),
      qualification,
      { ...balance, circuit: CIRCUITS.credential },
      { ...balance, circuit: 200 },
      { ...balance, proof: new Uint8Array(256) },
    ];
    assert.deepEqual(await checker.check(jobs), [true, false, true, false, true, false, false, false]);
    assert.deepEqual(await checker.check([]), []);
  });

  it('let a transaction into a ledger, or keep it out', async (t) => {
    const { ledger, close } = await makeLedger({ proofs: checker });
    t.after(close);
    const good = await sample('balance');
    const submit = (proof: TransactionProof, nonce: bigint) => ledger.submit(carrying(ledger, proof, nonce));
    await assert.rejects(submit(changed(good, 'signal'), 0n), { code: 'LEDGER_TRANSACTION_UNSIGNED' });
    await assert.rejects(submit({ ...good, circuit: 77 }, 0n), { code: 'LEDGER_TRANSACTION_UNSIGNED' });
    const { status } = await ledger.executed(await submit(good, 0n));
    assert.equal(status, 0);
  });

  it('are judged by the keys that the genesis names, and by no others', async () => {
    const circuits = await loadArtifacts({ production: false });
    const key = (name: string) => circuits.get(name).verifyingKeyId;
    const bound = ledgerProofs(circuits, verifier, new Map([[CIRCUITS.balance, key('balance')]]));
    const jobs = await Promise.all([sample('balance'), sample('credential')]);
    assert.deepEqual(await bound.check(jobs), [true, false]);
    const other = new Map([
      [CIRCUITS.balance, key('balance')],
      [CIRCUITS.credential, key('qualification')],
    ]);
    assert.throws(() => ledgerProofs(circuits, verifier, other), {
      code: 'LEDGER_CIRCUIT_MISMATCH',
      message: /circuit credential/,
      where: 'circuits.1',
    });
    const later = new Map([[200, key('balance')]]);
    assert.throws(() => ledgerProofs(circuits, verifier, later), {
      code: 'LEDGER_CIRCUIT_MISMATCH',
      message: /number 200/,
    });
  });

  it('keep a node from a ledger that was begun with other keys', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'zkb-keys-'));
    t.after(() => rm(dir, { recursive: true, force: true }));
    const circuits = await loadArtifacts({ production: false });
    const open = async (key: string) => {
      const flags = { dataDir: dir, 'p2p.listen': [], 'log.level': 'silent', 'ledger.capacity': 4096 };
      await mkdir(join(dir, 'ledger'), { recursive: true, mode: 0o700 });
      const genesis = { ...GENESIS, circuits: { [CIRCUITS.credential]: key } };
      await writeFile(join(dir, 'ledger', 'genesis.json'), JSON.stringify(genesis));
      const { config } = resolveConfig({ env: {}, flags });
      return createNode(config, { circuits });
    };
    await assert.rejects(open('ab'.repeat(32)), { code: 'LEDGER_CIRCUIT_MISMATCH', where: 'circuits.1' });
    const node = await open(circuits.get('credential').verifyingKeyId);
    assert.equal(node.ledger?.status().head.height, '0');
    await node.stop();
  });

  it('blame nobody where the verifier cannot decide', async () => {
    const closed = createVerifierPool({ keys: [], workers: 1 });
    await closed.close();
    const circuits = await loadArtifacts({ production: false });
    await assert.rejects(ledgerProofs(circuits, closed).check([await sample('balance')]), { code: 'VERIFIER_BUSY' });
  });
});

function carrying(ledger: Ledger, proof: TransactionProof, nonce: bigint): Uint8Array {
  const body = encodeBody({
    ...assembleCalls(ALICE.address, [transfer(ALICE.address, BOB.address, 1n)]),
    algorithm: 1,
    network: ledger.network,
    signer: ALICE.address,
    sequence: nonce,
    tagged: false,
    validFrom: 0n,
    validUntil: 100n,
    gasLimit: 100_000,
    gasPrice: 1n,
    proof,
  });
  return joinSignature(body, ALICE.signer.publicKey, ALICE.signer.sign(transactionId(body)));
}
