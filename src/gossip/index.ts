/**
 * Whether a message may be relayed: `createGossip` makes the validator, `createRegistryWindow` what it knows of the
 * registry, `networkTopics` what a peer joins. Checks, codes and costs: docs/validation.md.
 */
export { GOSSIP_CODES, type GossipCode } from './codes.ts';
export { GossipError } from './errors.ts';
export { createGossip } from './gossip.ts';
export * from './interface.ts';
export { createRegistryWindow, type RegistryWindowInit } from './registry-window.ts';
export { networkTopics, TOPIC_NAMES, type TopicName, topicOf, topicOfKind } from './topics.ts';
