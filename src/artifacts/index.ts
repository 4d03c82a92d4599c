export {
  type CircuitList,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  publicSignalsOf,
  readCircuitList,
  readCircuitListSync,
} from './circuit-list.ts';
export { ArtifactError, ArtifactErrorCode } from './errors.ts';
export type * from './interface.ts';
export { parseVerifyingKey } from './key-checks.ts';
export { loadArtifacts } from './load.ts';
export { ARTIFACT_FILES, MANIFEST_FILE, parseManifest } from './manifest.ts';
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
export { allocateWitnessFile, readWitnessFile } from './wtns.ts';
export { type ProvingKeyHeader, readProvingKeyHeader, type ZkeyContribution, ZkeySection } from './zkey.ts';
