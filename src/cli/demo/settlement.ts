import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../../base/private-file.ts';
import type { BlockView, LedgerStatusView, ReceiptView } from '../../node/interface.ts';
import { BICYCLES, EUROS, FOLLOWERS, KEEPER, LEDGER_PEERS, MARAS_BICYCLES, TOMS_CENTS } from './cast.ts';
import type { DemoLedger, Party } from './ledger.ts';
import { LedgerAttacks } from './ledger-attacks.ts';
import type { DemoNetwork } from './network.ts';
import type { Peer } from './peer.ts';
import { type Script, table } from './script.ts';
import type { Deal } from './trade.ts';
import { expect, until } from './wait.ts';

/** Of the price, for the keeper of the ledger: 1 %. */
const FEE_BASIS_POINTS = 100;
/** How long the bicycle is kept for Tom. */
const OFFER_MS = 3_600_000;

export interface SettlementComponents {
  script: Script;
  network: DemoNetwork;
  ledger: DemoLedger;
  deal: Deal;
  /** For files. */
  dir: string;
  signal: AbortSignal;
}

/** Goods against money: offer, fill, one state at every peer, and a proof for those who keep none. */
export class Settlement {
  readonly attacks: LedgerAttacks;
  readonly #parts: SettlementComponents;
  readonly #receipts: ReceiptView[] = [];
  /** Cents. */
  readonly #price: number;
  readonly #fee: number;

  constructor(parts: SettlementComponents) {
    this.#parts = parts;
    this.attacks = new LedgerAttacks(parts);
    this.#price = Number(parts.deal.offer.price.amount);
    this.#fee = Math.floor((this.#price * FEE_BASIS_POINTS) / 10_000);
  }

  /** What changed hands, in a line. */
  get summary(): string {
    return `one bicycle to Tom, ${euros(this.#price - this.#fee)} to Mara, ${euros(this.#fee)} fee to ${KEEPER}`;
  }

  async run(): Promise<void> {
    const { script } = this.#parts;
    await script.step('settlement-offer', 'Mara locks a bicycle', () => this.#offer());
    await script.step('attack-other-taker', 'Fionn tries to take it', () =>
      this.attacks.otherTaker(() => this.#fillBy('fionn')),
    );
    const { receipt } = await script.step('settlement-fill', 'Tom pays', () => this.#fill());
    await script.step('followed', 'the followers execute the blocks', () => this.#followed());
    await script.step('light-client', 'a proof for Mara', () => this.#lightClient());
    await script.step('attack-replay', 'the payment once more', () => this.attacks.replay(receipt));
  }

  async #offer() {
    const { ledger } = this.#parts;
    const offer = {
      operation: 'settlement.offer',
      ...this.#terms(),
      goods: '1',
      price: String(this.#price),
      expiry: String(Date.now() + OFFER_MS),
      fee: FEE_BASIS_POINTS,
      taker: ledger.addressOf('tom'),
      whole: true,
    };
    const receipt = await ledger.submit('mara', 'offer.json', [offer]);
    expect(receipt.ok, `the offer was not made: ${receipt.meaning}`);
    this.#receipts.push(receipt);
    return {
      text: `Mara locks a bicycle on the ledger, for ${euros(this.#price)} and for Tom alone: block ${receipt.height}`,
      lines: ['mara$ zkbazaar ledger submit offer.json --from mara'],
      data: { transaction: receipt.id, block: receipt.height, fee: receipt.fee },
    };
  }

  async #fill() {
    const receipt = await this.#fillBy('tom');
    expect(receipt.ok, `Tom’s fill was not done: ${receipt.meaning}`);
    return {
      text: `Tom pays and has the bicycle, in one step or not at all: block ${receipt.height}`,
      lines: ['tom$ zkbazaar ledger submit fill.json --from tom', this.summary],
      data: { transaction: receipt.id, block: receipt.height, fee: receipt.fee },
      receipt,
    };
  }

  async #fillBy(party: Party): Promise<ReceiptView> {
    const fill = { operation: 'settlement.fill', ...this.#terms(), goods: '1', mostToPay: String(this.#price) };
    const receipt = await this.#parts.ledger.submit(party, 'fill.json', [fill]);
    this.#receipts.push(receipt);
    return receipt;
  }

  /** What both sides name the offer by. Its number is made of the order's id, so each finds the other. */
  #terms() {
    const { ledger, deal } = this.#parts;
    return {
      maker: ledger.addressOf('mara'),
      tag: String(BigInt(`0x${deal.order.id.slice(0, 16)}`)),
      goodsAsset: BICYCLES,
      paymentAsset: EUROS,
      feeAccount: ledger.addressOf('keeper'),
    };
  }

  /** Each peer's own state and receipts against the keeper's. */
  async #followed() {
    const { head } = await this.#status(this.#peer(KEEPER));
    const roots = await Promise.all(
      LEDGER_PEERS.map(async (name) => {
        const peer = this.#peer(name);
        const own = await until(
          `block ${head.height} at ${name}`,
          () => this.#reached(peer, head.height),
          this.#signal,
        );
        expect(own.stateRoot === head.stateRoot && own.hash === head.hash, `${name} came to another state`);
        await this.#checkReceipts(peer);
        await this.#checkHoldings(peer);
        return { peer: name, height: own.height, stateRoot: own.stateRoot };
      }),
    );
    return {
      text: `${FOLLOWERS.join(' and ')} have executed each block themselves and have come to the same state and receipts`,
      lines: table([
        ['peer', 'the ledger', 'height', 'state root that it came to'],
        ...roots.map(({ peer, height, stateRoot }) => [
          peer,
          peer === KEEPER ? 'orders' : 'executes',
          height,
          stateRoot,
        ]),
      ]),
      data: { height: head.height, stateRoot: head.stateRoot, peers: roots, receipts: this.#receipts.length },
    };
  }

  async #reached(peer: Peer, height: string) {
    const { head, following } = await this.#status(peer);
    const error = following?.error ?? null;
    expect(following?.state !== 'refused', `${peer.name} refused a block: ${error?.message}`);
    return head.height === height ? head : undefined;
  }

  async #checkReceipts(peer: Peer): Promise<void> {
    for (const receipt of this.#receipts) {
      const own = await peer.client.get<ReceiptView>(`/v1/ledger/receipts/${receipt.id}`);
      expect(JSON.stringify(own) === JSON.stringify(receipt), `${peer.name} has another receipt`);
    }
  }

  async #checkHoldings(peer: Peer): Promise<void> {
    const { ledger } = this.#parts;
    const has = async (party: Party, bicycles: number, cents: number): Promise<void> => {
      const held = await ledger.holding(peer, party);
      const right = held.bicycles === String(bicycles) && held.cents === String(cents);
      expect(right, `by ${peer.name}, ${party} has ${held.bicycles} bicycles and ${held.cents} cents`);
    };
    await has('tom', 1, TOMS_CENTS - this.#price);
    await has('mara', MARAS_BICYCLES - 1, this.#price - this.#fee);
    await has('keeper', 0, this.#fee);
  }

  /** A proof from one peer under a block hash from another, checked by who keeps no ledger. */
  async #lightClient() {
    const { ledger, dir } = this.#parts;
    const [file, forged] = [join(dir, 'holding.json'), join(dir, 'forged.json')];
    await ledger.prove(this.#peer('P3'), 'tom', BICYCLES, file);
    const shown = JSON.parse(await readFile(file, 'utf8')) as { record: string; header: { height: string } };
    await writePrivateFile(forged, JSON.stringify({ ...shown, record: shown.record.replace(/^01/, '02') }));
    const { height } = shown.header;
    const { header } = await this.#peer('P1').client.get<BlockView>(`/v1/ledger/blocks/${height}`);
    const verify = (proof: string) => ledger.verify('mara', proof, header.hash);
    const [genuine, changed] = await Promise.all([verify(file), verify(forged)]);
    expect(genuine.valid, `the proof was refused: ${genuine.reason}`);
    expect(!changed.valid, 'a changed proof was taken');
    return {
      text: 'Mara’s node keeps no ledger: a file from P3 proves to her that Tom has the bicycle',
      lines: [
        'P3$   zkbazaar ledger prove --account <Tom’s> --asset <bicycles> --out holding.json',
        'mara$ zkbazaar ledger verify-proof holding.json --block <hash, from P1>',
        `valid, in block ${height}; with two bicycles written into the file: ${changed.reason}`,
      ],
      data: { height, block: header.hash, record: shown.record, valid: genuine.valid, forged: changed.reason },
    };
  }

  get #signal(): AbortSignal {
    return this.#parts.signal;
  }

  #peer(name: Parameters<DemoNetwork['peer']>[0]): Peer {
    return this.#parts.network.peer(name);
  }

  #status(peer: Peer): Promise<LedgerStatusView> {
    return peer.client.get<LedgerStatusView>('/v1/ledger');
  }
}

export function euros(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`;
}
