/** A thread that makes public keys, or signatures: every so many-th signer's. */
import { createHash } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { createSigner, signatureLengths } from '../../src/crypto/signatures/index.ts';
import { HASH_BYTES, type SignatureAlgorithm } from '../../src/ledger/constants.ts';

export interface SignRequest {
  readonly algorithm: SignatureAlgorithm;
  /** Of keys or of signatures, and bytes of each. */
  readonly count: number;
  readonly size: number;
  readonly output: Uint8Array<SharedArrayBuffer>;
  /** What is signed, and by whom; left out: public keys are made. */
  readonly messages: Uint8Array | undefined;
  readonly signers: Uint32Array | undefined;
  readonly thread: number;
  readonly threads: number;
}

const { algorithm, count, size, output, messages, signers, thread, threads } = workerData as SignRequest;
type Signer = ReturnType<typeof createSigner>;
const made = new Map<number, Signer>();

for (let i = 0; i < count; i += 1) {
  const number = signers === undefined ? i : (signers[i] ?? 0);
  if (number % threads !== thread) continue;
  const signer = made.get(number) ?? signerOf(number);
  made.set(number, signer);
  const message = new Uint8Array(messages?.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) ?? []);
  output.set(messages === undefined ? signer.publicKey : signer.sign(message), i * size);
}

/** The same in every run: nothing of worth hangs on these keys. */
function signerOf(number: number): Signer {
  const seed = createHash('sha512').update(`zkbazaar bench ${algorithm} ${number}`).digest();
  return createSigner(algorithm, new Uint8Array(seed.subarray(0, signatureLengths(algorithm).seed)));
}
