import { NodeProblem, Refusal } from '../errors.ts';
import { readInput } from '../files.ts';
import type { DefineVerb } from '../verbs.ts';

interface Report {
  id: string;
  topic: string;
  code: string;
  recipients: string[];
}

export const define: DefineVerb = (program, context) => {
  program
    .command('publish')
    .argument('<envelope>', 'file of prove --out; - for standard input')
    .summary('Publish an envelope through the running node')
    .description('The node validates it as any peer would and, if it passes, hands it on. Exits 1 if it is refused.')
    .action(async (file: string) => {
      const { connectNode } = await import('../client.ts');
      const data = await readInput(file, 16 * 1024);
      const node = await connectNode(context);
      const body = { data: Buffer.from(data).toString('base64') };
      const report = await node.post<Report>('/v1/envelopes', body).catch((error: unknown) => {
        // Here an envelope that is no good is the answer, not a misuse of the command.
        if (!(error instanceof NodeProblem) || error.status !== 422) throw error;
        throw new Refusal(error.code, error.message, { where: error.where, hint: error.hint });
      });
      context.result(report, `published ${report.id} to ${report.recipients.length} peers (${report.topic})`);
    });
};
