import { AggregatorRegistry, type Registry } from 'prom-client';
import type { MetricValues } from './step-metrics.ts';

/**
 * What several processes measured, added up. Values of a process that has ended stay in the sums: a counter that went
 * down would look like a restart of everything.
 */
export class GatheredMetrics {
  readonly #latest = new Map<string, MetricValues>();
  #ended: MetricValues = [];

  /** Replaces what this source said before. */
  take(source: string, values: MetricValues): void {
    this.#latest.set(source, values);
  }

  /** The source says nothing more. */
  async end(source: string): Promise<void> {
    const last = this.#latest.get(source);
    this.#latest.delete(source);
    if (last !== undefined) this.#ended = await sumOf([this.#ended, last]).getMetricsAsJSON();
  }

  /** In Prometheus' text format; empty before anybody has said anything. */
  text(): Promise<string> {
    return sumOf([this.#ended, ...this.#latest.values()]).metrics();
  }
}

/** The library changes what it adds up, so it is given copies. */
function sumOf(sources: readonly MetricValues[]): Registry {
  return AggregatorRegistry.aggregate(sources.map((values) => structuredClone([...values])));
}
