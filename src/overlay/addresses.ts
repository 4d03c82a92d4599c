import type { PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { OverlayError, OverlayErrorCode } from './errors.ts';

/** @throws OverlayError OVERLAY_ADDRESS_INVALID */
export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text);
  } catch (error) {
    throw new OverlayError(OverlayErrorCode.AddressInvalid, 'not a multiaddr', {
      where: text.slice(0, 128),
      hint: 'for example /ip4/127.0.0.1/tcp/4390/p2p/12D3KooW…',
      cause: error,
    });
  }
}

/** The peer that a multiaddr names at its end. @throws OverlayError OVERLAY_ADDRESS_INVALID if it names none */
export function peerIdOf(address: Multiaddr): PeerId {
  const last = address.getComponents().findLast((component) => component.name === 'p2p')?.value;
  if (last === undefined) {
    throw new OverlayError(OverlayErrorCode.AddressInvalid, 'the multiaddr does not name its peer', {
      where: address.toString().slice(0, 128),
      hint: 'append /p2p/<peer id>, so that nobody else can answer in its place',
    });
  }
  return parsePeerId(last);
}

/** @throws OverlayError OVERLAY_PEER_INVALID */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch (error) {
    throw new OverlayError(OverlayErrorCode.PeerInvalid, 'not a peer id', { where: text.slice(0, 128), cause: error });
  }
}
