import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../../base/errors.ts';

export const DemoErrorCode = {
  Timeout: 'DEMO_TIMEOUT',
  PeerFailed: 'DEMO_PEER_FAILED',
  CommandFailed: 'DEMO_COMMAND_FAILED',
  Unexpected: 'DEMO_UNEXPECTED',
} as const;

export class DemoError extends CodedError {}

const POLL_MS = 40;
/** A loaded machine takes its time; whatever has not happened by then never will. */
const DEFAULT_MS = 60_000;

/** Asks again and again until there is an answer. @throws DemoError DEMO_TIMEOUT with what was waited for */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  signal: AbortSignal,
  ms = DEFAULT_MS,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new DemoError(DemoErrorCode.Timeout, `never happened: ${what}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** @throws DemoError DEMO_UNEXPECTED */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new DemoError(DemoErrorCode.Unexpected, what);
}
