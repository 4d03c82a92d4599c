import type { EnvelopeKind } from '../envelope/interface.ts';

export const TOPIC_NAMES = ['listing', 'listing-update', 'registry', 'receipt'] as const;
export type TopicName = (typeof TOPIC_NAMES)[number];

const TOPIC_OF_KIND: Readonly<Record<EnvelopeKind, TopicName>> = {
  listing: 'listing',
  'listing-update': 'listing-update',
  // A claim says something about a listing, so whoever follows listings gets it.
  claim: 'listing-update',
  registry: 'registry',
  receipt: 'receipt',
};

/** `/zkbazaar/<network>/1/<name>` */
export function topicOf(network: string, name: TopicName): string {
  return `/zkbazaar/${network}/1/${name}`;
}

/** The topic that carries envelopes of this kind. */
export function topicOfKind(network: string, kind: EnvelopeKind): string {
  return topicOf(network, TOPIC_OF_KIND[kind]);
}

/** All topics of a network; peers join no others. */
export function networkTopics(network: string): string[] {
  return TOPIC_NAMES.map((name) => topicOf(network, name));
}
