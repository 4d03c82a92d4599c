import { MarketError } from './errors.ts';
import {
  MarketErrorCode,
  type Order,
  type OrderEvent,
  type OrderMessage,
  type OrderState,
  type Receipt,
} from './interface.ts';
import { isSignedByUs } from './order-machine.ts';
import { checkReceipt, confirmBy } from './receipt.ts';

export type Followed =
  | { type: 'event'; event: OrderEvent }
  /** The maker accepts: countersign, then apply `peer-accepted` with the full receipt. */
  | { type: 'countersign'; receipt: Receipt }
  | { type: 'nothing' };

const NOTHING: Followed = { type: 'nothing' };

/**
 * What the other side's state means for ours. The message's sender has been checked; receipts are checked here.
 * @throws MarketError MARKET_BAD_MESSAGE for a message about another order, MARKET_BAD_RECEIPT
 */
export function follow(order: Order, message: OrderMessage, now: number): Followed {
  if (message.orderId !== order.id || message.offerId !== order.terms.offerId || message.from === order.role) {
    throw new MarketError(MarketErrorCode.BadMessage, 'the message is not from the other side of this order', {
      where: order.id,
    });
  }
  if (hasEnded(order.state) && hasEnded(message.state)) return event({ type: 'peer-knows' });
  return order.role === 'maker' ? followTaker(order, message) : followMaker(order, message, now);
}

function followTaker(order: Order, message: OrderMessage): Followed {
  switch (message.state) {
    case 'accepted': {
      const receipt = ourReceipt(order, message);
      return receipt?.takerSignature == null ? NOTHING : event({ type: 'peer-confirmed', receipt });
    }
    case 'qualified':
      return order.state === 'qualified' ? event({ type: 'peer-knows' }) : NOTHING;
    case 'cancelled':
    case 'expired':
      return event({ type: 'peer-ended', state: message.state, note: message.note });
    default:
      return NOTHING;
  }
}

function followMaker(order: Order, message: OrderMessage, now: number): Followed {
  switch (message.state) {
    case 'qualified':
      return event({ type: 'peer-qualified' });
    case 'declined':
      return event({ type: 'peer-declined', reason: message.reason ?? 'MAKER_DECLINED', note: message.note });
    case 'cancelled':
    case 'expired':
      return event({ type: 'peer-ended', state: message.state, note: message.note });
    case 'accepted': {
      if (message.receipt === null) return NOTHING;
      if (order.state === 'accepted' || isSignedByUs(order)) {
        const receipt = ourReceipt(order, message);
        return receipt?.takerSignature == null ? NOTHING : event({ type: 'peer-confirmed', receipt });
      }
      if (order.state !== 'proposed' && order.state !== 'qualified') return NOTHING;
      checkReceipt(message.receipt, order.terms);
      return now > confirmBy(message.receipt) ? NOTHING : { type: 'countersign', receipt: message.receipt };
    }
    default:
      return NOTHING;
  }
}

/** The receipt in the message, checked, if it is the one that our copy holds; a second acceptance is no news. */
function ourReceipt(order: Order, message: OrderMessage): Receipt | null {
  const { receipt } = message;
  if (receipt === null || order.receipt === null) return null;
  checkReceipt(receipt, order.terms);
  return receipt.acceptedAt === order.receipt.acceptedAt && receipt.claimId === order.receipt.claimId ? receipt : null;
}

function hasEnded(state: OrderState): boolean {
  return state === 'declined' || state === 'cancelled' || state === 'expired';
}

function event(value: OrderEvent): Followed {
  return { type: 'event', event: value };
}
