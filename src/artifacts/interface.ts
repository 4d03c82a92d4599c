/**
 * The port of `artifacts`: what a circuit is made of on disk, and the only door to it.
 *
 * `circuits/circuits.json` is the one list of circuits; `proofs/<circuit>/` holds what was made from it. Nothing is
 * handed out before its hash agrees with the manifest and its key has passed the checks of `key-checks.ts`.
 */

/** One entry of `circuits/circuits.json`. */
export interface CircuitDefinition {
  /** Also the folder's name under `proofs/`. */
  name: string;
  /** Circom file below `circuits/`, with forward slashes. It holds the template; `main` is generated. */
  file: string;
  template: string;
  /** Template parameters by name, in the template's own order. Tree depths and slot counts live here and nowhere else. */
  parameters: Readonly<Record<string, number>>;
  /** Output signals in snarkjs order; array elements one by one, without brackets (`pledge[0]` is `pledge0`). */
  outputs: readonly string[];
  /** Public inputs in snarkjs order, which is their order of declaration in the template. */
  publicInputs: readonly string[];
  /** One sentence for listings. */
  summary: string;
}

/** `development`: made by one party, who could forge proofs. `production`: made by a ceremony of several. */
export type SetupKind = 'development' | 'production';

export interface ManifestFile {
  /** Lower-case hex. */
  sha256: string;
  bytes: number;
}

export interface ManifestContribution {
  name: string;
  kind: 'contribution' | 'beacon';
  /** BLAKE2b-512 of the contribution, hex, as snarkjs prints it. */
  hash: string;
}

/** `proofs/<circuit>/manifest.json`. The build writes the first half, the setup the second. */
export interface CircuitManifest {
  version: 1;
  circuit: string;
  /** In snarkjs order: outputs, then public inputs. */
  publicSignals: readonly string[];
  constraints: { total: number; nonLinear: number; linear: number; wires: number; privateInputs: number };
  files: {
    r1cs: ManifestFile;
    wasm: ManifestFile;
    /** Left out for a circuit whose witness only its WASM can make. */
    witnessGraph?: ManifestFile;
    provingKey: ManifestFile;
    verifyingKey: ManifestFile;
  };
  setup: SetupKind;
  contributions: readonly ManifestContribution[];
  powersOfTau: { power: number; sha256: string };
  tools: Readonly<Record<string, string>>;
}

/** snarkjs's verification_key.json, as it stands on disk. Coordinates are canonical decimals. */
export interface VerifyingKey {
  protocol: 'groth16';
  curve: 'bn128';
  nPublic: number;
  vk_alpha_1: readonly [string, string, string];
  vk_beta_2: G2Decimals;
  vk_gamma_2: G2Decimals;
  vk_delta_2: G2Decimals;
  IC: readonly (readonly [string, string, string])[];
  /** e(alpha, beta), which snarkjs precomputes; never trusted here. */
  vk_alphabeta_12?: unknown;
}

export type G2Decimals = readonly [readonly [string, string], readonly [string, string], readonly [string, string]];

/** What a verifier needs of one circuit. Checked. */
export interface VerifyingArtifacts {
  name: string;
  definition: CircuitDefinition;
  manifest: CircuitManifest;
  /** SHA-256 of the bytes of verifying-key.json, lower-case hex: names the key on the wire. */
  verifyingKeyId: string;
  verifyingKey: VerifyingKey;
  /** verifying-key.json as it was hashed. */
  verifyingKeyBytes: Uint8Array;
}

/** What a prover needs on top. The bytes are the very ones that were hashed. */
export interface ProvingArtifacts extends VerifyingArtifacts {
  wasm: Uint8Array;
  /** The same as a graph of field operations, for the native engine; undefined for a circuit that has none. */
  witnessGraph: Uint8Array | undefined;
  provingKey: Uint8Array;
  /** Where `provingKey` was read from, for engines that map the file. */
  provingKeyPath: string;
}

export interface LoadArtifactsOptions {
  /** Folder with `circuits.json`. Default: the package's own `circuits/`. */
  circuitsDirectory?: string | undefined;
  /** Folder with one folder per circuit. Default: the package's own `proofs/`. */
  proofsDirectory?: string | undefined;
  /** True on a network configured as production: development keys are then refused. */
  production: boolean;
  /** Only these circuits; default all of the list. */
  circuits?: readonly string[] | undefined;
}

/**
 * All circuits of one installation, by name and by verifying key.
 * `loadArtifacts` has checked every verifying key; proving keys and WASM are read and checked when asked for.
 */
export interface CircuitRegistry {
  /** Where the circuits were read from; a worker loads the same ones with these. */
  readonly options: LoadArtifactsOptions;
  list(): readonly VerifyingArtifacts[];
  /** @throws ArtifactError ARTIFACT_UNKNOWN_CIRCUIT */
  get(name: string): VerifyingArtifacts;
  /** By the SHA-256 of its verifying-key.json; undefined if it is none of ours. */
  byVerifyingKey(id: string): VerifyingArtifacts | undefined;
  /**
   * Reads WASM and proving key, checks hashes, the key's header and its contributions.
   * @throws ArtifactError with the code of the check that failed; its `where` is the file.
   */
  openProving(name: string): Promise<ProvingArtifacts>;
  /** The circuit's constraint system, decompressed and hash checked; for `readR1cs`. @throws ArtifactError */
  openR1cs(name: string): Promise<Uint8Array>;
}
