import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, sha256, toHex } from '../../base/bytes.ts';
import { parseDecimal } from '../../base/field.ts';
import { type CircuitName, type Groth16Proof, PUBLIC_SIGNALS, readSignal, signerContext } from '../../claims/index.ts';
import { encodeProof } from '../../claims/proof-codec.ts';
import { ADDRESS_BYTES } from '../../ledger/constants.ts';
import { LEDGER_CIRCUITS, ledgerCircuit, signalBytes } from '../../node/ledger-circuits.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readInput, readJson } from '../files.ts';
import { circuitOfKey } from '../known-circuits.ts';
import type { CarriedProof } from './send.ts';

/** Proofs as `prove` writes them, and as transactions carry them. */

/** A proof of snarkjs has under a kilobyte; policy and binding stand beside it. */
const MAX_PROOF_FILE = 262_144;

export interface ReadProof {
  circuit: CircuitName;
  /** Canonical decimals. */
  signals: readonly string[];
  carried: CarriedProof;
}

/**
 * What `prove --out` wrote into a folder, or `prove --json` printed.
 * @throws CliError CLI_PROOF_MISMATCH: no circuit of the ledger, or another number of signals; PROOF_CODEC_*
 */
export async function readProof(context: CliContext, path: string): Promise<ReadProof> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  const { circuit, publicSignals, proof } = isFolder ? await fromFolder(context, path) : await fromFile(context, path);
  return carry(circuit, publicSignals, proof, path);
}

/** The one binary spelling of a proof. @throws CliError CLI_PROOF_MISMATCH; PROOF_CODEC_* */
export function carry(circuit: unknown, publicSignals: unknown, proof: unknown, where: string): ReadProof {
  const number = typeof circuit === 'string' ? ledgerCircuit(circuit) : undefined;
  const name = number === undefined ? undefined : LEDGER_CIRCUITS[number];
  if (number === undefined || name === undefined) {
    throw mismatch(where, 'the ledger knows no circuit of this proof', {
      hint: `transactions carry proofs of ${Object.values(LEDGER_CIRCUITS).join(', ')}`,
    });
  }
  const wanted = PUBLIC_SIGNALS[name].length;
  if (!Array.isArray(publicSignals) || publicSignals.length !== wanted) {
    const found = Array.isArray(publicSignals) ? String(publicSignals.length) : 'none';
    throw mismatch(where, `a proof of ${name} has ${wanted} public signals, and this one ${found}`);
  }
  const signals = publicSignals.map((text, i) => {
    const value = parseDecimal(text);
    if (value === undefined) throw mismatch(where, `signal ${i} is no canonical decimal of the field`);
    return value;
  });
  const bytes = encodeProof(proof as Groth16Proof, 'uncompressed');
  return {
    circuit: name,
    signals: signals.map(String),
    carried: { circuit: number, signals: signals.map((value) => toHex(signalBytes(value))), proof: toHex(bytes) },
  };
}

/** What tells this voter from others on the ledger: the nullifier's low 20 bytes. */
export function voterOf(nullifier: bigint): string {
  return toHex(signalBytes(nullifier).subarray(0, ADDRESS_BYTES));
}

/**
 * That the proof is one for this signer, and that votes among the operations are by its nullifier: a program would
 * refuse them, and the fee would be paid.
 * @param signer address, hex. @throws CliError CLI_PROOF_MISMATCH
 */
export function checkCarried(proof: ReadProof, signer: string, operations: unknown, where: string): void {
  const address = fromHex(signer, ADDRESS_BYTES) ?? new Uint8Array(ADDRESS_BYTES);
  const context = readSignal(proof.circuit, proof.signals, 'context');
  if (context !== signerContext(address).toString()) {
    throw mismatch(where, `the proof was not made for the account that signs, ${signer}`, {
      hint: 'its context must be that address: zkbazaar prove vote <proposal> --account <account>',
    });
  }
  const voter = voterOf(BigInt(readSignal(proof.circuit, proof.signals, 'nullifier') ?? '0'));
  for (const [at, operation] of Array.isArray(operations) ? operations.entries() : []) {
    const { operation: name, listed, voter: said } = (operation ?? {}) as Record<string, unknown>;
    if (name === 'vote.vote' && listed === false && said !== voter) {
      throw mismatch(`operations.${at}.voter`, 'this is not the voter whom the proof speaks of', {
        hint: `with this proof the voter is ${voter}`,
      });
    }
  }
}

async function fromFolder(context: CliContext, folder: string) {
  const [proof, publicSignals, key] = await Promise.all([
    readJson(join(folder, 'proof.json'), MAX_PROOF_FILE),
    readJson(join(folder, 'public.json'), MAX_PROOF_FILE),
    readInput(join(folder, 'verification_key.json'), MAX_PROOF_FILE),
  ]);
  return { circuit: await circuitHere(context, toHex(sha256(key)), folder), publicSignals, proof };
}

/** @throws CliError CLI_PROOF_MISMATCH */
async function circuitHere(context: CliContext, verifyingKeyId: string, where: string): Promise<string> {
  const { config } = await context.settings();
  const circuit = await circuitOfKey(config, verifyingKeyId);
  if (circuit !== null) return circuit;
  throw mismatch(where, 'the proof is of no circuit of this installation, or of another key for one', {
    hint: 'zkbazaar circuits lists circuits and keys; the ledger judges proofs by its own',
  });
}

async function fromFile(context: CliContext, file: string) {
  const content = await readJson(file, MAX_PROOF_FILE);
  const { circuit, publicSignals, proof, verifyingKeyId } = (content ?? {}) as Record<string, unknown>;
  if (circuit === undefined || proof === undefined) {
    throw new CliError(CliErrorCode.BadArgument, 'the file holds no proof with its circuit', {
      where: file,
      hint: 'give the folder that prove --out wrote, or what prove --json printed: {circuit, publicSignals, proof}',
    });
  }
  if (typeof verifyingKeyId === 'string') await circuitHere(context, verifyingKeyId, file);
  return { circuit, publicSignals, proof };
}

function mismatch(where: string, message: string, { hint }: { hint?: string } = {}): CliError {
  return new CliError(CliErrorCode.ProofMismatch, message, { where, hint });
}
