import { encodeHeader } from '../ledger/block/header.ts';
import type { BlockSource } from '../ledger/follower.ts';
import type { Ledger } from '../ledger/interface.ts';
import type { Overlay } from '../overlay/interface.ts';
import { fetchBlocks, LEDGER_PROTOCOL, type ServedBlocks } from '../overlay/ledger/index.ts';

/** The blocks of a peer, dialled anew where there is no connection. @param address multiaddr with /p2p/<id> */
export function peerBlocks(overlay: Overlay, address: string): BlockSource {
  const peerId = peerOf(address);
  return {
    async *blocks(from, signal) {
      if (!overlay.peers().some((peer) => peer.peerId === peerId)) await overlay.connect(address, { signal });
      yield* fetchBlocks((data, options) => overlay.request(peerId, LEDGER_PROTOCOL, data, options), from, signal);
    },
  };
}

export function peerOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

/** A ledger as others may ask for it. @param current the ledger of now; throws where there is none at the time */
export function servedBlocks(current: () => Ledger): ServedBlocks {
  return {
    get head() {
      return current().head.height;
    },
    async block(height) {
      const { header, transactions } = await current().block(height);
      return { header: encodeHeader(header), transactions };
    },
    async whenAt(height, signal) {
      const ledger = current();
      if (height !== ledger.head.height + 1n) return;
      for await (const _ of ledger.headers(height, signal)) return;
    },
  };
}
