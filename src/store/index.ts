/**
 * Everything that must survive: envelopes, spent nullifiers and pledges, registry headers, offers, orders.
 *
 * @example
 * const store = await openStore({ dataDir });
 * const held = store.spent.reserve(tags, context);
 * if (held.status === 'reserved') await store.accept([{ envelope, reservation: held.reservation }], now);
 * await store.close();
 */
export { StoreError } from './errors.ts';
export * from './interface.ts';
export { openStore, type StoreInit } from './store.ts';
