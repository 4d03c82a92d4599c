/** Writes test/vectors/tiny again: `node test/unit/artifacts/make-tiny.ts`. Keys come out different every time. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { closeCurve } from '../../../src/artifacts/index.ts';
import { makeTinyProject, TINY_VECTORS } from './tiny.ts';

const project = await makeTinyProject();
await rm(TINY_VECTORS, { recursive: true, force: true });
await mkdir(TINY_VECTORS, { recursive: true });
await cp(project.circuitsDirectory, join(TINY_VECTORS, 'circuits'), { recursive: true });
await cp(project.proofsDirectory, join(TINY_VECTORS, 'proofs'), { recursive: true });
await cp(project.powersOfTau.path, join(TINY_VECTORS, 'cache', 'ptau', 'development-7.ptau'));
await closeCurve();
await rm(project.root, { recursive: true, force: true });
