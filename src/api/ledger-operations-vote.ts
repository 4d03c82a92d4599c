import { z } from 'zod';
import * as vote from '../ledger/programs/vote/build.ts';
import { address, addresses, asset, hash, keys, shortId, u8, u64 } from './ledger-fields.ts';
import { type Entry, entry } from './ledger-operation.ts';

const request = { treasury: shortId, amount: u64, recipient: address };

export const VOTE_OPERATIONS: readonly Entry[] = [
  entry(
    'vote.createElectorate',
    { id: shortId, mode: u8, circuit: u8, authority: address, root: hash, policy: hash },
    (_, input) => vote.createElectorate(input),
  ),
  entry('vote.renewElectorate', { id: shortId, authority: address, root: hash }, (_, { id, authority, root }) =>
    vote.renewElectorate(id, authority, root),
  ),
  entry('vote.admit', { id: shortId, members: addresses }, (_, { id, members }) => vote.admit(id, members)),
  entry('vote.expel', { id: shortId, members: addresses }, (_, { id, members }) => vote.expel(id, members)),
  entry('vote.openTreasury', { id: shortId, electorate: shortId, asset, quorum: u64, period: u64 }, (_, input) =>
    vote.openTreasury(input),
  ),
  entry('vote.deposit', { treasury: shortId, asset, amount: u64 }, (signer, { treasury, asset: of, amount }) =>
    vote.deposit(signer, treasury, of, amount),
  ),
  entry(
    'vote.propose',
    {
      id: shortId,
      electorate: shortId,
      question: hash,
      options: u8,
      deadline: u64,
      quorum: u64,
      request: z.strictObject(request).optional(),
    },
    (_, input) => vote.propose(input as vote.NewProposal),
  ),
  entry(
    'vote.vote',
    { proposal: shortId, electorate: shortId, option: u8, voter: address, listed: z.boolean() },
    (_, input) => vote.castVote(input),
  ),
  entry(
    'vote.execute',
    { proposal: shortId, request: z.strictObject({ ...request, asset }).optional() },
    (_, { proposal, request: asked }) => vote.executeProposal(proposal, asked),
  ),
  entry('vote.sweep', { proposal: shortId, keys }, (_, { proposal, keys: swept }) => vote.sweepVote(proposal, swept)),
];
