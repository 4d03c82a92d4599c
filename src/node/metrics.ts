import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GAUGES, type GaugeValues } from './gauges.ts';

/** What is read when Prometheus asks; labels are bounded, never ids or peers. */
export interface MetricSources {
  gauges: () => Promise<GaugeValues>;
  /** Open orders by `role state`. */
  orders: () => Record<string, number>;
}

/** The node's own prom-client registry: nothing global, so that several nodes live in one process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #verdicts: Counter<'action' | 'code' | 'source'>;
  readonly #verdictSeconds: Histogram<'action'>;
  readonly #proofs: Counter<'outcome'>;

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    this.#verdicts = new Counter({
      name: 'zkbazaar_verdicts_total',
      help: 'Messages judged, by action, code and the way they came in',
      labelNames: ['action', 'code', 'source'],
      registers,
    });
    this.#verdictSeconds = new Histogram({
      name: 'zkbazaar_verdict_seconds',
      help: 'Time from a message to its verdict',
      labelNames: ['action'],
      // From the cheap synchronous checks (under 1 ms) to the message cache of 12 s, past which a verdict is worth nothing.
      buckets: [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 12],
      registers,
    });
    this.#proofs = new Counter({
      name: 'zkbazaar_proofs_total',
      help: 'Proof jobs ended, by outcome',
      labelNames: ['outcome'],
      registers,
    });
    const gauges = Object.entries(GAUGES).map(
      ([name, help]) => [name, new Gauge({ name: `zkbazaar_${name}`, help, registers })] as const,
    );
    const orders = new Gauge({
      name: 'zkbazaar_orders',
      help: 'Orders that still move, by role and state',
      labelNames: ['role', 'state'],
      registers,
      collect() {
        this.reset();
        for (const [key, count] of Object.entries(sources.orders())) {
          const [role = '', state = ''] = key.split(' ');
          this.set({ role, state }, count);
        }
      },
    });
    // One read serves all gauges; `orders` is merely the last to be registered.
    this.#collect = async () => {
      const values = await sources.gauges();
      for (const [name, gauge] of gauges) gauge.set(values[name as keyof typeof GAUGES]);
      return orders;
    };
  }

  readonly #collect: () => Promise<unknown>;

  verdict(verdict: { action: string; code: string; source: string; seconds: number }): void {
    const { action, code, source, seconds } = verdict;
    this.#verdicts.inc({ action, code, source });
    this.#verdictSeconds.observe({ action }, seconds);
  }

  proof(outcome: string): void {
    this.#proofs.inc({ outcome });
  }

  /** For parts that bring their own. */
  get registry(): Registry {
    return this.#registry;
  }

  async text(): Promise<{ contentType: string; body: string }> {
    await this.#collect();
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
