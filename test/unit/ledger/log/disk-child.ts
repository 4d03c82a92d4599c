/**
 * Run by `disk.test.ts` under a limit for the size of a file (the kernel refuses with EFBIG where a full disk refuses with
 * ENOSPC), or without the right to write. Prints what it saw, one JSON line.
 */
import { chmodSync } from 'node:fs';
import { blockOf, headerOf, opened } from './blocks.ts';

const [, , path = '', mode = '', uid = '0'] = process.argv;
// Without a listener the signal that goes with EFBIG would end the process.
process.on('SIGXFSZ', () => undefined);
const codeOf = (error: unknown) => {
  const { code, hint, cause } = error as { code: string; hint?: string; cause?: { code?: string } };
  return { code, hinted: hint !== undefined, cause: cause?.code };
};
const attempt = (work: Promise<unknown>) => work.then(() => 'done', codeOf);
const seen: unknown[] = [];

if (process.getuid?.() === 0) {
  // Root is refused nothing: the rights are tested as someone else.
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
if (mode === 'full') {
  const log = await opened(path);
  seen.push(await attempt(log.append(blockOf(1n))));
  await log.appendSeal(1n, headerOf(1n));
  const large = blockOf(
    2n,
    Array.from({ length: 1_000 }, () => 1_000),
  );
  for (let i = 0; i < 3; i++) seen.push(await attempt(log.append(large)));
  seen.push(Number(log.head.height), log.broken);
  // Room for a small one: goes on where it was, and the seal that waited goes along.
  seen.push(await attempt(log.append(blockOf(2n))));
  seen.push(await attempt(log.append({ ...large, height: 3n })));
  seen.push(await attempt(log.append(blockOf(3n))));
  await log.close();
}
if (mode === 'read-only') {
  const log = await opened(path, { segmentBytes: 150 });
  seen.push(await attempt(log.append(blockOf(1n))));
  chmodSync(path, 0o500);
  // The next block needs a new segment, which cannot be made.
  for (let i = 0; i < 2; i++) seen.push(await attempt(log.append(blockOf(2n))));
  seen.push(Number(log.head.height), log.broken);
  chmodSync(path, 0o700);
  seen.push(await attempt(log.append(blockOf(2n))));
  await log.close();
  chmodSync(path, 0o500);
  seen.push(await attempt(opened(path)));
  chmodSync(path, 0o700);
}
process.stdout.write(JSON.stringify(seen));
