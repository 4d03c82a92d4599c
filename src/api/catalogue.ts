import { ApiErrorCode as A } from './codes.ts';

/** What an error code means over HTTP. */
export interface ProblemKind {
  status: number;
  title: string;
  /** What the caller can do; an error's own hint goes before it. */
  hint: string;
}

const kind = (status: number, title: string, hint: string): ProblemKind => ({ status, title, hint });
const notFound = (title: string, hint = 'list them to see what there is'): ProblemKind => kind(404, title, hint);
const busy = (title: string): ProblemKind => kind(503, title, 'try again after Retry-After seconds');

/**
 * Codes that have a meaning of their own. All others take their family's (`FAMILIES`, by the code's first word).
 * `docs/api.md` shows both tables, and a test keeps them in step.
 */
export const CATALOGUE: Readonly<Record<string, ProblemKind>> = {
  [A.BadRequest]: kind(400, 'Malformed request', 'check the request line and headers'),
  [A.BadJson]: kind(400, 'Body is not JSON', 'send one JSON value, UTF-8, without __proto__ keys'),
  [A.BodyNotUtf8]: kind(400, 'Body is not UTF-8', 'encode the body as UTF-8'),
  [A.BodyTooLarge]: kind(
    413,
    'Body too large',
    'send less; the limit is api.bodyLimitBytes and smaller on most routes',
  ),
  [A.UnsupportedMediaType]: kind(415, 'Unsupported media type', 'send Content-Type: application/json'),
  [A.Validation]: kind(400, 'Request does not fit the schema', 'see /openapi.json for what this route takes'),
  [A.Unauthenticated]: kind(401, 'Token required', 'send Authorization: Bearer <token> from api-tokens.json'),
  [A.Forbidden]: kind(403, 'Scope missing', 'use a token with the scope that the route names'),
  [A.HostRefused]: kind(403, 'Host refused', 'call it by 127.0.0.1 or localhost, or list the name in api.allowedHosts'),
  [A.OriginRefused]: kind(403, 'Origin refused', 'list the page’s origin in api.corsOrigins'),
  [A.NotFound]: notFound('Nothing here', 'see /openapi.json for the paths and methods there are'),
  [A.NotFinished]: kind(409, 'Not finished', 'follow the job’s /events, or ask again later'),
  [A.NoRegistry]: kind(409, 'No registry snapshot', 'import one with zkbazaar registry import'),
  [A.NoLedger]: kind(409, 'No ledger', 'make a genesis file with zkbazaar ledger genesis, and start the node again'),
  [A.IdempotencyKeyInvalid]: kind(400, 'Bad Idempotency-Key', 'use 1 to 128 visible ASCII characters, such as a UUID'),
  NODE_IDEMPOTENCY_MISMATCH: kind(422, 'Idempotency-Key used otherwise', 'use a fresh key for a different request'),
  [A.TooManyStreams]: busy('Too many event streams'),
  [A.VerifierFull]: busy('Verifier queue full'),
  [A.Timeout]: busy('Took too long'),
  [A.Closing]: busy('Node is stopping'),
  [A.Internal]: kind(500, 'Internal error', 'report it with the time and the log'),

  POLICY_SYNTAX: kind(422, 'Policy does not parse', 'see where; docs/policy.md has the grammar'),
  CLAIM_BAD_SIGNATURE: kind(422, 'Signature does not verify', 'the file was changed or is not from its issuer'),

  PROVER_QUEUE_FULL: kind(429, 'Prover queue full', 'try again after Retry-After seconds'),
  PROVER_CLOSED: busy('Prover is stopping'),
  PROVER_CRASHED: busy('Prover restarts'),
  PROVER_UNKNOWN_JOB: notFound('No such job'),
  PROVER_UNKNOWN_CIRCUIT: notFound('No such circuit'),
  ARTIFACT_UNKNOWN_CIRCUIT: notFound('No such circuit'),
  VERIFIER_BUSY: busy('Verifier busy'),
  VERIFIER_CLOSED: busy('Verifier is stopping'),
  VERIFIER_INTERNAL: busy('Verifier failed'),

  WALLET_UNLOCK_FAILED: kind(422, 'Wallet not unlocked', 'the passphrase is wrong, or the file is damaged'),
  WALLET_UNKNOWN_CREDENTIAL: notFound('No such credential'),
  WALLET_CLOSED: busy('Node is stopping'),
  WALLET_BUSY: busy('Wallet busy'),
  REGISTRY_ROLLED_BACK: kind(409, 'Snapshot is older', 'a newer one is known already'),

  MARKET_UNKNOWN_OFFER: notFound('No such offer'),
  MARKET_UNKNOWN_ORDER: notFound('No such order'),
  MARKET_OFFER_BUSY: busy('Offer has too many open orders'),
  MARKET_OFFER_CLOSED: kind(409, 'Offer is closed', 'it was filled, cancelled, or has expired'),
  MARKET_NOT_YOUR_OFFER: kind(409, 'Not your offer', 'only the node that made it can do this'),
  MARKET_OWN_OFFER: kind(409, 'Your own offer', 'take it from another node'),
  MARKET_ILLEGAL_TRANSITION: kind(409, 'Not in this state', 'show the order to see what it waits for'),
  MARKET_PAST_DEADLINE: kind(409, 'Too late', 'the deadline has passed'),

  STORE_BAD_CURSOR: kind(400, 'Bad cursor', 'take `next` of the page before, or leave it out'),
  STORE_CONFLICT: kind(409, 'Changed meanwhile', 'read it again and repeat'),

  OVERLAY_ADDRESS_INVALID: kind(422, 'Not a peer address', 'give a multiaddr such as /ip4/127.0.0.1/tcp/4390/p2p/<id>'),
  OVERLAY_DIAL_FAILED: kind(422, 'Peer not reached', 'check the address and that the peer runs'),
  OVERLAY_PEER_REFUSED: kind(422, 'Peer refused', 'it is banned or not on the allow-list'),
  OVERLAY_PEER_INVALID: kind(422, 'Not a peer id', 'peer ids are base58, such as 12D3KooW…'),

  NODE_UNKNOWN_JOB: notFound('No such job'),
  NODE_UNKNOWN_CIRCUIT: notFound('No such circuit'),
  NODE_BAD_QUERY: kind(400, 'Bad query', 'see /openapi.json for what this route takes'),
  NODE_WALLET_ABSENT: kind(409, 'No wallet', 'run zkbazaar wallet init, then start the node with the passphrase'),
  NODE_WALLET_LOCKED: kind(409, 'Wallet is locked', 'unlock it, or start the node with the passphrase'),
  NODE_NO_REGISTRY: kind(409, 'No registry snapshot', 'import one with zkbazaar registry import'),
  NODE_NOT_RUNNING: busy('Node is not running'),

  GOSSIP_DUPLICATE: kind(409, 'Known already', 'this envelope was accepted before'),
  GOSSIP_NULLIFIER_SPENT: kind(409, 'Used already', 'this holder has proven for this scope before'),
  GOSSIP_RATE_LIMITED: kind(429, 'Too many messages', 'try again after Retry-After seconds'),
  GOSSIP_QUEUE_FULL: busy('Validation queue full'),
  GOSSIP_TIMEOUT: busy('Validation took too long'),
  GOSSIP_VERIFIER_FAILED: busy('Verifier failed'),
  GOSSIP_STORE_FAILED: busy('Store failed'),
  GOSSIP_STOPPED: busy('Node is stopping'),
  GOSSIP_INTERNAL: busy('Validation failed'),
  LEDGER_TRANSACTION_REFUSED: kind(409, 'Transaction not taken', 'see the detail: nonce, fee, window or network'),
  LEDGER_MEMPOOL_FULL: busy('Too many transactions wait'),
  LEDGER_NOT_FOUND: notFound('Not in the ledger', 'it was pruned, or is not there yet'),
  LEDGER_STATE_FULL: busy('State is full'),
  LEDGER_GENESIS_INVALID: busy('Genesis file unusable'),
  LEDGER_CIRCUIT_MISMATCH: busy('Other circuit keys'),
  LEDGER_LOG_CORRUPT: busy('Log is damaged'),
  LEDGER_LOG_UNWRITABLE: busy('Log cannot be written'),
  LEDGER_SNAPSHOT_INVALID: busy('Snapshot is damaged'),
  LEDGER_ROOT_MISMATCH: busy('Roots differ'),
  LEDGER_LANE_FAILED: busy('Ledger has stopped'),
  LEDGER_PROOF_INVALID: busy('State moved on meanwhile'),
  LEDGER_CLOSED: busy('Ledger is closed'),
  JSON_NOT_CANONICAL: kind(422, 'Not canonical JSON', 'use integers or strings, no floats'),
};

/** By first word: what any other code of that folder means. */
export const FAMILIES: Readonly<Record<string, ProblemKind>> = {
  POLICY: kind(422, 'Policy refused', 'see where; zkbazaar policy check explains it'),
  CLAIM: kind(422, 'Policy not met or claim malformed', 'see the detail'),
  PROOF: kind(422, 'Proof malformed', 'send snarkjs’s proof.json as it is'),
  CRYPTO: kind(422, 'Value out of range', 'see the detail'),
  ISSUER: kind(422, 'Issuer refused it', 'see the detail'),
  REGISTRY: kind(422, 'Registry snapshot refused', 'fetch it again from its publisher'),
  LIST: kind(422, 'List refused', 'see the detail'),
  WALLET: kind(422, 'Wallet refused it', 'see the detail'),
  ENVELOPE: kind(422, 'Envelope refused', 'see docs/envelope.md'),
  GOSSIP: kind(422, 'Refused before relay', 'see the detail'),
  VERIFIER: kind(422, 'Proof refused', 'see the detail'),
  PROVER: kind(422, 'Proof not made', 'see the detail'),
  LEDGER: kind(422, 'Ledger refused it', 'see the detail; docs/ledger.md has the form'),
  MARKET: kind(422, 'Market refused it', 'see the detail'),
  NODE: kind(422, 'Node refused it', 'see the detail'),
  OVERLAY: busy('Network trouble'),
  STORE: busy('Store trouble'),
  ARTIFACT: busy('Circuit artifacts unusable'),
  FILE: busy('File trouble on the node'),
  CONFIG: busy('Node is misconfigured'),
};

/** The meaning of any code; undefined if even its first word is unknown. */
export function kindOf(code: string): ProblemKind | undefined {
  const listed = Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code] : undefined;
  if (listed !== undefined) return listed;
  const family = code.split('_', 1)[0] ?? '';
  return Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
}
