import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { destination, type Logger, pino, stdSerializers } from 'pino';
import type { Config } from '../config/interface.ts';

export type { Logger } from 'pino';

/**
 * Names that never reach a log line, wherever they stand up to three levels deep. Nothing of ours logs them; this is
 * for the day when somebody logs a whole object.
 */
const SECRET_NAMES = [
  'secret',
  'passphrase',
  'password',
  'seed',
  'privateKey',
  'token',
  'authorization',
  'cookie',
  'inputs',
  'credential',
  'credentials',
  'attributes',
];
const REDACTED = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * The node's log: JSON lines to `log.file` (0600) or standard error; standard output belongs to results.
 * @param to where lines go instead; for tests
 */
export function createLog(settings: Config['log'], to?: { write(line: string): void }): Logger {
  const options = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[secret]' },
    // Stacks name machine paths and say nothing that the code does not; only debugging wants them.
    serializers: { err: settings.level === 'debug' || settings.level === 'trace' ? stdSerializers.err : briefError },
  };
  if (to !== undefined) return pino(options, to);
  if (settings.file === null) return pino(options, destination({ dest: 2, sync: true }));
  mkdirSync(dirname(settings.file), { recursive: true, mode: 0o700 });
  return pino(options, destination({ dest: settings.file, sync: true, mode: 0o600 }));
}

function briefError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return { name: error.name, message: error.message, ...(typeof code === 'string' ? { code } : {}) };
}
