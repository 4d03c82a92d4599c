import type { CircuitRegistry, VerifyingKey } from '../artifacts/index.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Claims } from '../claims/index.ts';
import type { Config } from '../config/interface.ts';
import type { Gossip, RegistryWindow } from '../gossip/interface.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { ProverService } from '../prover/interface.ts';
import type { Store } from '../store/interface.ts';
import { type Verdict, VerdictCode, type Verifier } from '../verifier/index.ts';
import { Clockwork } from './clockwork.ts';
import type { EnvelopeDesk } from './envelope-desk.ts';
import type { VerdictEntry, VerdictQuery } from './envelopes-interface.ts';
import { NodeError } from './errors.ts';
import type { EventBus } from './event-bus.ts';
import { GossipListener } from './gossip-listener.ts';
import { checkHealth } from './health.ts';
import { InFlight } from './in-flight.ts';
import { type CircuitInfo, type Health, type Node, NodeErrorCode, type NodeInfo, type PeersApi } from './interface.ts';
import type { LedgerApi } from './ledger-interface.ts';
import type { LedgerService } from './ledger-service.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { OfferBook } from './offer-book.ts';
import type { OffersDesk } from './offers-desk.ts';
import { Once } from './once.ts';
import type { OrderDesk } from './order-desk.ts';
import type { OrdersDesk } from './orders-desk.ts';
import type { ProofDesk } from './proof-desk.ts';
import type { VerifyInput } from './proofs-interface.ts';
import { RegistryFetcher } from './registry-fetcher.ts';
import type { RegistryHolder } from './registry-holder.ts';
import type { RegistryApi } from './registry-interface.ts';
import type { VerdictBook } from './verdict-book.ts';
import { VerifyDesk } from './verify-desk.ts';
import type { WalletDoor } from './wallet-door.ts';

export interface NodeParts {
  version: string;
  engine: NodeInfo['engine'];
  config: Config;
  clock: Clock;
  log: Logger;
  circuits: CircuitRegistry;
  claims: Claims;
  store: Store;
  verifier: Verifier;
  window: RegistryWindow;
  gossip: Gossip;
  overlay: Overlay;
  prover: ProverService;
  wallet: WalletDoor;
  registry: RegistryHolder;
  proofs: ProofDesk;
  envelopes: EnvelopeDesk;
  offerBook: OfferBook;
  orderDesk: OrderDesk;
  offers: OffersDesk;
  orders: OrdersDesk;
  events: EventBus;
  verdictBook: VerdictBook;
  metrics: Metrics;
  ledger: LedgerService | undefined;
}

type Phase = 'new' | 'running' | 'stopped';

/** The facade over parts that `createNode` has wired. Starts and stops them in one order; see `#start` and `#stop`. */
export class ZkNode implements Node {
  readonly proofs: ProofDesk;
  readonly envelopes: EnvelopeDesk;
  readonly offers: OffersDesk;
  readonly orders: OrdersDesk;
  readonly wallet: WalletDoor;
  readonly events: EventBus;
  readonly ledger: LedgerApi | undefined;
  readonly registry: RegistryApi;
  readonly peers: PeersApi;
  readonly #parts: NodeParts;
  readonly #once: Once;
  readonly #verifying: VerifyDesk;
  readonly #background = new InFlight();
  readonly #fetcher: RegistryFetcher;
  readonly #listener: GossipListener;
  readonly #clockwork: Clockwork;
  #phase: Phase = 'new';
  #startedAtMs: number | null = null;
  #stopping: Promise<void> | undefined;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.proofs = parts.proofs;
    this.envelopes = parts.envelopes;
    this.offers = parts.offers;
    this.orders = parts.orders;
    this.wallet = parts.wallet;
    this.events = parts.events;
    this.ledger = parts.ledger?.api;
    const { overlay, registry, envelopes } = parts;
    this.#once = new Once(parts);
    this.#verifying = new VerifyDesk({ ...parts, clockSkewSeconds: parts.config.gossip.clockSkewSeconds });
    this.#fetcher = new RegistryFetcher(parts);
    const moving = { ...parts, fetcher: this.#fetcher, later: (work: Promise<void>) => this.#later(work) };
    this.#listener = new GossipListener(moving);
    this.#clockwork = new Clockwork(moving);
    this.registry = {
      current: () => registry.current(),
      import: async (file) => {
        this.#requireRunning();
        return await registry.import(file);
      },
      export: () => registry.export(),
      announce: async () => {
        this.#requireRunning();
        const data = await registry.envelope();
        if (data === undefined) {
          throw new NodeError(NodeErrorCode.NoRegistry, 'this node holds no registry that it could announce', {
            hint: 'import the file that zkbazaar registry publish wrote',
          });
        }
        return await envelopes.publishOwn(data);
      },
    };
    this.peers = {
      list: () => overlay.peers(),
      connect: (address, signal) => overlay.connect(address, { signal }),
      disconnect: (peerId) => overlay.disconnect(peerId),
      ban: (peerId, reason, ms) => overlay.ban(peerId, reason, ms),
      unban: (peerId) => overlay.unban(peerId),
      bans: () => overlay.bans(),
      sync: (signal) => overlay.sync({ signal }),
    };
  }

  get config(): Config {
    return this.#parts.config;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  // --- life -----------------------------------------------------------------------------------------------------------

  async start(): Promise<void> {
    if (this.#phase !== 'new') {
      throw new NodeError(NodeErrorCode.AlreadyRunning, 'a node starts once; make another one', {});
    }
    this.#phase = 'running';
    try {
      await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** What must know the past first, then what judges, then what talks, then what acts. */
  async #start(): Promise<void> {
    const { registry, offerBook, orderDesk, gossip, overlay, log, clock } = this.#parts;
    await registry.restore();
    await offerBook.restore();
    await orderDesk.restore();
    gossip.exempt(overlay.peerId);
    this.#listener.start();
    await gossip.start();
    await overlay.start();
    this.#startedAtMs = clock.nowMs();
    this.#clockwork.start();
    log.info(
      { peer: overlay.peerId, addresses: overlay.addresses(), network: this.config.network.name },
      'node started',
    );
    if (this.info().developmentKeys) log.warn('development keys: whoever made them can forge proofs');
  }

  /** Idempotent. Reverse of the start: nothing new comes in, what is under way is written, then the store closes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { overlay, gossip, orderDesk, prover, verifier, store, wallet, events, log } = this.#parts;
    this.#phase = 'stopped';
    this.#clockwork.stop();
    this.#fetcher.stop();
    const quietly = async (part: string, work: () => Promise<void> | void) => {
      try {
        await work();
      } catch (error) {
        log.error({ err: error, part }, 'a part did not stop cleanly');
      }
    };
    // Stopping the overlay ends the requests that orders wait for; so both at once.
    const orders = quietly('orders', () => orderDesk.stop());
    await quietly('overlay', () => overlay.stop());
    await orders;
    await quietly('gossip', () => gossip.stop());
    await quietly('ledger', () => this.#parts.ledger?.stop());
    this.#listener.stop();
    await quietly('prover', () => prover.close(0));
    await quietly('verifier', () => verifier.close());
    await quietly('background', () => this.#background.settle());
    events.close();
    wallet.close();
    await quietly('store', () => store.close());
    log.info('node stopped');
  }

  // --- what others may know ---------------------------------------------------------------------------------------------

  info(): NodeInfo {
    const { version, engine, config, overlay, wallet, registry, circuits } = this.#parts;
    return {
      version,
      network: config.network.name,
      production: config.network.production,
      peerId: overlay.peerId,
      addresses: overlay.addresses(),
      startedAtMs: this.#startedAtMs,
      wallet: wallet.state(),
      holder: wallet.holder(),
      registrySequence: registry.current()?.sequence ?? null,
      engine,
      developmentKeys: circuits.list().some(({ manifest }) => manifest.setup === 'development'),
    };
  }

  health(): Health {
    const running = this.#phase === 'running' && this.#startedAtMs !== null;
    const checks = checkHealth(this.#parts, running);
    return { live: this.#phase !== 'stopped', ready: checks.every(({ ok, required }) => ok || !required), checks };
  }

  async metrics(): Promise<{ contentType: string; body: string }> {
    return await this.#parts.metrics.text();
  }

  circuits(): CircuitInfo[] {
    return this.#verifying.circuits();
  }

  verifyingKey(circuit: string): VerifyingKey | undefined {
    return this.#verifying.circuit(circuit)?.verifyingKey;
  }

  verdicts(query: VerdictQuery = {}): VerdictEntry[] {
    return this.#parts.verdictBook.list(query);
  }

  // --- verifying --------------------------------------------------------------------------------------------------------

  async verify(input: VerifyInput): Promise<Verdict> {
    const [verdict] = await this.#verifying.verify([input]);
    return verdict ?? { valid: false, code: VerdictCode.Internal, reason: 'no verdict' };
  }

  async verifyBatch(inputs: readonly VerifyInput[]): Promise<Verdict[]> {
    return await this.#verifying.verify(inputs);
  }

  canVerify(): boolean {
    return this.#phase === 'running' && this.#parts.verifier.canAcceptWork();
  }

  async once<T extends object>(scope: string, key: string, requestHash: string, make: () => Promise<T>) {
    this.#requireRunning();
    return await this.#once.run(scope, key, requestHash, make);
  }

  #requireRunning(): void {
    if (this.#phase === 'running') return;
    throw new NodeError(
      NodeErrorCode.NotRunning,
      this.#phase === 'new' ? 'the node has not started' : 'the node is stopping',
    );
  }

  /** Work that nobody waits for; its failure is ours to log, and stop waits for it. */
  #later(work: Promise<void>): void {
    const logged = work.catch((error: unknown) =>
      this.#parts.log.error({ err: error }, `background work failed: ${messageOf(error)}`),
    );
    void this.#background.track(logged);
  }
}
