import { fromHex, toHex } from '../../base/bytes.ts';
import { pathExists } from '../../base/private-file.ts';
import { circuitOf, PUBLIC_SIGNALS } from '../../claims/index.ts';
import type { LedgerStatusView } from '../../node/interface.ts';
import { LEDGER_CIRCUITS, signalBytes } from '../../node/ledger-circuits.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Refusal } from '../errors.ts';
import { loadSnapshot } from '../registry-file.ts';
import { time } from '../text.ts';
import { policyHashOf, proveBallot, rootOf } from './ballot.ts';
import { carry, voterOf } from './proof-file.ts';
import {
  accountOf,
  buildFor,
  type CarriedProof,
  openSender,
  type Sender,
  sendOperations,
  type TransactionOptions,
} from './send.ts';
import { type ProposalFile, readProposal, requireNetwork } from './vote-files.ts';
import {
  type ElectorateRecord,
  electorateOf,
  hasVoted,
  idFrom,
  memberSince,
  type ProposalRecord,
  proposalOf,
} from './vote-records.ts';

export interface VoteOptions extends TransactionOptions {
  option: string;
  from: string;
  registry?: string;
  walletPassphraseFile?: string;
  linkable?: boolean;
}

/** Everything about one vote that is known before it is cast. */
interface Poll {
  id: Uint8Array;
  file: ProposalFile | undefined;
  record: ProposalRecord;
  electorate: ElectorateRecord;
  option: number;
  where: string;
}

/** Casts a vote. @throws Refusal CLI_VOTE_CLOSED, CLI_VOTED_ALREADY, CLI_NOT_A_VOTER; CliError; ClaimError */
export async function vote(context: CliContext, proposal: string, options: VoteOptions): Promise<void> {
  const file = (await pathExists(proposal)) ? await readProposal(proposal) : undefined;
  const id = idFrom(file?.proposal ?? proposal, '<proposal>');
  const sender = await openSender(context, options.from);
  const { node, key } = sender;
  const { network } = await node.get<LedgerStatusView>('/v1/ledger');
  if (file !== undefined) requireNetwork(file, network, proposal);
  const record = await proposalOf(node, id);
  const electorate = await electorateOf(node, idFrom(record.electorate, 'electorate'));
  const option = optionFrom(options.option, file, record.options);
  const poll: Poll = { id, file, record, electorate, option, where: proposal };
  requireOpen(record);

  if (electorate.mode === 'proof') return voteByProof(context, sender, poll, options);
  const address = fromHex(key.address) ?? new Uint8Array();
  await requireFresh(sender, poll, address);
  if (electorate.mode === 'members') await requireMember(sender, record, address);
  const operation = ballotOf(poll, key.address);
  await requireFee(sender, [operation], options);
  await sendOperations(context, sender, [operation], options, { extra: { vote: wordsOf(poll), voter: key.address } });
}

async function voteByProof(context: CliContext, sender: Sender, poll: Poll, options: VoteOptions): Promise<void> {
  const { file, record, electorate, where } = poll;
  const dated = file?.dated;
  if (file === undefined || dated === undefined) {
    throw new CliError(
      CliErrorCode.BadArgument,
      'this electorate votes by proof: its policy and the question’s words are needed',
      {
        where,
        hint: 'give the file that ledger propose wrote, in place of the id; who opened the vote hands it out',
      },
    );
  }
  // Within a scope that somebody else has chosen, the nullifier could be one that the voter shows elsewhere.
  if (toHex(signalBytes(file.scope)) !== record.question) {
    throw new CliError(
      CliErrorCode.OtherProposal,
      'the proposal on the ledger is about another question than the file',
      {
        where,
        hint: 'nothing was proven: ask whoever opened the vote for the right file',
      },
    );
  }
  const registry = await loadSnapshot(context, options.registry);
  if (rootOf(registry) !== electorate.root) {
    throw new CliError(CliErrorCode.OtherRegistry, 'the electorate goes by another registry than the snapshot here', {
      where: `root ${electorate.root}, here ${rootOf(registry)} (sequence ${registry.header.sequence})`,
      hint: 'import the snapshot of that root or name it with --registry; where it is out of date, its authority renews it: ledger electorate renew',
    });
  }
  if (
    (await policyHashOf(dated, registry)) !== electorate.policy ||
    LEDGER_CIRCUITS[electorate.circuit] !== circuitOf(dated.policy)
  ) {
    throw new CliError(
      CliErrorCode.OtherProposal,
      'the electorate on the ledger asks for another policy than the file',
      {
        where,
        hint: 'nothing was proven: ask whoever opened the vote for the right file',
      },
    );
  }
  await requireFee(sender, [ballotOf(poll, '00'.repeat(20))], options, emptyProof(electorate.circuit));
  await warnOfHistory(context, sender);

  const progress = context.progress('proving');
  let ballot: Awaited<ReturnType<typeof proveBallot>>;
  try {
    ballot = await proveBallot(
      context,
      {
        dated,
        scope: file.scope,
        signer: sender.key.address,
        registry,
        passphraseFile: options.walletPassphraseFile,
        linkable: options.linkable,
        beforeProving: (nullifier) => requireFresh(sender, poll, fromHex(voterOf(nullifier)) ?? new Uint8Array()),
      },
      progress,
    );
  } finally {
    progress.done();
  }
  if (ballot.developmentKeys)
    context.note('DEVELOPMENT KEYS: made by one party, who could forge votes. Not for real value.');
  const voter = voterOf(ballot.nullifier);
  const { carried } = carry(ballot.circuit, ballot.publicSignals, ballot.proof, 'our own proof');
  // Proving took its time; another vote may have come in, or the end.
  requireOpen(record);
  await sendOperations(context, sender, [ballotOf(poll, voter)], options, {
    proof: carried,
    extra: { vote: wordsOf(poll), voter },
  });
}

function ballotOf({ id, record, electorate, option }: Poll, voter: string): object {
  const listed = electorate.mode === 'members';
  return { operation: 'vote.vote', proposal: toHex(id), electorate: record.electorate, option, voter, listed };
}

function wordsOf({ file, option }: Poll): string {
  return `${option} ${file?.options[option] ?? ''}`.trim();
}

/** @throws CliError CLI_BAD_ARGUMENT */
function optionFrom(text: string, file: ProposalFile | undefined, count: number): number {
  const named = file?.options.findIndex((words) => words.toLowerCase() === text.toLowerCase()) ?? -1;
  const number = /^[0-9]{1,2}$/.test(text) && Number(text) < count ? Number(text) : -1;
  // Words that are another option's number would let whoever chose them turn a vote round.
  if (named >= 0 && (number < 0 || number === named)) return named;
  if (named < 0 && number >= 0) return number;
  const choices = file?.options.map((words, i) => `${i} ${words}`).join(', ') ?? `0 to ${count - 1}`;
  throw new CliError(CliErrorCode.BadArgument, `there is no option ${text.slice(0, 80)}`, {
    where: '--option',
    hint: `one of: ${choices}`,
  });
}

/** @throws Refusal CLI_VOTE_CLOSED */
function requireOpen({ state, deadline }: ProposalRecord): void {
  if (state === 'open' && Date.now() < deadline) return;
  const when = time(Math.floor(deadline / 1000));
  throw new Refusal(CliErrorCode.VoteClosed, `the vote is closed: ${state === 'open' ? `it ended ${when}` : state}`, {
    hint: 'ledger proposal shows what it came to',
  });
}

/** @throws Refusal CLI_VOTED_ALREADY */
async function requireFresh({ node }: Sender, { id, electorate }: Poll, voter: Uint8Array): Promise<void> {
  if (!(await hasVoted(node, id, voter))) return;
  const who = electorate.mode === 'proof' ? 'the holder of this wallet' : 'this account';
  throw new Refusal(CliErrorCode.VotedAlready, `${who} has voted on this proposal`, {
    where: toHex(voter),
    hint: 'a vote cannot be changed; from another account it would be refused as well',
  });
}

/** @throws Refusal CLI_NOT_A_VOTER */
async function requireMember({ node }: Sender, record: ProposalRecord, address: Uint8Array): Promise<void> {
  const since = await memberSince(node, idFrom(record.electorate, 'electorate'), address);
  if (since !== undefined && since < record.opened) return;
  const why =
    since === undefined ? 'is not on the electorate’s list' : 'was not on the list before the vote was opened';
  throw new Refusal(CliErrorCode.NotAVoter, `the account ${why}`, { where: toHex(address) });
}

/** Before seconds of proving. @throws CliError CLI_FEE_UNPAYABLE */
async function requireFee(
  sender: Sender,
  operations: object[],
  options: TransactionOptions,
  proof?: CarriedProof,
): Promise<void> {
  const [{ gasLimit, gasPrice }, { balance }] = await Promise.all([
    buildFor(sender, operations, options, proof),
    accountOf(sender),
  ]);
  const fee = BigInt(gasLimit) * gasPrice;
  if (BigInt(balance) >= fee) return;
  throw new CliError(CliErrorCode.FeeUnpayable, `the account has ${balance} native units, and may need up to ${fee}`, {
    where: sender.key.address,
    hint: 'somebody must send it as much; docs/ledger-programs.md says how without telling whose account it is',
  });
}

/** What everybody can see of an account ties its votes to everything else that it did. */
async function warnOfHistory(context: CliContext, sender: Sender): Promise<void> {
  const { nonce } = await accountOf(sender);
  if (nonce === '0') return;
  context.note(
    `warning: this account has signed ${nonce} transaction${nonce === '1' ? '' : 's'} before, and everybody can see that they and this vote are of one hand; a key of its own for each vote keeps them apart`,
  );
}

/** Of the length that a proof will have, for what it costs. */
function emptyProof(circuit: number): CarriedProof {
  const name = LEDGER_CIRCUITS[circuit] ?? 'credential';
  return { circuit, signals: PUBLIC_SIGNALS[name].map(() => '00'.repeat(32)), proof: '00'.repeat(256) };
}
