/** How long a thread's event loop keeps others waiting. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** `node:perf_hooks`, resolution 1 ms: p99 of its samples, less the millisecond that it sleeps itself. */
  p99: number;
  /** p99 of what something that comes at a random moment waits: long blocks count by their length, not once each. */
  randomP99: number;
  /** Longest single block. */
  max: number;
  /** Most CPU time that the thread itself spent between two turns: what is ours of a block on a busy machine. */
  ownMax: number;
  seconds: number;
}

const INTERVAL_MS = 1;

/** Watches from now until `stop`. Its own work is two timers of a millisecond. */
export function watchLoop(): { stop(): LoopDelay } {
  const histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS });
  const blocks: number[] = [];
  const start = performance.now();
  let last = start;
  let lastCpu = threadCpuMs();
  let ownMax = 0;
  const tick = () => {
    const [now, cpu] = [performance.now(), threadCpuMs()];
    blocks.push(Math.max(0, now - last - INTERVAL_MS));
    ownMax = Math.max(ownMax, cpu - lastCpu);
    last = now;
    lastCpu = cpu;
    timer = setTimeout(tick, INTERVAL_MS);
  };
  let timer = setTimeout(tick, INTERVAL_MS);
  histogram.enable();
  return {
    stop() {
      histogram.disable();
      clearTimeout(timer);
      const total = performance.now() - start;
      return {
        p99: Math.max(0, histogram.percentile(99) / 1e6 - INTERVAL_MS),
        randomP99: waitQuantile(blocks, total, 0.99),
        max: Math.max(0, ...blocks),
        ownMax,
        seconds: total / 1000,
      };
    },
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * The wait that a share `q` of all moments stays below: who comes at a random moment of a block of b milliseconds waits
 * between 0 and b, and P(wait > x) = sum of max(0, b - x) / total.
 */
export function waitQuantile(blocks: readonly number[], total: number, q: number): number {
  const longer = (x: number) => blocks.reduce((sum, block) => sum + Math.max(0, block - x), 0) / total;
  let [low, high] = [0, Math.max(0, ...blocks)];
  if (longer(low) <= 1 - q) return 0;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (longer(middle) > 1 - q) low = middle;
    else high = middle;
  }
  return high;
}
