import { toHex } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import {
  decodeBody,
  decodeEnvelope,
  ENVELOPE_KINDS,
  type Envelope,
  type EnvelopeKind,
  envelopeId,
  registryRootOf,
  signalStrings,
} from '../envelope/index.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { Store } from '../store/index.ts';
import type {
  EnvelopeQuery,
  EnvelopeSummary,
  EnvelopesApi,
  PublishReport,
  StoredEnvelope,
} from './envelopes-interface.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode, type Page } from './interface.ts';

export interface EnvelopeDeskComponents {
  network: string;
  store: Store;
  overlay: Pick<Overlay, 'publish'>;
  topicOf(kind: EnvelopeKind): string;
}

/** Codes of what our own pipeline says about a message it has accepted before. */
const ALREADY_HERE = 'GOSSIP_DUPLICATE';

export class EnvelopeDesk implements EnvelopesApi {
  readonly #parts: EnvelopeDeskComponents;

  constructor(components: EnvelopeDeskComponents) {
    this.#parts = components;
  }

  async publish(data: Uint8Array): Promise<PublishReport> {
    const { network, overlay, topicOf } = this.#parts;
    const envelope = decodeEnvelope(data);
    const topic = topicOf(envelope.kind);
    const { verdict, recipients } = await overlay.publish(topic, data);
    const { action, code } = verdict;
    return { id: envelopeId(envelope, network), topic, accepted: action === 'accept', action, code, recipients };
  }

  /** Publishes, and takes "known already" for success: what a restart repeats. @throws NodeError NODE_NOT_PUBLISHED */
  async publishOwn(data: Uint8Array): Promise<PublishReport> {
    const report = await this.publish(data);
    const known = report.code === ALREADY_HERE && this.#parts.store.envelopes.has(report.id);
    if (report.accepted || known) return { ...report, accepted: true };
    throw new NodeError(NodeErrorCode.NotPublished, `our own checks do not let this out: ${report.code}`, {
      where: report.code,
      hint:
        report.code === 'GOSSIP_NULLIFIER_SPENT'
          ? 'this holder or account has already been used for this; an account backs one open order a day'
          : undefined,
    });
  }

  inspect(data: Uint8Array) {
    const envelope = decodeEnvelope(data);
    return {
      ...this.#summary(envelope, data.length),
      circuit: toHex(envelope.circuit),
      publicSignals: signalStrings(envelope),
    };
  }

  async get(id: string): Promise<StoredEnvelope | undefined> {
    const stored = await this.#parts.store.envelopes.get(id);
    if (stored === undefined) return undefined;
    return { ...this.inspect(stored.bytes), receivedAt: stored.receivedAt, data: stored.bytes };
  }

  async query(query: EnvelopeQuery = {}): Promise<Page<EnvelopeSummary>> {
    const { kind, after, limit } = query;
    if (kind !== undefined && !(ENVELOPE_KINDS as readonly string[]).includes(kind)) {
      throw new NodeError(NodeErrorCode.BadQuery, `there is no envelope kind ${kind.slice(0, 32)}`, {
        where: 'kind',
        hint: `one of ${ENVELOPE_KINDS.join(', ')}`,
      });
    }
    const page = await this.#parts.store.envelopes.query({
      kind: kind as EnvelopeKind | undefined,
      limit,
      cursor: after,
    });
    const items = page.items.map(({ bytes }) => this.#summary(decodeEnvelope(bytes), bytes.length));
    return { items, next: page.next ?? null };
  }

  #summary(envelope: Envelope, bytes: number): EnvelopeSummary {
    return {
      id: envelopeId(envelope, this.#parts.network),
      kind: envelope.kind,
      topic: this.#parts.topicOf(envelope.kind),
      pseudonym: toHex(envelope.pseudonym),
      policy: envelope.policy,
      registryRoot: envelope.registryRoot.length === 0 ? null : registryRootOf(envelope).toString(),
      expiresAt: envelope.expiresAt,
      bytes,
      body: readBody(envelope),
    };
  }
}

function readBody(envelope: Envelope): unknown {
  try {
    return decodeBody(envelope.kind, envelope.body);
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
}
