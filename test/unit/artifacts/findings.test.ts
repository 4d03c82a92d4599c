import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type AcceptedFinding,
  buildCircuits,
  type Finding,
  parseSarif,
  readAcceptedFindings,
  requireAccepted,
  runCircomspect,
} from '../../../src/artifacts/index.ts';
import { refuses } from './refusals.ts';
import { type TinyProject, tinyProject } from './tiny.ts';

let project: TinyProject;
beforeEach(async () => {
  project = await tinyProject();
});
afterEach(() => project.remove());

const CARELESS = `pragma circom 2.2.0;
template Careless() {
    signal input a;
    signal input unused;
    signal output out;
    out <-- a == 0 ? 1 : 0;
}
`;

describe('static checks', () => {
  it('circomspect finds an assignment without a constraint, with its line', async () => {
    await writeFile(join(project.circuitsDirectory, 'claims', 'careless.circom'), CARELESS);
    const findings = await runCircomspect(project.circuitsDirectory);
    const found = findings.find(({ rule, where }) => rule === 'CS0005' && where === 'claims/careless.circom');
    assert.match(found?.message ?? '', /out <-- a == 0 \? 1 : 0;$/);
  });

  it('circom --inspect finds a signal without a constraint', async () => {
    await writeFile(join(project.circuitsDirectory, 'claims', 'power.circom'), CARELESS);
    const [power] = project.list.circuits;
    assert.ok(power);
    const careless = { ...power, template: 'Careless', publicInputs: ['a'] };
    const list = { ...project.list, circuits: [careless] };
    const [built] = await buildCircuits({ ...project, list, proofsDirectory: join(project.root, 'other') });
    assert.ok(built?.findings.some(({ tool, message }) => tool === 'circom' && message.includes('unused')));
  });
});

describe('judging findings', () => {
  const finding: Finding = { tool: 'circom', rule: 'CA01', where: 'power', message: 'In template "A(3)": signal x' };
  const entry: AcceptedFinding = { ...finding, reason: 'the signal is constrained elsewhere' };
  const judge = (findings: Finding[], accepted: AcceptedFinding[]) => async () => requireAccepted(findings, accepted);

  it('a finding with a reason passes', async () => {
    await judge([finding, finding], [entry])();
    await judge([finding], [{ ...entry, where: '*', message: 'In template "A(*)": signal x' }])();
  });
  it('a finding that nobody judged fails', async () => {
    await refuses('ARTIFACT_FINDING_NOT_ACCEPTED', judge([finding], []));
    for (const change of [
      { rule: 'CA02' },
      { where: 'chain' },
      { message: 'other' },
      { tool: 'circomspect' as const },
    ]) {
      await refuses('ARTIFACT_FINDING_NOT_ACCEPTED', judge([finding], [{ ...entry, ...change }]));
    }
  });
  it('a judgement whose finding is gone fails', async () => {
    const error = await refuses('ARTIFACT_FINDING_NOT_ACCEPTED', judge([], [entry]));
    assert.match(error.message, /no longer found/);
  });
  it('a message is matched whole, and its brackets are no pattern', async () => {
    await refuses(
      'ARTIFACT_FINDING_NOT_ACCEPTED',
      judge([{ ...finding, message: `${finding.message} and y` }], [entry]),
    );
    await refuses(
      'ARTIFACT_FINDING_NOT_ACCEPTED',
      judge([{ ...finding, message: 'In template "AXX": signal x' }], [entry]),
    );
  });
  it('a reason is required', async () => {
    const bad = { version: 1, findings: [{ ...entry, reason: 'ok' }] };
    await writeFile(join(project.circuitsDirectory, 'accepted-findings.json'), JSON.stringify(bad));
    await refuses('ARTIFACT_LIST_INVALID', () => readAcceptedFindings(project.circuitsDirectory));
  });
  it('a report without results has no findings', () => {
    assert.deepEqual(parseSarif('{"runs":[{"results":[]}]}'), []);
  });
});
