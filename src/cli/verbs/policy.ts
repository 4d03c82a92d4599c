import { Exit } from '../errors.ts';
import { fields, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  const policy = program
    .command('policy')
    .summary('Check what a policy demands')
    .description('Policies: docs/policy.md.');
  policy
    .command('check')
    .argument('<policy>', 'text such as "balance(EUR) >= 1200 and age >= 18", or its JSON form')
    .option('--mine', 'ask the running node what its wallet lacks for it')
    .summary('Parse a policy')
    .description('Parses a policy and prints its one spelling, its canonical JSON and the circuit that proves it.')
    .action(async (text: string, options: { mine?: boolean }) => {
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
      context.result(
        report,
        fields([
          ['policy', report.text],
          ['circuit', report.circuit],
          ['canonical', report.canonical],
        ]),
      );
    });

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
