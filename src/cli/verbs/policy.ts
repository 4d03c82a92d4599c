import type { Policy } from '../../claims/interface.ts';
import { Exit } from '../errors.ts';
import { fields, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface CheckOptions {
  mine?: boolean;
  hash?: boolean;
  day?: string;
  registry?: string;
}

export const define: DefineVerb = (program, context) => {
  const policy = program
    .command('policy')
    .summary('Check what a policy demands')
    .description('Policies: docs/policy.md.');
  policy
    .command('check')
    .argument('<policy>', 'text such as "balance(EUR) >= 1200 and age >= 18", or its JSON form')
    .option('--mine', 'ask the running node what its wallet lacks for it')
    .option('--hash', 'also what the ledger’s electorates hold: circuit, policy hash and registry root')
    .option('--day <day>', 'with --hash: the day on which the policy is meant; default: today, UTC')
    .option('--registry <file>', 'with --hash: signed snapshot; default: the imported one')
    .summary('Parse a policy')
    .description('Parses a policy and prints its one spelling, its canonical JSON and the circuit that proves it.')
    .action(async (text: string, options: CheckOptions) => {
      if (options.mine === true) return checkWithNode(text);
      const { readPolicy } = await import('../policy-input.ts');
      const { circuitOf, policyJson, printPolicy } = await import('../../claims/policy/index.ts');
      const parsed = readPolicy(context, text);
      const report = {
        text: printPolicy(parsed),
        canonical: policyJson(parsed),
        circuit: circuitOf(parsed),
        policy: parsed,
      };
      const ledger = options.hash === true ? await onLedger(parsed, options) : {};
      context.result(
        { ...report, ...ledger },
        fields([
          ['policy', report.text],
          ['circuit', report.circuit],
          ['canonical', report.canonical],
          ...Object.entries(ledger).map(([name, value]) => [name, String(value)] as const),
        ]),
      );
    });

  /** Fields of `vote.createElectorate`, and the day of which they are. */
  async function onLedger(parsed: Policy, options: CheckOptions) {
    const [{ policyHashOf, rootOf, votingCircuitOf }, { datedPolicy, dayFrom }, { ledgerCircuit }, { loadSnapshot }] =
      await Promise.all([
        import('../ledger/ballot.ts'),
        import('../ledger/vote-files.ts'),
        import('../../node/ledger-circuits.ts'),
        import('../registry-file.ts'),
      ]);
    const number = ledgerCircuit(votingCircuitOf(parsed));
    const registry = await loadSnapshot(context, options.registry);
    const dated = datedPolicy(parsed, dayFrom(options.day));
    const hash = await policyHashOf(dated, registry);
    return { ledgerCircuit: number, policyHash: hash, registryRoot: rootOf(registry), day: dated.day };
  }

  async function checkWithNode(text: string): Promise<void> {
    const { connectNode } = await import('../client.ts');
    const { readPolicy } = await import('../policy-input.ts');
    const node = await connectNode(context);
    const checked = await node.post<{
      text: string;
      canonical: string;
      circuit: string;
      shortfalls: { code: string; message: string; hint?: string }[] | null;
    }>('/v1/policies/check', { policy: readPolicy(context, text) });
    const { shortfalls } = checked;
    const lacking =
      shortfalls === null
        ? 'unknown: the node has no open wallet or no registry'
        : shortfalls.length === 0
          ? 'nothing: the wallet can prove it'
          : `\n${table(
              ['code', 'what is lacking'],
              shortfalls.map(({ code, message }) => [code, message]),
            )}`;
    context.result(
      checked,
      fields([
        ['policy', checked.text],
        ['circuit', checked.circuit],
        ['lacking', lacking],
      ]),
    );
    if (shortfalls !== null && shortfalls.length > 0) process.exitCode = Exit.Negative;
  }
};
