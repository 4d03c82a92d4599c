import { OWN_STATUS } from '../statuses.ts';

/** Keys, records and bounds of program 5; all of them are consensus. */

/** Bytes of the ids of electorates, treasuries and proposals: whoever makes one chooses, the first to take it has it. */
export const ID_BYTES = 10;
export const ID_AT = 2;
/** Where a key goes on behind the id: an address, a nullifier's low 20 bytes, or a counter's number. */
export const TAIL_AT = ID_AT + ID_BYTES;
export const TAIL_BYTES = 20;

export const KINDS = { electorate: 1, member: 2, treasury: 3, proposal: 4, ballot: 5, counter: 6 } as const;
/** Who may vote: every account (which anybody can have any number of), accounts of a list, holders of a proof. */
export const MODES = { anyone: 0, members: 1, proof: 2 } as const;
export const STATES = { open: 0, passed: 1, rejected: 2, lapsed: 3 } as const;

/** Counters of a proposal. Two votes touch the same one in a sixteenth of the cases; only then do they wait. */
export const COUNTERS = 16;
export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 16;
/** One year in milliseconds: no vote takes longer. */
export const MAX_PERIOD = 365n * 86_400_000n;
/** 90 days: a passed request that the treasury could not pay until then lapses. */
export const GRACE = 90n * 86_400_000n;
/** How far a proof's `now` may lie before the opening and ahead of the block. */
export const PROOF_PAST = 86_400_000n;
export const PROOF_FUTURE = 600_000n;

/** Key `[19][1][id 10][zero 20]`. */
export const ELECTORATE_RECORD = { mode: 0, circuit: 1, authority: 8, root: 32, policy: 64, bytes: 96 } as const;
/** Key `[19][2][electorate 10][address 20]`: time of the admission. */
export const MEMBER_BYTES = 8;
/** Key `[19][3][id 10][zero 20]`. */
export const TREASURY_RECORD = { amount: 0, quorum: 8, period: 16, asset: 24, electorate: 35, bytes: 48 } as const;
/** Key `[19][4][id 10][zero 20]`. */
export const PROPOSAL_RECORD = {
  opened: 0,
  deadline: 8,
  amount: 16,
  quorum: 24,
  options: 32,
  state: 33,
  electorate: 34,
  /** Zeros: no money is asked for. */
  treasury: 44,
  recipient: 56,
  question: 80,
  bytes: 112,
} as const;
/** Key `[19][5][proposal 10][address or nullifier 20]`. */
export const BALLOT_BYTES = 1;

/**
 * Where a circuit's public signals stand, by the ledger's number of the circuit; the order is that of
 * circuits/circuits.json and cannot change without another circuit. A circuit without a policy cannot say who may vote.
 */
export const VOTING_CIRCUITS: Readonly<Record<number, SignalPlaces>> = {
  // credential
  1: { count: 8, nullifier: 0, root: 3, policy: 4, now: 5, scope: 6, context: 7 },
  // qualification
  3: { count: 9, nullifier: 0, root: 4, policy: 5, now: 6, scope: 7, context: 8 },
};

export interface SignalPlaces {
  readonly count: number;
  readonly nullifier: number;
  readonly root: number;
  readonly policy: number;
  readonly now: number;
  readonly scope: number;
  readonly context: number;
}

export const VOTE_REFUSED = {
  /** Already voted; seen when the ballot is there, and a conflict of keys when both votes are under way. */
  voted: OWN_STATUS,
  notMember: OWN_STATUS + 1,
  /** The proof is of another circuit, root, policy, question, signer or time. */
  proof: OWN_STATUS + 2,
  closed: OWN_STATUS + 3,
  /** A treasury cannot follow an electorate in which one person can have many votes. */
  openElectorate: OWN_STATUS + 4,
  /** Quorum or period below the treasury's, or another electorate than its own. */
  terms: OWN_STATUS + 5,
} as const;
