import type { TestContext } from 'node:test';
import type { EnvelopeKind } from '../../../src/envelope/interface.ts';
import { openStore, type Store, type StoredEnvelope, type StoreInit, type Tag } from '../../../src/store/index.ts';
import { tempDir } from '../../support/temp-dir.ts';

export const NOW = 1_795_000_000;

/** 32 bytes of hex that say which number they stand for. */
export const id = (n: number | bigint, prefix = '') => prefix + n.toString(16).padStart(64 - prefix.length, '0');

export async function tempStore(
  t: TestContext,
  init: Partial<StoreInit> = {},
): Promise<{ store: Store; dataDir: string }> {
  const dataDir = init.dataDir ?? (await tempDir(t));
  const store = await openStore({ ...init, dataDir });
  t.after(() => store.close());
  return { store, dataDir };
}

export function envelope(n: number, overrides: Partial<StoredEnvelope> = {}): StoredEnvelope {
  return {
    id: id(n, 'e'),
    topic: '/zkbazaar/local/1/listing-update',
    kind: 'claim' as EnvelopeKind,
    offerId: id(1, 'f'),
    pseudonym: id(n, 'a'),
    expiresAt: NOW + 600 + n,
    receivedAt: NOW,
    bytes: Uint8Array.of(1, 2, 3, n & 255),
    ...overrides,
  };
}

export const nullifier = (n: number, expiresAt = NOW + 86_400): Tag => ({
  kind: 'nullifier',
  value: id(n, 'c'),
  expiresAt,
});
export const pledge = (n: number, expiresAt = NOW + 86_400): Tag => ({ kind: 'pledge', value: id(n, 'c'), expiresAt });

/** A reservation that must succeed. */
export function held(store: Store, tags: Tag[], context = id(1, 'd')) {
  const result = store.spent.reserve(tags, context);
  if (result.status !== 'reserved') throw new Error(`expected a reservation, got ${result.status}`);
  return result.reservation;
}
