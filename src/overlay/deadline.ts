/** A signal of our own, to be cleared after use: `AbortSignal.any` on a long-lived signal keeps every use alive. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether time ran out (as opposed to a parent that aborted). */
  timedOut(): boolean;
  abort(): void;
  clear(): void;
}

/** Aborts after `ms` milliseconds or as soon as one of `parents` does. */
export function deadline(ms: number, ...parents: (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController();
  let expired = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    expired = true;
    abort();
  }, ms);
  for (const parent of parents) {
    if (parent?.aborted === true) abort();
    parent?.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    timedOut: () => expired,
    abort,
    clear: () => {
      clearTimeout(timer);
      for (const parent of parents) parent?.removeEventListener('abort', abort);
    },
  };
}

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
