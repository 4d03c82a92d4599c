import type { LedgerStatusView, ReceiptView, TransactionView } from '../../node/interface.ts';
import { NodeProblem } from '../errors.ts';
import { KEEPER, LEDGER_PEERS } from './cast.ts';
import type { DemoLedger, Holding } from './ledger.ts';
import type { DemoNetwork } from './network.ts';
import type { StepOutcome } from './script.ts';
import { expect } from './wait.ts';

/** What the settlement program says to a signer who is not the party. */
const NOT_THE_PARTY = 262;
const REPLAYED = 'LEDGER_TRANSACTION_REFUSED';

interface LedgerAttackRow {
  name: string;
  refusedBy: string;
  code: string;
  changed: string;
}

/** Two ways to come to a bicycle without paying, and to be paid twice. */
export class LedgerAttacks {
  readonly rows: LedgerAttackRow[] = [];
  readonly #ledger: DemoLedger;
  readonly #network: DemoNetwork;

  constructor({ ledger, network }: { ledger: DemoLedger; network: DemoNetwork }) {
    this.#ledger = ledger;
    this.#network = network;
  }

  /**
   * A payment in good order, signed by somebody who is not the taker. It stands in a block, and every peer comes to the
   * same: undone.
   */
  async otherTaker(fill: () => Promise<ReceiptView>): Promise<StepOutcome> {
    const before = await this.#everybody();
    const receipt = await fill();
    expect(!receipt.ok && receipt.status === NOT_THE_PARTY, `Fionn’s payment came to status ${receipt.status}`);
    const after = await this.#everybody();
    const paid = BigInt(before.fionn.native) - BigInt(after.fionn.native);
    expect(paid === BigInt(receipt.fee), 'Fionn paid something else than the fee');
    expect(goods(before) === goods(after), 'bicycles or euros moved');
    this.rows.push({
      name: 'Fionn takes the bicycle that is kept for Tom',
      refusedBy: LEDGER_PEERS.join(', '),
      code: `status ${receipt.status}`,
      changed: 'he paid for trying',
    });
    return {
      text: `Fionn, who is not Tom, tries to take it: undone in block ${receipt.height}, and he pays for trying`,
      lines: [`his receipt: status ${receipt.status}, ${receipt.meaning}`],
      data: { refusedBy: LEDGER_PEERS, status: receipt.status, meaning: receipt.meaning, feePaid: String(paid) },
    };
  }

  /** What anybody can read in a block, handed in once more, byte for byte. */
  async replay({ height, index }: ReceiptView): Promise<StepOutcome> {
    const path = `/v1/ledger/blocks/${height}/transactions/${index}`;
    const { transaction } = await this.#network.peer('P3').client.get<TransactionView>(path);
    const before = await this.#everybody();
    const keeper = this.#network.peer(KEEPER).client;
    const problem = await keeper.post('/v1/ledger/transactions', { transaction }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (problem !== undefined && !(problem instanceof NodeProblem)) throw problem;
    expect(problem?.code === REPLAYED, `the second payment came to ${problem?.code ?? 'the pool'}`);
    const { pending } = await keeper.get<LedgerStatusView>('/v1/ledger');
    expect(pending === 0 && goods(before) === goods(await this.#everybody()), 'something came of it after all');
    const name = 'Tom’s payment, read out of its block, handed in again';
    this.rows.push({ name, refusedBy: KEEPER, code: REPLAYED, changed: 'nothing' });
    return {
      text: `Tom’s payment, read out of its block and handed in again: refused by ${KEEPER}, ${REPLAYED}`,
      lines: [problem?.message ?? ''],
      data: { refusedBy: KEEPER, code: REPLAYED, reason: problem?.message },
    };
  }

  async #everybody(): Promise<Record<'tom' | 'mara' | 'fionn', Holding>> {
    const keeper = this.#network.peer(KEEPER);
    const [tom, mara, fionn] = await Promise.all([
      this.#ledger.holding(keeper, 'tom'),
      this.#ledger.holding(keeper, 'mara'),
      this.#ledger.holding(keeper, 'fionn'),
    ]);
    return { tom, mara, fionn };
  }
}

/** Bicycles and euros, without what fees are paid in. */
function goods(all: Record<string, Holding>): string {
  return JSON.stringify(Object.values(all).map(({ bicycles, cents }) => [bicycles, cents]));
}
