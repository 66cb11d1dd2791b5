import { describe, expect, it } from 'vitest';
import {
  type Counter,
  type Gauge,
  type Histogram,
  type HistogramDefinition,
  type MetricDefinition,
  type MetricLabels,
  type MetricsProvider,
  VirtualClock,
} from '../../src/core/index.js';
import { exponentialBackoff, WorkQueue } from '../../src/workqueue/index.js';

/** Remembers what was measured: the sum of a counter, the value of a gauge, all of a histogram. */
class Recorder implements MetricsProvider {
  readonly values: Record<string, number | number[]> = {};
  readonly labels = new Set<string>();

  counter({ name }: MetricDefinition): Counter {
    this.values[name] = 0;
    return {
      add: (value, labels) => this.#note(labels, () => (this.values[name] = this.#number(name) + value)),
    };
  }

  gauge({ name }: MetricDefinition): Gauge {
    this.values[name] = 0;
    return { set: (value, labels) => this.#note(labels, () => (this.values[name] = value)) };
  }

  histogram({ name, buckets }: HistogramDefinition): Histogram {
    const observed: number[] = [];
    this.values[name] = observed;
    expect(buckets?.[0]).toBe(1e-8);
    expect(buckets?.at(-1)).toBe(1_000);
    return { observe: (value, labels) => this.#note(labels, () => observed.push(value)) };
  }

  #number(name: string): number {
    return this.values[name] as number;
  }

  #note(labels: MetricLabels | undefined, set: () => void): void {
    this.labels.add(JSON.stringify(labels));
    set();
  }
}

/** A provider that asks when it is read, as those of Prometheus and OpenTelemetry do. */
class Asking extends Recorder {
  readonly #asked = new Set<() => number>();

  override gauge(definition: MetricDefinition): Gauge {
    return {
      ...super.gauge(definition),
      observe: (read, labels) => {
        expect(labels).toEqual({ name: 'sites', controller: 'sites' });
        this.#asked.add(read);
        return () => this.#asked.delete(read);
      },
    };
  }

  read(): number[] {
    return Array.from(this.#asked, (read) => read());
  }
}

describe('the metrics of a queue', () => {
  it('count and time items under the names of client-go', async () => {
    const clock = new VirtualClock();
    const metrics = new Recorder();
    const rateLimiter = exponentialBackoff({ base: 1_000 });
    const queue = new WorkQueue<string>({ name: 'sites', clock, metrics, rateLimiter });
    const seen = (): Record<string, number | number[]> => structuredClone(metrics.values);

    queue.add('a');
    queue.add('a');
    queue.add('b');
    await clock.advance(500);
    expect(seen()).toMatchObject({ workqueue_adds_total: 2, workqueue_depth: 2 });

    queue.tryGet();
    await clock.advance(1_000);
    queue.tryGet();
    queue.add('a');
    expect(seen()).toMatchObject({
      workqueue_adds_total: 3,
      workqueue_depth: 1,
      workqueue_queue_duration_seconds: [0.5, 1.5],
      workqueue_unfinished_work_seconds: 1,
      workqueue_longest_running_processor_seconds: 1,
    });

    await clock.advance(2_000);
    queue.done('a');
    expect(seen()).toMatchObject({
      workqueue_depth: 1,
      workqueue_work_duration_seconds: [3],
      workqueue_unfinished_work_seconds: 2,
      workqueue_longest_running_processor_seconds: 2,
    });

    queue.done('b');
    queue.tryGet();
    expect(seen()).toMatchObject({
      workqueue_depth: 0,
      workqueue_queue_duration_seconds: [0.5, 1.5, 2],
      workqueue_work_duration_seconds: [3, 2],
      workqueue_unfinished_work_seconds: 0,
      workqueue_longest_running_processor_seconds: 0,
    });

    queue.addRateLimited('c');
    queue.addAfter('d', 1_000);
    queue.addAfter('e', 0);
    expect(seen()).toMatchObject({ workqueue_retries_total: 3, workqueue_adds_total: 4, workqueue_depth: 1 });
    await clock.advance(1_000);
    expect(seen()).toMatchObject({ workqueue_retries_total: 3, workqueue_adds_total: 6, workqueue_depth: 3 });
    expect([...metrics.labels]).toEqual(['{"name":"sites","controller":"sites"}']);
  });

  it('count an item that goes straight to a waiting worker', async () => {
    const clock = new VirtualClock();
    const metrics = new Recorder();
    const queue = new WorkQueue<string>({ name: 'sites', clock, metrics });
    const got = queue.get();
    queue.add('a');
    expect(metrics.values).toMatchObject({
      workqueue_adds_total: 1,
      workqueue_depth: 0,
      workqueue_queue_duration_seconds: [0],
    });
    await got;
  });

  it('are asked for how long work is in hand, where the provider can ask, until the queue has ended', async () => {
    const clock = new VirtualClock();
    const metrics = new Asking();
    const queue = new WorkQueue<string>({ name: 'sites', clock, metrics });
    expect(metrics.read()).toEqual([0, 0]);
    queue.add('a');
    queue.add('b');
    queue.tryGet();
    await clock.advance(1_000);
    queue.tryGet();
    await clock.advance(2_000);
    // nothing has happened for two seconds: a worker that hangs is seen to
    expect(metrics.read()).toEqual([5, 3]);
    queue.done('a');
    expect(metrics.read()).toEqual([2, 2]);
    queue.shutDown();
    expect(metrics.read()).toEqual([2, 2]);
    queue.done('b');
    expect(metrics.read()).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('are asked for no more when an idle queue is shut down', () => {
    const metrics = new Asking();
    const queue = new WorkQueue<string>({ name: 'sites', clock: new VirtualClock(), metrics });
    queue.shutDown();
    queue.shutDown();
    expect(metrics.read()).toEqual([]);
  });

  it('need no timer', () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ name: 'sites', clock, metrics: new Recorder() });
    queue.add('a');
    queue.tryGet();
    expect(clock.timers).toBe(0);
  });

  it('are not there for a queue without a name', () => {
    const metrics = new Recorder();
    const queue = new WorkQueue<string>({ clock: new VirtualClock(), metrics });
    queue.add('a');
    queue.tryGet();
    queue.done('a');
    expect(metrics.values).toEqual({});
  });
});
