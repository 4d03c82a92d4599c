/** Lives through every end of a proof with canary inputs, and prints all that a caller could see or log. */
import { inspect } from 'node:util';
import { loadArtifacts } from '../../../src/artifacts/index.ts';
import { createProver, createProverService, QueuedProverService } from '../../../src/prover/index.ts';
import { CANARIES, canaryInputs } from './canary.ts';

const show = (value: unknown) => process.stdout.write(`${inspect(value, { depth: null, showHidden: true })}\n`);
const circuits = await loadArtifacts(JSON.parse(process.argv[2] ?? '{}'));
const good = { circuit: 'power', inputs: canaryInputs('3') };
const secret = String(CANARIES[0]);
const bad = [
  { circuit: 'power', inputs: canaryInputs('0') },
  { circuit: 'power', inputs: canaryInputs(secret) },
  { circuit: 'power', inputs: canaryInputs(`${secret}x`) },
  { circuit: 'power', inputs: { ...canaryInputs('3'), extra: secret } },
  { circuit: 'power', inputs: { salt: '5', a: secret } },
  { circuit: secret, inputs: canaryInputs('3') },
  { circuit: 'power', inputs: { ...canaryInputs('3'), [secret]: '1' } },
];

const prover = createProver({}, { circuits });
const service = new QueuedProverService({}, { prover, circuits: ['power', 'chain'] });
const follow = async (id: string) => {
  for await (const event of service.events(id)) show(event);
  show(await service.wait(id).catch((error: unknown) => error));
  show(service.get(id));
};

await follow(service.submit(good).id);
for (const request of bad) {
  try {
    await follow(service.submit(request).id);
  } catch (error) {
    show(error);
  }
  show(await prover.prove(request).catch((error: unknown) => error));
}
const cancelled = service.submit(good);
for await (const event of service.events(cancelled.id)) if (event.state === 'running') service.cancel(cancelled.id);
await follow(cancelled.id);
await prover.warm('power');
const pid = prover.enginePid;
if (pid === undefined) throw new Error('no engine');
// Stopped, handed the inputs, aborted, and let go: it dies with the inputs on its hands, and may try to dump core.
process.kill(pid, 'SIGSTOP');
const crashed = service.submit(good);
for await (const event of service.events(crashed.id)) {
  if (event.state !== 'running') continue;
  process.kill(pid, 'SIGABRT');
  process.kill(pid, 'SIGCONT');
}
await follow(crashed.id);
const closing = createProverService({}, { circuits });
const unfinished = closing.submit(good);
await closing.close();
show(closing.get(unfinished.id));
show(service.list());
show(service.stats());
await service.close();
process.stdout.write('every end was lived through\n');
