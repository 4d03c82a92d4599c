import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../base/private-file.ts';
import type { CliContext } from '../context.ts';
import { Exit } from '../errors.ts';
import { Attacks } from './attacks.ts';
import { Authorities } from './authorities.ts';
import { CommandLine } from './command.ts';
import { Workshop } from './holder.ts';
import { DemoLedger } from './ledger.ts';
import { DemoNetwork } from './network.ts';
import { bootStep, issuerSteps, joinSteps } from './preparation.ts';
import { finish, sayResult } from './report.ts';
import { Script } from './script.ts';
import { Settlement } from './settlement.ts';
import { trade } from './trade.ts';

const TITLE = [
  'zkbazaar demo',
  '',
  'Mara sells a bicycle. Tom wants it, and must show that he qualifies: enough money, old enough, in the EU, on no',
  'sanctions list, and only once. He proves that on his own machine and shows nothing else. Every peer checks the proof',
  'itself before it passes it on. Then bicycle and money change hands in one step, on a ledger that peers recompute.',
  'Others try to cheat, Fionn first of all. Everything runs here, in a temporary folder; give it a minute.',
];

/** Things to be put away at the end, last one first. */
class Closing {
  readonly #parts: (() => Promise<void> | void)[] = [];

  add(close: () => Promise<void> | void): void {
    this.#parts.push(close);
  }

  async run(): Promise<void> {
    for (const close of this.#parts.splice(0).reverse()) await close();
  }
}

/**
 * The whole way on real files, processes, sockets and proofs. Sets exit code 1 if anything is not as expected.
 * @throws only when interrupted; every process is ended and the folder removed before
 */
export async function runDemo(context: CliContext, { keep }: { keep: boolean }): Promise<void> {
  const script = new Script(context);
  const closing = new Closing();
  let failure: unknown;
  let network: DemoNetwork | undefined;
  try {
    for (const line of TITLE) script.say(line);
    network = await play(context.signal, script, closing);
  } catch (error) {
    failure = error;
  }
  const ok = failure === undefined;
  if (ok && keep && network !== undefined) {
    finish(context, script, { network });
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    context.note('stopping the peers');
    await closing.run();
    return;
  }
  const stopping = context.progress('  ...  stopping the peers');
  await closing.run();
  stopping.done();
  if (context.signal.aborted) throw failure;
  finish(context, script, { failure });
  if (!ok) process.exitCode = Exit.Negative;
}

async function play(signal: AbortSignal, script: Script, closing: Closing): Promise<DemoNetwork> {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-demo-'));
  closing.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  // Again at the very end: work that Ctrl-C cut off may have written once more, and a second Ctrl-C waits for nothing.
  const running: { kill(): void }[] = [];
  process.once('exit', () => {
    for (const part of running) part.kill();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const passphrase = randomBytes(24).toString('base64url');
  const passphraseFile = join(dir, 'passphrase');
  await writePrivateFile(passphraseFile, passphrase);
  const wallet = (owner: string): string => join(dir, owner, 'wallet');
  const wallets = { mara: wallet('P4'), tom: wallet('P1'), fionn: wallet('fionn') };

  const command = new CommandLine(passphraseFile);
  closing.add(() => command.stop());
  running.push(command);
  const ledger = new DemoLedger(dir, command);
  const created = ledger.create();
  created.catch(() => undefined);

  script.heading('1  Issuers and registry');
  const { authorities } = await script.step('authorities', 'making keys and wallets', async () => {
    const made = await Authorities.create(dir, passphrase, wallets);
    return { text: 'A bank, an identity office, a registry, and wallets for Mara, Tom and Fionn', authorities: made };
  });
  closing.add(() => authorities.close());
  const network = new DemoNetwork({ dir, registryKey: authorities.registryKey, passphraseFile }, signal);
  running.push(network);
  closing.add(() => network.stop());
  // Peers start while the issuers work; their failure is the boot step's to report.
  const bootedAt = performance.now();
  const booting = network.start(created, (keeper) => ledger.keptBy(keeper));
  booting.catch(() => undefined);
  const issued = await issuerSteps(script, authorities);
  const { balances, people, published } = issued;

  await bootStep(script, network, booting, bootedAt);
  const workshopOpening = Workshop.open();
  workshopOpening.catch(() => undefined);
  closing.add(() => workshopOpening.then((workshop) => workshop.close()).catch(() => undefined));
  await joinSteps({ script, network, ledger, issued });

  script.heading('3  The trade');
  const deal = await trade(script, network, signal);

  // Unlocking wallets and proving take a while, which the settlement leaves to other cores.
  const preparing = workshopOpening.then(async (workshop) => {
    const [fionn, tom] = await Promise.all([
      workshop.holder(wallets.fionn, passphrase, published.snapshot),
      workshop.holder(wallets.tom, passphrase, published.snapshot),
    ]);
    await fionn.import([...balances.credentials.fionn, ...people.credentials.fionn]);
    const richest = balances.credentials.tom.toSorted((a, b) => Number(b.attributes[1]) - Number(a.attributes[1]))[0];
    return new Attacks({
      script,
      network,
      authorities,
      deal,
      fionn,
      tom,
      fionnSerial: people.credentials.fionn[0]?.serial ?? '',
      tomSerial: richest?.serial ?? '',
      signal,
    });
  });
  preparing.catch(() => undefined);

  script.heading('4  The settlement, on the ledger: the bicycle against the money');
  const settlement = new Settlement({ script, network, ledger, deal, dir, signal });
  await settlement.run();

  script.heading('5  More attacks: each by a stranger with a fresh identity, connected to P1 alone');
  const attacks = await preparing;
  await attacks.run();

  sayResult(script, { settlement, attacks });
  return network;
}
