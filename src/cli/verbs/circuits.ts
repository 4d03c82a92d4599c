import { bytes, fields, short, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  program
    .command('circuits')
    .argument('[name]', 'one circuit in full')
    .option('--check', 'read and check proving keys and WebAssembly as well')
    .summary('List circuits and their keys')
    .description('Circuits of this installation, with what their keys are worth.')
    .action(async (name: string | undefined, options: { check?: boolean }) => {
      const { loadArtifacts } = await import('../../artifacts/load.ts');
      const { config } = await context.settings();
      const circuits = await loadArtifacts({
        proofsDirectory: config.artifacts.dir ?? undefined,
        production: config.network.production,
      });
      const wanted = name === undefined ? circuits.list() : [circuits.get(name)];
      const progress = context.progress('checking keys');
      for (const { name: each } of options.check === true ? wanted : []) {
        progress.update(each);
        await circuits.openProving(each);
      }
      progress.done();
      const items = wanted.map(({ name: each, definition, manifest, verifyingKeyId }) => ({
        name: each,
        summary: definition.summary,
        verifyingKeyId,
        setup: manifest.setup,
        constraints: manifest.constraints,
        publicSignals: manifest.publicSignals,
        contributions: manifest.contributions,
        files: manifest.files,
      }));
      const development = items.some(({ setup }) => setup === 'development');
      if (development) context.note('DEVELOPMENT KEYS: made by one party, who could forge proofs. Not for real value.');
      const first = items[0];
      context.result(
        { items, developmentKeys: development },
        name !== undefined && first !== undefined
          ? fields([
              ['circuit', first.name],
              ['proves', first.summary],
              ['key', first.verifyingKeyId],
              ['setup', first.setup],
              ['constraints', String(first.constraints.total)],
              ['signals', first.publicSignals.join(', ')],
              ['contributions', first.contributions.map(({ name: who, kind }) => `${who} (${kind})`).join(', ')],
              ...Object.entries(first.files).map(
                ([file, { sha256, bytes: size }]) => [file, `${sha256} ${bytes(size)}`] as const,
              ),
            ])
          : table(
              ['circuit', 'constraints', 'signals', 'setup', 'key', 'proving key'],
              items.map((item) => [
                item.name,
                String(item.constraints.total),
                String(item.publicSignals.length),
                item.setup,
                short(item.verifyingKeyId, 16),
                bytes(item.files.provingKey.bytes),
              ]),
            ),
      );
    });
};
