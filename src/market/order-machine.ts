/**
 * The order's state machine, one side's copy of it. Each side moves its own copy; messages carry a side's state, and
 * the other follows where the table lets it.
 *
 * | state | next actor, deadline (maker's copy) | next actor, deadline (taker's copy) |
 * |---|---|---|
 * | proposed | maker verifies, `qualifyBy` | maker verifies, `qualifyBy` |
 * | qualified | maker decides, `decideBy` | maker decides, `decideBy + confirmSeconds` |
 * | accepted | taker countersigns, `confirmBy` | maker acknowledges, `confirmBy` + one day |
 * | accepted and confirmed, declined, cancelled, expired | final | final |
 *
 * Nobody is bound before both have signed the receipt, so either side may leave until it has signed. The taker's copy
 * waits longer than the maker's on purpose: an answer given at the last moment still arrives in time. What no protocol
 * can give is that both learn of the last message at once; here the maker's copy leads, and a taker that gave up waiting
 * comes back if the maker shows the receipt with both signatures.
 */
import { SETTLE_NEWS_SECONDS } from './constants.ts';
import { MarketError } from './errors.ts';
import {
  type EndReason,
  MarketErrorCode,
  type Order,
  type OrderEvent,
  type OrderRole,
  type OrderState,
  type OrderView,
} from './interface.ts';
import { confirmBy } from './receipt.ts';

type Pending = 'proposed' | 'qualified' | 'accepted';
type Change = Partial<Pick<Order, 'claimId' | 'disclosed' | 'receipt' | 'confirmed' | 'reason' | 'note'>>;

const END_BY_TIME: Readonly<Record<Pending, EndReason>> = {
  proposed: 'NEVER_QUALIFIED',
  qualified: 'NEVER_DECIDED',
  accepted: 'NEVER_CONFIRMED',
};

/** Final: nothing moves it any more. */
export function isFinal(order: Pick<Order, 'state' | 'confirmed'>): boolean {
  return order.state === 'accepted' ? order.confirmed : order.state !== 'proposed' && order.state !== 'qualified';
}

/** Second after which `tick` ends the order, or null for a final one. */
export function deadlineOf(order: Order): number | null {
  if (isFinal(order)) return null;
  const { terms, role } = order;
  switch (order.state) {
    case 'proposed':
      return terms.qualifyBy;
    case 'qualified':
      return role === 'maker' ? terms.decideBy : terms.decideBy + terms.confirmSeconds;
    default: {
      const last = order.receipt === null ? terms.decideBy + terms.confirmSeconds : confirmBy(order.receipt);
      return role === 'maker' ? last : last + SETTLE_NEWS_SECONDS;
    }
  }
}

export function nextActorOf(order: Order): OrderRole | null {
  if (isFinal(order)) return null;
  return order.state === 'accepted' && order.role === 'maker' ? 'taker' : 'maker';
}

export function viewOrder(order: Order): OrderView {
  return { ...order, deadline: deadlineOf(order), nextActor: nextActorOf(order), final: isFinal(order) };
}

/**
 * The order after an event. The same object comes back where nothing changes: repeated messages, late news of what is
 * known, a tick before the deadline.
 * @throws MarketError MARKET_ILLEGAL_TRANSITION, MARKET_PAST_DEADLINE for what a user asks of the wrong state or too late
 */
export function transition(order: Order, event: OrderEvent, now: number): Order {
  if (event.type === 'peer-knows') return order.unsent ? { ...order, unsent: false } : order;
  const deadline = deadlineOf(order);
  if (event.type === 'tick') {
    if (deadline === null || now <= deadline) return order;
    return enter(order, 'expired', now, { reason: END_BY_TIME[order.state as Pending] });
  }
  return order.role === 'maker' ? asMaker(order, event, now) : asTaker(order, event, now);
}

function asMaker(order: Order, event: OrderEvent, now: number): Order {
  const { state } = order;
  switch (event.type) {
    case 'verified':
      if (state !== 'proposed') throw illegal(order, event);
      inTime(order, now);
      return enter(order, 'qualified', now, { claimId: event.claimId, disclosed: event.disclosed });
    case 'refused':
      if (state !== 'proposed') throw illegal(order, event);
      return enter(order, 'declined', now, { reason: event.reason, note: event.note });
    case 'accept':
      if (state !== 'qualified') throw illegal(order, event);
      inTime(order, now);
      return enter(order, 'accepted', now, { receipt: event.receipt });
    case 'decline':
      if (state !== 'proposed' && state !== 'qualified') throw illegal(order, event);
      return enter(order, 'declined', now, { reason: event.reason, note: event.note });
    case 'peer-confirmed':
      if (state !== 'accepted' || order.confirmed || now > (deadlineOf(order) ?? 0)) return order;
      return { ...order, receipt: event.receipt, confirmed: true, unsent: false };
    case 'peer-ended':
      if (isFinal(order)) return order;
      return settled(enter(order, 'cancelled', now, { reason: goneReason(event.state), note: event.note }));
    default:
      throw illegal(order, event);
  }
}

function asTaker(order: Order, event: OrderEvent, now: number): Order {
  const { state } = order;
  const waiting = state === 'proposed' || state === 'qualified';
  switch (event.type) {
    case 'peer-qualified':
      return state === 'proposed' ? settled(enter(order, 'qualified', now, {})) : order;
    case 'peer-declined':
      return waiting ? settled(enter(order, 'declined', now, { reason: event.reason, note: event.note })) : order;
    case 'peer-accepted':
      // `receipt` carries our own signature by now. Past `confirmBy` the maker has let go: signing would bind us alone.
      if (!waiting || now > confirmBy(event.receipt)) return order;
      return enter(order, 'accepted', now, { receipt: event.receipt, claimId: event.receipt.claimId });
    case 'peer-confirmed':
      if (isSignedByUs(order)) return settled(enter(order, 'accepted', now, { confirmed: true, reason: null }));
      return state === 'accepted' && !order.confirmed ? { ...order, confirmed: true, unsent: false } : order;
    case 'peer-ended':
      if (isFinal(order)) return order;
      return settled(enter(order, event.state, now, { reason: endReason(order, event.state), note: event.note }));
    case 'cancel':
      if (!waiting) throw illegal(order, event);
      return enter(order, 'cancelled', now, { reason: 'TAKER_CANCELLED', note: event.note });
    default:
      throw illegal(order, event);
  }
}

/**
 * The one way back: we countersigned in time, heard nothing for a day and gave up, but the maker had received it. A
 * receipt with both signatures is a deal, whoever was offline.
 */
export function isSignedByUs(order: Order): boolean {
  return order.role === 'taker' && order.state === 'expired' && order.receipt?.takerSignature != null;
}

/** Every change of state is news for the other side, until it shows that it knows. */
function enter(order: Order, state: OrderState, now: number, change: Change): Order {
  return { ...order, ...change, state, unsent: true, history: [...order.history, { state, at: now }] };
}

/** The other side told us, so it knows. */
function settled(order: Order): Order {
  return { ...order, unsent: false };
}

function goneReason(state: 'cancelled' | 'expired'): EndReason {
  return state === 'cancelled' ? 'TAKER_CANCELLED' : 'TAKER_GONE';
}

function endReason(order: Order, state: 'cancelled' | 'expired'): EndReason {
  return state === 'cancelled' ? 'TAKER_CANCELLED' : END_BY_TIME[order.state as Pending];
}

function inTime(order: Order, now: number): void {
  const deadline = deadlineOf(order);
  if (deadline !== null && now > deadline) {
    throw new MarketError(MarketErrorCode.PastDeadline, `the order's deadline passed ${now - deadline} s ago`, {
      where: order.id,
      hint: 'it expires by itself; the taker may propose again',
    });
  }
}

function illegal(order: Order, event: OrderEvent): MarketError {
  return new MarketError(
    MarketErrorCode.IllegalTransition,
    `the ${order.role} cannot ${event.type} an order that is ${order.state}`,
    { where: order.id },
  );
}
