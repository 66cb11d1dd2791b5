import type { MetricsProvider } from '../core/index.js';

/** What reflectors measure, under client-go's names; `name` is the kind, as in `websites.example.com`. */
export class ReflectorMetrics {
  readonly #labels: { readonly name: string };
  readonly #metrics: ReturnType<typeof define>;

  constructor(provider: MetricsProvider, name: string) {
    this.#labels = { name };
    this.#metrics = define(provider);
  }

  /** @param duration - In milliseconds. */
  listed(items: number, duration: number): void {
    this.#metrics.lists.add(1, this.#labels);
    this.#metrics.itemsPerList.observe(items, this.#labels);
    this.#metrics.listDuration.observe(duration / 1000, this.#labels);
  }

  /** @param duration - In milliseconds. */
  watched(items: number, duration: number): void {
    this.#metrics.watches.add(1, this.#labels);
    this.#metrics.itemsPerWatch.observe(items, this.#labels);
    this.#metrics.watchDuration.observe(duration / 1000, this.#labels);
  }

  shortWatch(): void {
    this.#metrics.shortWatches.add(1, this.#labels);
  }
}

function define(provider: MetricsProvider) {
  const labelNames = ['name'];
  return {
    lists: provider.counter({
      name: 'reflector_lists_total',
      help: 'Lists that were read to the end.',
      labelNames,
    }),
    listDuration: provider.histogram({
      name: 'reflector_list_duration_seconds',
      help: 'How long a list took.',
      labelNames,
    }),
    itemsPerList: provider.histogram({
      name: 'reflector_items_per_list',
      help: 'How many objects a list had.',
      labelNames,
    }),
    watches: provider.counter({ name: 'reflector_watches_total', help: 'Watches that ended.', labelNames }),
    shortWatches: provider.counter({
      name: 'reflector_short_watches_total',
      help: 'Watches that ended by themselves within a second, without an event.',
      labelNames,
    }),
    watchDuration: provider.histogram({
      name: 'reflector_watch_duration_seconds',
      help: 'How long a watch lasted.',
      labelNames,
    }),
    itemsPerWatch: provider.histogram({
      name: 'reflector_items_per_watch',
      help: 'How many events a watch had.',
      labelNames,
    }),
  };
}
