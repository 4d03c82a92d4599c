/** Ways to damage a tiny project so that exactly one check can notice. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ARTIFACT_FILES,
  ArtifactError,
  type CircuitManifest,
  MANIFEST_FILE,
  parseManifest,
  unpackR1cs,
} from '../../../src/artifacts/index.ts';
import { describeFile, formatManifest } from '../../../src/artifacts/manifest.ts';
import type { TinyProject } from './tiny.ts';

export async function readProof(project: TinyProject, circuit: string, file: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(project.proofsDirectory, circuit, file)));
}

export async function writeProof(
  project: TinyProject,
  circuit: string,
  file: string,
  content: Uint8Array | string,
): Promise<void> {
  await writeFile(join(project.proofsDirectory, circuit, file), content);
}

export async function readManifest(project: TinyProject, circuit: string): Promise<CircuitManifest> {
  return parseManifest(await readProof(project, circuit, MANIFEST_FILE));
}

export async function editManifest(
  project: TinyProject,
  circuit: string,
  edit: (manifest: CircuitManifest) => unknown,
): Promise<void> {
  const edited = edit(await readManifest(project, circuit)) as CircuitManifest;
  await writeProof(project, circuit, MANIFEST_FILE, formatManifest(edited));
}

/** Replaces a file and lets the manifest agree, so that the hash check passes. */
export async function replaceFile(
  project: TinyProject,
  circuit: string,
  file: keyof typeof ARTIFACT_FILES,
  content: Uint8Array,
): Promise<void> {
  await writeProof(project, circuit, ARTIFACT_FILES[file], content);
  const plain = file === 'r1cs' ? unpackR1cs(content, 'test') : content;
  await editManifest(project, circuit, (manifest) => ({
    ...manifest,
    files: { ...manifest.files, [file]: describeFile(plain) },
  }));
}

export async function refuses(code: string, action: () => Promise<unknown>, where?: RegExp): Promise<ArtifactError> {
  let caught: unknown;
  await assert.rejects(action, (error) => {
    caught = error;
    return true;
  });
  assert.ok(caught instanceof ArtifactError, `not an ArtifactError: ${String(caught)}`);
  assert.equal(caught.code, code);
  if (where !== undefined) assert.match(caught.where ?? '', where);
  return caught;
}
