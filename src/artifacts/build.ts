import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireEnoughPowers } from './ceremony.ts';
import { type CircuitList, publicSignalsOf } from './circuit-list.ts';
import { type CompiledCircuit, circomVersion, compileCircuit, publicNamesFromSym, stageCircuits } from './compile.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { type Finding, inspectionFinding } from './findings.ts';
import type { CircuitDefinition, ManifestFile } from './interface.ts';
import { ARTIFACT_FILES, describeFile } from './manifest.ts';
import type { MakingListener } from './progress.ts';
import { type R1csHeader, readR1csHeader } from './r1cs.ts';
import { packR1cs, unpackR1cs } from './r1cs-file.ts';
import { isGraphStanding, makeWitnessGraph, placeGraph, type WitnessGraph } from './witness-graph.ts';
import { writeFileAtomically } from './write-file.ts';

export interface BuildOptions {
  list: CircuitList;
  circuitsDirectory: string;
  proofsDirectory: string;
  circuits?: readonly string[] | undefined;
  /** Compile and compare with what stands in `proofs/`; write nothing. */
  check?: boolean | undefined;
  onProgress?: MakingListener | undefined;
}

export interface BuiltCircuit {
  circuit: string;
  header: R1csHeader;
  r1cs: ManifestFile;
  wasm: ManifestFile;
  /** What takes the WASM's place in the native engine. */
  witnessGraph: WitnessGraph;
  /** True if the files in `proofs/` were already these, bit for bit. */
  unchanged: boolean;
  /** What `circom --inspect` says. */
  findings: readonly Finding[];
}

/**
 * Compiles every circuit of the list. Each result is checked against the list: number, names and order of its public
 * signals, and its size.
 * @throws ArtifactError ARTIFACT_COMPILE_FAILED (also for another compiler than the list names), ARTIFACT_PUBLIC_SIGNALS_MISMATCH, ARTIFACT_TOO_MANY_CONSTRAINTS;
 *   with `check` ARTIFACT_NOT_REPRODUCIBLE
 */
export async function buildCircuits(options: BuildOptions): Promise<BuiltCircuit[]> {
  const wanted = options.list.circuits.filter(({ name }) => options.circuits?.includes(name) ?? true);
  const version = await circomVersion();
  if (version !== options.list.compiler.circom) {
    throw new ArtifactError(
      ArtifactErrorCode.CompileFailed,
      `circuits.json wants circom ${options.list.compiler.circom}, installed is ${version}`,
      { hint: 'another compiler makes other files: run `npm ci`, or raise the version and make new keys' },
    );
  }
  const stage = await stageCircuits(options.circuitsDirectory);
  try {
    // One after the other: the compiler takes a core and up to a gigabyte for each.
    const built: BuiltCircuit[] = [];
    for (const circuit of wanted) {
      options.onProgress?.({ circuit: circuit.name, step: 'compile' });
      const compiled = await compileCircuit(stage, circuit, options.list.compiler, { sym: true, inspect: true });
      built.push(await place(options, circuit, compiled));
    }
    return built;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function place(
  { list, proofsDirectory, check, onProgress }: BuildOptions,
  circuit: CircuitDefinition,
  compiled: CompiledCircuit,
): Promise<BuiltCircuit> {
  const header = readR1csHeader(compiled.r1cs);
  checkPublicSignals(circuit, header, compiled.sym ?? '');
  requireEnoughPowers(header, list.maxPower, circuit.name);
  const folder = join(proofsDirectory, circuit.name);
  const differing: string[] = [];
  for (const file of ['r1cs', 'wasm'] as const) {
    const path = join(folder, ARTIFACT_FILES[file]);
    if (isStanding(file, await readFile(path).catch(() => undefined), compiled)) continue;
    differing.push(ARTIFACT_FILES[file]);
    if (check === true) continue;
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(path, file === 'r1cs' ? packR1cs(compiled.r1cs) : compiled.wasm);
  }
  const wasm = describeFile(compiled.wasm);
  onProgress?.({ circuit: circuit.name, step: 'witness graph' });
  const witnessGraph = makeWitnessGraph(compiled.wasm);
  if (!(await isGraphStanding(folder, witnessGraph, wasm))) {
    differing.push(ARTIFACT_FILES.witnessGraph);
    if (check !== true) await placeGraph(folder, witnessGraph, wasm);
  }
  if (check === true && differing.length > 0) {
    throw new ArtifactError(
      ArtifactErrorCode.NotReproducible,
      `${circuit.name}: ${differing.join(' and ')} in proofs/ is not what the circuits compile to`,
      {
        where: circuit.name,
        hint: 'run `npm run circuits:build` and `npm run circuits:setup`; peers need the new keys',
      },
    );
  }
  return {
    circuit: circuit.name,
    header,
    r1cs: describeFile(compiled.r1cs),
    wasm,
    witnessGraph,
    unchanged: differing.length === 0,
    findings: compiled.inspection.map((line) => inspectionFinding(circuit.name, line)),
  };
}

function isStanding(file: 'r1cs' | 'wasm', standing: Uint8Array | undefined, compiled: CompiledCircuit): boolean {
  if (standing === undefined) return false;
  try {
    const plain = file === 'r1cs' ? unpackR1cs(standing, ARTIFACT_FILES.r1cs, compiled.r1cs.length) : standing;
    return Buffer.compare(plain, compiled[file]) === 0;
  } catch {
    return false;
  }
}

function checkPublicSignals(circuit: CircuitDefinition, header: R1csHeader, sym: string): void {
  const listed = publicSignalsOf(circuit);
  const found = publicNamesFromSym(sym, header.nPubOut + header.nPubIn);
  if (header.nPubOut !== circuit.outputs.length || found.join() !== listed.join()) {
    throw new ArtifactError(
      ArtifactErrorCode.PublicSignalsMismatch,
      `${circuit.name} has the public signals ${found.join(', ')}; circuits.json lists ${listed.join(', ')}`,
      { where: circuit.name },
    );
  }
}
