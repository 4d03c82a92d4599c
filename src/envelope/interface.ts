/**
 * The envelope: the one wire message that carries a listing, a claim, a registry header or a receipt.
 *
 * Wire form: protobuf with one spelling (see `codec.ts`). Signed bytes: `"zkbazaar/envelope/1\n" + network + "\n" +`
 * the wire form without its signature. Id: SHA-256 over the same domain, network and the wire form without proof and
 * signature, because a Groth16 proof can be re-randomised by anyone and must never give a message a second identity.
 */
import type { CircuitName } from '../claims/interface.ts';

export const ENVELOPE_KINDS = ['listing', 'listing-update', 'claim', 'registry', 'receipt'] as const;
export type EnvelopeKind = (typeof ENVELOPE_KINDS)[number];

export interface Envelope {
  version: 1;
  kind: EnvelopeKind;
  /** SHA-256 of `verifying-key.json`, 32 bytes; empty when there is no proof. */
  circuit: Uint8Array;
  /** Canonical JSON of the policy that the proof shows; '' when there is no proof. */
  policy: string;
  /** 32 bytes big-endian, below r; empty when there is no proof. */
  registryRoot: Uint8Array;
  /** In snarkjs's order, each below r; empty when there is no proof. */
  publicSignals: bigint[];
  /** 128 bytes compressed, 256 uncompressed, or empty. Points are not checked here. */
  proof: Uint8Array;
  /** Unix seconds; the first second at which the envelope is no longer good. */
  expiresAt: number;
  /** Ed25519 public key of the author, 32 bytes: made for one listing or order, or the network's registry key. */
  pseudonym: Uint8Array;
  /** Canonical JSON, see `bodies.ts`; at most 2 KiB. */
  body: Uint8Array;
  /** Ed25519, 64 bytes. */
  signature: Uint8Array;
}

/** An envelope before its author signs it. */
export type UnsignedEnvelope = Omit<Envelope, 'signature'>;

/** Signs with an Ed25519 key that stays where it is. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** What a proof brings into an envelope. All or nothing. */
export interface EnvelopeProof {
  circuit: CircuitName;
  /** Id of the verifying key: 64 lower-case hex digits. */
  verifyingKey: string;
  /** Canonical JSON of the policy. */
  policy: string;
  registryRoot: bigint;
  /** Canonical decimals, snarkjs's order. */
  publicSignals: readonly string[];
  /** Of `encodeProof`. */
  proof: Uint8Array;
}

export interface EnvelopeInit {
  kind: EnvelopeKind;
  expiresAt: number;
  /** Ed25519 public key, 32 bytes. */
  pseudonym: Uint8Array;
  /** Canonical bytes, as `encodeBody` makes it. */
  body: Uint8Array;
  proof?: EnvelopeProof | undefined;
}

/** Body of a claim: which order of which offer, and with whom. Ids and keys are 64 lower-case hex digits. */
export interface ClaimBody {
  /** Envelope id of the listing. */
  offerId: string;
  orderId: string;
  /** Pseudonym of the other side. */
  counterparty: string;
}

/** Body of a listing. Its offer id is the listing's envelope id. */
export interface ListingBody {
  v: 1;
  /** What the maker does. */
  side: 'sell' | 'buy';
  /** One line, 1 to 120 characters. */
  title: string;
  /** Up to 1000 characters. */
  description?: string | undefined;
  /** Asset code and minor units, decimal. */
  price: { asset: string; amount: string };
  /** Canonical JSON of the policy that a taker must meet; '' asks nothing. */
  takerPolicy: string;
  /** How many orders the maker will accept; 1 to 1000. */
  units: number;
  /** Peer id of the node that takes orders for the maker. */
  peer: string;
  /** Multiaddrs at which takers reach that node; 0 to 8, each at most 200 characters and beginning with `/`. */
  addresses: string[];
  /** SHA-256 of longer content, fetched by hash. */
  more?: string | undefined;
}

/** Body of a listing update, signed by the listing's own pseudonym. */
export interface ListingUpdateBody {
  v: 1;
  offerId: string;
  status: 'cancelled' | 'taken' | 'open';
  /** Counts up; the highest one holds. */
  sequence: number;
}

/** Body of a registry message: the header of a snapshot. Verifiers need no more; holders fetch the snapshot by `snapshot`. */
export interface RegistryBody {
  v: 1;
  sequence: number;
  issuedAt: number;
  /** Decimal, below r; also the envelope's `registryRoot` is empty here, since nothing is proven under it. */
  root: string;
  /** Gap-tree root (decimal) of each named list. */
  lists: Record<string, string>;
  /** SHA-256 of the snapshot's canonical JSON without its signature (`snapshotHash` of `issuer/`). */
  snapshot: string;
}

/** Body of a receipt; the deal itself stays with the two sides. */
export interface ReceiptBody {
  v: 1;
  offerId: string;
  orderId: string;
  counterparty: string;
  outcome: 'released' | 'refunded' | 'slashed' | 'cancelled';
  /** SHA-256 of the receipt that both sides signed. */
  receipt: string;
  /** The counterparty's Ed25519 signature (hex) over `receiptSigningBytes`. */
  counterSignature: string;
}

export interface EnvelopeBodies {
  listing: ListingBody;
  'listing-update': ListingUpdateBody;
  claim: ClaimBody;
  registry: RegistryBody;
  receipt: ReceiptBody;
}

/**
 * What `decodeEnvelope` and its siblings refuse. Every code means that the bytes can be no envelope for anybody, so a
 * relay may reject the sender for any of them.
 */
export const EnvelopeErrorCode = {
  /** Empty, or above `MAX_ENVELOPE_BYTES`. */
  Size: 'ENVELOPE_SIZE',
  /** No protobuf: cut short, unknown wire type, length beyond the end, number beyond 2^53. */
  Malformed: 'ENVELOPE_MALFORMED',
  /** Unknown, repeated or misordered field, a default written out, a varint or text with a second spelling. */
  NotCanonical: 'ENVELOPE_NOT_CANONICAL',
  Version: 'ENVELOPE_VERSION',
  Kind: 'ENVELOPE_KIND',
  /** A field has the wrong length or lies outside its range; `where` names it. */
  Field: 'ENVELOPE_FIELD',
  /** Proof, signals, policy, circuit and root do not come together, or do not belong to this kind. */
  ProofParts: 'ENVELOPE_PROOF_PARTS',
  /** The proof would be believed for longer than `MAX_PROOF_LIFETIME_SECONDS`. */
  ProofLifetime: 'ENVELOPE_PROOF_LIFETIME',
  Body: 'ENVELOPE_BODY',
  /** A small-order or non-canonical Ed25519 key: anybody could sign for it. */
  Key: 'ENVELOPE_KEY',
  Signature: 'ENVELOPE_SIGNATURE',
} as const;
export type EnvelopeErrorCode = (typeof EnvelopeErrorCode)[keyof typeof EnvelopeErrorCode];
