import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256, toHex, utf8 } from '../../../src/base/bytes.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type {
  InboundMessage,
  MessageVerdict,
  Overlay,
  OverlayComponents,
  OverlayInit,
  SyncItem,
} from '../../../src/overlay/index.ts';
import { createOverlay, LOOPBACK_TUNING } from '../../../src/overlay/index.ts';

export const TOPIC = '/zkbazaar/test/1/listing';
export const REGISTRY_TOPIC = '/zkbazaar/test/1/registry';
export const TOPICS = [TOPIC, REGISTRY_TOPIC];

const TEXT = new TextDecoder();

/**
 * A validator for tests that judges by the message's first word: `good…` accept, `bad…` reject, anything else ignore.
 * Like the real one it stores what it accepts, and it keeps everything that it was asked.
 */
export class TestValidator {
  readonly seen: (InboundMessage & { text: string })[] = [];
  readonly stored = new Map<string, { topic: string; bytes: Uint8Array; expiresAt: number }>();
  /** Verdicts wait for this. */
  gate: () => Promise<void> = async () => undefined;

  async validate(message: InboundMessage): Promise<MessageVerdict> {
    const text = TEXT.decode(message.data);
    this.seen.push({ ...message, text });
    await this.gate();
    if (text.startsWith('bad')) return { action: 'reject', code: 'TEST_BAD' };
    if (!text.startsWith('good')) return { action: 'ignore', code: 'TEST_IGNORED' };
    const id = idOf(message.data);
    if (this.stored.has(id)) return { action: 'ignore', code: 'TEST_DUPLICATE' };
    this.put(message.topic, message.data);
    return { action: 'accept', code: 'TEST_ACCEPTED' };
  }

  /** Expiry is part of the message, as in an envelope: `… @<seconds>`, else in an hour. */
  put(topic: string, bytes: Uint8Array): void {
    const stated = / @(\d+)$/.exec(TEXT.decode(bytes))?.[1];
    const expiresAt = stated === undefined ? Math.floor(Date.now() / 1000) + 3_600 : Number(stated);
    this.stored.set(idOf(bytes), { topic, bytes, expiresAt });
  }

  sawText(text: string): boolean {
    return this.seen.some((message) => message.text === text);
  }

  list(fromExpiry: number, toExpiry: number): SyncItem[] {
    return [...this.stored]
      .map(([id, { topic, expiresAt }]) => ({ id, topic, expiresAt }))
      .filter(({ expiresAt }) => expiresAt >= fromExpiry && expiresAt < toExpiry);
  }

  get(id: string): { topic: string; bytes: Uint8Array } | undefined {
    return this.stored.get(id);
  }
}

export function idOf(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

export interface TestPeer {
  overlay: Overlay;
  validator: TestValidator;
  dataDir: string;
  address: string;
}

/** Peers on 127.0.0.1 with free ports and their own folders; `close` stops them and removes the folders. */
export class TestNet {
  readonly #peers: TestPeer[] = [];
  readonly #folders: string[] = [];
  readonly #closers: (() => Promise<unknown>)[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'zkbazaar-overlay-'));
    this.#folders.push(folder);
    return folder;
  }

  onClose(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async peer(init: Partial<OverlayInit> = {}, components: Partial<OverlayComponents> = {}): Promise<TestPeer> {
    const dataDir = init.dataDir ?? (await this.folder());
    const validator = new TestValidator();
    const overlay = await createOverlay(
      {
        network: 'test',
        topics: TOPICS,
        listen: ['/ip4/127.0.0.1/tcp/0'],
        ...init,
        dataDir,
        tuning: { ...LOOPBACK_TUNING, heartbeatMs: 200, syncIntervalMs: 0, reconnectBaseMs: 100, ...init.tuning },
      },
      { clock: systemClock, validator, ...components },
    );
    await overlay.start();
    const peer = { overlay, validator, dataDir, address: overlay.addresses()[0] ?? '' };
    this.#peers.push(peer);
    return peer;
  }

  /** Each peer knows the one before it, so that a message from the first to the last takes count - 1 hops. */
  async line(count: number, init: Partial<OverlayInit> = {}): Promise<TestPeer[]> {
    const peers: TestPeer[] = [];
    for (let i = 0; i < count; i++) {
      const before = peers[i - 1];
      peers.push(await this.peer({ ...init, peers: before === undefined ? [] : [before.address] }));
    }
    await this.joined(peers, (i) => (i === 0 || i === count - 1 ? 1 : 2));
    return peers;
  }

  /** Waits until each peer has that many others in its mesh. */
  async joined(peers: readonly TestPeer[], degree: (i: number) => number): Promise<void> {
    await until(
      () => peers.every(({ overlay }, i) => overlay.peers().filter((p) => p.mesh.includes(TOPIC)).length >= degree(i)),
      'the mesh to form',
    );
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
    await Promise.all(this.#peers.map(({ overlay }) => overlay.stop()));
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

export function bytes(text: string): Uint8Array {
  return utf8(text);
}

/** Waits for a state instead of sleeping; the bound is only there to end a test that will not pass. */
export async function until(reached: () => boolean, what: string, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!reached()) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(10);
  }
}

/** Time in which a message would have crossed the line many times over, for showing that it did not. */
export async function settle(ms = 600): Promise<void> {
  await sleep(ms);
}

/** A promise and what opens it. */
export function gate(): { wait: () => Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: () => promise, open: resolve };
}
