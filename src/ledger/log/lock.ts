import { join } from 'node:path';
import { withFileLock } from '../../base/file-lock.ts';

/** Holds the log's one writer's lock until the returned function is called. @throws FILE_LOCKED */
export async function holdLock(folder: string, waitMs: number): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const whole = withFileLock(
    join(folder, 'writer'),
    async () => {
      held.resolve();
      await released.promise;
    },
    waitMs,
  );
  await Promise.race([held.promise, whole]);
  return async () => {
    released.resolve();
    await whole;
  };
}
