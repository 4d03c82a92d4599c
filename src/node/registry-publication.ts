import { fromHex, utf8 } from '../base/bytes.ts';
import { createEnvelope, encodeBody, encodeEnvelope, signingBytes } from '../envelope/index.ts';
import type { PublishedRegistry, Registry } from '../issuer/index.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode } from './interface.ts';

/** A month: the next publication comes sooner, and a peer that was away for longer asks its peers. */
const DEFAULT_LIFE_SECONDS = 2_592_000;

export interface RegistryPublicationInit {
  /** Hex of the key that signs the registry. */
  registryKey: string;
  /** Seconds since the Unix epoch. */
  now: number;
  /** Life of the announcement; at most the network's `gossip.maxLifetimeSeconds`. */
  lifeSeconds?: number | undefined;
}

/**
 * The file that an operator hands out, and that `registry.import` of every node takes: snapshot, signed header, and the
 * envelope that carries the header through the network.
 */
export function registryFile(
  published: PublishedRegistry,
  registry: Pick<Registry, 'signEnvelope'>,
  init: RegistryPublicationInit,
): { bytes: Uint8Array; envelope: Uint8Array } {
  const { network, v, sequence, issuedAt, root, lists, snapshot } = published.header;
  const pseudonym = fromHex(init.registryKey, 32);
  if (pseudonym === undefined) {
    throw new NodeError(NodeErrorCode.RegistryKey, 'a registry key has 64 lower-case hex digits', {
      where: 'registryKey',
    });
  }
  const unsigned = createEnvelope({
    kind: 'registry',
    expiresAt: init.now + (init.lifeSeconds ?? DEFAULT_LIFE_SECONDS),
    pseudonym,
    body: encodeBody('registry', { v, sequence, issuedAt, root, lists, snapshot }),
  });
  const envelope = encodeEnvelope({ ...unsigned, signature: registry.signEnvelope(signingBytes(unsigned, network)) });
  const file = { ...published, envelope: Buffer.from(envelope).toString('base64') };
  return { bytes: utf8(`${JSON.stringify(file)}\n`), envelope };
}
