import { table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  program
    .command('config')
    .summary('Print every setting and where it came from')
    .description('Prints every setting, its value and where it came from: default, file, environment or flag.')
    .action(async () => {
      const { leavesOf, configSchema } = await import('../../config/index.ts');
      const { config, sources, warnings, paths } = await context.settings();
      const settings = leavesOf(configSchema).map(({ path, variable }) => ({
        name: path,
        value: valueAt(config, path),
        origin: sources[path]?.origin ?? 'default',
        from: sources[path]?.name ?? null,
        variable,
      }));
      const rows = settings.map(({ name, value, origin, from }) => [
        name,
        JSON.stringify(value),
        from === null ? origin : `${origin} ${from}`,
      ]);
      context.result({ settings, paths, warnings }, table(['setting', 'value', 'from'], rows));
    });
};

function valueAt(config: unknown, path: string): unknown {
  let value = config;
  for (const key of path.split('.')) value = (value as Record<string, unknown>)[key];
  return value;
}
