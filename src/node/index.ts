/**
 * Composition root: builds a peer from its configuration and hands out one facade.
 *
 * @example
 * const node = await createNode(config, { passphrase });
 * await node.start();
 */
export * from './interface.ts';
