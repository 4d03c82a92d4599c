import { ADDRESS_BYTES, ASSET_BYTES, HASH_BYTES } from '../../constants.ts';
import { join } from '../../keys.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey, NOBODY } from '../holdings.ts';
import { SPACE } from '../spaces.ts';
import { VOTE, VOTE_OPS } from './program.ts';
import { COUNTERS, KINDS, TAIL_BYTES } from './records.ts';

/** Builders of program 5. Ids have 10 bytes, not all zero. */

function keyOf(kind: number, id: Uint8Array, tail: Uint8Array = new Uint8Array(0)): Uint8Array {
  return join(SPACE.vote, new Uint8Array([kind]), id, tail);
}

export const electorateKey = (id: Uint8Array): Uint8Array => keyOf(KINDS.electorate, id);
export const memberKey = (id: Uint8Array, address: Uint8Array): Uint8Array => keyOf(KINDS.member, id, address);
export const treasuryKey = (id: Uint8Array): Uint8Array => keyOf(KINDS.treasury, id);
export const proposalKey = (id: Uint8Array): Uint8Array => keyOf(KINDS.proposal, id);
/** @param voter an address, or the low 20 bytes of a nullifier */
export const ballotKey = (id: Uint8Array, voter: Uint8Array): Uint8Array => keyOf(KINDS.ballot, id, voter);
export const counterKey = (id: Uint8Array, shard: number): Uint8Array =>
  keyOf(KINDS.counter, id, new Uint8Array([shard]));

export interface NewElectorate {
  readonly id: Uint8Array;
  /** `MODES`. */
  readonly mode: number;
  /** The ledger's number of the circuit; 0 but for proofs. */
  readonly circuit: number;
  readonly authority: Uint8Array;
  /** Public signals, 32 bytes little-endian. */
  readonly root: Uint8Array;
  readonly policy: Uint8Array;
}

export function createElectorate({ id, mode, circuit, authority, root, policy }: NewElectorate): Call {
  const key = electorateKey(id);
  return callOf(VOTE, VOTE_OPS.createElectorate, { writes: [key] }, (at, out) =>
    out
      .u8(mode)
      .u8(circuit)
      .u8(at.write(key))
      .bytes(authority, ADDRESS_BYTES)
      .bytes(root, HASH_BYTES)
      .bytes(policy, HASH_BYTES),
  );
}

/** Signed by the authority. */
export function renewElectorate(id: Uint8Array, authority: Uint8Array, root: Uint8Array): Call {
  const key = electorateKey(id);
  return callOf(VOTE, VOTE_OPS.renewElectorate, { writes: [key] }, (at, out) =>
    out.u8(at.write(key)).bytes(authority, ADDRESS_BYTES).bytes(root, HASH_BYTES),
  );
}

/**
 * Signed by the authority. Members' keys must stand one behind the other in the transaction, so admit and expel of one
 * electorate go into transactions of their own.
 */
export function admit(id: Uint8Array, members: readonly Uint8Array[]): Call {
  return onMembers(VOTE_OPS.admit, id, members);
}

/** Signed by the authority. */
export function expel(id: Uint8Array, members: readonly Uint8Array[]): Call {
  return onMembers(VOTE_OPS.expel, id, members);
}

export interface NewTreasury {
  readonly id: Uint8Array;
  readonly electorate: Uint8Array;
  readonly asset: Uint8Array;
  /** Votes that a request needs at least. */
  readonly quorum: bigint;
  /** Milliseconds that a request must be open at least. */
  readonly period: bigint;
}

export function openTreasury({ id, electorate, asset, quorum, period }: NewTreasury): Call {
  const [key, voters] = [treasuryKey(id), electorateKey(electorate)];
  return callOf(VOTE, VOTE_OPS.openTreasury, { writes: [key], reads: [voters] }, (at, out) =>
    out.u64(quorum).u64(period).u8(at.write(key)).u8(at.read(voters)).bytes(asset, ASSET_BYTES),
  );
}

export function deposit(signer: Uint8Array, treasury: Uint8Array, asset: Uint8Array, amount: bigint): Call {
  const [key, from] = [treasuryKey(treasury), holdingKey(signer, asset)];
  return callOf(VOTE, VOTE_OPS.deposit, { writes: [key, from] }, (at, out) =>
    out.u64(amount).u8(at.write(key)).u8(at.write(from)),
  );
}

export interface Request {
  readonly treasury: Uint8Array;
  readonly amount: bigint;
  readonly recipient: Uint8Array;
}

export interface NewProposal {
  readonly id: Uint8Array;
  readonly electorate: Uint8Array;
  /** Hash of the question, 248 bits little-endian in 32 bytes. */
  readonly question: Uint8Array;
  /** 2 to 16; with a request, option 0 is "yes". */
  readonly options: number;
  /** Block time in milliseconds. */
  readonly deadline: bigint;
  readonly quorum: bigint;
  readonly request?: Request;
}

export function propose({ id, electorate, question, options, deadline, quorum, request }: NewProposal): Call {
  const [key, voters] = [proposalKey(id), electorateKey(electorate)];
  const treasury = request === undefined ? undefined : treasuryKey(request.treasury);
  const reads = treasury === undefined ? [voters] : [voters, treasury];
  return callOf(VOTE, VOTE_OPS.propose, { writes: [key], reads }, (at, out) =>
    out
      .u64(request?.amount ?? 0n)
      .u64(deadline)
      .u64(quorum)
      .u8(at.write(key))
      .u8(at.read(voters))
      .u8(treasury === undefined ? 0 : at.read(treasury))
      .u8(options)
      .bytes(question, HASH_BYTES)
      .bytes(request?.recipient ?? NOBODY, ADDRESS_BYTES),
  );
}

export interface Ballot {
  readonly proposal: Uint8Array;
  readonly electorate: Uint8Array;
  readonly option: number;
  /** The signer's address, or the low 20 bytes of the nullifier of the transaction's proof. */
  readonly voter: Uint8Array;
  /** Whether the electorate is a list. */
  readonly listed: boolean;
}

export function castVote({ proposal, electorate, option, voter, listed }: Ballot): Call {
  const [key, voters, ballot] = [proposalKey(proposal), electorateKey(electorate), ballotKey(proposal, voter)];
  const counter = counterKey(proposal, (voter[TAIL_BYTES - 1] ?? 0) & (COUNTERS - 1));
  const member = memberKey(electorate, voter);
  const keys = { writes: [ballot, counter], reads: listed ? [key, voters, member] : [key, voters] };
  return callOf(VOTE, VOTE_OPS.vote, keys, (at, out) =>
    out
      .u8(at.read(key))
      .u8(at.read(voters))
      .u8(at.write(ballot))
      .u8(at.write(counter))
      .u8(listed ? at.read(member) : 0)
      .u8(option),
  );
}

/** @param request what the proposal asks for, with the treasury's asset; undefined where it asks for nothing */
export function executeProposal(proposal: Uint8Array, request?: Request & { readonly asset: Uint8Array }): Call {
  const key = proposalKey(proposal);
  const counters = Array.from({ length: COUNTERS }, (_, shard) => counterKey(proposal, shard));
  const first = counterKey(proposal, 0);
  const treasury = request === undefined ? [] : [treasuryKey(request.treasury)];
  const to = request === undefined ? [] : [holdingKey(request.recipient, request.asset)];
  const keys = { writes: [key, ...treasury], reads: counters, credits: to };
  return callOf(VOTE, VOTE_OPS.execute, keys, (at, out) => {
    out.u8(at.write(key)).u8(at.read(first));
    const [vault, into] = [treasury[0], to[0]];
    return out.u8(vault === undefined ? 0 : at.write(vault)).u8(into === undefined ? 0 : at.credit(into));
  });
}

/** @param keys ballots and counters of one closed proposal, in a transaction of their own */
export function sweepVote(proposal: Uint8Array, keys: readonly Uint8Array[]): Call {
  const key = proposalKey(proposal);
  return callOf(VOTE, VOTE_OPS.sweep, { writes: keys, reads: [key] }, (at, out) =>
    out.u8(at.read(key)).u8(lowest(keys, at.write)).u8(keys.length),
  );
}

function onMembers(operation: number, id: Uint8Array, members: readonly Uint8Array[]): Call {
  const key = electorateKey(id);
  const keys = members.map((member) => memberKey(id, member));
  return callOf(VOTE, operation, { writes: keys, reads: [key] }, (at, out) =>
    out.u8(at.read(key)).u8(lowest(keys, at.write)).u8(keys.length),
  );
}

function lowest(keys: readonly Uint8Array[], place: (key: Uint8Array) => number): number {
  return keys.reduce((least, key) => {
    const index = place(key);
    return Math.min(index, least);
  }, 255);
}
