/**
 * Composition root: builds a peer from its configuration and hands out one facade.
 *
 * @example
 * const node = await createNode(config, { passphrase });
 * await node.start();
 */

export { createNode } from './create-node.ts';
export { NodeError } from './errors.ts';
export * from './interface.ts';
export { findPassphrase } from './passphrase.ts';
export { type RegistryPublicationInit, registryFile } from './registry-publication.ts';
