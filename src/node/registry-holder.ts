import { fromHex, sha256, toHex, utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import { nowSeconds } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { type Claims, type RegistrySnapshot, registrySnapshotSchema } from '../claims/index.ts';
import { decodeBody, decodeEnvelope, type RegistryBody, verifyEnvelopeSignature } from '../envelope/index.ts';
import type { RegistryWindow } from '../gossip/interface.ts';
import { verifyRegistry } from '../issuer/index.ts';
import type { RegistryRecord, Store } from '../store/index.ts';
import type { PublishReport } from './envelopes-interface.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode } from './interface.ts';
import type { RegistryInfo } from './registry-interface.ts';

export interface RegistryHolderInit {
  network: string;
  registryKey: string | null;
  graceSeconds: number;
}

export interface RegistryHolderComponents {
  store: Store;
  claims: Claims;
  window: RegistryWindow;
  clock: Clock;
  publish(envelope: Uint8Array): Promise<PublishReport>;
  onChange(info: RegistryInfo): void;
}

/** A snapshot as it is kept and handed on: its own bytes are what the header's hash names. */
interface Held {
  record: RegistryRecord;
  snapshot: RegistrySnapshot;
  /** What peers read. Written once: up to 16 MiB and 150 ms, for which a peer would ask with 36 bytes. */
  bytes: Uint8Array;
}

const ENVELOPES = 'registry-envelope';

/**
 * The registry as this node knows it. Headers are enough to verify; the whole snapshot, needed to prove, comes from a
 * file or from peers by the hash that the signed header names.
 */
export class RegistryHolder {
  readonly #init: RegistryHolderInit;
  readonly #components: RegistryHolderComponents;
  #held: Held | undefined;
  #info: RegistryInfo | null = null;

  constructor(init: RegistryHolderInit, components: RegistryHolderComponents) {
    this.#init = init;
    this.#components = components;
  }

  async restore(): Promise<void> {
    const { store, window } = this.#components;
    const records = await store.registries.recent();
    window.restore(records);
    for (const record of records) {
      const text = await store.registries.snapshot(record.sequence);
      if (text === undefined) continue;
      this.#held = hold(record, registrySnapshotSchema.parse(JSON.parse(text)));
      break;
    }
    await this.refresh();
  }

  /** Null before the first header. */
  current(): RegistryInfo | null {
    return this.#info;
  }

  /** The newest whole snapshot. @throws NodeError NODE_NO_REGISTRY */
  snapshot(): RegistrySnapshot {
    if (this.#held !== undefined) return this.#held.snapshot;
    throw new NodeError(NodeErrorCode.NoRegistry, 'this node holds no registry snapshot yet', {
      hint: 'import one (zkbazaar registry import FILE) or connect to a peer that has it',
    });
  }

  /** The header that has no snapshot yet: what is to be fetched, by hash. */
  async missing(): Promise<RegistryRecord | undefined> {
    const record = await this.#components.store.registries.current();
    return record !== undefined && record.snapshotHash !== '' && record.sequence > (this.#held?.record.sequence ?? -1)
      ? record
      : undefined;
  }

  /**
   * Takes a registry file: the operator's publication (`header` and `snapshot`) or a peer's export (`snapshot` and the
   * registry's `envelope`). One with an envelope is announced to the network.
   * @throws RegistryError, EnvelopeError, NodeError NODE_REGISTRY_FILE, NODE_REGISTRY_KEY
   */
  async import(file: Uint8Array): Promise<RegistryInfo> {
    const { registryKey } = this.#init;
    if (registryKey === null) {
      throw new NodeError(NodeErrorCode.RegistryKey, 'this node does not know whose registry to trust', {
        where: 'network.registryKey',
        hint: "set network.registryKey to the operator's public key",
      });
    }
    const parts = parseFile(file);
    const envelope = typeof parts['envelope'] === 'string' ? Buffer.from(parts['envelope'], 'base64') : undefined;
    const { header, snapshot } = await this.#check(parts, envelope, registryKey);
    if (envelope === undefined) await this.#takeHeader(header, snapshot);
    else await this.#announce(header, envelope);
    await this.#keep(recordOf(header), snapshot);
    await this.refresh();
    return this.#info ?? failNoRegistry();
  }

  /** Takes a snapshot fetched by hash for a header that gossip has accepted. */
  async takeFetched(record: RegistryRecord, bytes: Uint8Array): Promise<void> {
    const snapshot = this.#readSnapshot(record.snapshotHash, Buffer.from(bytes).toString('utf8'));
    this.#checkRoots(record.root, snapshot);
    await this.#keep(record, snapshot);
    await this.refresh();
  }

  /** Remembers the envelope that carried a header, for export. */
  async rememberEnvelope(sequence: number, data: Uint8Array): Promise<void> {
    await this.#components.store.values.set(ENVELOPES, String(sequence), Buffer.from(data).toString('base64'));
  }

  /** The envelope of the newest snapshot, if it is known. */
  async envelope(): Promise<Uint8Array | undefined> {
    const sequence = this.#info?.sequence;
    if (sequence === undefined) return undefined;
    const text = await this.#components.store.values.get(ENVELOPES, String(sequence));
    return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'));
  }

  /** A file that `import` of another node takes. @throws NodeError NODE_NO_REGISTRY */
  async export(): Promise<Uint8Array> {
    const snapshot = this.snapshot();
    const envelope = await this.envelope();
    if (envelope === undefined || this.#held?.record.sequence !== this.#info?.sequence) return failNoRegistry();
    return utf8(`{"envelope":"${Buffer.from(envelope).toString('base64')}","snapshot":${textOf(snapshot)}}\n`);
  }

  /** Part of a snapshot by its hash, for peers. */
  async read(hash: string, offset: number, length: number): Promise<{ total: number; bytes: Uint8Array } | undefined> {
    if (this.#held?.record.snapshotHash !== hash) return undefined;
    const { bytes } = this.#held;
    return { total: bytes.length, bytes: bytes.subarray(offset, offset + length) };
  }

  /** Reads again what gossip may have changed: header, grace of older roots. */
  async refresh(): Promise<void> {
    const { store, clock, onChange } = this.#components;
    const [record, ...older] = await store.registries.recent(20);
    if (record === undefined) return;
    const now = nowSeconds(clock);
    const held = this.#held?.record.sequence === record.sequence ? this.#held.snapshot : undefined;
    const before = this.#info;
    this.#info = {
      sequence: record.sequence,
      issuedAt: record.issuedAt,
      root: record.root,
      complete: held !== undefined,
      issuers: (held?.issuers ?? []).map(({ name, schema, x, y, revoked }) => ({
        name,
        schema,
        x,
        y,
        revoked: revoked.length,
      })),
      lists: (held?.lists ?? []).map(({ name, elements }) => ({ name, elements: elements.length })),
      grace: older
        .map(({ root, sequence, supersededAt }) => ({
          root,
          sequence,
          until: (supersededAt ?? 0) + this.#init.graceSeconds,
        }))
        .filter(({ until }) => until > now),
    };
    if (before?.sequence !== this.#info.sequence || before.complete !== this.#info.complete) onChange(this.#info);
  }

  /** Everything about a file but whether it is newer than what we have. */
  async #check(parts: Record<string, unknown>, envelope: Uint8Array | undefined, registryKey: string) {
    const body = envelope === undefined ? undefined : this.#readEnvelope(envelope, registryKey);
    if (parts['header'] !== undefined) {
      const { network } = this.#init;
      const known = await this.#components.store.registries.current();
      const { header, snapshot } = await verifyRegistry(parts, {
        registryKey,
        network,
        atLeastSequence: known?.sequence,
      });
      if (body !== undefined && body.snapshot !== header.snapshot) throw badFile('its envelope carries another header');
      return { header, snapshot };
    }
    if (body === undefined) throw badFile('it has neither a header nor an envelope');
    const snapshot = this.#readSnapshot(body.snapshot, canonicalJson(parts['snapshot'] as Json));
    this.#checkRoots(body.root, snapshot);
    return { header: body, snapshot };
  }

  /** By our own gossip, which takes the header in and passes it on; a header known before is no failure. */
  async #announce(header: RegistryHeaderFields, envelope: Uint8Array): Promise<void> {
    const { publish, store } = this.#components;
    const { accepted, code } = await publish(envelope);
    const known = await store.registries.bySequence(header.sequence);
    if (!accepted && known?.root !== header.root) {
      throw new NodeError(NodeErrorCode.RegistryFile, `the registry is not taken: ${code}`, {
        where: 'snapshot.sequence',
      });
    }
    await this.rememberEnvelope(header.sequence, envelope);
  }

  /** Without an envelope there is nothing to pass on: the header counts here alone. */
  async #takeHeader(header: RegistryHeaderFields, snapshot: RegistrySnapshot): Promise<void> {
    const { store, window, clock } = this.#components;
    const outcome = window.advance(this.#checkRoots(header.root, snapshot));
    if (outcome === 'conflict' || outcome === 'stale') {
      const why = outcome === 'stale' ? 'older than' : 'in conflict with';
      throw new NodeError(NodeErrorCode.RegistryFile, `the registry is ${why} what is known`, {
        where: 'snapshot.sequence',
      });
    }
    await store.registries.put(recordOf(header), nowSeconds(clock));
  }

  async #keep(record: RegistryRecord, snapshot: RegistrySnapshot): Promise<void> {
    await this.#components.store.registries.putSnapshot(record.sequence, textOf(snapshot));
    if (record.sequence >= (this.#held?.record.sequence ?? -1)) this.#held = hold(record, unsigned(snapshot));
  }

  #checkRoots(root: string, snapshot: RegistrySnapshot) {
    const view = this.#components.claims.registryView(snapshot);
    if (view.root.toString() !== root) throw badFile('its content does not hash to the root of its header');
    return view;
  }

  #readEnvelope(data: Uint8Array, registryKey: string): RegistryBody {
    const envelope = decodeEnvelope(data);
    if (
      envelope.kind !== 'registry' ||
      toHex(envelope.pseudonym) !== registryKey ||
      !verifyEnvelopeSignature(envelope, this.#init.network)
    ) {
      throw badFile("its envelope is not signed by the network's registry key");
    }
    return decodeBody('registry', envelope.body);
  }

  #readSnapshot(hash: string, text: string): RegistrySnapshot {
    const wanted = fromHex(hash, 32);
    if (wanted === undefined || toHex(sha256(text)) !== hash)
      throw badFile('it is not the snapshot that its header names');
    const parsed = registrySnapshotSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw badFile(parsed.error.issues[0]?.message ?? 'its snapshot is malformed');
    return parsed.data;
  }
}

type RegistryHeaderFields = Omit<RegistryBody, 'v'>;

function recordOf({ sequence, root, issuedAt, lists, snapshot }: RegistryHeaderFields): RegistryRecord {
  return { sequence, root, issuedAt, lists, snapshotHash: snapshot };
}

/** A file's snapshot carries its signature; the hash, and what is kept, are of the snapshot alone. */
function unsigned({ network, sequence, issuedAt, issuers, lists, root }: RegistrySnapshot): RegistrySnapshot {
  return { network, sequence, issuedAt, issuers, lists, root };
}

function hold(record: RegistryRecord, snapshot: RegistrySnapshot): Held {
  return { record, snapshot, bytes: utf8(textOf(snapshot)) };
}

function textOf(snapshot: RegistrySnapshot): string {
  return canonicalJson(unsigned(snapshot) as unknown as Json);
}

function parseFile(file: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it is no object');
  } catch (error) {
    throw badFile(messageOf(error));
  }
}

function badFile(why: string): NodeError {
  return new NodeError(NodeErrorCode.RegistryFile, `not a registry file of this network: ${why}`, {
    hint: 'use the file that zkbazaar registry publish wrote',
  });
}

function failNoRegistry(): never {
  throw new NodeError(NodeErrorCode.NoRegistry, 'this node holds no whole registry yet');
}
