import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCodedError } from '../base/errors.ts';
import { pack, unpack } from './brotli.ts';
import { encodeGraph } from './graph/graph-file.ts';
import { recordGraph } from './graph/recorder.ts';
import type { CircuitManifest, ManifestFile } from './interface.ts';
import { ARTIFACT_FILES, describeFile, formatManifest, MANIFEST_FILE, parseManifest } from './manifest.ts';
import { writeFileAtomically } from './write-file.ts';

/** A graph of 2^15 constraints takes a megabyte; this only bounds what a damaged file can cost. */
const MAX_GRAPH_BYTES = 2 ** 28;

export type WitnessGraph =
  | { graph: Uint8Array; reason?: undefined }
  /** Why the circuit has none, in words; its WASM does the work alone. */
  | { graph?: undefined; reason: string };

/** Records a circuit's witness generation from its WASM: seconds of work. The same bytes come out everywhere. */
export function makeWitnessGraph(wasm: Uint8Array): WitnessGraph {
  try {
    return { graph: encodeGraph(recordGraph(wasm)) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { reason: error.message };
  }
}

/** True if graph and manifest in a circuit's folder are what was made now. */
export async function isGraphStanding(folder: string, made: WitnessGraph, wasm: ManifestFile): Promise<boolean> {
  const standing = await readGraph(folder);
  const same =
    made.graph === undefined || standing === undefined
      ? made.graph === standing
      : Buffer.compare(made.graph, standing) === 0;
  const manifest = await manifestOf(folder, wasm);
  return same && (manifest === undefined || manifest.files.witnessGraph?.sha256 === described(made)?.sha256);
}

/** Puts the graph in its place. Keys do not depend on it: a manifest of keys for this very circuit takes it up. */
export async function placeGraph(folder: string, made: WitnessGraph, wasm: ManifestFile): Promise<void> {
  const path = join(folder, ARTIFACT_FILES.witnessGraph);
  if (made.graph === undefined) await rm(path, { force: true });
  else await writeFileAtomically(path, pack(made.graph));
  const manifest = await manifestOf(folder, wasm);
  if (manifest === undefined) return;
  const { r1cs, provingKey, verifyingKey } = manifest.files;
  const files = { r1cs, wasm: manifest.files.wasm, ...(await describeWitnessGraph(folder)), provingKey, verifyingKey };
  await writeFileAtomically(join(folder, MANIFEST_FILE), formatManifest({ ...manifest, files }));
}

/** The manifest's entry for the graph in a circuit's folder; nothing where there is none. */
export async function describeWitnessGraph(folder: string): Promise<{ witnessGraph?: ManifestFile }> {
  const graph = await readGraph(folder);
  return graph === undefined ? {} : { witnessGraph: describeFile(graph) };
}

function described({ graph }: WitnessGraph): ManifestFile | undefined {
  return graph === undefined ? undefined : describeFile(graph);
}

async function readGraph(folder: string): Promise<Uint8Array | undefined> {
  const packed = await readFile(join(folder, ARTIFACT_FILES.witnessGraph)).catch(() => undefined);
  if (packed === undefined) return undefined;
  try {
    return unpack(packed, ARTIFACT_FILES.witnessGraph, MAX_GRAPH_BYTES);
  } catch {
    // Damaged, so not the one that belongs there.
    return new Uint8Array(0);
  }
}

/** The manifest of keys that were made for this WASM. */
async function manifestOf(folder: string, wasm: ManifestFile): Promise<CircuitManifest | undefined> {
  const bytes = await readFile(join(folder, MANIFEST_FILE)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const manifest = parseManifest(bytes);
  return manifest.files.wasm.sha256 === wasm.sha256 ? manifest : undefined;
}
