import { describe, expect, test } from 'vitest';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import { VirtualClock } from '../../../src/core/index.js';
import { GangBook, gangScheduling, PodGroup, podGroupOf } from '../../../src/scheduler/gangs/index.js';
import type { ClusterEvent, WorkloadInfo } from '../../../src/scheduler/framework/index.js';
import { podModel } from '../../../src/scheduler/pods/pod-model.js';
import { SchedulingQueue } from '../../../src/scheduler/queue/index.js';
import type { Node, Pod } from '../../../src/resources/kinds/index.js';

const meta = (name: string, more: object = {}): Pod['metadata'] => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...more,
});

const model = podModel();
const cluster = new Cluster(model);

function pod(name: string, group?: string, labels: Readonly<Record<string, string>> = {}): WorkloadInfo<Pod> {
  return cluster.describe({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, { labels }),
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      ...(group === undefined ? {} : { schedulingGroup: { podGroupName: group } }),
    },
  });
}

function podGroup(name: string, spec: PodGroup['spec']): PodGroup {
  return { apiVersion: 'scheduling.x-k8s.io/v1alpha1', kind: 'PodGroup', metadata: meta(name), spec };
}

const keys = (workloads: readonly { readonly key: string }[]): string[] => workloads.map(({ key }) => key);

describe('the group of a Pod', () => {
  test('is named by its spec, or else by its label', () => {
    const labels = { 'scheduling.x-k8s.io/pod-group': 'labelled' };
    expect(podGroupOf(pod('a'))).toBeUndefined();
    expect(podGroupOf(pod('a', 'g'))).toBe('default/g');
    expect(podGroupOf(pod('a', undefined, labels))).toBe('default/labelled');
    expect(podGroupOf(pod('a', 'g', labels))).toBe('default/g');
    expect(podGroupOf(pod('a', '', labels))).toBe('default/labelled');
  });
});

describe('a book of gangs', () => {
  test('says when enough members are there, waiting or placed', () => {
    const book = new GangBook<Pod>(podGroupOf);
    book.set(pod('a', 'g'));
    book.set(pod('b', 'g'));
    book.set(pod('x', 'other'));
    book.set(pod('y'));
    expect(book.ready('default/g')).toBe(false);
    book.setGroup(podGroup('g', { minMember: 3, scheduleTimeoutSeconds: 60, topologyKey: 'zone' }));
    expect(book.gang('default/g')).toEqual({
      key: 'default/g',
      minCount: 3,
      timeout: 60_000,
      topologyKey: 'zone',
    });
    expect(book.ready('default/g')).toBe(false);
    book.set(pod('c', 'g'), 'n1');
    expect(book.ready('default/g')).toBe(true);
    expect(keys(book.waiting('default/g'))).toEqual(['default/a', 'default/b']);
    expect(book.placed('default/g')).toEqual(new Map([['default/c', 'n1']]));
    expect(book.missing('default/g')).toBe(2);
    book.unsetGroup({ namespace: 'default', name: 'g' });
    expect(book.ready('default/g')).toBe(false);
  });

  test('follows members as they are placed, come back, change their group and go', () => {
    const book = new GangBook<Pod>(podGroupOf);
    book.setGroup(podGroup('g', { minMember: 1 }));
    book.set(pod('a', 'g'), 'n1');
    expect(book.missing('default/g')).toBe(0);
    book.set(pod('a', 'g'));
    expect(book.missing('default/g')).toBe(1);
    expect(keys(book.waiting('default/g'))).toEqual(['default/a']);
    book.set(pod('a', 'h'));
    expect(book.waiting('default/g')).toEqual([]);
    expect(keys(book.waiting('default/h'))).toEqual(['default/a']);
    book.set(pod('a'));
    expect(book.waiting('default/h')).toEqual([]);
    book.set(pod('b', 'g'));
    book.unset('default/b');
    book.unset('default/nobody');
    expect(book.ready('default/g')).toBe(false);
  });

  test('does not count on members that were sent away, until they wait or stay after all', () => {
    const book = new GangBook<Pod>(podGroupOf);
    book.setGroup(podGroup('g', { minMember: 2 }));
    for (const name of ['a', 'b']) book.set(pod(name, 'g'), 'n1');
    for (const name of ['a', 'b', 'nobody']) book.leaves(`default/${name}`);
    expect([book.ready('default/g'), book.missing('default/g')]).toEqual([false, 2]);
    // what is told of them meanwhile, and where they are
    expect(book.set(pod('a', 'g'), 'n1')).toBe(false);
    expect(book.placed('default/g')).toEqual(new Map());
    expect(book.stays('default/a')).toBe(false);
    expect(book.stays('default/a')).toBe(false);
    expect(book.placed('default/g')).toEqual(new Map([['default/a', 'n1']]));
    expect(book.stays('default/b')).toBe(true);
    book.leaves('default/a');
    expect(book.set(pod('a', 'g'))).toBe(true);
    expect(keys(book.waiting('default/g'))).toEqual(['default/a']);
    book.leaves('default/a');
    expect(book.ready('default/g')).toBe(true);
    for (const name of ['a', 'b']) {
      book.set(pod(name, 'g'), 'n1');
      book.leaves(`default/${name}`);
      book.unset(`default/${name}`);
      expect(book.stays(`default/${name}`)).toBe(false);
    }
    expect(book.set(pod('a', 'g'), 'n1')).toBe(false);
    expect(book.missing('default/g')).toBe(1);
  });

  test('takes names for what they are', () => {
    const book = new GangBook<Pod>(podGroupOf);
    book.set(pod('__proto__', '__proto__'));
    book.setGroup(podGroup('__proto__', { minMember: 1 }));
    expect(book.ready('default/__proto__')).toBe(true);
    expect(book.ready('default/constructor')).toBe(false);
  });

  test.each([
    [
      { minMember: 0 },
      'PodGroup "default/g": expected spec.minMember to be a whole number of at least 1, got 0',
    ],
    [
      undefined,
      'PodGroup "default/g": expected spec.minMember to be a whole number of at least 1, got undefined',
    ],
    [
      { minMember: 1, scheduleTimeoutSeconds: -1 },
      'PodGroup "default/g": expected spec.scheduleTimeoutSeconds to be a number above 0, got -1',
    ],
    [
      { minMember: 1, topologyKey: '' },
      'PodGroup "default/g": expected spec.topologyKey to be the name of a label, got ""',
    ],
  ])('refuses a group of %j', (spec, message) => {
    const book = new GangBook<Pod>(podGroupOf);
    book.setGroup(podGroup('g', { minMember: 2 }));
    expect(() => book.setGroup(podGroup('g', spec as PodGroup['spec']))).toThrow(new TypeError(message));
    expect(book.gang('default/g')?.minCount).toBe(2);
  });
});

describe('the plugin of gangs', () => {
  const event = (group: string, resource = PodGroup): ClusterEvent<Pod, Node> => ({
    type: 'object',
    resource,
    after: podGroup(group, { minMember: 1 }),
  });

  test('keeps members back until their group is known and enough are there', () => {
    const book = new GangBook<Pod>(podGroupOf);
    const plugin = gangScheduling<Pod, Node>(book);
    const [a, b] = [pod('a', 'g'), pod('b', 'g')];
    expect(plugin.preEnqueue?.(pod('x'), cluster)).toBeUndefined();
    book.set(a);
    expect(plugin.preEnqueue?.(a, cluster)).toEqual({
      code: 'UnschedulableAndUnresolvable',
      reasons: [`waiting for pods's pod group "g" to appear in scheduling queue`],
    });
    book.setGroup(podGroup('g', { minMember: 2 }));
    expect(plugin.preEnqueue?.(a, cluster)?.reasons).toEqual([
      'waiting for minCount pods from a gang to appear in scheduling queue',
    ]);
    book.set(b);
    expect(plugin.preEnqueue?.(a, cluster)).toBeUndefined();
  });

  test('is woken by its group, by members that are placed, and by hosts that change domains', () => {
    const book = new GangBook<Pod>(podGroupOf);
    const plugin = gangScheduling<Pod, Node>(book);
    const a = pod('a', 'g');
    expect(plugin.wakes?.(event('g'), a)).toBe(true);
    expect(plugin.wakes?.(event('other'), a)).toBe(false);
    expect(plugin.wakes?.(event('g'), pod('x'))).toBe(false);
    expect(plugin.wakes?.({ type: 'placed', workload: pod('b', 'g'), host: 'n' }, a)).toBe(true);
    expect(plugin.wakes?.({ type: 'placed', workload: pod('b', 'h'), host: 'n' }, a)).toBe(false);
    expect(plugin.wakes?.({ type: 'removed', workload: pod('b', 'g'), host: 'n' }, a)).toBe(false);
    const node = (labels: Readonly<Record<string, string>>): Node => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { ...meta('n', { labels }), namespace: undefined },
    });
    const zone1 = node({ zone: '1' });
    const small = new Cluster(model);
    small.set(model.host, zone1);
    const [host] = small.hosts();
    if (host === undefined) throw new Error('expected a host');
    expect(plugin.wakes?.({ type: 'host', host }, a)).toBe(false);
    book.setGroup(podGroup('g', { minMember: 1, topologyKey: 'zone' }));
    expect(plugin.wakes?.({ type: 'host', host }, a)).toBe(true);
    expect(plugin.wakes?.({ type: 'host', host, before: node({ zone: '2' }) }, a)).toBe(true);
    expect(plugin.wakes?.({ type: 'host', host, before: node({ zone: '1', x: 'y' }) }, a)).toBe(false);
  });

  test('gates a queue', () => {
    const book = new GangBook<Pod>(podGroupOf);
    const plugin = gangScheduling<Pod, Node>(book);
    const errors: unknown[] = [];
    const queue = new SchedulingQueue<Pod, Node>({
      clock: new VirtualClock(),
      pluginsOf: () => [plugin],
      cluster,
      alike: ({ facts }) => facts,
      onReady() {},
      onError: (error) => errors.push(error),
    });
    const add = (workload: WorkloadInfo<Pod>): void => {
      const hasBecomeReady = book.set(workload);
      queue.add(workload);
      if (hasBecomeReady) queue.activate(keys(book.waiting(book.groupOf(workload) as string)));
    };
    // they do not differ in anything but their group
    add(pod('a1', 'a'));
    add(pod('b1', 'b'));
    expect(queue.pop()).toBeUndefined();
    expect(book.setGroup(podGroup('a', { minMember: 2 }))).toBe(false);
    expect(book.setGroup(podGroup('b', { minMember: 1 }))).toBe(true);
    queue.activate(keys(book.waiting('default/b')));
    expect(queue.pop()?.workload.key).toBe('default/b1');
    expect(queue.pop()).toBeUndefined();
    add(pod('a2', 'a'));
    expect([queue.pop()?.workload.key, queue.pop()?.workload.key]).toEqual(['default/a1', 'default/a2']);
    expect(errors).toEqual([]);
    queue.close();
  });
});
