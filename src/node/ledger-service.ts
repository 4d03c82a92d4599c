import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { ensurePrivateDir } from '../base/private-file.ts';
import type { Config, DataPaths } from '../config/index.ts';
import { LedgerError } from '../ledger/errors.ts';
import { FollowedOrdering, type FollowerStatus } from '../ledger/follower.ts';
import { circuitKeysOf } from '../ledger/genesis.ts';
import type { Ledger, ProofChecker } from '../ledger/interface.ts';
import { openLedger } from '../ledger/ledger.ts';
import type { OrderingParts } from '../ledger/options.ts';
import type { Overlay } from '../overlay/interface.ts';
import { serveLedger } from '../overlay/ledger/index.ts';
import { LedgerDesk } from './ledger-desk.ts';
import type { FollowView, LedgerApi, LedgerStatusView } from './ledger-interface.ts';
import { LedgerMetrics } from './ledger-metrics.ts';
import { peerBlocks, peerOf, servedBlocks } from './ledger-source.ts';
import { errorView, headerView } from './ledger-views.ts';
import type { Logger } from './log.ts';

/** A genesis of a million accounts is 70 MB. */
const MAX_GENESIS_BYTES = 128 * 1024 * 1024;

export interface LedgerServiceParts {
  config: Config;
  paths: DataPaths;
  overlay: Overlay;
  /** @param bound verifying keys that the genesis names. @throws LEDGER_CIRCUIT_MISMATCH */
  proofs(bound: ReadonlyMap<number, string> | undefined): ProofChecker;
  log: Logger;
}

/** Opens the ledger, follows where it is told to, hands blocks to others, and knows how it is doing. */
export class LedgerService {
  readonly api: LedgerApi;
  readonly metrics: LedgerMetrics;
  readonly #parts: LedgerServiceParts;
  readonly #genesis: unknown;
  readonly #proofs: ProofChecker;
  #ledger: Ledger | undefined;
  #following: FollowedOrdering | undefined;
  #followed: FollowerStatus | undefined;
  #failure: Error | undefined;
  /** A refusal outlives the ledger that it stopped. */
  #refused = false;
  #stopped = false;
  #reopening: Promise<void> = Promise.resolve();

  private constructor(parts: LedgerServiceParts, genesis: unknown) {
    this.#parts = parts;
    this.#genesis = genesis;
    this.#proofs = parts.proofs(circuitKeysOf(genesis));
    this.metrics = new LedgerMetrics(() => (this.#ledger === undefined ? undefined : this.status()));
    this.api = new LedgerDesk({
      ledger: () => this.#open(),
      status: () => this.status(),
      onRefused: (code) => this.metrics.refused(code),
    });
    serveLedger(
      parts.overlay,
      servedBlocks(() => this.#open()),
    );
  }

  /**
   * Undefined where the settings leave the ledger out, or there is no genesis file where it would be by default.
   * @throws LEDGER_GENESIS_INVALID, LEDGER_CIRCUIT_MISMATCH, and what `openLedger` throws
   */
  static async create(parts: LedgerServiceParts): Promise<LedgerService | undefined> {
    const { config, paths } = parts;
    if (!config.ledger.enabled) return undefined;
    const genesis = await readGenesis(paths.genesisFile, config.ledger.genesis === null);
    if (genesis === undefined) return undefined;
    await ensurePrivateDir(paths.ledgerDir);
    const service = new LedgerService(parts, genesis);
    await service.#begin(config.ledger.follow);
    return service;
  }

  status(): LedgerStatusView {
    const ledger = this.#open();
    const { head, oldest, records, pending, lanes, bytes, network } = ledger.status();
    const { follow, capacity } = this.#parts.config.ledger;
    return {
      network,
      state: this.#failure !== undefined ? 'failed' : follow === null ? 'open' : 'follower',
      head: headerView(head),
      oldest: String(oldest),
      records,
      capacity,
      pending,
      lanes,
      bytes,
      following: follow === null ? null : this.#followView(follow),
      error: this.#failure === undefined ? null : errorView(this.#failure),
    };
  }

  /** One line for health and doctor. */
  health(): { ok: boolean; detail: string } {
    if (this.#ledger === undefined) return { ok: false, detail: 'closed' };
    const { height } = this.#ledger.head;
    const error = this.#failure ?? (this.#refused ? this.#followed?.error : undefined);
    if (error !== undefined)
      return { ok: false, detail: `height ${height}; ${errorView(error).code}: ${messageOf(error)}` };
    return { ok: true, detail: `height ${height}` };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reopening;
    // A full disk would hold up a block that waits to be written, and the stop with it.
    this.#following?.halt();
    await this.#ledger?.close();
    this.#ledger = undefined;
  }

  #open(): Ledger {
    if (this.#ledger !== undefined) return this.#ledger;
    throw new LedgerError('LEDGER_CLOSED', 'the ledger is closed, or is being opened anew', { hint: 'try again' });
  }

  async #begin(follow: string | null): Promise<void> {
    const { config, paths, log } = this.#parts;
    const { blockTimeMs, blockTransactions, lanes, capacity, snapshotEvery, keepBlocks } = config.ledger;
    this.#ledger = await openLedger({
      folder: paths.ledgerDir,
      genesis: this.#genesis,
      blockTime: blockTimeMs,
      blockTransactions,
      lanes: lanes ?? Math.max(1, availableParallelism() - 1),
      capacity,
      snapshotEvery,
      keepBlocks,
      proofs: this.#proofs,
      onProgress: (text) => log.info({ part: 'ledger' }, text),
      onFailure: (error) => this.#onFailure(error),
      onSealed: (stats) => this.metrics.sealed(stats),
      onPoint: (name) => this.metrics.point(name),
      ...(follow === null ? {} : { ordering: (parts) => this.#follow(parts, follow) }),
    });
    const { height } = this.#ledger.head;
    log.info({ network: this.#ledger.status().network, height: String(height) }, 'ledger open');
  }

  #follow(parts: OrderingParts, address: string): FollowedOrdering {
    // After a refusal nothing is asked for any more: the ledger answers from what it has.
    const source = this.#refused ? NOTHING : peerBlocks(this.#parts.overlay, address);
    this.#following = new FollowedOrdering(parts, { source, onChange: (status) => this.#onFollowed(status) });
    return this.#following;
  }

  #onFollowed(status: FollowerStatus): void {
    if (this.#refused) return;
    const before = this.#followed;
    this.#followed = status;
    const { log, config } = this.#parts;
    const peer = peerOf(config.ledger.follow ?? '');
    const quiet = this.#stopped || errorView(status.error).code === 'OVERLAY_NOT_RUNNING';
    if (status.state === 'waiting' && before?.state !== 'waiting' && !quiet) {
      log.info({ peer, err: status.error }, 'the peer that is followed does not answer');
    }
    if (status.state !== 'refused') return;
    this.#refused = true;
    log.error({ peer, err: status.error }, 'following has ended: a block of the peer is not what it says');
    this.metrics.refused(errorView(status.error).code);
    if (status.executed === true) this.#reopen();
  }

  #onFailure(error: Error): void {
    // A refused block stops the ledger that executed it; that one is opened anew.
    if (error === this.#followed?.error) return;
    this.#failure = error;
    this.metrics.refused(errorView(error).code);
    this.#parts.log.error({ err: error }, 'the ledger has stopped; start the node again to recover from its log');
  }

  /** From log and snapshot, to the last block that was good. */
  #reopen(): void {
    this.#reopening = this.#reopening.then(async () => {
      // Not from within the call that found the block out: closing waits for it.
      await new Promise((resolve) => setImmediate(resolve));
      const old = this.#ledger;
      this.#ledger = undefined;
      await old?.close();
      if (this.#stopped) return;
      try {
        await this.#begin(this.#parts.config.ledger.follow);
      } catch (error) {
        this.#parts.log.error({ err: error }, 'the ledger cannot be opened anew');
      }
    });
  }

  #followView(follow: string): FollowView {
    const { state, told, error } = this.#followed ?? { state: 'waiting' as const, told: 0n, error: undefined };
    return { peer: peerOf(follow), state, told: String(told), error: error === undefined ? null : errorView(error) };
  }
}

const NOTHING = {
  async *blocks(_from: bigint, signal: AbortSignal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  },
};

async function readGenesis(path: string, optional: boolean): Promise<unknown> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_GENESIS_BYTES) throw new Error('it is too large');
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LedgerError('LEDGER_GENESIS_INVALID', `the genesis file cannot be read: ${messageOf(error)}`, {
      where: basename(path),
      hint: 'make one with zkbazaar ledger genesis, or copy that of the peer you want to follow',
    });
  }
}
