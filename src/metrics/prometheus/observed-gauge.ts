import { Gauge } from 'prom-client';
import type { MetricLabels } from '../../core/index.js';

interface Reader {
  readonly read: () => number;
  readonly labels: MetricLabels;
}

/** A gauge of prom-client that asks for its values when it is collected. */
export class ObservedGauge extends Gauge {
  // in the order in which they came: of two with the same labels the later one counts
  readonly #readers = new Set<Reader>();

  /** Asks for the value whenever it is collected, until what is answered is called. */
  observe(read: () => number, labels: MetricLabels): () => void {
    const reader: Reader = { read, labels };
    this.#readers.add(reader);
    return () => {
      if (this.#readers.delete(reader)) this.remove(labels);
    };
  }

  /** What prom-client calls before it reads the values. */
  collect(): void {
    for (const { read, labels } of this.#readers) this.set(labels, read());
  }
}
