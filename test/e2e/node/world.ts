/**
 * A small world for end-to-end tests: a bank, a KYC provider, a registry, and peers over real sockets on loopback with
 * real proofs. Everything lives in one temporary folder that is removed at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadArtifacts } from '../../../src/artifacts/index.ts';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { type Config, dataPaths, resolveConfig } from '../../../src/config/index.ts';
import { type Issuer, importSdn, initIssuer, initRegistry, type Registry } from '../../../src/issuer/index.ts';
import { createNode, type Node, registryFile } from '../../../src/node/index.ts';
import { createWallet } from '../../../src/wallet/index.ts';

export const PASSPHRASE = 'a passphrase of tests';
/** Cheap on purpose: what it costs is tested elsewhere. */
export const SCRYPT = { n: 1024 };
export const NETWORK = 'local';

/** Column layout of OFAC's sdn.csv; an invented person. */
const SDN = '1,"OMEN, Damien","individual","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n';

export interface Person {
  name: string;
  balance: string;
  country?: string;
}

export interface Peer {
  name: string;
  node: Node;
  config: Config;
  /** Everything the node has logged. */
  log: string[];
  holder: string | null;
  /** Texts that must be nowhere but in the sealed wallet. */
  secrets: string[];
}

export interface World {
  dir: string;
  registryKey: string;
  registry: Registry;
  bank: Issuer;
  kyc: Issuer;
  /** The current registry as a file. */
  publish(): Promise<Uint8Array>;
  /** A running peer; with `person`, one that has a wallet with that person's credentials. */
  peer(name: string, options?: { connectTo?: Peer; person?: Person; flags?: Record<string, unknown> }): Promise<Peer>;
  /** The same peer again after a stop. */
  restart(peer: Peer): Promise<Peer>;
}

export async function makeWorld(t: TestContext, clock: Clock = systemClock): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-node-'));
  const running = new Set<Node>();
  t.after(async () => {
    await Promise.all([...running].map((node) => node.stop()));
    for (const part of [bank, kyc, registry]) part.close();
    await rm(dir, { recursive: true, force: true });
  });
  const circuits = await loadArtifacts({ production: false });
  const common = { passphrase: PASSPHRASE, scrypt: SCRYPT, clock };
  const bank = await initIssuer({ ...common, dir: join(dir, 'bank'), name: 'Bank', schema: 'balance' });
  const kyc = await initIssuer({ ...common, dir: join(dir, 'kyc'), name: 'KYC', schema: 'identity' });
  const registry = await initRegistry({ ...common, dir: join(dir, 'registry'), network: NETWORK });
  const { registryKey } = await registry.state();
  await registry.putList('sanctions', importSdn(Buffer.from(SDN)).elements, 'sdn.csv');

  const start = async (name: string, config: Config, passphrase?: string, secrets: string[] = []): Promise<Peer> => {
    const log: string[] = [];
    const node = await createNode(config, {
      clock,
      passphrase,
      circuits,
      walletScrypt: SCRYPT,
      overlayTuning: { reconnectBaseMs: 100 },
      logTo: { write: (line) => void log.push(line) },
    });
    running.add(node);
    await node.start();
    return { name, node, config, log, holder: node.info().holder, secrets };
  };

  return {
    dir,
    registryKey,
    registry,
    bank,
    kyc,
    async publish() {
      await registry.putIssuer(await bank.publish());
      await registry.putIssuer(await kyc.publish());
      const now = Math.floor(clock.nowMs() / 1000);
      return registryFile(await registry.publish(), registry, { registryKey, now }).bytes;
    },
    async peer(name, { connectTo, person, flags = {} } = {}) {
      const { config } = resolveConfig({
        env: {},
        flags: {
          dataDir: join(dir, name),
          'network.name': NETWORK,
          'network.registryKey': registryKey,
          'p2p.listen': ['/ip4/127.0.0.1/tcp/0'],
          'p2p.loopbackTest': true,
          'p2p.bootstrap': connectTo === undefined ? [] : [addressOf(connectTo)],
          'market.retryFirstMs': 100,
          'market.retryMaxMs': 400,
          'log.level': 'trace',
          ...flags,
        },
      });
      if (person === undefined) return await start(name, config);
      const wallet = await createWallet({ dir: dataPaths(config).walletDir, ...common });
      const identity = {
        legalName: person.name,
        birthDate: '1988-04-17',
        country: person.country ?? 'DE',
        nationality: 'DE',
        kycLevel: 2,
        personReference: `P-${name}`,
        holder: wallet.holder,
      };
      const csv = `account,currency,balance,holder\nDE-${name},EUR,${person.balance},${wallet.holder}\n`;
      const issued = [
        ...(await kyc.issueIdentities([identity])).issued,
        ...(await bank.issueBalances(Buffer.from(csv), { asOf: Math.floor(clock.nowMs() / 1000) - 60 })).issued,
      ];
      await wallet.importCredentials(JSON.stringify(issued.map(({ credential }) => credential)));
      wallet.close();
      // Long attributes only: a short number is found everywhere.
      const attributes = issued.flatMap(({ credential }) => credential.attributes).filter((text) => text.length > 12);
      const secrets = [PASSPHRASE, person.name, `DE-${name}`, ...attributes];
      return await start(name, config, PASSPHRASE, secrets);
    },
    async restart(peer) {
      await peer.node.stop();
      running.delete(peer.node);
      return await start(peer.name, peer.config, peer.holder === null ? undefined : PASSPHRASE, peer.secrets);
    },
  };
}

export function addressOf(peer: Peer): string {
  const [address] = peer.node.info().addresses;
  if (address === undefined) throw new Error(`${peer.name} listens nowhere`);
  return address;
}

/** Waits for something that happens by itself; fails with `what` after `ms`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  ms = 20_000,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(50);
  }
}
