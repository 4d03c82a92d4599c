export { type BuildOptions, type BuiltCircuit, buildCircuits } from './build.ts';
export {
  applyBeacon,
  CEREMONY_R1CS,
  type CeremonyFolder,
  ceremonyKey,
  contribute,
  openCeremony,
  type StartCeremony,
  startCeremony,
} from './ceremony.ts';
export {
  type CircuitList,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  publicSignalsOf,
  readCircuitList,
  readCircuitListSync,
} from './circuit-list.ts';
export {
  type CompiledCircuit,
  circomVersion,
  compileCircuit,
  listCircomFiles,
  mainComponent,
  stageCircuits,
} from './compile.ts';
export { ArtifactError, ArtifactErrorCode } from './errors.ts';
export {
  type FinalizeCeremony,
  finalizeCeremony,
  MIN_PRODUCTION_CONTRIBUTORS,
  type VerifyCeremony,
  verifyCeremony,
} from './finalize.ts';
export {
  type AcceptedFinding,
  type Finding,
  parseSarif,
  readAcceptedFindings,
  requireAccepted,
  runCircomspect,
} from './findings.ts';
export type * from './interface.ts';
export { parseVerifyingKey } from './key-checks.ts';
export { loadArtifacts } from './load.ts';
export { ARTIFACT_FILES, MANIFEST_FILE, parseManifest } from './manifest.ts';
export {
  cacheDirectory,
  developmentPowersOfTau,
  openPowersOfTau,
  type PowersOfTau,
  type PowersOfTauOrigin,
} from './powers-of-tau.ts';
export type { MakingListener, MakingProgress, MakingStep } from './progress.ts';
export { COEFFICIENT_BYTES, type ProvingKey, readProvingKey } from './proving-key.ts';
export {
  type Constraint,
  countLinear,
  evaluateCombination,
  firstBrokenConstraint,
  type LinearCombination,
  type R1cs,
  type R1csHeader,
  readR1cs,
  readR1csHeader,
} from './r1cs.ts';
export { packR1cs, readBuiltR1cs, unpackR1cs } from './r1cs-file.ts';
export { type SetupOptions, type SetupResult, setupCircuits } from './setup.ts';
export type * from './snarkjs.ts';
export { closeCurve, loadSnarkjs, openCurve } from './snarkjs.ts';
export { toolVersions } from './tools.ts';
export { type CeremonyStep, type CeremonyTranscript, parseTranscript, readTranscript } from './transcript.ts';
export { makeWitnessGraph, type WitnessGraph } from './witness-graph.ts';
export { allocateWitnessFile, readWitnessFile } from './wtns.ts';
export { type ProvingKeyHeader, readProvingKeyHeader, type ZkeyContribution, ZkeySection } from './zkey.ts';
