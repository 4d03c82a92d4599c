import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkProgram } from './program-rules.ts';

/** `npm run check:programs`: every file of src/ledger/programs against `program-rules.ts`. */
const root = fileURLToPath(new URL('../../src/ledger/programs', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const found = files.flatMap((file) => {
  const path = join(root, file);
  return checkProgram(readFileSync(path, 'utf8'), relative(root, path).split(sep).join('/'));
});
for (const { file, line, text } of found) process.stderr.write(`src/ledger/programs/${file}:${line} ${text}\n`);
process.stdout.write(`${files.length} files of programs, ${found.length} violations\n`);
process.exitCode = files.length > 0 && found.length === 0 ? 0 : 1;
