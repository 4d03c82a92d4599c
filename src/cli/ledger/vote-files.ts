import { z } from 'zod';
import { dayOf, formatDate, parseDate } from '../../claims/dates.ts';
import { type Policy, type Question, questionScope } from '../../claims/index.ts';
import { policyFromJson } from '../../claims/policy/index.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readJson, writeOutput } from '../files.ts';

/**
 * What voters need and the ledger has only hashes of: the policy of an electorate with the day on which it was hashed,
 * and the words of a question. Whoever opens a vote hands these files out; a wrong one proves nothing, since everything
 * in it is compared with the records.
 */

const MAX_FILE_BYTES = 65_536;

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const day = z.string().refine((text) => parseDate(text) !== undefined, 'is no day');
const electorateShape = { network: hex(16), electorate: hex(10), policy: z.unknown(), day };
const electorateFile = z.strictObject({ v: z.literal(1), kind: z.literal('electorate'), ...electorateShape });
const proposalFile = z.strictObject({
  v: z.literal(1),
  kind: z.literal('proposal'),
  network: hex(16),
  proposal: hex(10),
  question: z.string().min(1).max(4_096),
  options: z.array(z.string().min(1).max(200)).min(2).max(16),
  electorate: hex(10),
  /** Both where the electorate is by proof. */
  policy: z.unknown().optional(),
  day: day.optional(),
});

/** A policy as an electorate means it: `age` is the age on that day. */
export interface DatedPolicy {
  policy: Policy;
  /** `2026-11-23`. */
  day: string;
  /** Unix seconds of that day's beginning, UTC. */
  policyTime: number;
}

export interface ElectorateFile extends DatedPolicy {
  network: string;
  electorate: string;
}

export interface ProposalFile extends Question {
  electorate: string;
  dated: DatedPolicy | undefined;
  /** Public signal: what the proposal's record must hold as its question. */
  scope: bigint;
}

/** @throws CliError CLI_NOT_JSON, CLI_BAD_ARGUMENT; PolicyError */
export async function readElectorate(path: string): Promise<ElectorateFile> {
  const read = parse(electorateFile, await readJson(path, MAX_FILE_BYTES), path, 'electorate');
  const { network, electorate } = read;
  return { network, electorate, ...datedPolicy(policyFromJson(read.policy), read.day) };
}

/** @throws CliError CLI_NOT_JSON, CLI_BAD_ARGUMENT; PolicyError */
export async function readProposal(path: string): Promise<ProposalFile> {
  const { policy, day: on, ...read } = parse(proposalFile, await readJson(path, MAX_FILE_BYTES), path, 'proposal');
  const { network, proposal, question, options, electorate } = read;
  return {
    ...{ network, proposal, question, options, electorate },
    dated: policy === undefined || on === undefined ? undefined : datedPolicy(policyFromJson(policy), on),
    scope: questionScope({ network, proposal, question, options }),
  };
}

export function datedPolicy(policy: Policy, on: string): DatedPolicy {
  return { policy, day: on, policyTime: Date.parse(`${on}T00:00:00Z`) / 1000 };
}

/** The UTC day of now, or one that the user named. @throws CliError CLI_BAD_ARGUMENT */
export function dayFrom(text: string | undefined): string {
  if (text === undefined) return formatDate(dayOf(Date.now() / 1000)) ?? '';
  if (parseDate(text) !== undefined) return text;
  throw new CliError(CliErrorCode.BadArgument, '--day takes a day such as 2026-11-23', { where: '--day' });
}

export async function writeElectorate(path: string, file: ElectorateFile, force?: boolean): Promise<void> {
  const { network, electorate, policy, day: on } = file;
  await writeJson(path, { v: 1, kind: 'electorate', network, electorate, policy, day: on }, force);
}

export async function writeProposal(path: string, file: Omit<ProposalFile, 'scope'>, force?: boolean): Promise<void> {
  const { dated, network, proposal, question, options, electorate } = file;
  const who = dated === undefined ? {} : { policy: dated.policy, day: dated.day };
  await writeJson(path, { v: 1, kind: 'proposal', network, proposal, question, options, electorate, ...who }, force);
}

async function writeJson(path: string, content: object, force?: boolean): Promise<void> {
  await writeOutput(path, `${JSON.stringify(content, null, 2)}\n`, force);
}

function parse<T>(schema: z.ZodType<T>, content: unknown, where: string, what: string): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new CliError(CliErrorCode.BadArgument, `no file of that kind (${what}): ${place}${issue?.message ?? ''}`, {
    where,
    hint: 'zkbazaar ledger electorate new and ledger propose write these files',
  });
}

/** @throws CliError CLI_OTHER_PROPOSAL */
export function requireNetwork(file: { network: string }, network: string, where: string): void {
  if (file.network === network) return;
  throw new CliError(
    CliErrorCode.OtherProposal,
    `the file is of the ledger ${file.network}, and the node keeps ${network}`,
    {
      where,
      hint: 'name a node of that ledger with --node, or ask for the right file',
    },
  );
}
