import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { REFUSED } from '../../src/ledger/programs/statuses.ts';
import { cleanEnv, LAUNCHER, runCli } from '../unit/cli/run-cli.ts';

interface Step {
  name: string;
  ok: boolean;
  ms: number;
  [detail: string]: unknown;
}

interface Report {
  ok: boolean;
  ms: number;
  steps: Step[];
}

const STEPS = [
  'authorities',
  'import-accounts',
  'import-identities',
  'import-sanctions',
  'publish-registry',
  'boot',
  'topology',
  'registry',
  'credentials',
  'ledger',
  'offer',
  'proof',
  'verdicts',
  'qualified',
  'accepted',
  'settlement-offer',
  'attack-other-taker',
  'settlement-fill',
  'followed',
  'light-client',
  'attack-replay',
  'attacker',
  'attack-tampered',
  'attack-other-order',
  'attack-expired',
  'revocation',
  'attack-revoked',
  'attack-second-use',
  'control',
];

const REFUSALS = {
  'attack-tampered': 'GOSSIP_INVALID_PROOF',
  'attack-other-order': 'GOSSIP_UNEXPECTED_SIGNAL',
  'attack-expired': 'GOSSIP_EXPIRED',
  'attack-revoked': 'GOSSIP_STALE_ROOT',
  'attack-second-use': 'GOSSIP_NULLIFIER_SPENT',
};

/** The real command with a temporary folder of its own, so that what it leaves behind is seen. */
async function demo(t: TestContext, args: string[]) {
  const temporary = await mkdtemp(join(tmpdir(), 'zkb-demo-test-'));
  t.after(() => rm(temporary, { recursive: true, force: true }));
  const child = spawn(process.execPath, [LAUNCHER, 'demo', ...args], {
    // The compile cache is no leftover, so it stays where other runs find it.
    env: cleanEnv({ TMPDIR: temporary, NO_COLOR: '1', NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGTERM'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => {
    said.stdout += part;
  });
  const listeners = new Set<() => void>();
  child.stderr.on('data', (part) => {
    said.stderr += part;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    temporary,
    child,
    said,
    ended,
    left: () => readdir(temporary),
    /** Once standard error has matched, or the command has ended. */
    says: (pattern: RegExp) =>
      Promise.race([
        ended,
        new Promise<void>((resolve) => listeners.add(() => pattern.test(said.stderr) && resolve())),
      ]),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('the demo goes the whole way to a settled order, refuses seven attacks, and leaves nothing behind', async (t) => {
  const { said, ended, left } = await demo(t, ['--json']);
  assert.equal(await ended, 0, said.stderr);
  const lines = said.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1, 'the report is all of standard output');
  const report = JSON.parse(lines[0] ?? '') as Report;
  assert.equal(report.ok, true);
  assert.deepEqual(
    report.steps.map(({ name, ok }) => [name, ok]),
    STEPS.map((name) => [name, true]),
  );
  assert.ok(report.steps.every(({ ms }) => Number.isSafeInteger(ms) && ms >= 0));
  const step = (name: string) => report.steps.find((candidate) => candidate.name === name);

  const { peers } = step('boot') as unknown as { peers: { name: string; pid: number }[] };
  assert.equal(new Set([...peers.map(({ pid }) => pid), process.pid]).size, 5, 'four processes');
  assert.deepEqual(
    peers.filter(({ pid }) => isAlive(pid)),
    [],
  );
  assert.deepEqual(await left(), []);

  assert.equal(step('import-accounts')?.['entries'], 12);
  assert.equal(step('import-identities')?.['entries'], 9);
  assert.deepEqual([step('import-sanctions')?.['rows'], step('import-sanctions')?.['names']], [30, 34]);
  assert.match(String(step('offer')?.['policy']), /^balance\(EUR\) >= 1200 and .* and unique$/);
  const { verdicts } = step('verdicts') as unknown as { verdicts: { peer: string; from: string; code: string }[] };
  assert.deepEqual(
    verdicts.map(({ peer, code }) => [peer, code]),
    ['P1', 'P2', 'P3', 'P4'].map((peer) => [peer, 'GOSSIP_ACCEPTED']),
  );
  assert.deepEqual(step('offer')?.['way'], ['P4', 'P3', 'P2', 'P1'], 'hop by hop');
  assert.deepEqual([verdicts[0]?.from, verdicts[1]?.from], ['itself', 'P1']);
  for (const [name, code] of Object.entries(REFUSALS)) {
    const found = step(name);
    assert.deepEqual([found?.['refusedBy'], found?.['code'], found?.['reached']], ['P1', code, 0], name);
  }
  assert.equal(step('revocation')?.['provingAgain'], 'CLAIM_REVOKED');

  assert.deepEqual([step('ledger')?.['keeper'], step('ledger')?.['followers']], ['P2', ['P1', 'P3']]);
  const [offered, filled] = [step('settlement-offer'), step('settlement-fill')];
  assert.match(String(filled?.['transaction']), /^[0-9a-f]{64}$/);
  assert.ok(Number(filled?.['block']) > Number(offered?.['block']), 'locked first, then paid');
  const followed = step('followed') as unknown as { peers: { peer: string; stateRoot: string }[]; stateRoot: string };
  assert.deepEqual(
    followed.peers.map(({ peer, stateRoot }) => [peer, stateRoot]),
    ['P1', 'P2', 'P3'].map((peer) => [peer, followed.stateRoot]),
  );
  assert.deepEqual([step('followed')?.['height'], step('followed')?.['receipts']], [filled?.['block'], 3]);
  const proof = step('light-client');
  assert.deepEqual([proof?.['height'], proof?.['valid']], [filled?.['block'], true]);
  assert.equal(proof?.['record'], '01'.padEnd(32, '0'), 'one bicycle');
  assert.equal(proof?.['forged'], 'the proof does not lead to the state root');
  assert.deepEqual(step('attack-other-taker')?.['refusedBy'], ['P1', 'P2', 'P3']);
  assert.equal(step('attack-other-taker')?.['status'], REFUSED.party);
  assert.ok(Number(step('attack-other-taker')?.['feePaid']) > 0);
  const replay = step('attack-replay');
  assert.deepEqual([replay?.['refusedBy'], replay?.['code']], ['P2', 'LEDGER_TRANSACTION_REFUSED']);
  for (const words of ['Mara accepts', 'Tom pays', 'For comparison', 'reached P2-P4', 'everything as expected']) {
    assert.ok(said.stderr.includes(words), words);
  }
  assert.ok(!said.stderr.includes('\u001b'), 'no colours off a terminal');
});

test('Ctrl-C ends the demo with its peers and its folder, wherever it is', async (t) => {
  for (const at of [/A bank, an identity office/, /Mara locks a bicycle/]) {
    const { temporary, child, said, ended, says, left } = await demo(t, ['--keep', '--json']);
    await says(at);
    assert.match(said.stderr, at);
    const children = await childrenOf(child.pid ?? 0);
    if (said.stderr.includes('Four peers run')) {
      const [folder = ''] = await left();
      const dir = join(temporary, folder, 'P1');
      const { code, stdout, stderr } = await runCli(['--data-dir', dir, 'ledger', 'status', '--json']);
      assert.equal(code, 0, `the command line finds a peer of the demo by its folder: ${stdout}${stderr}`);
      assert.equal((JSON.parse(stdout) as { state: string }).state, 'follower');
    }
    child.kill('SIGINT');
    assert.equal(await ended, 130, said.stderr);
    assert.equal((JSON.parse(said.stdout) as { error: { code: string } }).error.code, 'CLI_INTERRUPTED');
    assert.deepEqual(children.filter(isAlive), []);
    assert.deepEqual(await left(), []);
  }
});

test('a demo that cannot go on says why and exits 1', async (t) => {
  const temporary = await mkdtemp(join(tmpdir(), 'zkb-demo-test-'));
  t.after(() => rm(temporary, { recursive: true, force: true }));
  const env = { TMPDIR: join(temporary, 'missing'), NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') };
  const { code, stdout, stderr } = await runCli(['demo', '--json'], { env });
  assert.equal(code, 1, stderr);
  const report = JSON.parse(stdout) as Report & { error: { code: string; message: string } };
  assert.equal(report.ok, false);
  assert.match(report.error.message, /ENOENT/);
  assert.match(stderr, /NOT as expected/);
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack');
});

/** Process ids whose parent is `pid`; empty where the system does not tell. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
