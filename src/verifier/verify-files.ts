import { isCodedError, messageOf } from '../base/errors.ts';
import type { EngineChoice } from '../base/native/choose.ts';
import { checkProofShape, ProofCodecErrorCode } from '../claims/proof-codec.ts';
import { refusal } from './check.ts';
import { type Verdict, VerdictCode } from './interface.ts';
import { createEngine, LocalVerifier } from './local-verifier.ts';
import { MAX_PUBLIC_SIGNALS, type NamedVerifyingKey, readVerifyingKey } from './verifying-key.ts';

/** The bytes of snarkjs's three files. */
export interface ProofFiles {
  readonly verifyingKey: Uint8Array;
  readonly publicSignals: Uint8Array;
  readonly proof: Uint8Array;
}

export interface FileVerdict extends Verdict {
  /**
   * True if a file is not what it should be, so that nothing can be said of the proof: not JSON, another shape, another
   * proof system or curve, a key that is refused. False for a verdict about the proof.
   */
  readonly unusable: boolean;
}

const unusable = (code: VerdictCode, reason: string): FileVerdict => ({ ...refusal(code, reason), unusable: true });

class Unusable extends Error {
  readonly verdict: FileVerdict;

  constructor(code: VerdictCode, reason: string) {
    super(reason);
    this.verdict = unusable(code, reason);
  }
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Unusable(VerdictCode.BadShape, `${where}: not JSON: ${messageOf(error)}`);
  }
}

function readKey(bytes: Uint8Array): NamedVerifyingKey {
  try {
    return readVerifyingKey(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new Unusable(VerdictCode.BadKey, `verifying key: ${error.where}: ${error.message}`);
  }
}

function readProof(bytes: Uint8Array) {
  const proof = parseJson(bytes, 'proof');
  try {
    checkProofShape(proof);
    return proof;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const code = error.code === ProofCodecErrorCode.Label ? VerdictCode.BadLabel : VerdictCode.BadShape;
    throw new Unusable(code, `proof: ${error.where}: ${error.message}`);
  }
}

function readPublicSignals(bytes: Uint8Array): string[] {
  const signals = parseJson(bytes, 'public signals');
  if (!Array.isArray(signals) || !signals.every((signal) => typeof signal === 'string')) {
    throw new Unusable(VerdictCode.BadShape, 'public signals: must be an array of decimal texts');
  }
  if (signals.length > MAX_PUBLIC_SIGNALS) {
    throw new Unusable(VerdictCode.BadShape, `public signals: more than ${MAX_PUBLIC_SIGNALS}`);
  }
  return signals;
}

/**
 * Verifies any snarkjs Groth16 proof over bn128 from the bytes of its files, as strictly as a peer would; the key's own
 * file is the allow-list. Rejects only where an engine is asked for that is not there (ENGINE_NOT_THERE). Bound the files' size before reading them.
 * @example
 * const { valid, code, unusable } = await verifyFiles({ verifyingKey, publicSignals, proof });
 * process.exitCode = unusable ? 2 : valid ? 0 : 1;
 */
export async function verifyFiles(files: ProofFiles, engine?: EngineChoice): Promise<FileVerdict> {
  try {
    const named = readKey(files.verifyingKey);
    const publicSignals = readPublicSignals(files.publicSignals);
    const proof = readProof(files.proof);
    const verifier = new LocalVerifier([named], await createEngine([named], engine));
    const verdict = await verifier.verify({ verifyingKey: named.id, proof, publicSignals });
    await verifier.close();
    return { ...verdict, unusable: verdict.code === VerdictCode.Internal };
  } catch (error) {
    if (error instanceof Unusable) return error.verdict;
    if (isCodedError(error)) throw error;
    return unusable(VerdictCode.Internal, 'the verifier failed; nothing is known about this proof');
  }
}
