import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../base/private-file.ts';
import type { NodeInfo } from '../../node/interface.ts';
import type { CliContext } from '../context.ts';
import { Exit, reportOf } from '../errors.ts';
import { Attacks } from './attacks.ts';
import { Authorities, type Issued } from './authorities.ts';
import { Workshop } from './holder.ts';
import { DemoNetwork } from './network.ts';
import { Script, table } from './script.ts';
import { trade } from './trade.ts';

const TITLE = [
  'zkbazaar demo',
  '',
  'Mara sells a bicycle. Tom wants it, and must show that he qualifies: enough money, old enough, in the EU, on no',
  'sanctions list, and only once. He proves that on his own machine and shows nothing else. Every peer checks the proof',
  'itself before it passes it on. Then others try to cheat. All of it runs here, in a temporary folder.',
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
  await closing.run();
  if (context.signal.aborted) throw failure;
  finish(context, script, { failure });
  if (!ok) process.exitCode = Exit.Negative;
}

async function play(signal: AbortSignal, script: Script, closing: Closing): Promise<DemoNetwork> {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-demo-'));
  closing.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  // Again at the very end: work that Ctrl-C cut off may have written once more, and a second Ctrl-C waits for nothing.
  const peers: DemoNetwork[] = [];
  process.once('exit', () => {
    for (const network of peers) network.kill();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const passphrase = randomBytes(24).toString('base64url');
  const passphraseFile = join(dir, 'passphrase');
  await writePrivateFile(passphraseFile, passphrase);
  const wallet = (owner: string): string => join(dir, owner, 'wallet');
  const wallets = { mara: wallet('P4'), tom: wallet('P1'), fionn: wallet('fionn') };

  script.heading('1  Issuers and registry');
  const { authorities } = await script.step('authorities', 'making keys and wallets', async () => {
    const made = await Authorities.create(dir, passphrase, wallets);
    return { text: 'A bank, an identity office, a registry, and wallets for Mara, Tom and Fionn', authorities: made };
  });
  closing.add(() => authorities.close());
  const network = new DemoNetwork({ dir, registryKey: authorities.registryKey, passphraseFile }, signal);
  peers.push(network);
  closing.add(() => network.stop());
  // Peers start while the issuers work; their failure is the boot step's to report.
  const bootedAt = performance.now();
  const booting = network.start();
  booting.catch(() => undefined);
  const { balances, people, published } = await authoritiesAtWork(script, authorities);

  script.heading('2  Four peers, each a process of its own: P1 - P2 - P3 - P4');
  await script.step(
    'boot',
    'starting four peers',
    async () => {
      await booting;
      const list = network.peers.map(({ name, processId, url }) => ({ name, pid: processId, url }));
      const { developmentKeys } = await network.peer('P1').client.get<NodeInfo>('/v1/node');
      return {
        text: 'Four peers run, each with a REST API and a TCP port on 127.0.0.1',
        lines: developmentKeys
          ? ['DEVELOPMENT KEYS: made by one party, who could forge proofs. Not for real value.']
          : [],
        data: { developmentKeys, peers: list },
      };
    },
    bootedAt,
  );
  const workshopOpening = Workshop.open();
  workshopOpening.catch(() => undefined);
  closing.add(() => workshopOpening.then((workshop) => workshop.close()).catch(() => undefined));
  await script.step('topology', 'connecting the peers', async () => {
    await network.connectInLine();
    return { text: 'Neighbours are connected, and only they: P1 reaches P4 by way of P2 and P3' };
  });
  await script.step('registry', 'the registry travels', async () => {
    await network.publishRegistry(published.file, published.snapshot.sequence);
    return {
      text: 'P1 is given the registry file and announces it; all peers hold the same root',
      data: { sequence: published.snapshot.sequence, root: published.snapshot.root },
    };
  });
  await script.step('credentials', 'importing credentials', async () => {
    for (const [player, peer] of [
      ['tom', network.peer('P1')],
      ['mara', network.peer('P4')],
    ] as const) {
      await peer.client.post('/v1/credentials', [...balances.credentials[player], ...people.credentials[player]]);
    }
    return { text: 'Tom and Mara import their credentials into their encrypted wallets' };
  });

  script.heading('3  The trade');
  const deal = await trade(script, network, signal);

  script.heading('4  The attacks: each by a stranger with a fresh identity, connected to P1 alone');
  const workshop = await workshopOpening;
  const [fionn, tom] = await Promise.all([
    workshop.holder(wallets.fionn, passphrase, published.snapshot),
    workshop.holder(wallets.tom, passphrase, published.snapshot),
  ]);
  await fionn.import([...balances.credentials.fionn, ...people.credentials.fionn]);
  const richest = balances.credentials.tom.toSorted((a, b) => Number(b.attributes[1]) - Number(a.attributes[1]))[0];
  const attacks = new Attacks({
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
  await attacks.run();

  script.heading('Result');
  script.say('  the order: proposed, qualified, accepted, signed by both');
  for (const line of table([
    ['attack', 'refused by', 'code', 'reached P2-P4'],
    ...attacks.rows.map(({ name, code, reached }) => [name, 'P1', code, reached === 0 ? 'no' : 'YES']),
  ])) {
    script.say(`  ${line}`);
  }
  return network;
}

async function authoritiesAtWork(script: Script, authorities: Authorities) {
  const signed = (what: string, { lines, signed: count }: Issued) => ({
    text: `${what}: ${lines} entries; ${count} signed, for the three with a wallet`,
    data: { entries: lines, signed: count },
  });
  const { balances } = await script.step('import-accounts', 'the bank signs balances', async () => {
    const issued = await authorities.issueBalances();
    return { ...signed('The bank reads its account export (CSV)', issued), balances: issued };
  });
  const { people } = await script.step('import-identities', 'the identity office signs identities', async () => {
    const issued = await authorities.issueIdentities();
    return { ...signed('The identity office reads its records (JSON)', issued), people: issued };
  });
  await script.step('import-sanctions', 'the sanctions list', async () => {
    const { rows, names } = await authorities.importSanctions();
    return {
      text: `The registry reads a sanctions list (sdn.csv): ${rows} rows, ${names} names`,
      data: { rows, names },
    };
  });
  const { published } = await script.step('publish-registry', 'signing the registry', async () => {
    const made = await authorities.publish();
    return {
      text: `The registry signs snapshot ${made.snapshot.sequence}: both issuers and the list under one root`,
      data: { sequence: made.snapshot.sequence },
      published: made,
    };
  });
  return { balances, people, published };
}

function finish(
  context: CliContext,
  script: Script,
  { failure, network }: { failure?: unknown; network?: DemoNetwork },
): void {
  const ms = Math.round(performance.now() - script.started);
  const ok = failure === undefined;
  script.say();
  if (ok) script.say(`  everything as expected, after ${(ms / 1000).toFixed(1)} s`);
  else script.say(`  NOT as expected: ${reportOf(failure).code}: ${reportOf(failure).message}`);
  const running = network?.peers.map(({ name, url, dir, tokenFile }) => ({
    name,
    url,
    docs: `${url}/docs`,
    tokenFile,
    dataDir: dir,
  }));
  if (running !== undefined) {
    script.say();
    script.say('  The network keeps running; Ctrl-C ends it and removes its folder.');
    for (const { name, docs, tokenFile } of running) script.say(`  ${name}  ${docs}   tokens: ${tokenFile}`);
    script.say(`  try: zkbazaar --data-dir ${running[0]?.dataDir} offer list`);
  }
  if (context.options.json === true) {
    const more = {
      ...(ok ? {} : { error: reportOf(failure) }),
      ...(running === undefined ? {} : { network: running }),
    };
    process.stdout.write(`${JSON.stringify({ ok, steps: script.steps, ms, ...more })}\n`);
  }
}
