import { identify } from '@libp2p/identify';
import type { Stream } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { concatBytes } from '../../../src/base/bytes.ts';
import { transportOptions } from '../../../src/overlay/create-libp2p.ts';
import { frames } from '../../../src/overlay/frames.ts';
import type { TestNet } from './helpers.ts';

const MIB = 1024 * 1024;

export interface BareNode {
  address: string;
  peerId: string;
  connect(address: string): Promise<void>;
  /** Answers each framed request with raw answer bytes; undefined never answers. */
  answer(protocol: string, respond: (request: Uint8Array) => Uint8Array | undefined): Promise<void>;
  /** Opens a stream and hands it over as it is. */
  open(address: string, protocol: string | string[]): Promise<Stream>;
  connections(): number;
}

/** A libp2p node that speaks the transport and nothing of ours: the tests put the misbehaviour on top. */
export async function createNode(net: TestNet): Promise<BareNode> {
  const libp2p = await createLibp2p({
    ...transportOptions(),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    services: { identify: identify(), ping: ping() },
  });
  net.onClose(async () => libp2p.stop());
  return {
    address: libp2p.getMultiaddrs()[0]?.toString() ?? '',
    peerId: libp2p.peerId.toString(),
    connect: async (address) => {
      await libp2p.dial(multiaddr(address));
    },
    answer: (protocol, respond) =>
      libp2p.handle(protocol, async (stream) => {
        try {
          const channel = frames(stream, MIB);
          const answer = respond((await channel.read()).subarray());
          if (answer !== undefined) await channel.write(answer);
        } catch {
          // The other side hung up, which is what the test wants to see there.
        }
      }),
    open: (address, protocol) => libp2p.dialProtocol(multiaddr(address), protocol),
    connections: () => libp2p.getConnections().length,
  };
}

/** A frame as our protocols write it: four bytes of length, then the data. */
export function framed(data: Uint8Array, length: number = data.length): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, length);
  return concatBytes(prefix, data);
}
