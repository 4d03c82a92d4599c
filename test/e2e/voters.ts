import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveApi } from '../../src/api/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { resolveConfig } from '../../src/config/index.ts';
import { type Issuer, initIssuer, initRegistry, type Registry } from '../../src/issuer/index.ts';
import { createNode, type Node, registryFile } from '../../src/node/index.ts';
import { createWallet } from '../../src/wallet/index.ts';
import { jsonOf, runCli } from '../unit/cli/run-cli.ts';

const PASSPHRASE = 'a passphrase of tests';
export const NETWORK = 'local';

/** A registry, an issuer, people with wallets in data folders of their own, and a node that keeps the ledger. */
export class Voters {
  /** Of ledger keys, by name. */
  readonly addresses: Record<string, string> = {};
  readonly #dir: string;
  readonly #registry: Registry;
  readonly #kyc: Issuer;
  readonly #registryKey: string;
  readonly #env: Record<string, string> = { ZKBAZAAR_PASSPHRASE: PASSPHRASE };
  #stop: (() => Promise<void>) | undefined;

  private constructor(dir: string, registry: Registry, kyc: Issuer, registryKey: string) {
    this.#dir = dir;
    this.#registry = registry;
    this.#kyc = kyc;
    this.#registryKey = registryKey;
  }

  static async create(): Promise<Voters> {
    const dir = await mkdtemp(join(tmpdir(), 'zkb-vote-'));
    const common = { passphrase: PASSPHRASE, scrypt: { n: 1024 }, clock: systemClock };
    const kyc = await initIssuer({ ...common, dir: join(dir, 'kyc'), name: 'KYC', schema: 'identity' });
    const registry = await initRegistry({ ...common, dir: join(dir, 'registry'), network: NETWORK });
    return new Voters(dir, registry, kyc, (await registry.state()).registryKey);
  }

  path(...names: string[]): string {
    return join(this.#dir, ...names);
  }

  async read<T>(...names: string[]): Promise<T> {
    return JSON.parse(await readFile(this.path(...names), 'utf8')) as T;
  }

  /** The launcher in somebody's data folder. @returns its JSON */
  async exits<T>(code: number, who: string, ...args: string[]): Promise<T> {
    const general = ['--data-dir', this.path(who), '--json', '--set', `network.registryKey=${this.#registryKey}`];
    const run = await runCli([...general, ...args], { env: this.#env });
    assert.equal(run.code, code, `${args.join(' ')}: ${run.stdout}${run.stderr}`);
    return jsonOf<T>(run);
  }

  done<T>(who: string, ...args: string[]): Promise<T> {
    return this.exits<T>(0, who, ...args);
  }

  /** The code of a refusal. */
  async refused(exit: number, who: string, ...args: string[]): Promise<string> {
    return (await this.exits<{ error: { code: string } }>(exit, who, ...args)).error.code;
  }

  async key(who: string, name: string): Promise<void> {
    this.addresses[name] = (await this.done<{ address: string }>(who, 'ledger', 'key', 'new', name)).address;
  }

  async person(name: string, birthDate: string): Promise<void> {
    await mkdir(this.path(name), { mode: 0o700 });
    const wallet = await createWallet({ dir: this.path(name, 'wallet'), passphrase: PASSPHRASE });
    await wallet.importCredentials(JSON.stringify(await this.issue(wallet.holder, name, birthDate)));
    wallet.close();
  }

  async issue(holder: string, name: string, birthDate: string) {
    const facts = { legalName: name, birthDate, country: 'DE', nationality: 'DE', kycLevel: 2 };
    const { issued, rejected } = await this.#kyc.issueIdentities([{ ...facts, personReference: `P-${name}`, holder }]);
    return issued[0]?.credential ?? assert.fail(JSON.stringify(rejected));
  }

  async revoke(serial: string): Promise<void> {
    await this.#kyc.revoke([serial]);
  }

  /** The registry of now, as a file. */
  async snapshot(name: string): Promise<string> {
    await this.#registry.putIssuer(await this.#kyc.publish());
    const [registryKey, now] = [this.#registryKey, Math.floor(Date.now() / 1000)];
    const { bytes } = registryFile(await this.#registry.publish(), this.#registry, { registryKey, now });
    await writeFile(this.path(name), bytes);
    return this.path(name);
  }

  /** A node in somebody's data folder, to which everybody's command line speaks. */
  async start(who: string): Promise<Node> {
    const { config } = resolveConfig({
      env: {},
      flags: {
        dataDir: this.path(who),
        'network.name': NETWORK,
        'api.port': 0,
        'p2p.listen': ['/ip4/127.0.0.1/tcp/0'],
        'p2p.loopbackTest': true,
        'log.level': 'silent',
        'ledger.capacity': 4096,
        'ledger.blockTimeMs': 10,
      },
    });
    const node = await createNode(config);
    await node.start();
    const api = serveApi(node);
    await api.start();
    this.#stop = async () => {
      await api.stop();
      await node.stop();
    };
    this.#env['ZKBAZAAR_NODE'] = api.url ?? assert.fail();
    const { tokens } = await this.read<{ tokens: { token: string }[] }>(who, 'api-tokens.json');
    this.#env['ZKBAZAAR_TOKEN'] = tokens.at(-1)?.token ?? assert.fail();
    return node;
  }

  async close(): Promise<void> {
    await this.#stop?.();
    this.#kyc.close();
    this.#registry.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
