import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CircuitName, Policy } from '../../claims/interface.ts';
import type { ProvenClaim, ProveRequest } from '../../node/interface.ts';
import { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { writeOutput } from '../files.ts';
import type { Progress } from '../progress.ts';
import { fields, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface Options {
  out?: string;
  force?: boolean;
  registry?: string;
  offer?: string;
  order?: string;
  counterparty?: string;
  pseudonym?: string;
  expiresIn?: string;
  withNode?: boolean;
}

const DEVELOPMENT_KEYS = 'DEVELOPMENT KEYS: made by one party, who could forge proofs. Not for real value.';

interface VoteOptions extends Pick<Options, 'out' | 'force' | 'registry'> {
  account: string;
  linkable?: boolean;
}

/** What a user asks for, and the circuit that proves it. */
const KINDS = [
  ['balance', 'balance', 'Proves a balance over up to three accounts.'],
  ['identity', 'credential', 'Proves facts of one identity credential.'],
  ['qualification', 'qualification', 'Proves an identity and a balance of one holder in one proof.'],
] as const satisfies readonly (readonly [string, CircuitName, string])[];

export const define: DefineVerb = (program, context) => {
  const prove = program
    .command('prove')
    .summary('Prove a policy from the wallet, on this machine')
    .description('Proves what a policy demands, bound to one order. Secrets never leave this machine.');
  for (const [kind, circuit, description] of KINDS) {
    prove
      .command(kind)
      .argument('<policy>', 'text such as "balance(EUR) >= 1200 and unique", or its JSON form')
      .option('--out <folder>', 'write proof.json, public.json, verification_key.json (snarkjs) and envelope.bin')
      .option('--force', 'overwrite files there')
      .option('--offer <id>', 'offer that the proof is for')
      .option('--order <id>', 'order that the proof is for')
      .option('--counterparty <key>', 'pseudonym of the other side')
      .option('--pseudonym <key>', 'one of the wallet; default: a fresh one')
      .option('--expires-in <seconds>', 'life of the envelope', '900')
      .option('--registry <file>', 'signed snapshot; default: the imported one')
      .option('--with-node', 'let the running node prove, with its wallet and warm prover')
      .description(description)
      .action((policy: string, options: Options) => run(context, circuit, policy, options));
  }
  prove
    .command('vote')
    .argument('<proposal>', 'file that ledger propose wrote')
    .requiredOption('--account <account>', 'that will sign the vote: address, or name of a ledger key here')
    .option('--out <folder>', 'write proof.json, public.json, verification_key.json (snarkjs)')
    .option('--force', 'overwrite files there')
    .option('--registry <file>', 'signed snapshot; default: the imported one')
    .option('--linkable', 'prove although the policy makes the proof show more than that there is a voter')
    .description('Proves that there is a voter in this wallet, for ledger submit --proof. ledger vote does it all.')
    .action((proposal: string, options: VoteOptions) => runVote(context, proposal, options));
};

async function runVote(context: CliContext, path: string, options: VoteOptions): Promise<void> {
  const { proveVote } = await import('../prove-vote.ts');
  const { shown, verifyingKey, developmentKeys } = await proveVote(context, path, options.account, options);
  if (developmentKeys) context.note(DEVELOPMENT_KEYS);
  const files =
    options.out === undefined ? [] : await writeFiles(options.out, { ...shown, verifyingKey }, options.force);
  context.result(
    { ...shown, developmentKeys, files },
    fields([
      ['proven', shown.circuit],
      ['for', shown.signer],
      ['voter', shown.voter],
      ...files.map((file) => ['wrote', file] as const),
    ]),
  );
}

async function run(context: CliContext, circuit: CircuitName, text: string, options: Options): Promise<void> {
  const { readPolicy } = await import('../policy-input.ts');
  const { circuitOf } = await import('../../claims/policy/index.ts');
  const policy = readPolicy(context, text);
  requireCircuit(circuit, circuitOf(policy));
  const request = requestOf(policy, options);
  const progress = context.progress('proving');
  try {
    const { claim, verifyingKey, developmentKeys } =
      options.withNode === true
        ? await proveWithNode(context, request, progress)
        : await (await import('../prove-here.ts')).proveHere(context, circuit, request, options.registry, progress);
    progress.done();
    if (developmentKeys) context.note(DEVELOPMENT_KEYS);
    const files =
      options.out === undefined ? [] : await writeFiles(options.out, { ...claim, verifyingKey }, options.force);
    const { envelope, ...shown } = claim;
    context.result(
      { ...shown, developmentKeys, envelope: Buffer.from(envelope).toString('base64'), files },
      fields([
        ['proven', shown.circuit],
        ['envelope', shown.envelopeId],
        ['expires', time(shown.binding.expiresAt)],
        ...files.map((file) => ['wrote', file] as const),
      ]),
    );
  } finally {
    progress.done();
  }
}

function requireCircuit(asked: CircuitName, needed: CircuitName): void {
  if (asked === needed) return;
  const kind = KINDS.find(([, circuit]) => circuit === needed)?.[0] ?? needed;
  throw new CliError(CliErrorCode.BadArgument, `this policy is proven with prove ${kind}`, {
    where: 'policy',
    hint: 'balance alone: prove balance; credential alone: prove identity; both: prove qualification',
  });
}

function requestOf(policy: Policy, options: Options): ProveRequest {
  const life = Number(options.expiresIn ?? '900');
  if (!Number.isInteger(life) || life < 1 || life > 86_400) {
    throw new CliError(CliErrorCode.BadArgument, '--expires-in takes 1 to 86400 seconds', { where: '--expires-in' });
  }
  return {
    policy,
    offerId: options.offer,
    orderId: options.order,
    counterparty: options.counterparty,
    pseudonym: options.pseudonym,
    expiresAt: Math.floor(Date.now() / 1000) + life,
  };
}

interface RemoteClaim extends Omit<ProvenClaim, 'envelope'> {
  envelope: string;
}

async function proveWithNode(context: CliContext, request: ProveRequest, progress: Progress) {
  const { connectNode } = await import('../client.ts');
  const node = await connectNode(context);
  const { id } = await node.post<{ id: string }>('/v1/proofs', request);
  try {
    for await (const { data } of node.events(`/v1/proofs/${id}/events`)) {
      const { stage, fraction } = data as { stage: string | null; fraction: number };
      progress.update(stage ?? 'waiting', fraction);
    }
  } catch (error) {
    // The user gave up: the node need not go on.
    if (context.signal.aborted) await cancelJob(context, id);
    throw error;
  }
  const [remote, { developmentKeys }] = await Promise.all([
    node.get<RemoteClaim>(`/v1/proofs/${id}/result`),
    node.get<{ developmentKeys: boolean }>('/v1/node'),
  ]);
  const key = await node.get<unknown>(`/v1/circuits/${remote.verifyingKeyId}/verifying-key`);
  return {
    claim: { ...remote, envelope: new Uint8Array(Buffer.from(remote.envelope, 'base64')) },
    verifyingKey: new TextEncoder().encode(`${JSON.stringify(key, null, 1)}\n`),
    developmentKeys,
  };
}

async function cancelJob(context: CliContext, id: string): Promise<void> {
  const { connectNode } = await import('../client.ts');
  const fresh = new CliContext(AbortSignal.timeout(2_000));
  fresh.options = context.options;
  await (await connectNode(fresh)).remove(`/v1/proofs/${id}`).catch(() => undefined);
}

interface Written extends Pick<ProvenClaim, 'proof' | 'publicSignals'> {
  verifyingKey: Uint8Array;
  envelope?: Uint8Array;
}

async function writeFiles(folder: string, written: Written, force = false): Promise<string[]> {
  const { proof, publicSignals, verifyingKey, envelope } = written;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const contents: [string, Uint8Array | string][] = [
    ['proof.json', `${JSON.stringify(proof, null, 1)}\n`],
    ['public.json', `${JSON.stringify(publicSignals, null, 1)}\n`],
    ['verification_key.json', verifyingKey],
  ];
  if (envelope !== undefined) contents.push(['envelope.bin', envelope]);
  const files: string[] = [];
  for (const [name, content] of contents) {
    const path = join(folder, name);
    await writeOutput(path, content, force);
    files.push(path);
  }
  return files;
}
