import { describe, expect, it } from 'vitest';
import type { NodeSelectorTerm, PodSpec } from '../../../src/resources/kinds/index.js';
import { dynamicResources } from '../../../src/scheduler/plugins/dynamic-resources.js';
import { nodeDeclaredFeatures } from '../../../src/scheduler/plugins/node-declared-features.js';
import { nodeName } from '../../../src/scheduler/plugins/node-name.js';
import { nodeUnschedulable } from '../../../src/scheduler/plugins/node-unschedulable.js';
import { prioritySort } from '../../../src/scheduler/plugins/priority-sort.js';
import { schedulingGates } from '../../../src/scheduler/plugins/scheduling-gates.js';
import { taintToleration } from '../../../src/scheduler/plugins/taint-toleration.js';
import { clusterOf, filterAll, isWokenBy, nodeOf, podOf, remedyFor, scoreAll } from './try-plugin.js';

describe('schedulingGates', () => {
  it('keeps Pods with gates out of the queue', () => {
    const cluster = clusterOf([]);
    const gated = cluster.describe(podOf('p', { schedulingGates: [{ name: 'a' }, { name: 'b' }] }));
    expect(schedulingGates().preEnqueue?.(gated, cluster)).toEqual({
      code: 'UnschedulableAndUnresolvable',
      reasons: ['waiting for scheduling gates: [a b]'],
    });
    const free = cluster.describe(podOf('p', { schedulingGates: [] }));
    expect(schedulingGates().preEnqueue?.(free, cluster)).toBeUndefined();
  });
});

describe('prioritySort', () => {
  it('puts the higher priority first, then who came earlier', () => {
    const cluster = clusterOf([]);
    const queued = (priority: number, since: number) => ({
      workload: cluster.describe(podOf('p', { priority })),
      since,
    });
    const plugin = prioritySort();
    expect(plugin.less?.(queued(2, 9), queued(1, 1))).toBe(true);
    expect(plugin.less?.(queued(1, 1), queued(2, 9))).toBe(false);
    expect(plugin.less?.(queued(1, 1), queued(1, 2))).toBe(true);
    expect(plugin.less?.(queued(1, 2), queued(1, 2))).toBe(false);
  });
});

describe('nodeUnschedulable', () => {
  const closed = nodeOf('closed', { spec: { unschedulable: true } });
  const open = nodeOf('open');
  const reason = 'UnschedulableAndUnresolvable: node(s) were unschedulable';

  it('keeps Pods off closed nodes that do not tolerate it', () => {
    const cluster = clusterOf([closed, open]);
    expect(filterAll(nodeUnschedulable(), cluster, podOf('p'))).toEqual({ closed: reason, open: 'ok' });
    const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }];
    expect(filterAll(nodeUnschedulable(), cluster, podOf('p', { tolerations }))).toEqual({
      closed: 'ok',
      open: 'ok',
    });
    expect(remedyFor(nodeUnschedulable(), cluster, podOf('p'), 'closed')?.of).toBe('host');
    expect(remedyFor(nodeUnschedulable(), cluster, podOf('p'), 'open')).toBeUndefined();
  });

  it('wakes for a node that is open now, and was not', () => {
    const wakes = (after: typeof open, before?: typeof open): boolean | undefined =>
      isWokenBy(nodeUnschedulable(), podOf('p'), after, before);
    expect([wakes(open), wakes(closed), wakes(open, closed), wakes(open, open), wakes(closed, open)]).toEqual(
      [true, false, true, false, false],
    );
  });
});

describe('nodeName', () => {
  it('keeps Pods that name their node off all others', () => {
    const cluster = clusterOf([nodeOf('n1'), nodeOf('n2')]);
    const plugin = nodeName();
    expect(filterAll(plugin, cluster, podOf('p', { nodeName: 'n2' }))).toEqual({
      n1: "UnschedulableAndUnresolvable: node(s) didn't match the requested node name",
      n2: 'ok',
    });
    expect(filterAll(plugin, cluster, podOf('p', { nodeName: '' }))).toEqual({ n1: 'ok', n2: 'ok' });
    expect(remedyFor(plugin, cluster, podOf('p', { nodeName: 'n2' }), 'n1')).toEqual({
      text: 'set spec.nodeName to n1, or leave it out',
      of: 'workload',
    });
    expect(isWokenBy(plugin, podOf('p', { nodeName: 'n2' }), nodeOf('n2'))).toBe(true);
    expect(isWokenBy(plugin, podOf('p', { nodeName: 'n2' }), nodeOf('n1'))).toBe(false);
  });
});

describe('taintToleration', () => {
  const taint = (
    key: string,
    effect: string,
    value = '',
  ): { key: string; effect: string; value: string } => ({
    key,
    effect,
    value,
  });
  const clean = nodeOf('clean');
  const soft = nodeOf('soft', {
    spec: { taints: [taint('a', 'PreferNoSchedule'), taint('b', 'PreferNoSchedule')] },
  });
  const hard = nodeOf('hard', {
    spec: { taints: [taint('gpu', 'NoSchedule', 'a100'), taint('down', 'NoExecute')] },
  });
  const reason = 'UnschedulableAndUnresolvable: node(s) had untolerated taint(s)';

  it('keeps Pods off, and counts what they do not like', () => {
    const cluster = clusterOf([clean, soft, hard]);
    const tolerating = podOf('p', { tolerations: [{ key: 'a', operator: 'Exists' }] });
    expect(filterAll(taintToleration(), cluster, podOf('p'))).toEqual({
      clean: 'ok',
      soft: 'ok',
      hard: reason,
    });
    expect(scoreAll(taintToleration(), cluster, podOf('p'))).toEqual([0, 2, 0]);
    expect(scoreAll(taintToleration(), cluster, tolerating)).toEqual([0, 1, 0]);
    const all = podOf('p', { tolerations: [{ operator: 'Exists' }] });
    expect(filterAll(taintToleration(), cluster, all)).toEqual({ clean: 'ok', soft: 'ok', hard: 'ok' });
  });

  it('names all that is to be tolerated', () => {
    const cluster = clusterOf([clean, hard]);
    expect(remedyFor(taintToleration(), cluster, podOf('p'), 'hard')).toEqual({
      text: 'tolerate gpu=a100:NoSchedule, down:NoExecute',
      of: 'workload',
    });
    expect(remedyFor(taintToleration(), cluster, podOf('p'), 'clean')).toBeUndefined();
  });

  it('wakes for a node that is tolerated now, and was not', () => {
    const wakes = (after: typeof clean, before?: typeof clean): boolean | undefined =>
      isWokenBy(taintToleration(), podOf('p'), after, before);
    expect([wakes(soft), wakes(hard), wakes(clean, hard), wakes(clean, soft), wakes(hard, clean)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });
});

describe('dynamicResources', () => {
  it('says no to Pods with claims, and nothing of others but a score of 0', () => {
    const cluster = clusterOf([nodeOf('n1')]);
    const claiming = podOf('p', { resourceClaims: [{ name: 'gpu' }] });
    expect(filterAll(dynamicResources(), cluster, claiming)).toBe(
      'UnschedulableAndUnresolvable: resource claims (spec.resourceClaims) are not served by this scheduler',
    );
    expect(filterAll(dynamicResources(), cluster, podOf('p', { resourceClaims: [] }))).toBe('skipped');
    expect(scoreAll(dynamicResources(), cluster, podOf('p'))).toEqual([0]);
  });
});

describe('nodeDeclaredFeatures', () => {
  const plugin = nodeDeclaredFeatures();
  const able = nodeOf('able', {
    status: {
      declaredFeatures: ['UserNamespacesHostNetworkSupport', 'RestartAllContainersOnContainerExits'],
    },
  });
  const cluster = clusterOf([able, nodeOf('plain')]);
  const reason = "UnschedulableAndUnresolvable: node(s) didn't match Pod's required features";
  const restarting = {
    name: 'c',
    restartPolicyRules: [{ action: 'RestartAllContainers' }],
  };

  it.each<[string, Partial<PodSpec>]>([
    ['user namespaces in the network of the host', { hostNetwork: true, hostUsers: false }],
    ['a container that restarts all', { containers: [restarting] }],
    ['an init container that restarts all', { initContainers: [restarting] }],
  ])('wants nodes that declare %s', (_, spec) => {
    expect(filterAll(plugin, cluster, podOf('p', spec))).toEqual({ able: 'ok', plain: reason });
    expect(remedyFor(plugin, cluster, podOf('p', spec), 'plain')?.text).toMatch(/^run a kubelet with /);
    expect(isWokenBy(plugin, podOf('p', spec), able)).toBe(true);
    expect(isWokenBy(plugin, podOf('p', spec), nodeOf('able'), able)).toBe(false);
  });

  it('has nothing to say of others', () => {
    expect(filterAll(plugin, cluster, podOf('p', { hostNetwork: true }))).toBe('skipped');
    expect(filterAll(plugin, cluster, podOf('p', { hostUsers: false }))).toBe('skipped');
  });
});

describe('the part that each reads', () => {
  it('is equal for Pods that it answers equally', () => {
    const cluster = clusterOf([]);
    const part = (plugin: ReturnType<typeof taintToleration>, spec: Partial<PodSpec>): string | undefined =>
      plugin.reads?.part?.(cluster.describe(podOf('p', spec)));
    const terms: NodeSelectorTerm[] = [];
    expect(part(taintToleration(), { nodeSelector: { a: 'b' } })).toBe(part(taintToleration(), {}));
    expect(part(taintToleration(), { tolerations: [{ operator: 'Exists' }] })).not.toBe(
      part(taintToleration(), { tolerations: [{ key: String(terms.length) }] }),
    );
  });
});
