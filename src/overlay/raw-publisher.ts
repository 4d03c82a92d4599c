import type { GossipSub } from '@libp2p/gossipsub';
import { gossipsub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import { ping } from '@libp2p/ping';
import { createLibp2p } from 'libp2p';
import { messageOf } from '../base/errors.ts';
import { parseAddress, peerIdOf } from './addresses.ts';
import { transportOptions } from './create-libp2p.ts';
import { deadline, pause } from './deadline.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';
import { commonOptions } from './pubsub.ts';

const POLL_MS = 10;

export interface RawPublisherInit {
  /** Topics it may publish on. */
  topics: readonly string[];
  /** Multiaddr with `/p2p/<id>` of the one peer it talks to. */
  target: string;
  /** Default 10 s. */
  timeoutMs?: number;
}

export interface RawPublisher {
  readonly peerId: string;
  /**
   * Hands `data` to the target as gossip, whatever it is; resolves when it is written to the connection, with whether the target
   * took it (false: it does not listen to us any more).
   */
  publish(topic: string, data: Uint8Array): Promise<boolean>;
  /** Whether the target still keeps the connection. */
  connected(): boolean;
  stop(): Promise<void>;
}

/**
 * A stranger to the network: fresh identity, one connection, no validator, no store. What an attacker would run, and the
 * demo and the tests do. It joins no mesh and relays nothing.
 * @throws OverlayError OVERLAY_DIAL_FAILED if the target cannot be reached or takes none of the topics in time
 */
export async function createRawPublisher(init: RawPublisherInit): Promise<RawPublisher> {
  const address = parseAddress(init.target);
  const target = peerIdOf(address);
  const libp2p = await createLibp2p({
    ...transportOptions(),
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({ ...commonOptions(init.topics), floodPublish: true }),
    },
  });
  const pubsub: GossipSub = libp2p.services.pubsub;
  const until = deadline(init.timeoutMs ?? 10_000);
  const takes = (topic: string) => pubsub.getSubscribers(topic).some((peer) => peer.equals(target));
  try {
    await libp2p.dial(address, { signal: until.signal });
    while (!init.topics.every(takes)) {
      if (until.signal.aborted) throw new Error('the target took none of the topics in time');
      await pause(POLL_MS, until.signal);
    }
  } catch (error) {
    await libp2p.stop();
    throw new OverlayError(OverlayErrorCode.DialFailed, `the target cannot be reached: ${messageOf(error)}`, {
      where: init.target.slice(0, 256),
      cause: error,
    });
  } finally {
    until.clear();
  }
  return {
    peerId: libp2p.peerId.toString(),
    publish: async (topic, data) => {
      const { recipients } = await pubsub.publish(topic, data);
      // A ping on the same connection comes back after the bytes before it have gone out.
      const answered = deadline(init.timeoutMs ?? 10_000);
      try {
        await libp2p.services.ping.ping(target, { signal: answered.signal });
      } catch {
        return false;
      } finally {
        answered.clear();
      }
      return recipients.some((peer) => peer.equals(target));
    },
    connected: () => libp2p.getConnections(target).length > 0,
    stop: async () => {
      await libp2p.stop();
    },
  };
}
