import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivateDir, writePrivateFile } from '../../base/private-file.ts';
import type { AccountView, ReceiptView } from '../../node/interface.ts';
import { BICYCLES, EUROS, FOLLOWERS, MARAS_BICYCLES, TOMS_CENTS } from './cast.ts';
import type { Caller, CommandLine } from './command.ts';
import type { Peer } from './peer.ts';
import { expect } from './wait.ts';

/** Whose account it is, and the folder that its key lies in: a trader's is that of the own node. */
const FOLDERS = { keeper: 'P2', bank: 'bank-ledger', mara: 'P4', tom: 'P1', fionn: 'fionn' } as const;
export type Party = keyof typeof FOLDERS;
const PARTIES = Object.keys(FOLDERS) as Party[];

/** What everybody begins with, in the unit that fees are paid in. */
const FOR_FEES = 1_000_000;

/** What somebody has on the ledger. */
export interface Holding {
  bicycles: string;
  cents: string;
  /** For fees. */
  native: string;
}

/** Keys, genesis and transactions of the demo's ledger, all by the `zkbazaar` command and its files. */
export class DemoLedger {
  readonly #dir: string;
  readonly #command: CommandLine;
  readonly #addresses = new Map<Party, string>();
  #keeper: Peer | undefined;
  #token = '';
  #issued: Promise<number> = Promise.resolve(0);

  /** @param dir the demo's folder */
  constructor(dir: string, command: CommandLine) {
    this.#dir = dir;
    this.#command = command;
  }

  /** A sealed key for everybody, the first state, and a copy of it for those who follow. */
  async create(): Promise<void> {
    // One after the other: sealing a key takes 128 MB, and the other cores have enough to do.
    for (const party of PARTIES) {
      const { answer } = await this.#command.run<{ address: string }>(this.#of(party), ['ledger', 'key', 'new', party]);
      this.#addresses.set(party, answer.address);
    }
    const accounts = PARTIES.flatMap((party) => ['--account', `${this.addressOf(party)}=${FOR_FEES}`]);
    const genesis = ['ledger', 'genesis', '--name', 'demo', '--fee-account', 'keeper', ...accounts];
    const { answer } = await this.#command.run<{ file: string }>(this.#of('keeper'), genesis);
    for (const follower of FOLLOWERS) {
      const folder = join(this.#dir, follower, 'ledger');
      await ensurePrivateDir(folder);
      await copyFile(answer.file, join(folder, 'genesis.json'));
    }
  }

  /** That peer orders, and runs: its operator gives the traders a token, and the first assets are issued. */
  async keptBy(peer: Peer): Promise<void> {
    this.#token = await peer.token('prove');
    this.#keeper = peer;
    const began = performance.now();
    this.#issued = this.#issue().then(() => Math.round(performance.now() - began));
    this.#issued.catch(() => undefined);
  }

  /** Done once everybody has what the trade needs; how long that took, in ms. */
  get issued(): Promise<number> {
    return this.#issued;
  }

  addressOf(party: Party): string {
    return this.#addresses.get(party) ?? '';
  }

  /** The bank brings euros for Tom onto the ledger, and Mara her bicycles. */
  async #issue(): Promise<void> {
    const issued = (asset: string, by: Party, to: Party, amount: number, decimals: number) => [
      { operation: 'assets.create', asset, authority: this.addressOf(by), decimals, burnable: false },
      { operation: 'assets.mint', asset, to: this.addressOf(to), amount: String(amount) },
    ];
    const receipts = await Promise.all([
      this.submit('bank', 'euros.json', issued(EUROS, 'bank', 'tom', TOMS_CENTS, 2)),
      this.submit('mara', 'bicycles.json', issued(BICYCLES, 'mara', 'mara', MARAS_BICYCLES, 0)),
    ]);
    for (const { ok, meaning } of receipts) expect(ok, `assets were not issued: ${meaning}`);
  }

  /** Signs operations with the party's key, hands them to the keeper, and waits for the receipt. */
  async submit(party: Party, file: string, operations: unknown): Promise<ReceiptView> {
    const caller = this.#of(party);
    const path = join(caller.dataDir, file);
    await writePrivateFile(path, `${JSON.stringify(operations, null, 2)}\n`);
    const node = { url: this.#keeper?.url ?? '', token: this.#token };
    const args = ['ledger', 'submit', path, '--from', party];
    const { answer } = await this.#command.run<ReceiptView>({ ...caller, node }, args);
    return answer;
  }

  /** What a peer's own state says that the party has. */
  async holding(peer: Peer, party: Party): Promise<Holding> {
    const path = `/v1/ledger/accounts/${this.addressOf(party)}?assets=${BICYCLES},${EUROS}`;
    const { balance, assets } = await peer.client.get<AccountView>(path);
    const amount = (wanted: string): string => assets.find(({ asset }) => asset === wanted)?.amount ?? '0';
    return { bicycles: amount(BICYCLES), cents: amount(EUROS), native: balance };
  }

  /** A file with the proof of what `party` holds, made at a peer. */
  async prove(peer: Peer, party: Party, asset: string, file: string): Promise<void> {
    const args = ['ledger', 'prove', '--account', this.addressOf(party), '--asset', asset, '--out', file];
    await this.#command.run({ dataDir: peer.dir }, args);
  }

  /** Whether a proof holds under the block of that hash, judged without any node. */
  async verify(party: Party, file: string, block: string): Promise<{ valid: boolean; reason: string | null }> {
    const args = ['ledger', 'verify-proof', file, '--block', block];
    const { code, answer } = await this.#command.run<{ valid: boolean; reason: string | null }>(this.#of(party), args);
    expect(answer.valid === (code === 0), `verify-proof says ${answer.valid} and exits ${code}`);
    return answer;
  }

  #of(party: Party): Caller {
    return { dataDir: join(this.#dir, FOLDERS[party]) };
  }
}
