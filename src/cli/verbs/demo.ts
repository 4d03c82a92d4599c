import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  program
    .command('demo')
    .summary('Show the whole way on a small network of its own')
    .description(
      'Boots a registry, two issuers and four peers on this machine, takes one order through them, settles it on a ' +
        'ledger, and attacks them. Everything lives in a temporary folder that is removed at the end. Exits 1 if ' +
        'anything is not as expected.',
    )
    .option('--keep', 'leave the network and its REST API running until Ctrl-C')
    .action(async (options: { keep?: boolean }) => {
      const { runDemo } = await import('../demo/run.ts');
      await runDemo(context, { keep: options.keep === true });
    });
};
