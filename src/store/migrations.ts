/** Each entry takes the schema one version up, in one transaction. Entries are never changed once released. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE envelopes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    pseudonym BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX envelopes_by_expiry ON envelopes (expires_at, id, topic);
  CREATE INDEX envelopes_by_kind ON envelopes (kind, seq);
  CREATE INDEX envelopes_by_offer ON envelopes (offer_id, seq) WHERE offer_id <> '';
  CREATE INDEX envelopes_by_pseudonym ON envelopes (pseudonym, seq);

  CREATE TABLE spent_tags (
    kind TEXT NOT NULL,
    value BLOB NOT NULL,
    context BLOB NOT NULL,
    envelope_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spent_tags_by_expiry ON spent_tags (expires_at);

  CREATE TABLE registries (
    sequence INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    lists TEXT NOT NULL,
    snapshot_hash TEXT NOT NULL,
    superseded_at INTEGER,
    snapshot TEXT
  ) STRICT;
  CREATE INDEX registries_by_root ON registries (root);

  CREATE TABLE offers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    parent TEXT NOT NULL,
    role TEXT NOT NULL,
    deadline INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX offers_by_state ON offers (state, deadline);

  CREATE TABLE orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    parent TEXT NOT NULL,
    role TEXT NOT NULL,
    deadline INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX orders_by_state ON orders (state, deadline);
  CREATE INDEX orders_by_parent ON orders (parent, seq);

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    circuit TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    result TEXT NOT NULL
  ) STRICT;
  CREATE INDEX jobs_by_creation ON jobs (created_at);

  CREATE TABLE kept_values (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (namespace, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kept_values_by_expiry ON kept_values (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE peers (
    peer_id TEXT PRIMARY KEY,
    addresses TEXT NOT NULL,
    last_seen INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX peers_by_last_seen ON peers (last_seen);

  CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    request_hash TEXT NOT NULL,
    response TEXT,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
  `,
];
