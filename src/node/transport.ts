import { CodedError } from '../base/errors.ts';
import { type Contact, MAX_CONTACT_ADDRESSES, MAX_ORDER_MESSAGE_BYTES, ORDER_PROTOCOL } from '../market/index.ts';
import type { Overlay } from '../overlay/interface.ts';

// A proposal is answered when its claim is verified, which a full queue may hold up for some seconds.
const ORDER_TIMEOUT_MS = 20_000;

/** How others reach this node: dialable addresses, loopback ones only where there is nothing else. */
export function ownContact(overlay: Overlay): Contact {
  const all = overlay.addresses();
  const open = all.filter((address) => !/^\/(?:ip4\/127\.|ip6\/::1\/)/.test(address));
  return { peerId: overlay.peerId, addresses: (open.length > 0 ? open : all).slice(0, MAX_CONTACT_ADDRESSES) };
}

/** One order message and its answer; dials the contact's addresses in turn where there is no connection yet. */
export async function sendOrderMessage(overlay: Overlay, to: Contact, bytes: Uint8Array): Promise<Uint8Array> {
  if (!overlay.peers().some(({ peerId }) => peerId === to.peerId)) await dial(overlay, to);
  return await overlay.request(to.peerId, ORDER_PROTOCOL, bytes, {
    timeoutMs: ORDER_TIMEOUT_MS,
    maxResponseBytes: MAX_ORDER_MESSAGE_BYTES,
  });
}

export function serveOrders(overlay: Overlay, answer: (data: Uint8Array, peer: string) => Promise<Uint8Array>): void {
  overlay.handle(ORDER_PROTOCOL, ({ data, peer }) => answer(data, peer), {
    maxRequestBytes: MAX_ORDER_MESSAGE_BYTES,
    maxResponseBytes: MAX_ORDER_MESSAGE_BYTES,
    timeoutMs: ORDER_TIMEOUT_MS,
  });
}

async function dial(overlay: Overlay, { peerId, addresses }: Contact): Promise<void> {
  let last: unknown;
  for (const address of addresses) {
    try {
      // The address must lead to this peer and to no other, whatever the contact's text says.
      const bare = address.replace(/\/p2p\/[^/]+$/, '');
      await overlay.connect(`${bare}/p2p/${peerId}`);
      return;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      last = error;
    }
  }
  // Without addresses the overlay may still know the peer from before.
  if (last !== undefined) throw last;
}
