import type { Program } from '../../program/interface.ts';
import { HOLDING_SPACES } from '../holdings.ts';
import { SPACE } from '../spaces.ts';
import { REFUSED_NAMES } from '../statuses.ts';
import { vote } from './ballot.ts';
import { admit, createElectorate, expel, renewElectorate } from './electorate.ts';
import { execute, sweep } from './outcome.ts';
import { VOTE_REFUSED } from './records.ts';
import { deposit, openTreasury, propose } from './treasury.ts';

/** Program 5: votes, one per person where a proof says who is one, and treasuries that obey them. */

export const VOTE = 5;
export const VOTE_OPS = {
  createElectorate: 0,
  renewElectorate: 1,
  admit: 2,
  expel: 3,
  openTreasury: 4,
  deposit: 5,
  propose: 6,
  vote: 7,
  execute: 8,
  sweep: 9,
} as const;

export const votes: Program = {
  id: VOTE,
  name: 'vote',
  spaces: [...HOLDING_SPACES, SPACE.vote],
  operations: new Map([
    [VOTE_OPS.createElectorate, { name: 'createElectorate', gas: 80, run: createElectorate }],
    [VOTE_OPS.renewElectorate, { name: 'renewElectorate', gas: 50, run: renewElectorate }],
    [VOTE_OPS.admit, { name: 'admit', gas: 50, run: admit }],
    [VOTE_OPS.expel, { name: 'expel', gas: 50, run: expel }],
    [VOTE_OPS.openTreasury, { name: 'openTreasury', gas: 80, run: openTreasury }],
    [VOTE_OPS.deposit, { name: 'deposit', gas: 80, run: deposit }],
    [VOTE_OPS.propose, { name: 'propose', gas: 150, run: propose }],
    [VOTE_OPS.vote, { name: 'vote', gas: 150, run: vote }],
    [VOTE_OPS.execute, { name: 'execute', gas: 400, run: execute }],
    [VOTE_OPS.sweep, { name: 'sweep', gas: 50, run: sweep }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [VOTE_REFUSED.voted]: 'this voter has voted',
    [VOTE_REFUSED.notMember]: 'not on the list, or admitted after the vote was opened',
    [VOTE_REFUSED.proof]: 'the proof is not one of this electorate, question, signer and time',
    [VOTE_REFUSED.closed]: 'the vote is closed',
    [VOTE_REFUSED.openElectorate]: 'a treasury cannot follow an electorate that everybody can fill with accounts',
    [VOTE_REFUSED.terms]: 'not the treasury’s electorate, or below its quorum or period',
  },
};
