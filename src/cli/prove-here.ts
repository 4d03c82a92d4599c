import { systemClock } from '../base/clock.ts';
import type { CircuitName } from '../claims/interface.ts';
import type { ProvenClaim, ProveRequest, RegistryInfo } from '../node/interface.ts';
import type { CliContext } from './context.ts';
import { askPassphrase } from './passphrase.ts';
import type { Progress } from './progress.ts';
import { loadSnapshot } from './registry-file.ts';

export interface ProvedHere {
  claim: ProvenClaim;
  /** Bytes of the circuit's verifying-key.json, for snarkjs. */
  verifyingKey: Uint8Array;
  developmentKeys: boolean;
}

/**
 * Proves in this process, with no node: wallet and registry snapshot from the data folder, proof verified before it is
 * handed out. Secrets stay in this process and its prover engine.
 */
export async function proveHere(
  context: CliContext,
  circuit: CircuitName,
  request: ProveRequest,
  snapshotFile: string | undefined,
  progress: Progress,
): Promise<ProvedHere> {
  const { config, paths } = await context.settings();
  const network = config.network.name;
  const { snapshot } = await loadSnapshot(context, snapshotFile);
  const passphrase = await askPassphrase(context, { purpose: 'wallet' });
  progress.update('opening the wallet');
  const [artifacts, claimsLib, proverLib, verifierLib, desk, door] = await Promise.all([
    import('../artifacts/load.ts'),
    import('../claims/claims.ts'),
    import('../prover/index.ts'),
    import('../verifier/local-verifier.ts'),
    import('../node/proof-desk.ts'),
    import('../node/wallet-door.ts'),
  ]);
  const circuits = await artifacts.loadArtifacts({
    proofsDirectory: config.artifacts.dir ?? undefined,
    production: config.network.production,
    circuits: [circuit],
  });
  const { manifest, verifyingKeyBytes } = circuits.get(circuit);
  const verifier = await verifierLib.createVerifier({ keys: [verifyingKeyBytes], engine: config.engine });
  const wallet = new door.WalletDoor({ dir: paths.walletDir, network, clock: systemClock });
  const tables = { directory: paths.tablesDir, limitBytes: config.prover.tableMegabytes * 1_000_000 };
  const prover = proverLib.createLocalProverService(
    { engine: config.engine, threads: config.prover.threads ?? undefined, tables },
    { circuits },
  );
  try {
    await wallet.unlock(passphrase);
    const proofs = new desk.ProofDesk({
      clock: systemClock,
      claims: await claimsLib.getClaims(),
      circuits,
      prover,
      verifier,
      registry: { snapshot: () => snapshot, current: () => ({ complete: true }) as RegistryInfo },
      wallet,
      network,
      onEvent: () => undefined,
    });
    const claim = await proofs.prove(request, {
      signal: context.signal,
      onProgress: (stage, fraction) => progress.update(stage, fraction),
    });
    return { claim, verifyingKey: verifyingKeyBytes, developmentKeys: manifest.setup === 'development' };
  } finally {
    wallet.close();
    await Promise.all([prover.close(0), verifier.close()]);
  }
}
