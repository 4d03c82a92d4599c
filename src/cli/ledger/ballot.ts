import { fromHex, toHex } from '../../base/bytes.ts';
import { nowSeconds, systemClock } from '../../base/clock.ts';
import { type CircuitName, circuitOf, type Groth16Proof, readSignal, signerContext } from '../../claims/index.ts';
import { printPolicy } from '../../claims/policy/index.ts';
import type { VerifiedRegistry } from '../../issuer/interface.ts';
import { signalBytes } from '../../node/ledger-circuits.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Refusal } from '../errors.ts';
import { askPassphrase } from '../passphrase.ts';
import type { Progress } from '../progress.ts';
import type { DatedPolicy } from './vote-files.ts';

/** A proof for a transaction, made in this process: secrets stay in it and its prover engine. */

export interface BallotWish {
  dated: DatedPolicy;
  /** The question; see `questionScope`. */
  scope: bigint;
  /** Address that will sign, hex. */
  signer: string;
  registry: VerifiedRegistry;
  /** Of the wallet, where it is not that of everything else. */
  passphraseFile?: string | undefined;
  /** The voter accepts that the proof shows more than a voter; see `whatLinks`. */
  linkable?: boolean | undefined;
  /** Asked once the nullifier is known and before seconds of proving; throws where it would be in vain. */
  beforeProving?(nullifier: bigint): Promise<void>;
}

export interface ProvenBallot {
  circuit: CircuitName;
  verifyingKeyId: string;
  /** Bytes of the circuit's verifying-key.json. */
  verifyingKey: Uint8Array;
  developmentKeys: boolean;
  proof: Groth16Proof;
  publicSignals: string[];
  nullifier: bigint;
}

/**
 * Proves the policy of an electorate from the wallet, and verifies the proof before it is let out.
 * @throws CliError CLI_BAD_ARGUMENT for a policy that cannot say who may vote, CLI_PROOF_MISMATCH for a proof that its
 *   own keys refuse; Refusal CLI_VOTE_LINKABLE; ClaimError CLAIM_* with what the wallet lacks; WalletError; ProverError
 */
export async function proveBallot(context: CliContext, wish: BallotWish, progress: Progress): Promise<ProvenBallot> {
  const { policy } = wish.dated;
  const circuit = votingCircuitOf(policy);
  const links = whatLinks(policy);
  if (links !== undefined && wish.linkable !== true) {
    throw new Refusal(CliErrorCode.VoteLinkable, `the proof of this policy would show ${links}`, {
      where: printPolicy(policy),
      hint: 'with --linkable it is made all the same',
    });
  }
  context.note(`proving "${printPolicy(policy)}" as of ${wish.dated.day}, for ${wish.signer}`);
  const passphrase = await askPassphrase(context, { purpose: 'wallet', file: wish.passphraseFile });
  progress.update('opening the wallet');
  const { claim, nullifier } = await claimFor(context, wish, passphrase);
  await wish.beforeProving?.(nullifier);

  const { config, paths } = await context.settings();
  const [{ loadArtifacts }, { LocalProver }, { createVerifier }] = await Promise.all([
    import('../../artifacts/load.ts'),
    import('../../prover/local-prover.ts'),
    import('../../verifier/local-verifier.ts'),
  ]);
  const circuits = await loadArtifacts({
    proofsDirectory: config.artifacts.dir ?? undefined,
    production: config.network.production,
    circuits: [circuit],
  });
  const { manifest, verifyingKeyId, verifyingKeyBytes } = circuits.get(circuit);
  const verifier = await createVerifier({ keys: [verifyingKeyBytes], engine: config.engine });
  const tables = { directory: paths.tablesDir, limitBytes: config.prover.tableMegabytes * 1_000_000 };
  const prover = new LocalProver(
    { engine: config.engine, threads: config.prover.threads ?? undefined, tables },
    { circuits },
  );
  try {
    const { proof, publicSignals } = await prover.prove(claim, {
      signal: context.signal,
      onProgress: (stage, fraction) => progress.update(stage, fraction),
    });
    const { expected } = claim;
    const verdict = await verifier.verify({ verifyingKey: verifyingKeyId, proof, publicSignals, expected });
    if (!verdict.valid || readSignal(circuit, publicSignals, 'nullifier') !== nullifier.toString()) {
      throw new CliError(CliErrorCode.ProofMismatch, `our own proof is not released: ${verdict.reason}`, {
        where: verdict.code,
        hint: 'proving key and verifying key may be from different setups: zkbazaar circuits --check',
      });
    }
    const developmentKeys = manifest.setup === 'development';
    return {
      circuit,
      verifyingKeyId,
      verifyingKey: verifyingKeyBytes,
      developmentKeys,
      proof,
      publicSignals,
      nullifier,
    };
  } finally {
    await Promise.all([prover.close(), verifier.close()]);
  }
}

/** The circuit by which a policy says who may vote. @throws CliError CLI_BAD_ARGUMENT for a balance alone */
export function votingCircuitOf(policy: DatedPolicy['policy']): CircuitName {
  const circuit = circuitOf(policy);
  if (circuit !== 'balance') return circuit;
  throw new CliError(
    CliErrorCode.BadArgument,
    'a balance alone cannot say who may vote: one person has many accounts',
    {
      where: 'policy',
      hint: 'demand an identity as well: "balance(EUR) >= 100 and identity"',
    },
  );
}

/** What a proof of this policy shows beside there being a voter; undefined for nothing. */
export function whatLinks({ balance, credential }: DatedPolicy['policy']): string | undefined {
  const disclosed = credential?.disclose === undefined ? [] : [`your ${credential.disclose}`];
  const pledge =
    balance === undefined ? [] : ['the pledge of your account for today, as every other proof of it today does'];
  const shown = [...disclosed, ...pledge];
  return shown.length === 0 ? undefined : shown.join(', and ');
}

/** A policy as electorates hold it, hex. @throws ClaimError CLAIM_UNKNOWN_LIST */
export async function policyHashOf({ policy, policyTime }: DatedPolicy, registry: VerifiedRegistry): Promise<string> {
  const { getClaims } = await import('../../claims/claims.ts');
  return toHex(signalBytes((await getClaims()).policyHash(policy, registry.view, policyTime)));
}

/** A registry's root as electorates hold it, hex. */
export function rootOf({ view }: VerifiedRegistry): string {
  return toHex(signalBytes(view.root));
}

async function claimFor(context: CliContext, wish: BallotWish, passphrase: string) {
  const { paths } = await context.settings();
  const [{ getClaims }, { openWallet }] = await Promise.all([
    import('../../claims/claims.ts'),
    import('../../wallet/index.ts'),
  ]);
  const claims = await getClaims();
  const { dated, scope, signer, registry } = wish;
  const wallet = await openWallet({ dir: paths.walletDir, passphrase });
  try {
    const credentials = await wallet.credentials();
    return await wallet.withSecret((secret) => ({
      nullifier: claims.nullifierOf(secret, scope),
      claim: claims.buildBallot({
        policy: dated.policy,
        secret,
        credentials,
        registry: registry.snapshot,
        ballot: { scope, context: signerContext(fromHex(signer) ?? new Uint8Array()), policyTime: dated.policyTime },
        now: nowSeconds(systemClock),
      }),
    }));
  } finally {
    wallet.close();
  }
}
