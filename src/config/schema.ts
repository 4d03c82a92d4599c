import { z } from 'zod';
import { ENGINE_CHOICES } from '../base/native/choose.ts';
import { SHORT_NAME, SHORT_NAME_RULE } from '../base/short-name.ts';

const port = z.int().min(0).max(65535);
const seconds = (min: number, max: number) => z.int().min(min).max(max);
const multiaddr = z
  .string()
  .max(512)
  .regex(/^\/[a-z0-9]+\//, 'must be a multiaddr such as /ip4/127.0.0.1/tcp/4390');
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'must be a peer id in base58');

/** A network's name is part of topics, protocol ids and every proof's context, so it is short and has one spelling. */
export const networkName = z.string().regex(SHORT_NAME, `must be ${SHORT_NAME_RULE}`);

/**
 * The one list of settings. Each constant's reason stands beside it; paths become environment variables
 * (`api.port` is `ZKBAZAAR_API_PORT`) and are printed by `zkbazaar config`.
 */
export const configSchema = z.strictObject({
  /** Folder of store, keys, wallet and tokens; created with mode 0700. */
  dataDir: z.string().min(1).default('~/.zkbazaar'),
  network: z
    .strictObject({
      name: networkName.default('local'),
      /** A production network refuses development keys and an unpinned registry. */
      production: z.boolean().default(false),
      /** Ed25519 public key (hex) that signs registry snapshots; null accepts none but a local one. */
      registryKey: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
        .nullable()
        .default(null),
    })
    .prefault({}),
  api: z
    .strictObject({
      enabled: z.boolean().default(true),
      host: z.string().min(1).max(253).default('127.0.0.1'),
      port: port.default(4380),
      /** Bearer tokens, mode 0600; null is `api-tokens.json` in the data folder. */
      tokenFile: z.string().min(1).nullable().default(null),
      allowPublicBind: z.boolean().default(false),
      // The largest honest body is a batch of 64 verifications of 2 KiB each; above 1 MiB only floods live.
      bodyLimitBytes: z.int().min(1024).max(16_777_216).default(1_048_576),
      corsOrigins: z.array(z.url()).max(32).default([]),
      /** Host names, besides loopback and `api.host`, that requests may carry (DNS rebinding guard). */
      allowedHosts: z.array(z.string().min(1).max(253)).max(32).default([]),
    })
    .prefault({}),
  p2p: z
    .strictObject({
      listen: z.array(multiaddr).max(16).default(['/ip4/0.0.0.0/tcp/4390', '/ip4/0.0.0.0/tcp/4391/ws']),
      /** Addresses told to others instead of the ones listened on (NAT, containers). */
      announce: z.array(multiaddr).max(16).default([]),
      bootstrap: z.array(multiaddr).max(64).default([]),
      // Off: it tells everyone on the local network that this machine trades.
      mdns: z.boolean().default(false),
      /** Peer ids that alone may connect; empty lets everyone in. */
      allowlist: z.array(peerId).max(1024).default([]),
      // Mesh degree is 6; 60 leaves room for churn and sync at about 1 MB a connection.
      maxConnections: z.int().min(1).max(1000).default(60),
      /** Relaxes limits by IP address; only with loopback listeners, for many peers on one machine. */
      loopbackTest: z.boolean().default(false),
    })
    .prefault({}),
  artifacts: z
    .strictObject({
      /** Folder of circuits' artifacts; null is `proofs/` of the package. */
      dir: z.string().min(1).nullable().default(null),
    })
    .prefault({}),
  /** What proves, verifies and makes witnesses: the addon of `native/`, or WebAssembly. Same results, other speed. */
  engine: z.enum(ENGINE_CHOICES).default('auto'),
  prover: z
    .strictObject({
      // One proof at a time: it takes every core already.
      queue: z.int().min(1).max(1024).default(16),
      timeoutSeconds: seconds(1, 3600).default(120),
      /** Threads of one native proof; null is every core for a command, one less for a node, whose main thread relays. */
      threads: z.int().min(1).max(256).nullable().default(null),
      /** Tables that speed up proving with one key; null is `tables/` in the data folder. */
      tableDir: z.string().min(1).nullable().default(null),
      // One circuit's tables take some 100 MiB; beyond the limit the least recently used go. 0: none are kept.
      tableMegabytes: z.int().min(0).max(1_048_576).default(2048),
    })
    .prefault({}),
  verifier: z
    .strictObject({
      workers: z.int().min(1).max(64).default(1),
      // At 2 to 7 ms a proof, 512 wait at most 4 s, below the message cache's 12 s.
      queue: z.int().min(16).max(65_536).default(512),
    })
    .prefault({}),
  gossip: z
    .strictObject({
      /** How long a superseded registry root stays good; starts when it is superseded. */
      graceSeconds: seconds(0, 86_400).default(3600),
      // Waku's gap is 20 s; machines without NTP drift more.
      clockSkewSeconds: seconds(0, 600).default(30),
      /** Longest life of an envelope, in seconds. */
      maxLifetimeSeconds: seconds(60, 31_536_000).default(2_592_000),
      queueItems: z.int().min(16).max(65_536).default(1024),
      queueBytes: z.int().min(65_536).max(268_435_456).default(4_194_304),
      /** Messages per second one peer may have validated, and its burst. */
      peerRate: z.int().min(1).max(100_000).default(100),
      peerBurst: z.int().min(1).max(100_000).default(400),
    })
    .prefault({}),
  market: z
    .strictObject({
      /** Life of an offer where its maker names none. */
      offerSeconds: seconds(60, 2_592_000).default(86_400),
      // Proving takes 4 s, delivery retries need both sides online at once some time in between.
      qualifySeconds: seconds(10, 86_400).default(900),
      /** How long the maker may take to accept or decline a qualified order. */
      decideSeconds: seconds(10, 604_800).default(3600),
      /** How long the taker's node may take to countersign what the maker accepted. */
      confirmSeconds: seconds(10, 86_400).default(3600),
      /** Open orders one offer bears; each costs its taker a proof, so few are enough. */
      maxOpenOrdersPerOffer: z.int().min(1).max(1024).default(16),
      maxOpenOrders: z.int().min(1).max(65_536).default(256),
      /** First and longest pause between two attempts to reach the other side. */
      retryFirstMs: z.int().min(50).max(60_000).default(1000),
      retryMaxMs: z.int().min(100).max(600_000).default(30_000),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      /** Whether this node keeps the ledger; it does where there is a genesis file. */
      enabled: z.boolean().default(true),
      /** The first state; null is `ledger/genesis.json` in the data folder. Every peer of a ledger has the same bytes. */
      genesis: z.string().min(1).nullable().default(null),
      // Two blocks a second are soon enough for people, and one fdatasync each is little for a disk.
      blockTimeMs: z.int().min(1).max(600_000).default(500),
      blockTransactions: z.int().min(1).max(65_536).default(10_000),
      /** Threads that execute; 0 is the main thread, null one less than there are cores. */
      lanes: z.int().min(0).max(64).nullable().default(null),
      // Records. Memory is taken as records come: some 400 bytes each.
      capacity: z.int().min(1024).max(268_435_456).default(1_000_000),
      /** Blocks from snapshot to snapshot; recovery replays as many at most. */
      snapshotEvery: z.int().min(1).max(1_000_000).default(1000),
      /** Blocks that are kept for followers and light clients behind the newest snapshot. */
      keepBlocks: z.int().min(1).max(1_000_000_000).default(100_000),
      /** A peer whose blocks are checked and executed here instead of ordering own ones: multiaddr with /p2p/<id>. */
      follow: multiaddr
        .regex(/\/p2p\/[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'must end in /p2p/<peer id>')
        .nullable()
        .default(null),
    })
    .prefault({}),
  wallet: z
    .strictObject({
      /** File (mode 0600) with the passphrase; `ZKBAZAAR_PASSPHRASE` goes before it. */
      passphraseFile: z.string().min(1).nullable().default(null),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
      /** Log file, mode 0600; null is standard error. */
      file: z.string().min(1).nullable().default(null),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
