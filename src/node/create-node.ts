import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadArtifacts } from '../artifacts/index.ts';
import { systemClock } from '../base/clock.ts';
import { chooseEngine } from '../base/native/choose.ts';
import { PACKAGE_ROOT } from '../base/package-root.ts';
import { ensurePrivateDir } from '../base/private-file.ts';
import { type CircuitName, getClaims } from '../claims/index.ts';
import { type Config, type DataPaths, dataPaths } from '../config/index.ts';
import { prepareHashing } from '../crypto/index.ts';
import type { EnvelopeKind } from '../envelope/index.ts';
import { createGossip, createRegistryWindow, networkTopics, topicOfKind } from '../gossip/index.ts';
import { noPayment } from '../market/index.ts';
import { createOverlay, LOOPBACK_TUNING } from '../overlay/index.ts';
import { createProverService } from '../prover/index.ts';
import { openStore } from '../store/index.ts';
import { createVerifierPool } from '../verifier/index.ts';
import { createJudge, readClaimFacts } from './claim-judge.ts';
import { EnvelopeDesk } from './envelope-desk.ts';
import { EventBus } from './event-bus.ts';
import { readGauges } from './gauges.ts';
import type { Node, NodeComponents } from './interface.ts';
import { ledgerProofs } from './ledger-proofs.ts';
import { LedgerService } from './ledger-service.ts';
import { createLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { ZkNode } from './node.ts';
import { OfferBook } from './offer-book.ts';
import { type MarketDeskComponents, OffersDesk } from './offers-desk.ts';
import { OrderDesk } from './order-desk.ts';
import { storedOrders } from './order-repository.ts';
import { OrdersDesk } from './orders-desk.ts';
import { ProofDesk } from './proof-desk.ts';
import { RegistryHolder } from './registry-holder.ts';
import { ownContact, sendOrderMessage, serveOrders } from './transport.ts';
import { VerdictBook } from './verdict-book.ts';
import { WalletDoor } from './wallet-door.ts';

/** A taker that waits asks for news this often; the maker also tells it by itself. */
const REFRESH_MS = 30_000;

/**
 * Builds a peer: opens its files, checks its circuits, wires its parts. Nothing listens before `start`.
 * @throws CodedError of whichever part refuses: CONFIG_*, ARTIFACT_*, STORE_*, WALLET_*, OVERLAY_*
 */
export async function createNode(config: Config, components: NodeComponents = {}): Promise<Node> {
  const paths = dataPaths(config);
  await ensurePrivateDir(paths.dataDir);
  const opened: (() => Promise<void> | void)[] = [];
  try {
    return await build(config, paths, components, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

async function build(
  config: Config,
  paths: DataPaths,
  components: NodeComponents,
  opened: (() => Promise<void> | void)[],
): Promise<Node> {
  const clock = components.clock ?? systemClock;
  const network = config.network.name;
  const log = createLog(config.log, components.logTo);
  const events = new EventBus(clock);
  const verdictBook = new VerdictBook();

  const circuits =
    components.circuits ??
    (await loadArtifacts({
      production: config.network.production,
      ...(config.artifacts.dir === null ? {} : { proofsDirectory: config.artifacts.dir }),
    }));
  const { engine } = chooseEngine(config.engine);
  await prepareHashing(config.engine, { many: true });
  const claims = await getClaims();
  const store = await openStore({ dataDir: paths.dataDir });
  opened.push(() => store.close());
  const verifier = createVerifierPool({
    keys: circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes),
    workers: config.verifier.workers,
    maxQueueItems: config.verifier.queue,
    engine: config.engine,
  });
  opened.push(() => verifier.close());

  const wallet = new WalletDoor({ dir: paths.walletDir, network, clock, scrypt: components.walletScrypt });
  opened.push(() => wallet.close());
  if (components.passphrase !== undefined && wallet.state() !== 'absent') await wallet.unlock(components.passphrase);

  const window = createRegistryWindow({ graceSeconds: config.gossip.graceSeconds }, { clock });
  const registry: RegistryHolder = new RegistryHolder(
    { network, registryKey: config.network.registryKey, graceSeconds: config.gossip.graceSeconds },
    {
      store,
      claims,
      window,
      clock,
      publish: (envelope) => envelopes.publish(envelope),
      onChange: (info) => events.emit('registry', info),
    },
  );

  const { graceSeconds: _, ...gossipTuning } = config.gossip;
  const gossip = createGossip(
    { network, registryKey: config.network.registryKey, tuning: gossipTuning },
    {
      verifier,
      store,
      claims,
      registry: window,
      verifyingKeys: new Map(circuits.list().map(({ verifyingKeyId, name }) => [verifyingKeyId, name as CircuitName])),
      clock,
    },
  );

  const overlay = await createOverlay(
    {
      network,
      dataDir: paths.overlayDir,
      topics: networkTopics(network),
      listen: config.p2p.listen,
      announce: config.p2p.announce,
      bootstrap: config.p2p.bootstrap,
      mdns: config.p2p.mdns,
      ...(config.p2p.allowlist.length === 0 ? {} : { allowlist: config.p2p.allowlist }),
      tuning: {
        ...(config.p2p.loopbackTest ? LOOPBACK_TUNING : {}),
        maxConnections: config.p2p.maxConnections,
        ...components.overlayTuning,
      },
    },
    {
      validator: gossip,
      clock,
      log: (level, message, fields) => log[level](fields, message),
      sync: store.envelopes,
      blobs: registry,
    },
  );

  const prover = createProverService(
    {
      maxQueued: config.prover.queue,
      timeoutMs: config.prover.timeoutSeconds * 1000,
      engine: config.engine,
      // One core is left to the main thread, which validates and relays meanwhile.
      threads: config.prover.threads ?? Math.max(1, availableParallelism() - 1),
      tables: { directory: paths.tablesDir, limitBytes: config.prover.tableMegabytes * 1_000_000 },
    },
    { circuits, clock },
  );
  opened.push(() => prover.close(0));

  const topicOf = (kind: EnvelopeKind) => topicOfKind(network, kind);
  const envelopes: EnvelopeDesk = new EnvelopeDesk({ network, store, overlay, topicOf });
  const metrics: Metrics = new Metrics({
    gauges: () => readGauges({ clock, engine, store, gossip, prover, overlay, registry }),
    orders: () => orderDesk.counts(),
  });
  const proofs = new ProofDesk({
    clock,
    claims,
    circuits,
    prover,
    verifier,
    registry,
    wallet,
    network,
    onEvent: (jobId, event) => {
      events.emit('job', { jobId, event });
      if (['succeeded', 'failed', 'cancelled', 'expired'].includes(event.state)) metrics.proof(event.state);
    },
  });
  const offerBook = new OfferBook({ store, clock, onChange: (offer) => events.emit('offer', offer) });
  const contact = () => ownContact(overlay);
  const orderDesk: OrderDesk = new OrderDesk(
    {
      network,
      limits: config.market,
      clockSkew: config.gossip.clockSkewSeconds,
      retryFirstMs: config.market.retryFirstMs,
      retryMaxMs: config.market.retryMaxMs,
      refreshMs: REFRESH_MS,
    },
    {
      clock,
      orders: storedOrders(store),
      payment: noPayment,
      contact,
      offer: (id) => offerBook.get(id),
      sign: (pseudonym, bytes) => wallet.sign(pseudonym, bytes),
      send: (to, bytes) => sendOrderMessage(overlay, to, bytes),
      readClaim: (data) => readClaimFacts(data, network),
      judge: createJudge({
        network,
        envelopes,
        store,
        verdictBook,
        clock,
        ban: (peerId, reason) => void overlay.ban(peerId, reason).catch(() => undefined),
      }),
      onChange: (order) => {
        events.emit('order', order);
        log.info({ order: order.id, role: order.role, state: order.state, reason: order.reason }, 'order');
      },
      onSoldOut: async (offer) => await offers.announce(offer, 'taken'),
      onTrouble: (order, error) => log.debug({ order: order.id, err: error }, 'the other side was not reached'),
    },
  );
  const desk: MarketDeskComponents = {
    network,
    settings: config.market,
    maxLifetimeSeconds: config.gossip.maxLifetimeSeconds,
    clock,
    payment: noPayment,
    wallet,
    proofs,
    envelopes,
    offers: offerBook,
    orders: orderDesk,
    events,
    contact,
  };
  const offers: OffersDesk = new OffersDesk(desk);
  serveOrders(overlay, (data, peer) => orderDesk.handle(data, peer));
  const ledger = await LedgerService.create({
    config,
    paths,
    overlay,
    proofs: (bound) => ledgerProofs(circuits, verifier, bound),
    log,
  });
  opened.push(() => ledger?.stop());
  ledger?.metrics.register(metrics.registry);

  return new ZkNode({
    version: packageVersion(),
    engine,
    config,
    clock,
    log,
    circuits,
    claims,
    store,
    verifier,
    window,
    gossip,
    overlay,
    prover,
    wallet,
    registry,
    proofs,
    envelopes,
    offerBook,
    orderDesk,
    offers,
    orders: new OrdersDesk(desk),
    events,
    verdictBook,
    metrics,
    ledger,
  });
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
