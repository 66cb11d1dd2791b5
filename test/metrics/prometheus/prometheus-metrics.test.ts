import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/core/index.js';
import { prometheusMetrics } from '../../../src/metrics/prometheus/prometheus-metrics.js';
import { WorkQueue } from '../../../src/workqueue/index.js';

/** The lines of a registry that are no comments. */
async function linesOf(registry: Pick<Registry, 'metrics'>): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const help = 'Something';

describe('prometheusMetrics', () => {
  it('counts, sets and observes', async () => {
    const registry = new Registry();
    const metrics = prometheusMetrics({ registry, prefix: 'shop_' });
    const orders = metrics.counter({ name: 'orders_total', help, labelNames: ['kind'] });
    orders.add(0, { kind: 'none' });
    orders.add(2, { kind: 'book' });
    orders.add(3, { kind: 'book' });
    metrics.counter({ name: 'plain_total', help }).add(4);
    metrics.gauge({ name: 'depth', help }).set(-7);
    const times = metrics.histogram({
      name: 'seconds',
      help: 'How long',
      labelNames: ['kind'],
      buckets: [1, 10],
    });
    times.observe(5, { kind: 'a' });
    metrics.histogram({ name: 'bare', help }).observe(0.3);
    expect(await registry.getSingleMetricAsString('shop_seconds')).toBe(
      [
        '# HELP shop_seconds How long',
        '# TYPE shop_seconds histogram',
        'shop_seconds_bucket{le="1",kind="a"} 0',
        'shop_seconds_bucket{le="10",kind="a"} 1',
        'shop_seconds_bucket{le="+Inf",kind="a"} 1',
        'shop_seconds_sum{kind="a"} 5',
        'shop_seconds_count{kind="a"} 1',
      ].join('\n'),
    );
    const lines = await linesOf(registry);
    expect(lines).toEqual(
      expect.arrayContaining([
        'shop_orders_total{kind="none"} 0',
        'shop_orders_total{kind="book"} 5',
        'shop_plain_total 4',
        'shop_depth -7',
        'shop_bare_count 1',
      ]),
    );
  });

  it('asks gauges for their values when it is read, until it may no more', async () => {
    const registry = new Registry();
    const gauge = prometheusMetrics({ registry }).gauge({ name: 'age', help, labelNames: ['name'] });
    let age = 1;
    const end = gauge.observe?.(() => age, Object.freeze({ name: 'a' }));
    const endOther = gauge.observe?.(() => 100, { name: 'b' });
    expect(await linesOf(registry)).toEqual(['age{name="a"} 1', 'age{name="b"} 100']);
    age = 2;
    expect(await linesOf(registry)).toEqual(['age{name="a"} 2', 'age{name="b"} 100']);
    end?.();
    end?.();
    expect(await linesOf(registry)).toEqual(['age{name="b"} 100']);
    endOther?.();
    expect(await linesOf(registry)).toEqual([]);
  });

  it('believes the last of several that are asked for the same labels', async () => {
    const registry = new Registry();
    const gauge = prometheusMetrics({ registry }).gauge({ name: 'age', help });
    const first = gauge.observe?.(() => 1);
    const second = gauge.observe?.(() => 2);
    expect(await linesOf(registry)).toEqual(['age 2']);
    second?.();
    expect(await linesOf(registry)).toEqual(['age 1']);
    first?.();
    expect(await linesOf(registry)).toEqual([]);
  });

  it('answers the same metric when it is asked twice, by one provider or another', async () => {
    const registry = new Registry();
    const metrics = prometheusMetrics({ registry });
    const other = prometheusMetrics({ registry });
    const counter = { name: 'c_total', help, labelNames: ['a', 'b'] };
    const histogram = { name: 'h', help, buckets: [1, 2] };
    const gauge = { name: 'g', help, labelNames: ['name'] };
    expect(metrics.counter(counter)).toBe(metrics.counter({ ...counter, labelNames: ['b', 'a'] }));
    expect(metrics.histogram(histogram)).toBe(metrics.histogram({ name: 'h', help }));
    expect(metrics.gauge(gauge)).toBe(metrics.gauge(gauge));
    metrics.counter(counter).add(1, { a: '1', b: '2' });
    other.counter(counter).add(2, { a: '1', b: '2' });
    metrics.gauge(gauge).observe?.(() => 1, { name: 'x' });
    other.gauge(gauge).observe?.(() => 2, { name: 'y' });
    expect(await linesOf(registry)).toEqual(
      expect.arrayContaining(['c_total{a="1",b="2"} 3', 'g{name="x"} 1', 'g{name="y"} 2']),
    );
  });

  it('uses what somebody else registered where it fits', async () => {
    const registry = new Registry();
    const theirs = new Counter({ name: 'c_total', help, registers: [registry] });
    prometheusMetrics({ registry }).counter({ name: 'c_total', help }).add(2);
    theirs.inc();
    expect(await linesOf(registry)).toEqual(['c_total 3']);
  });

  it('refuses another metric of the same name', () => {
    const registry = new Registry();
    const metrics = prometheusMetrics({ registry });
    metrics.counter({ name: 'a', help, labelNames: ['kind'] });
    expect(() => metrics.counter({ name: 'a', help })).toThrow(
      new TypeError(
        'prometheusMetrics: a is a counter with the labels kind, and was asked for as a counter with no labels',
      ),
    );
    expect(() => metrics.gauge({ name: 'a', help, labelNames: ['kind'] })).toThrow(
      new TypeError(
        'prometheusMetrics: a is a counter with the labels kind, and was asked for as a gauge with the labels kind',
      ),
    );
    metrics.histogram({ name: 'h', help, buckets: [1, 2] });
    expect(() => metrics.histogram({ name: 'h', help, buckets: [1, 3] })).toThrow(
      'h is a histogram with no labels and the buckets 1, 2, and was asked for as a histogram with no labels and the buckets 1, 3',
    );
    void new Gauge({ name: 'theirs', help, registers: [registry] });
    expect(() => metrics.gauge({ name: 'theirs', help })).toThrow(
      new TypeError('prometheusMetrics: theirs is a gauge that was registered by somebody else'),
    );
  });

  it('speaks OpenMetrics too', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const metrics = prometheusMetrics({ registry });
    metrics.counter({ name: 'orders_total', help }).add(1);
    expect(await registry.metrics()).toContain('orders_total 1\n# EOF');
    metrics.counter({ name: 'orders_total', help }).add(1);
    expect(await registry.metrics()).toContain('orders_total 2\n# EOF');
  });

  it('shows a queue as it is now', async () => {
    const registry = new Registry();
    const clock = new VirtualClock();
    const queue = new WorkQueue<string>({ name: 'sites', clock, metrics: prometheusMetrics({ registry }) });
    queue.add('a');
    await queue.get();
    await clock.advance(3_000);
    expect(await linesOf(registry)).toEqual(
      expect.arrayContaining([
        'workqueue_depth{name="sites",controller="sites"} 0',
        'workqueue_unfinished_work_seconds{name="sites",controller="sites"} 3',
        'workqueue_longest_running_processor_seconds{name="sites",controller="sites"} 3',
      ]),
    );
    queue.done('a');
    queue.shutDown();
    expect(await linesOf(registry)).not.toContain(
      'workqueue_unfinished_work_seconds{name="sites",controller="sites"} 0',
    );
  });
});
