import { folder, runKilled } from './children.ts';
import { testOrdering } from './compliance.ts';
import { Elsewhere, followed } from './followed.ts';

testOrdering({
  name: 'followed',
  submits: false,
  create: async () => {
    const path = folder();
    const source = new Elsewhere();
    return {
      open: () => followed(path, source),
      order: async (_, numbers) => source.order(numbers),
      headerOf: (height) => source.headerOf(height),
      killed: async (numbers, enough) => {
        source.order(numbers);
        const run = {
          folder: path,
          from: numbers[0] ?? 1,
          to: numbers.at(-1) ?? 1,
          enough,
          script: 'followed-child.ts',
        };
        return [...(await runKilled(run)).acknowledged.keys()];
      },
    };
  },
});
