import { describe, expect, it } from 'vitest';
import { ControllerMetrics } from '../../../src/controller/metrics/controller-metrics.js';
import type { ReconcileOutcome } from '../../../src/controller/reconcile-outcome.js';
import { MetricsBook } from '../../core/metrics-book.js';

const SITES = '{controller="sites"}';

describe('ControllerMetrics', () => {
  it('has every series of the controller from the start', () => {
    const book = new MetricsBook();
    void new ControllerMetrics(book, 'sites', 4);
    expect(book.values).toEqual({
      'controller_runtime_reconcile_total{controller="sites",result="success"}': 0,
      'controller_runtime_reconcile_total{controller="sites",result="requeue_after"}': 0,
      'controller_runtime_reconcile_total{controller="sites",result="requeue"}': 0,
      'controller_runtime_reconcile_total{controller="sites",result="error"}': 0,
      [`controller_runtime_reconcile_errors_total${SITES}`]: 0,
      [`controller_runtime_terminal_reconcile_errors_total${SITES}`]: 0,
      [`controller_runtime_reconcile_panics_total${SITES}`]: 0,
      [`controller_runtime_reconcile_timeouts_total${SITES}`]: 0,
      [`controller_runtime_max_concurrent_reconciles${SITES}`]: 4,
      [`controller_runtime_active_workers${SITES}`]: 0,
      [`keelson_controller_interrupted_reconciles_total${SITES}`]: 0,
      [`keelson_controller_stray_writes_total${SITES}`]: 0,
      [`keelson_controller_hot_loops_total${SITES}`]: 0,
    });
  });

  it.each<[ReconcileOutcome, readonly string[]]>([
    ['success', ['controller_runtime_reconcile_total{controller="sites",result="success"}']],
    ['requeue_after', ['controller_runtime_reconcile_total{controller="sites",result="requeue_after"}']],
    [
      'error',
      [
        'controller_runtime_reconcile_total{controller="sites",result="error"}',
        `controller_runtime_reconcile_errors_total${SITES}`,
      ],
    ],
    [
      'terminal',
      [
        'controller_runtime_reconcile_total{controller="sites",result="error"}',
        `controller_runtime_reconcile_errors_total${SITES}`,
        `controller_runtime_terminal_reconcile_errors_total${SITES}`,
      ],
    ],
    [
      'timeout',
      [
        'controller_runtime_reconcile_total{controller="sites",result="error"}',
        `controller_runtime_reconcile_errors_total${SITES}`,
        `controller_runtime_reconcile_timeouts_total${SITES}`,
      ],
    ],
    ['interrupted', [`keelson_controller_interrupted_reconciles_total${SITES}`]],
  ])('counts a reconcile that ended as %s where controller-runtime does', (outcome, series) => {
    const book = new MetricsBook();
    const metrics = new ControllerMetrics(book, 'sites', 1);
    metrics.began();
    expect(book.values[`controller_runtime_active_workers${SITES}`]).toBe(1);
    metrics.ended(outcome, 0.25);
    const grown = Object.entries(book.values).filter(
      ([name, value]) => value !== 0 && !name.startsWith('controller_runtime_max_'),
    );
    expect(Object.fromEntries(grown)).toEqual({
      ...Object.fromEntries(series.map((name) => [name, 1])),
      [`controller_runtime_reconcile_time_seconds${SITES}`]: [0.25],
    });
  });

  it('counts what goes wrong beside', () => {
    const book = new MetricsBook();
    const metrics = new ControllerMetrics(book, 'sites', 1);
    metrics.panicked();
    metrics.staleRead('websites.example.com');
    metrics.staleRead('websites.example.com');
    metrics.noopWrite('pods');
    metrics.strayWrite();
    metrics.hotLoop();
    expect(book.values).toMatchObject({
      [`controller_runtime_reconcile_panics_total${SITES}`]: 1,
      'keelson_controller_stale_reads_total{controller="sites",kind="websites.example.com"}': 2,
      'keelson_controller_noop_writes_total{controller="sites",kind="pods"}': 1,
      [`keelson_controller_stray_writes_total${SITES}`]: 1,
      [`keelson_controller_hot_loops_total${SITES}`]: 1,
    });
  });

  it('has the buckets of controller-runtime', () => {
    const book = new MetricsBook();
    void new ControllerMetrics(book, 'sites', 1);
    const buckets = book.definitions.get('controller_runtime_reconcile_time_seconds')?.buckets ?? [];
    expect(buckets).toHaveLength(40);
    expect([buckets[0], buckets.at(-1)]).toEqual([0.005, 60]);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  });

  it('leaves its gauges at 0 when it is closed', () => {
    const book = new MetricsBook();
    new ControllerMetrics(book, 'sites', 4).close();
    expect(book.values[`controller_runtime_max_concurrent_reconciles${SITES}`]).toBe(0);
  });

  it('lets a provider that asks do so, until it is closed', () => {
    const book = new MetricsBook({ asks: true });
    const metrics = new ControllerMetrics(book, 'sites', 4);
    metrics.began();
    metrics.began();
    metrics.ended('success', 1);
    expect(book.ask()).toEqual({
      [`controller_runtime_max_concurrent_reconciles${SITES}`]: 4,
      [`controller_runtime_active_workers${SITES}`]: 1,
    });
    metrics.close();
    metrics.close();
    expect(book.ask()).toEqual({});
    metrics.began();
  });
});
