import type { Config } from '../config/interface.ts';

/** Name of the circuit that a verifying key belongs to here, or null; a broken installation is not this caller's matter. */
export async function circuitOfKey(config: Config, verifyingKeyId: string): Promise<string | null> {
  const { loadArtifacts } = await import('../artifacts/load.ts');
  try {
    const circuits = await loadArtifacts({
      proofsDirectory: config.artifacts.dir ?? undefined,
      production: config.network.production,
    });
    return circuits.byVerifyingKey(verifyingKeyId)?.name ?? null;
  } catch {
    return null;
  }
}
