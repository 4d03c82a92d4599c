import type { Order } from '../market/index.ts';
import { deadlineOf, isFinal } from '../market/index.ts';
import type { DocumentRecord, Store } from '../store/index.ts';
import type { OrderQuery } from './market-interface.ts';

/** An order with what its side needs to go on after a restart. */
export interface KeptOrder {
  order: Order;
  /** Taker only: the claim's envelope, base64, until the maker has it. */
  claim: string | null;
}

/** Where orders survive. A resolved `save` is on the disk. */
export interface OrderRepository {
  get(id: string): Promise<KeptOrder | undefined>;
  list(query: OrderQuery): Promise<KeptOrder[]>;
  save(kept: KeptOrder, now: number): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Stands for "none" in the store's deadline column: beyond every real time. */
const NO_DEADLINE = 2 ** 40 - 1;

/** Orders as documents of the store. Callers change one order at a time. */
export function storedOrders(store: Store): OrderRepository {
  const versions = new Map<string, number>();
  const read = (record: DocumentRecord): KeptOrder => {
    versions.set(record.id, record.version);
    return JSON.parse(record.data) as KeptOrder;
  };
  return {
    async get(id) {
      const record = await store.orders.get(id);
      return record === undefined ? undefined : read(record);
    },
    async list({ role, state, offerId }) {
      const found: KeptOrder[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.orders.query({ role, state, parent: offerId, limit: 100, cursor });
        found.push(...page.items.map(read));
        cursor = page.next;
      } while (cursor !== undefined);
      return found;
    },
    async save(kept, now) {
      const { order } = kept;
      const version = (versions.get(order.id) ?? 0) + 1;
      const record: DocumentRecord = {
        id: order.id,
        state: order.state,
        parent: order.terms.offerId,
        role: order.role,
        deadline: deadlineOf(order) ?? NO_DEADLINE,
        updatedAt: now,
        version,
        data: JSON.stringify(kept),
      };
      await store.apply([{ type: 'put-order', record }]);
      // A final order is rarely read again; the map must not grow with history.
      if (isFinal(order) && !order.unsent) versions.delete(order.id);
      else versions.set(order.id, version);
    },
    async delete(id) {
      await store.apply([{ type: 'delete-order', id }]);
      versions.delete(id);
    },
  };
}
