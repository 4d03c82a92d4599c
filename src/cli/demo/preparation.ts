import type { NodeInfo } from '../../node/interface.ts';
import type { Authorities, Issued } from './authorities.ts';
import { FOLLOWERS, KEEPER, TOMS_CENTS } from './cast.ts';
import type { DemoLedger } from './ledger.ts';
import type { DemoNetwork } from './network.ts';
import type { Script } from './script.ts';
import { euros } from './settlement.ts';

const DEVELOPMENT_KEYS = 'DEVELOPMENT KEYS: made by one party, who could forge proofs. Not for real value.';

/** The issuers sign, the registry publishes: what everybody's proofs rest on. */
export async function issuerSteps(script: Script, authorities: Authorities) {
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

/** @param booting since `bootedAt` in the background */
export async function bootStep(
  script: Script,
  network: DemoNetwork,
  booting: Promise<void>,
  bootedAt: number,
): Promise<void> {
  script.heading('2  Four peers, each a process of its own: P1 - P2 - P3 - P4');
  await script.step(
    'boot',
    'starting four peers',
    async (progress) => {
      let running = 0;
      for (const started of network.starting) {
        started.then(
          () => progress.update(`${++running} of ${network.peers.length} run`),
          () => undefined,
        );
      }
      await booting;
      const list = network.peers.map(({ name, processId, url }) => ({ name, pid: processId, url }));
      const { developmentKeys, engine } = await network.peer('P1').client.get<NodeInfo>('/v1/node');
      return {
        text: 'Four peers run, each with a REST API and a TCP port on 127.0.0.1',
        lines: [
          ...(developmentKeys ? [DEVELOPMENT_KEYS] : []),
          ...(engine === 'wasm'
            ? ['proofs by WebAssembly; zkbazaar doctor says how to make them several times faster']
            : []),
        ],
        data: { developmentKeys, engine, peers: list },
      };
    },
    bootedAt,
  );
}

export interface Prepared {
  script: Script;
  network: DemoNetwork;
  ledger: DemoLedger;
  issued: Awaited<ReturnType<typeof issuerSteps>>;
}

/** Links, registry, credentials, assets: after this everybody can trade. */
export async function joinSteps({ script, network, ledger, issued }: Prepared): Promise<void> {
  const { published, balances, people } = issued;
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
  await script.step('ledger', 'assets are issued on the ledger', async () => {
    const ms = await ledger.issued;
    return {
      ms,
      text: `${KEEPER} keeps a ledger: there the bank has issued ${euros(TOMS_CENTS)} to Tom, and Mara three bicycles`,
      lines: [
        `${FOLLOWERS.join(' and ')} follow it: they execute each block themselves, and would stop at the first that differs`,
      ],
      data: { keeper: KEEPER, followers: FOLLOWERS },
    };
  });
}
