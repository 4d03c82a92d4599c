import { randomBytes } from 'node:crypto';
import { toHex } from '../../base/bytes.ts';
import { pathExists } from '../../base/private-file.ts';
import { questionScope } from '../../claims/index.ts';
import { ID_BYTES, MODES } from '../../ledger/programs/vote/records.ts';
import type { LedgerStatusView } from '../../node/interface.ts';
import { ledgerCircuit, signalBytes } from '../../node/ledger-circuits.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readPolicy } from '../policy-input.ts';
import { loadSnapshot } from '../registry-file.ts';
import { policyHashOf, rootOf, votingCircuitOf, whatLinks } from './ballot.ts';
import { addressFrom } from './keys.ts';
import { openSender, sendOperations, type TransactionOptions } from './send.ts';
import {
  datedPolicy,
  dayFrom,
  type ElectorateFile,
  readElectorate,
  requireNetwork,
  writeElectorate,
  writeProposal,
} from './vote-files.ts';
import { electorateOf, idFrom } from './vote-records.ts';

const DEFAULT_PERIOD_MS = 7 * 86_400_000;

export interface ElectorateOptions extends TransactionOptions {
  from: string;
  authority?: string | false;
  registry?: string;
}

export interface ProposeOptions extends TransactionOptions {
  from: string;
  options: string;
  until?: string;
  quorum: string;
  treasury?: string;
  amount?: string;
  recipient?: string;
}

/** Makes an electorate by proof, of today's policy and registry. */
export async function makeElectorate(
  context: CliContext,
  text: string,
  path: string,
  options: ElectorateOptions,
): Promise<void> {
  const dated = datedPolicy(readPolicy(context, text), dayFrom(undefined));
  const circuit = ledgerCircuit(votingCircuitOf(dated.policy)) ?? 0;
  const links = whatLinks(dated.policy);
  if (links !== undefined) context.note(`warning: every vote will show ${links.replaceAll('your', 'the voter’s')}`);
  const registry = await loadSnapshot(context, options.registry);
  const policy = await policyHashOf(dated, registry);
  const sender = await openSender(context, options.from);
  const authority = await authorityFrom(context, options.authority, sender.key.address);
  const { network } = await sender.node.get<LedgerStatusView>('/v1/ledger');
  const id = newId();
  await writeElectorate(path, { network, electorate: id, ...dated }, options.force);
  const root = rootOf(registry);
  const operation = { operation: 'vote.createElectorate', id, mode: MODES.proof, circuit, authority, root, policy };
  await sendOperations(context, sender, [operation], options, { extra: { electorate: id, root, policy, file: path } });
}

/** @throws CliError CLI_OTHER_REGISTRY where nobody could vote any more */
export async function renewElectorate(context: CliContext, path: string, options: ElectorateOptions): Promise<void> {
  const file = await readElectorate(path);
  const registry = await loadSnapshot(context, options.registry);
  const root = rootOf(registry);
  const sender = await openSender(context, options.from);
  const { network } = await sender.node.get<LedgerStatusView>('/v1/ledger');
  requireNetwork(file, network, path);
  const record = await electorateOf(sender.node, idFrom(file.electorate, path));
  // The record's policy stays as it is, and with it the root of any list that it names.
  if ((await policyHashOf(file, registry)) !== record.policy) {
    throw new CliError(
      CliErrorCode.OtherRegistry,
      'with this registry the policy is another: a list that it names has changed',
      {
        where: path,
        hint: 'nobody could vote any more; make a new electorate: ledger electorate new',
      },
    );
  }
  const { authority } = record;
  const operation = { operation: 'vote.renewElectorate', id: file.electorate, authority, root };
  await sendOperations(context, sender, [operation], options, { extra: { electorate: file.electorate, root } });
}

export async function propose(
  context: CliContext,
  { electorate, question, file: path }: { electorate: string; question: string; file: string },
  options: ProposeOptions,
): Promise<void> {
  const file: ElectorateFile | undefined = (await pathExists(electorate))
    ? await readElectorate(electorate)
    : undefined;
  const electorateId = toHex(idFrom(file?.electorate ?? electorate, '<electorate>'));
  const words = options.options.split(',').map((word) => word.trim());
  if (new Set(words).size !== words.length || words.length < 2 || words.length > 16 || words.includes('')) {
    throw new CliError(CliErrorCode.BadArgument, 'a question has 2 to 16 different answers', { where: '--options' });
  }
  const deadline = options.until === undefined ? Date.now() + DEFAULT_PERIOD_MS : Date.parse(options.until);
  if (!Number.isSafeInteger(deadline) || deadline <= Date.now()) {
    throw new CliError(CliErrorCode.BadArgument, '--until takes a time to come, such as 2026-12-24T18:00Z', {
      where: '--until',
    });
  }
  const request = await requestFrom(context, options);
  const sender = await openSender(context, options.from);
  const { network } = await sender.node.get<LedgerStatusView>('/v1/ledger');
  if (file !== undefined) requireNetwork(file, network, electorate);
  const record = await electorateOf(sender.node, idFrom(electorateId, '<electorate>'));
  if (record.mode === 'proof' && file === undefined) {
    throw new CliError(CliErrorCode.BadArgument, 'this electorate is by proof: voters need its policy', {
      where: '<electorate>',
      hint: 'give the file that ledger electorate new wrote',
    });
  }
  const asked = { network, proposal: newId(), question, options: words };
  await writeProposal(path, { ...asked, electorate: electorateId, dated: file }, options.force);
  const operation = {
    operation: 'vote.propose',
    id: asked.proposal,
    electorate: electorateId,
    question: toHex(signalBytes(questionScope(asked))),
    options: words.length,
    deadline: String(deadline),
    quorum: options.quorum,
    ...request,
  };
  await sendOperations(context, sender, [operation], options, { extra: { proposal: asked.proposal, file: path } });
}

async function requestFrom(context: CliContext, { treasury, amount, recipient }: ProposeOptions): Promise<object> {
  if (treasury === undefined && amount === undefined && recipient === undefined) return {};
  if (treasury === undefined || amount === undefined || recipient === undefined) {
    throw new CliError(CliErrorCode.Usage, '--treasury, --amount and --recipient go together');
  }
  return { request: { treasury, amount, recipient: await addressFrom(context, recipient) } };
}

async function authorityFrom(
  context: CliContext,
  given: string | boolean | undefined,
  signer: string,
): Promise<string> {
  if (given === false) return '00'.repeat(20);
  return typeof given === 'string' ? addressFrom(context, given) : signer;
}

/** Ids belong to whoever takes them first, so nobody can guess them. */
function newId(): string {
  return toHex(randomBytes(ID_BYTES));
}
