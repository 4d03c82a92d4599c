/** What a process of its own adds to the promises of the port, which engines.test.ts has. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CircuitRegistry, closeCurve, loadArtifacts, loadSnarkjs } from '../../../src/artifacts/index.ts';
import { createProver, createProverService, type ProcessProver, type ProofResult } from '../../../src/prover/index.ts';
import { powerInputs, type TinyProject, tinyProject } from '../artifacts/tiny.ts';

let project: TinyProject;
let circuits: CircuitRegistry;
let prover: ProcessProver;

before(async () => {
  project = await tinyProject();
  circuits = await loadArtifacts({ ...project, production: false });
  prover = createProver({}, { circuits });
});
after(async () => {
  await prover.close();
  await closeCurve();
  await project.remove();
});

const power = (a = 3) => ({ circuit: 'power', inputs: powerInputs(a) });

async function verifies(circuit: string, { proof, publicSignals }: ProofResult): Promise<boolean> {
  const { groth16 } = await loadSnarkjs();
  return groth16.verify(circuits.get(circuit).verifyingKey, publicSignals, proof);
}

/** True while a process exists that is not a zombie waiting to be collected. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Without an init that collects orphans, a dead one keeps its number.
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function dies(pid: number): Promise<void> {
  for (let i = 0; i < 6000 && isAlive(pid); i++) await sleep(10);
  assert.equal(isAlive(pid), false, 'the engine still runs');
}

describe('refusals', () => {
  it('come with a code and leave the engine running', async () => {
    await prover.warm('power');
    const pid = prover.enginePid;
    assert.ok(pid);
    await assert.rejects(prover.prove(power(70_000)), { code: 'PROVER_UNSATISFIED' });
    await assert.rejects(prover.prove({ circuit: 'power', inputs: { a: '1' } }), { code: 'PROVER_INPUT_INVALID' });
    await assert.rejects(prover.prove({ circuit: 'none', inputs: {} }), { code: 'PROVER_UNKNOWN_CIRCUIT' });
    assert.equal((await prover.prove(power())).publicSignals[0], '6566');
    assert.equal(prover.enginePid, pid);
  });

  it('of damaged files name the file and its check', async () => {
    const other = await tinyProject();
    const registry = await loadArtifacts({ ...other, production: false });
    const broken = createProver({}, { circuits: registry });
    try {
      await rm(join(other.proofsDirectory, 'power', 'circuit.wasm'));
      await assert.rejects(broken.prove(power()), (error: { code: string; message: string; where: string }) => {
        assert.equal(error.code, 'PROVER_ARTIFACTS_UNUSABLE');
        assert.match(error.message, /ARTIFACT_FILE_MISSING/);
        return error.where === 'power/circuit.wasm';
      });
      assert.ok(await broken.prove({ circuit: 'chain', inputs: { a: '2' } }));
    } finally {
      await broken.close();
      await other.remove();
    }
  });
});

describe('an engine', () => {
  it('is killed when its proof is cancelled, and the next proof gets a fresh one', async () => {
    await prover.warm('power');
    const pid = prover.enginePid;
    assert.ok(pid);
    const controller = new AbortController();
    const cancelled = prover.prove(power(), {
      signal: controller.signal,
      onProgress: (stage) => {
        if (stage === 'witness') controller.abort();
      },
    });
    const next = prover.prove(power(2));
    await assert.rejects(cancelled, { code: 'PROVER_CANCELLED' });
    await dies(pid);
    assert.equal((await next).publicSignals[0], '261');
    assert.notEqual(prover.enginePid, pid);
  });

  it('survives the cancelling of a proof that waits', async () => {
    const pid = prover.enginePid;
    const controller = new AbortController();
    const running = prover.prove(power());
    const waiting = prover.prove(power(), { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { code: 'PROVER_CANCELLED' });
    assert.ok(await running);
    assert.equal(prover.enginePid, pid);
    await assert.rejects(prover.prove(power(), { signal: AbortSignal.abort() }), { code: 'PROVER_CANCELLED' });
  });

  it('that dies fails its own proof only', async () => {
    await prover.warm('power');
    const pid = prover.enginePid;
    assert.ok(pid);
    // Stopped first, so that it surely dies with the proof on its hands.
    process.kill(pid, 'SIGSTOP');
    const lost = prover.prove(power());
    const next = prover.prove(power(2));
    process.kill(pid, 'SIGKILL');
    await assert.rejects(lost, { code: 'PROVER_CRASHED' });
    assert.equal((await next).publicSignals[0], '261');
  });

  it('ends by itself when it has nothing to do', async () => {
    const idle = createProver({ idleMs: 20 }, { circuits });
    await idle.warm('power');
    const pid = idle.enginePid;
    assert.ok(pid);
    await dies(pid);
    assert.equal(idle.enginePid, undefined);
    assert.ok(await idle.prove(power()));
    await idle.close();
  });

  it('ends with its parent, even one that is killed', async () => {
    const { fork } = await import('node:child_process');
    const parent = fork(new URL('./engine-parent.ts', import.meta.url), [JSON.stringify(circuits.options)]);
    const [pid] = (await once(parent, 'message')) as [number];
    assert.equal(isAlive(pid), true);
    parent.kill('SIGKILL');
    await dies(pid);
  });

  it('ends when the prover is closed, with what it was doing', async () => {
    const closing = createProver({}, { circuits });
    const running = closing.prove(power());
    const waiting = closing.prove(power());
    const expected = [running, waiting].map((proof) => assert.rejects(proof, { code: 'PROVER_CLOSED' }));
    const pid = closing.enginePid;
    assert.ok(pid);
    await closing.close();
    await Promise.all(expected);
    assert.equal(isAlive(pid), false);
    await assert.rejects(closing.prove(power()), { code: 'PROVER_CLOSED' });
    await closing.close();
  });
});

describe('the service over a real engine', () => {
  it('proves, cancels and times out', async () => {
    const service = createProverService({ timeoutMs: 60_000 }, { circuits });
    try {
      const cancelled = service.submit(power());
      for await (const event of service.events(cancelled.id)) {
        if (event.state === 'running') service.cancel(cancelled.id);
      }
      assert.equal(service.get(cancelled.id)?.state, 'cancelled');
      const expired = service.submit(power(), { timeoutMs: 1 });
      await assert.rejects(service.wait(expired.id), { code: 'PROVER_TIMEOUT' });
      const done = service.submit(power());
      assert.equal(await verifies('power', await service.wait(done.id)), true);
    } finally {
      await service.close();
    }
  });
});
