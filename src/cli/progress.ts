/** Nobody needs to be told about what takes less. */
const QUIET_MS = 2_000;
const TERMINAL_MS = 200;
const LOG_MS = 5_000;

export interface Progress {
  /** @param fraction 0 to 1 of the whole, or undefined where nobody knows */
  update(step: string, fraction?: number): void;
  /** Clears the line. Idempotent. */
  done(): void;
}

/** One changing line on a terminal, a line now and then elsewhere; silent for the first two seconds. */
export function startProgress(label: string, { silent = false }: { silent?: boolean } = {}): Progress {
  if (silent) return { update: () => undefined, done: () => undefined };
  const terminal = process.stderr.isTTY === true;
  const started = Date.now();
  let text = label;
  let shown = false;
  const draw = (): void => {
    const elapsed = Date.now() - started;
    if (elapsed < QUIET_MS) return;
    shown = true;
    const line = `${text} (${Math.round(elapsed / 1000)} s)`;
    process.stderr.write(terminal ? `\r\u001b[2K${line}` : `${line}\n`);
  };
  // First line soon after two seconds, wherever the output goes.
  let timer: NodeJS.Timeout = setTimeout(() => {
    draw();
    timer = setInterval(draw, terminal ? TERMINAL_MS : LOG_MS);
    timer.unref();
  }, QUIET_MS + 50);
  timer.unref();
  return {
    update(step, fraction) {
      text = `${label}: ${step}${fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`}`;
    },
    done() {
      clearInterval(timer);
      clearTimeout(timer);
      if (shown && terminal) process.stderr.write('\r\u001b[2K');
      shown = false;
    },
  };
}
