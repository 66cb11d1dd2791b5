import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withMetrics } from '../../src/client/index.js';
import { EventDrops } from '../../src/controller/events/event-drops.js';
import { ControllerMetrics } from '../../src/controller/metrics/controller-metrics.js';
import { controller, Manager } from '../../src/controller/index.js';
import { noopLogger } from '../../src/core/index.js';
import { HandlerMetrics } from '../../src/informer/handler-metrics.js';
import { ReflectorMetrics } from '../../src/informer/reflector-metrics.js';
import { ElectionMetrics } from '../../src/leader-election/election-metrics.js';
import { SchedulerMetrics } from '../../src/scheduler/loop/scheduler-metrics.js';
import { WorkQueue } from '../../src/workqueue/index.js';
import { MetricsBook } from '../core/metrics-book.js';
import { setUp, Website, website } from '../store/kit.js';

const SOURCE = new URL('../../src/', import.meta.url);

/** The rows of the table in docs/metrics.md, as `name type labels`. */
function documented(): string[] {
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \|/gm)].map(
    ([, name = '', type = '', labels = '']) => `${name} ${type} ${labels.replaceAll('`', '')}`,
  );
}

function asked(book: MetricsBook): string[] {
  return Array.from(
    book.definitions.values(),
    ({ name, type, labelNames = [] }) => `${name} ${type} ${labelNames.join(', ')}`,
  );
}

describe('the table of metrics', () => {
  it('has everything that a provider is asked for, with its type and labels, and nothing else', async () => {
    const book = new MetricsBook();
    const { store, client, clock } = setUp();
    const sites = controller('sites')
      .for(Website)
      .reconcile(async () => undefined);
    const manager = new Manager({
      client: withMetrics(client, book, { host: 'store' }),
      controllers: [sites],
      metrics: book,
      leaderElection: { namespace: 'kube-system', name: 'demo' },
    });
    await manager.start();
    await client.create(Website, website('a'));
    await manager.idle();
    await manager.stop();
    // and what a manager might not have come to
    void new ControllerMetrics(book, 'sites', 1);
    void new EventDrops({ clock, logger: noopLogger, metrics: book });
    void new HandlerMetrics(book, 'websites', 'sites');
    void new ReflectorMetrics(book, 'websites');
    void new ElectionMetrics(book, 'demo');
    void new SchedulerMetrics(book, clock, () => ({
      active: 0,
      backoff: 0,
      unschedulable: 0,
      gated: 0,
      'in hand': 0,
    }));
    void new WorkQueue({ name: 'sites', clock, metrics: book });
    await store.close();
    expect(asked(book).toSorted()).toEqual(documented().toSorted());
  });

  it('is checked against every file that asks a provider', () => {
    const asking = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith('metrics/'))
      .filter((name) => /\.(counter|gauge|histogram)\(/.test(readFileSync(new URL(name, SOURCE), 'utf8')));
    expect(asking.toSorted()).toEqual([
      'client/request-metrics.ts',
      'controller/events/event-drops.ts',
      'controller/metrics/controller-metrics.ts',
      'controller/runner/duties.ts',
      'informer/handler-metrics.ts',
      'informer/reflector-metrics.ts',
      'leader-election/election-metrics.ts',
      'scheduler/loop/scheduler-metrics.ts',
      'workqueue/queue-metrics.ts',
    ]);
  });
});
