import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubOpts,
  gossipsub,
  type Message,
  StrictNoSign,
  TopicValidatorResult,
} from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { toHex } from '../base/bytes.ts';
import { messageId } from '../envelope/message-id.ts';
import {
  FLOOD_SCORE,
  GOSSIP_THRESHOLD,
  GRAYLIST_THRESHOLD,
  IDONTWANT_MIN_BYTES,
  INVALID_MESSAGE_DECAY,
  INVALID_MESSAGE_WEIGHT,
  MAX_GOSSIP_FRAME_BYTES,
  MAX_OUTBOUND_BUFFER_BYTES,
  MAX_SUBSCRIPTIONS,
  MAX_TOPIC_BYTES_PER_PEER,
  MCACHE_GOSSIP,
  MESH_DEGREE,
  MESH_DEGREE_HIGH,
  MESH_DEGREE_LOW,
  PUBLISH_THRESHOLD,
} from './constants.ts';
import type { Intake } from './intake.ts';
import type { OverlayTuning } from './interface.ts';

/** What gossipsub 17.1 has at run time and leaves out of its types. */
export interface PubSub extends GossipSub {
  getMeshPeers(topic: string): string[];
  getScore(peerId: string): number;
}

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

/**
 * gossipsub whose topic validators are the intake.
 *
 * `asyncValidation` stays off on purpose: with it a message waits in the message cache, and a verdict that comes after
 * `mcacheLength` heartbeats loses it silently. A topic validator holds the message itself for as long as it takes:
 * nothing is delivered, cached, announced or forwarded before `accept`, and a late `accept` still relays.
 */
export function createPubSub(
  topics: readonly string[],
  tuning: OverlayTuning,
  intake: Intake,
): (components: GossipSubComponents) => PubSub {
  const create = gossipsub(options(topics, tuning, intake));
  return (components) => {
    const pubsub = create(components) as PubSub;
    for (const topic of topics) {
      pubsub.topicValidators.set(topic, async (peer: PeerId, message: Message) => {
        // A copy: the original is a window on a whole socket buffer, which a queue of messages would keep alive.
        const verdict = await intake.validate({ topic, data: new Uint8Array(message.data), from: peer.toString() });
        return RESULTS[verdict.action];
      });
    }
    return pubsub;
  };
}

function options(topics: readonly string[], tuning: OverlayTuning, intake: Intake): Partial<GossipsubOpts> {
  return {
    ...commonOptions(topics),
    floodPublish: false, // It would show every neighbour who the author is.
    doPX: false,
    heartbeatInterval: tuning.heartbeatMs,
    mcacheLength: tuning.mcacheLength,
    seenTTL: tuning.seenTtlMs,
    // The duplicate check before everything else, and the place where the raw message is seen: see `rawMessageId`.
    fastMsgIdFn: rawMessageId,
    scoreParams: {
      topics: Object.fromEntries(topics.map((topic) => [topic, invalidMessagesOnly()])),
      // The flood brake: deaf to a peer for as long as it sends what nobody wants.
      appSpecificScore: (peerId: string) => (intake.floods(peerId) ? FLOOD_SCORE : 0),
      appSpecificWeight: 1,
      // Peers behind one address are no worse, and a promise broken while we validate slowly is not theirs.
      IPColocationFactorWeight: 0,
      behaviourPenaltyWeight: 0,
    },
    scoreThresholds: {
      gossipThreshold: GOSSIP_THRESHOLD,
      publishThreshold: PUBLISH_THRESHOLD,
      graylistThreshold: GRAYLIST_THRESHOLD,
      acceptPXThreshold: 0,
      opportunisticGraftThreshold: 0,
    },
  };
}

/** Shared with the raw publisher: without these, two peers would not understand each other. */
export function commonOptions(topics: readonly string[]): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: StrictNoSign, // The envelope is signed; a peer id beside it would name the author.
    allowedTopics: new Set(topics),
    msgIdFn: (message: Message) => messageId(message.topic, message.data),
    msgIdToStrFn: toHex,
    fallbackToFloodsub: false,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    D: MESH_DEGREE,
    Dlo: MESH_DEGREE_LOW,
    Dhi: MESH_DEGREE_HIGH,
    mcacheGossip: MCACHE_GOSSIP,
    idontwantMinDataSize: IDONTWANT_MIN_BYTES,
    maxOutboundBufferSize: MAX_OUTBOUND_BUFFER_BYTES,
    maxInboundDataLength: MAX_GOSSIP_FRAME_BYTES,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    decodeRpcLimits: {
      maxSubscriptions: MAX_SUBSCRIPTIONS,
      maxMessages: 5_000,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxControlMessages: 5_000,
      maxIdontwantMessageIDs: 512,
      maxPeerInfos: 16,
    },
  };
}

/**
 * The id of a message as it came off the wire. gossipsub's StrictNoSign looks at signature, seqno and key, but lets a
 * `from` field of any size pass and forwards it; a throw here drops the message before it is seen, so that its clean
 * twin from another peer is still taken.
 */
function rawMessageId(message: { from?: Uint8Array; data?: Uint8Array; topic: string }): string {
  if (message.from !== undefined) throw new Error('a message names its sender');
  return toHex(messageId(message.topic, message.data ?? new Uint8Array()));
}

/** P4 alone. Its weight counts; all others are 0 (their decays must still be valid numbers). */
function invalidMessagesOnly() {
  return {
    topicWeight: 1,
    timeInMeshWeight: 0,
    timeInMeshQuantum: 1_000,
    timeInMeshCap: 0,
    firstMessageDeliveriesWeight: 0,
    firstMessageDeliveriesDecay: 0.5,
    firstMessageDeliveriesCap: 1,
    meshMessageDeliveriesWeight: 0,
    meshMessageDeliveriesDecay: 0.5,
    meshMessageDeliveriesCap: 1,
    meshMessageDeliveriesThreshold: 1,
    meshMessageDeliveriesWindow: 0,
    meshMessageDeliveriesActivation: 1_000,
    meshFailurePenaltyWeight: 0,
    meshFailurePenaltyDecay: 0.5,
    invalidMessageDeliveriesWeight: INVALID_MESSAGE_WEIGHT,
    invalidMessageDeliveriesDecay: INVALID_MESSAGE_DECAY,
  };
}
