import type { Counter, Gauge, MetricsProvider } from '../core/index.js';

/** What electors measure, under client-go's names; `name` is that of the elector. */
export class ElectionMetrics {
  readonly #labels: { readonly name: string };
  readonly #leading: Gauge;
  readonly #slowPaths: Counter;

  constructor(provider: MetricsProvider, name: string) {
    const labelNames = ['name'];
    this.#labels = { name };
    this.#leading = provider.gauge({
      name: 'leader_election_master_status',
      help: 'Whether this process leads: 1 where it does, 0 where it does not.',
      labelNames,
    });
    this.#slowPaths = provider.counter({
      name: 'leader_election_slowpath_total',
      help: 'Renewals that had to read the lease before they could write it.',
      labelNames,
    });
    this.leading(false);
  }

  leading(isLeading: boolean): void {
    this.#leading.set(isLeading ? 1 : 0, this.#labels);
  }

  slowPath(): void {
    this.#slowPaths.add(1, this.#labels);
  }
}
