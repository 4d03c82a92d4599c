import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withOptions } from './send.ts';
import type { VoteOptions } from './vote.ts';
import type { ElectorateOptions, ProposeOptions } from './vote-open.ts';

/** Verbs about votes; what they do is loaded when they are called. */
export function defineVotes(ledger: Command, context: CliContext): void {
  defineBallot(ledger, context);
  defineOpening(ledger, context);
  ledger
    .command('proposal')
    .argument('<proposal>', 'file that ledger propose wrote, or id')
    .description('A question: who may vote, until when, and the votes so far.')
    .action(async (given: string) => (await import('./vote-look.ts')).showProposal(context, given));
}

function defineBallot(ledger: Command, context: CliContext): void {
  withOptions(
    ledger
      .command('vote')
      .argument('<proposal>', 'file that ledger propose wrote; an id is enough where nothing has to be proven')
      .requiredOption('--option <option>', 'its number from 0 on, or its words')
      .requiredOption('--from <key>', 'key that signs and pays; by proof, best one that has done nothing else')
      .option('--registry <file>', 'signed snapshot; default: the imported one')
      .option('--wallet-passphrase-file <file>', 'passphrase of the wallet, where it is not that of the key')
      .option('--linkable', 'vote although the policy makes the proof show more than that there is a voter')
      .description(
        'Votes. Where voters are known by proof, proves here, from the wallet, that there is one. Exits 1 if it was not done.',
      ),
  ).action(async (proposal: string, options: VoteOptions) =>
    (await import('./vote.ts')).vote(context, proposal, options),
  );
}

/** Opening votes: who may vote, and on what. */
function defineOpening(ledger: Command, context: CliContext): void {
  const open = () => import('./vote-open.ts');
  const electorate = ledger.command('electorate').description('Who may vote: everybody who can prove a policy.');
  withOptions(
    electorate
      .command('new')
      .argument('<policy>', 'text such as "identity" or "age >= 18 and country in EU", or its JSON form')
      .argument('<file>', 'written: what proposers and voters need')
      .requiredOption('--from <key>', 'key that signs')
      .option('--authority <account>', 'who may renew the registry’s root; default: the account that signs')
      .option('--no-authority', 'nobody may: good until the registry changes')
      .option('--registry <file>', 'signed snapshot; default: the imported one')
      .description('Makes an electorate by proof, of today’s policy and registry.'),
  ).action(async (policy: string, file: string, options: ElectorateOptions) =>
    (await open()).makeElectorate(context, policy, file, options),
  );
  withOptions(
    electorate
      .command('renew')
      .argument('<file>', 'of the electorate')
      .requiredOption('--from <key>', 'key of its authority')
      .option('--registry <file>', 'signed snapshot; default: the imported one')
      .description('Lets an electorate go by a newer registry.'),
  ).action(async (file: string, options: ElectorateOptions) => (await open()).renewElectorate(context, file, options));

  withOptions(
    ledger
      .command('propose')
      .argument('<electorate>', 'its file; an id is enough for one that is not by proof')
      .argument('<question>', 'its words')
      .argument('<file>', 'written: what voters need')
      .requiredOption('--from <key>', 'key that signs')
      .option('--options <words>', 'answers, separated by commas', 'yes,no')
      .option('--until <time>', 'such as 2026-12-24T18:00Z; default: in seven days')
      .option('--quorum <n>', 'votes that it needs at least', '1')
      .option('--treasury <id>', 'ask for money of this treasury, which a yes (the first answer) pays out')
      .option('--amount <n>', 'how much, in the asset’s smallest unit')
      .option('--recipient <account>', 'for whom')
      .description('Puts a question to the vote.'),
  ).action(async (from: string, question: string, file: string, options: ProposeOptions) =>
    (await open()).propose(context, { electorate: from, question, file }, options),
  );
}
