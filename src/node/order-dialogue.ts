import { type Clock, nowSeconds } from '../base/clock.ts';
import { CodedError } from '../base/errors.ts';
import {
  type Contact,
  checkSender,
  decodeOrderMessage,
  describeOrder,
  encodeOrderMessage,
  follow,
  isFinal,
  MAX_NOTE_CHARACTERS,
  MarketError,
  MarketErrorCode,
  type Order,
  type OrderMessage,
  orderMessageBytes,
  type Proposal,
  receiptBytes,
} from '../market/index.ts';
import type { LiveOrders } from './live-orders.ts';

export interface OrderDialoguePorts {
  clock: Clock;
  orders: LiveOrders;
  /** How our node is reached. */
  contact(): Contact;
  /** Hex signature by one of the wallet's pseudonyms. @throws NODE_WALLET_LOCKED, NODE_WALLET_ABSENT */
  sign(pseudonym: string, bytes: Uint8Array): Promise<string>;
  /** One request and its answer; an answer that is an error is a CodedError with the remote code. */
  send(to: Contact, bytes: Uint8Array): Promise<Uint8Array>;
  /** Makes an order of a stranger's proposal. @throws CodedError for the taker's node */
  propose(message: OrderMessage, proposal: Proposal, from: string): Promise<Order>;
  /** The taker has countersigned our acceptance. */
  onConfirmed(order: Order): Promise<void>;
  onTrouble(order: Order, error: unknown): void;
}

/** What the maker's node says and no retry changes. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  MarketErrorCode.UnknownOffer,
  MarketErrorCode.OfferClosed,
  MarketErrorCode.BadTerms,
  MarketErrorCode.WrongPolicy,
  MarketErrorCode.ProofTooOld,
  MarketErrorCode.WrongBinding,
  MarketErrorCode.NotQualified,
  MarketErrorCode.PastDeadline,
]);

/** What the two nodes of an order say to each other: each tells its state, and follows the other's. */
export class OrderDialogue {
  readonly #network: string;
  readonly #ports: OrderDialoguePorts;

  constructor(network: string, ports: OrderDialoguePorts) {
    this.#network = network;
    this.#ports = ports;
  }

  /** Answers one message. @throws CodedError for the other side's node */
  async answer(data: Uint8Array, from: string): Promise<Uint8Array> {
    const message = decodeOrderMessage(data, this.#network);
    const kept = await this.#ports.orders.find(message.orderId);
    if (kept === undefined) {
      if (message.proposal === null) {
        throw new MarketError(MarketErrorCode.UnknownOrder, 'this node knows no such order', {
          where: message.orderId,
        });
      }
      return await this.#describe(await this.#ports.propose(message, message.proposal, from));
    }
    checkSender(message, otherSide(kept.order));
    return await this.#describe(await this.#hear(kept.order.id, message));
  }

  /** One message and its answer. Never rejects. @returns true if the other side now knows our state */
  async deliver(id: string): Promise<boolean> {
    try {
      const { order: before, claim } = await this.#ports.orders.get(id);
      const answer = await this.#ports.send(before.contact, await this.#describe(before, claim));
      const message = decodeOrderMessage(answer, this.#network);
      checkSender(message, otherSide(before));
      const after = await this.#hear(id, message);
      // A newer state of ours is news of its own, and goes out at once.
      return !after.unsent || after.state !== before.state;
    } catch (error) {
      await this.#onRefusal(id, error);
      return false;
    }
  }

  /** Follows the other side's state and returns ours. */
  async #hear(id: string, message: OrderMessage): Promise<Order> {
    let before: Order | undefined;
    let confirms = false;
    const after = await this.#ports.orders.change(id, async ({ order }, now) => {
      before = order;
      const followed = follow(order, message, now);
      if (followed.type === 'nothing') return undefined;
      if (followed.type === 'countersign') {
        const { receipt } = followed;
        const takerSignature = await this.#ports.sign(order.terms.taker, receiptBytes(receipt));
        return { type: 'peer-accepted', receipt: { ...receipt, takerSignature } };
      }
      confirms = followed.event.type === 'peer-confirmed' && order.role === 'maker';
      return followed.event;
    });
    if (confirms && after !== before) await this.#ports.onConfirmed(after);
    return after;
  }

  /** What an error in place of an answer means for the order. */
  async #onRefusal(id: string, error: unknown): Promise<void> {
    const { orders, onTrouble } = this.#ports;
    const order = orders.live(id);
    if (order === undefined) return;
    const code = error instanceof CodedError ? ((error as { remoteCode?: string }).remoteCode ?? '') : '';
    try {
      if (order.role === 'taker' && order.state === 'proposed' && FINAL_REFUSALS.has(code)) {
        const note = error instanceof Error ? error.message.slice(0, MAX_NOTE_CHARACTERS) : code;
        await orders.change(id, async () => ({ type: 'peer-declined', reason: 'NOT_QUALIFIED', note: note || code }));
      } else if (code === MarketErrorCode.UnknownOrder && isFinal(order)) {
        await orders.change(id, async () => ({ type: 'peer-knows' }));
      } else {
        onTrouble(order, error);
      }
    } catch (failure) {
      onTrouble(order, failure);
    }
  }

  async #describe(order: Order, claim: string | null = null): Promise<Uint8Array> {
    const proposal = claim === null ? null : { terms: order.terms, claim, contact: this.#ports.contact() };
    const message = describeOrder(order, nowSeconds(this.#ports.clock), proposal);
    const pseudonym = order.role === 'maker' ? order.terms.maker : order.terms.taker;
    const signature = await this.#ports.sign(pseudonym, orderMessageBytes(message));
    return encodeOrderMessage({ ...message, signature });
  }
}

function otherSide(order: Order): string {
  return order.role === 'maker' ? order.terms.taker : order.terms.maker;
}
