/**
 * Proving on this machine.
 *
 * @example
 * const circuits = await loadArtifacts({ production: false });
 * const service = createProverService({}, { circuits });
 * const job = service.submit({ circuit: claim.circuit, inputs: claim.inputs });
 * const { proof, publicSignals } = await service.wait(job.id);
 */
import type { CircuitRegistry } from '../artifacts/index.ts';
import type { Clock } from '../base/clock.ts';
import type { EngineOptions } from './engine.ts';
import type { ProverService } from './interface.ts';
import { LocalProver } from './local-prover.ts';
import { ProcessProver, type ProcessProverInit } from './process-prover.ts';
import { type ProverServiceInit, QueuedProverService } from './service.ts';

export { Engine, type EngineOptions } from './engine.ts';
export { ProverError, ProverErrorCode } from './errors.ts';
export { flattenInputs } from './inputs.ts';
export type * from './interface.ts';
export { LocalProver } from './local-prover.ts';
export type { TableOptions } from './native-key.ts';
export { ProcessProver, type ProcessProverInit } from './process-prover.ts';
export { type ProverServiceInit, QueuedProverService } from './service.ts';
export { calculateWitness, calculateWitnessFrom } from './witness.ts';
export { WitnessCalculator } from './witness-calculator.ts';

/** The warm engine behind the `Prover` port; nothing starts before the first proof. */
export function createProver(init: ProcessProverInit, components: { circuits: CircuitRegistry }): ProcessProver {
  return new ProcessProver(init, components);
}

/** The job queue over a warm engine of its own. */
export function createProverService(
  init: ProverServiceInit & ProcessProverInit,
  { circuits, clock }: { circuits: CircuitRegistry; clock?: Clock | undefined },
): ProverService {
  const prover = createProver(init, { circuits });
  return new QueuedProverService(init, { prover, circuits: circuits.list().map(({ name }) => name), clock });
}

/** The same queue over an engine in this very process: for commands that prove once and end. */
export function createLocalProverService(
  init: ProverServiceInit & EngineOptions,
  { circuits, clock }: { circuits: CircuitRegistry; clock?: Clock | undefined },
): ProverService {
  const prover = new LocalProver(init, { circuits });
  return new QueuedProverService(init, { prover, circuits: circuits.list().map(({ name }) => name), clock });
}
