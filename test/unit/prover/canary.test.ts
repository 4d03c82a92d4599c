import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TinyProject, tinyProject } from '../artifacts/tiny.ts';
import { CANARIES, forms } from './canary.ts';

let project: TinyProject;
before(async () => {
  project = await tinyProject();
});
after(() => project.remove());

const needles = CANARIES.flatMap(forms);
const holds = (content: Buffer) => needles.some((needle) => content.includes(needle));

describe('secrets', () => {
  it('of a proof that succeeds, fails, is cancelled or crashes are in no output, error, event, job or file', async () => {
    const temporary = join(project.root, 'temporary');
    await mkdir(temporary);
    const script = fileURLToPath(new URL('./canary-run.ts', import.meta.url));
    const { circuitsDirectory, proofsDirectory } = project;
    const options = JSON.stringify({ circuitsDirectory, proofsDirectory, production: false });
    const child = spawn(process.execPath, [script, options], {
      cwd: temporary,
      env: { PATH: process.env['PATH'] ?? '', HOME: temporary, TMPDIR: temporary },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => output.push(part));
    child.stderr.on('data', (part: Buffer) => output.push(part));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const text = Buffer.concat(output);
    assert.equal(code, 0, text.toString());
    assert.match(text.toString(), /every end was lived through/);
    for (const found of ['PROVER_UNSATISFIED', 'PROVER_INPUT_INVALID', 'PROVER_CANCELLED', 'PROVER_CRASHED', 'pi_a']) {
      assert.ok(text.includes(found), `${found} did not happen`);
    }
    assert.equal(holds(text), false, 'a secret is in the output');
    const entries = await readdir(project.root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    assert.ok(files.length > 10);
    for (const entry of files) {
      const path = join(entry.parentPath, entry.name);
      assert.equal(
        holds(await readFile(path)) || needles.some((needle) => path.includes(needle.toString('latin1'))),
        false,
        path,
      );
    }
  });

  it('would be found by this search in any of their forms', () => {
    for (const needle of needles) assert.equal(holds(Buffer.concat([Buffer.from('before '), needle])), true);
    assert.equal(holds(Buffer.from(`log: ${CANARIES[1]}`)), true);
  });
});
