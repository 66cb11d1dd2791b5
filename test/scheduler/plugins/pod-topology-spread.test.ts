import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../../../src/core/index.js';
import {
  type Pod,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
  type TopologySpreadConstraint,
} from '../../../src/resources/kinds/index.js';
import type { ClusterEvent } from '../../../src/scheduler/framework/index.js';
import { podTopologySpread } from '../../../src/scheduler/plugins/pod-topology-spread.js';
import { answers, cluster, HOST, node, pod, type PodParts, put, ZONE } from './counts/answers.js';

const SKEWED = "Unschedulable: node(s) didn't match pod topology spread constraints";
const NO_LABEL =
  "UnschedulableAndUnresolvable: node(s) didn't match pod topology spread constraints (missing required label)";

type Target = ReturnType<typeof cluster>;

function hard(topologyKey = ZONE, more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint {
  const labelSelector = { matchLabels: { app: 'web' } };
  return { topologyKey, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector, ...more };
}

function soft(topologyKey = ZONE, more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint {
  return hard(topologyKey, { whenUnsatisfiable: 'ScheduleAnyway', ...more });
}

/** A Pod of the app that is spread. */
function web(
  name: string,
  topologySpreadConstraints: readonly TopologySpreadConstraint[],
  parts: PodParts = {},
): Pod {
  const { spec, ...rest } = parts;
  return pod(name, { labels: { app: 'web' }, spec: { topologySpreadConstraints, ...spec }, ...rest });
}

/** Pods of the app, one for each name of a node. */
function webs(...nodes: readonly string[]): Pod[] {
  return nodes.map((on, index) => pod(`web-${on}-${index}`, { labels: { app: 'web' }, on }));
}

const NODES = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b')] as const;

function filterOf(target: Target, object: Pod): unknown {
  return answers(podTopologySpread(), target, object).filter;
}

describe('podTopologySpread filter', () => {
  it('is skipped without a required constraint', () => {
    expect(filterOf(cluster(...NODES), web('new', [soft()]))).toBe('skip');
  });

  it('keeps out of domains that would have more than maxSkew more Pods than the one with fewest', () => {
    const target = cluster(...NODES, ...webs('a1'));
    expect(filterOf(target, web('new', [hard()]))).toEqual({ a1: SKEWED, a2: SKEWED, b1: 'yes' });
    expect(filterOf(target, web('new', [hard(HOST)]))).toEqual({ a1: SKEWED, a2: 'yes', b1: 'yes' });
    expect(filterOf(target, web('new', [hard(ZONE, { maxSkew: 2 })]))).toMatchObject({ a1: 'yes' });
    expect(filterOf(target, web('new', [hard(), hard(HOST, { maxSkew: 9 })]))).toMatchObject({ a2: SKEWED });
  });

  it('does not count the Pod itself where its own selector is about others', () => {
    const target = cluster(...NODES, ...webs('a1'));
    expect(filterOf(target, web('new', [hard()], { labels: { app: 'other' } }))).toMatchObject({ a1: 'yes' });
  });

  it('counts no Pods that are being deleted, and none of other namespaces', () => {
    const parts = { labels: { app: 'web' }, on: 'a1' };
    const target = cluster(
      ...NODES,
      pod('going', { ...parts, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      pod('far', { ...parts, namespace: 'other' }),
    );
    expect(filterOf(target, web('new', [hard()]))).toMatchObject({ a1: 'yes' });
    put(target, pod('here', parts));
    expect(filterOf(target, web('new', [hard()]))).toMatchObject({ a1: SKEWED });
    put(target, pod('here', { ...parts, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
    expect(filterOf(target, web('new', [hard()]))).toMatchObject({ a1: 'yes' });
  });

  it('refuses nodes without a label, on which nothing counts for the other constraints either', () => {
    const target = cluster(...NODES, node('x', undefined, { rack: 'r' }), ...webs('x'));
    expect(filterOf(target, web('new', [hard()]))).toMatchObject({ a1: 'yes', x: NO_LABEL });
    // no node has both, so that nothing counts
    expect(filterOf(target, web('new', [hard('rack'), hard()]))).toMatchObject({ a1: NO_LABEL, x: NO_LABEL });
    expect(filterOf(target, web('new', [hard(HOST)]))).toMatchObject({ x: SKEWED });
  });

  it('takes the fewest Pods to be none where there are fewer domains than minDomains', () => {
    const target = cluster(...NODES, ...webs('a1', 'b1'));
    expect(filterOf(target, web('new', [hard(ZONE, { minDomains: 2 })]))).toMatchObject({ a1: 'yes' });
    expect(filterOf(target, web('new', [hard(ZONE, { minDomains: 3 })]))).toMatchObject({ a1: SKEWED });
  });

  it('counts only nodes that the Pod may be on, unless told otherwise', () => {
    const nodeSelector = { disk: 'ssd' };
    const target = cluster(
      node('a1', 'a', nodeSelector),
      node('a2', 'a'),
      node('b1', 'b'),
      ...webs('a1', 'a2'),
    );
    const ask = (more: Partial<TopologySpreadConstraint>): unknown =>
      filterOf(target, web('new', [hard(ZONE, more)], { spec: { nodeSelector } }));
    // zone a alone, with one of its two Pods
    expect(ask({})).toMatchObject({ a1: 'yes' });
    expect(ask({ nodeAffinityPolicy: 'Ignore' })).toMatchObject({ a1: SKEWED, b1: 'yes' });
    expect(ask({ minDomains: 2, maxSkew: 2 })).toMatchObject({ a1: 'yes' });
    expect(ask({ minDomains: 2 })).toMatchObject({ a1: SKEWED });
  });

  it('counts nodes with taints that are not tolerated, unless told otherwise', () => {
    const taints = [{ key: 'dedicated', effect: 'NoSchedule', value: 'x' }];
    const target = cluster(node('a1', 'a'), node('b1', 'b', {}, { taints }), ...webs('a1'));
    const ask = (spec: PodParts['spec'] = {}): unknown =>
      filterOf(target, web('new', [hard(ZONE, { nodeTaintsPolicy: 'Honor' })], { spec: { ...spec } }));
    expect(filterOf(target, web('new', [hard()]))).toMatchObject({ a1: SKEWED });
    expect(ask()).toMatchObject({ a1: 'yes' });
    const topologySpreadConstraints = [hard(ZONE, { nodeTaintsPolicy: 'Honor' })];
    const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
    expect(ask({ topologySpreadConstraints, tolerations })).toMatchObject({ a1: SKEWED });
    // a taint that comes later counts as well
    put(target, node('b1', 'b'));
    expect(ask()).toMatchObject({ a1: SKEWED });
  });

  it('spreads over Pods with the same values of matchLabelKeys', () => {
    const target = cluster(...NODES, pod('old', { labels: { app: 'web', hash: '1' }, on: 'a1' }));
    const constraints = [hard(ZONE, { matchLabelKeys: ['hash', 'other'] })];
    const ask = (hash: string): unknown =>
      filterOf(target, web('new', constraints, { labels: { app: 'web', hash } }));
    expect(ask('1')).toMatchObject({ a1: SKEWED });
    expect(ask('2')).toMatchObject({ a1: 'yes' });
  });

  it('counts nothing for a selector of everything, and matches nothing without one', () => {
    const target = cluster(...NODES, ...webs('a1', 'a1'));
    const { labelSelector: _, ...without } = hard();
    expect(filterOf(target, web('new', [{ ...without, labelSelector: {} }]))).toMatchObject({ a1: 'yes' });
    expect(filterOf(target, web('new', [without]))).toMatchObject({ a1: 'yes' });
  });

  it('says by how much maxSkew would have to be raised', () => {
    const plugin = podTopologySpread();
    const target = cluster(...NODES, node('x'), ...webs('a1', 'a2', 'a2'));
    const workload = target.describe(web('new', [hard(), hard(HOST)]));
    const plan = plugin.preFilter?.(workload, target);
    if (typeof plan !== 'object' || !('state' in plan)) throw new Error('expected a state');
    const remedyOf = (name: string): unknown => {
      const host = target.host(name);
      return host && plan.state && plugin.remedy?.(workload, host, plan.state);
    };
    expect(remedyOf('a2')).toEqual({
      of: 'workload',
      text: 'raise maxSkew of topology.kubernetes.io/zone to 4, raise maxSkew of kubernetes.io/hostname to 3',
    });
    expect(remedyOf('b1')).toBeUndefined();
    expect(remedyOf('x')).toBeUndefined();
  });
});

describe('podTopologySpread score', () => {
  const scoresOf = (target: Target, object: Pod): unknown =>
    answers(podTopologySpread(), target, object).scores;

  it('is skipped without a constraint', () => {
    expect(scoresOf(cluster(...NODES), web('new', [hard()]))).toBe('skip');
    expect(scoresOf(cluster(...NODES), pod('new'))).toBe('skip');
  });

  it('is better the fewer Pods there are, counted the more the more domains there are', () => {
    const target = cluster(...NODES, ...webs('a1', 'a1', 'a2'));
    // 3 · ln 4 = 4.16 in zone a
    expect(scoresOf(target, web('new', [soft()]))).toEqual({ a1: [4, 0], a2: [4, 0], b1: [0, 100] });
    // 2 · ln 5 = 3.2 and ln 5 = 1.6; maxSkew adds 2 to each
    expect(scoresOf(target, web('new', [soft(HOST, { maxSkew: 3 })]))).toEqual({
      a1: [5, 40],
      a2: [4, 60],
      b1: [2, 100],
    });
  });

  it('is 100 for all where no Pod counts, and 0 for nodes without a label', () => {
    const target = cluster(...NODES, node('x'));
    expect(scoresOf(target, web('new', [soft()]))).toEqual({
      a1: [0, 100],
      a2: [0, 100],
      b1: [0, 100],
      x: [0, 0],
    });
  });
});

describe('podTopologySpread defaults', () => {
  const selector = { app: 'web' };
  const withService = (...pods: readonly Pod[]): Target => {
    const target = cluster(...NODES, node('x'), ...pods);
    target.set(Service, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector },
    } as unknown as ApiObject);
    return target;
  };

  it('spread the Pods of a Service loosely over hosts and zones, also where there is no zone', () => {
    const { filter, scores } = answers(podTopologySpread(), withService(...webs('a1', 'x')), web('new', []));
    expect(filter).toBe('skip');
    // hosts: ln 6 = 1.79 each; zones a, b and none: ln 5 = 1.61 each; 2 and 4 for maxSkew
    expect(scores).toEqual({ a1: [9, 44], a2: [8, 55], b1: [6, 77], x: [4, 100] });
  });

  it('are taken from the controller of a Pod', () => {
    const plugin = podTopologySpread();
    const target = cluster(...NODES, ...webs('a1'));
    const owned = (apiVersion: string, kind: string): Pod =>
      pod('new', {
        labels: selector,
        metadata: { ownerReferences: [{ apiVersion, kind, name: 'web', uid: '1', controller: true }] },
      });
    const metadata = { name: 'web', namespace: 'default' };
    for (const [resource, apiVersion, spec] of [
      [ReplicationController, 'v1', { selector }],
      [ReplicaSet, 'apps/v1', { selector: { matchLabels: selector } }],
      [StatefulSet, 'apps/v1', { selector: { matchLabels: selector } }],
    ] as const) {
      const object = owned(apiVersion, resource.kind);
      expect(answers(plugin, target, object).scores).toBe('skip');
      target.set(resource, { metadata, spec } as unknown as ApiObject);
      expect(answers(plugin, target, object).scores).toMatchObject({ a1: [9, 66], b1: [6, 100] });
    }
  });

  it('are those of the list, which counts only nodes with all labels', () => {
    const { labelSelector: _, ...constraint } = hard();
    const plugin = podTopologySpread({ defaultingType: 'List', defaultConstraints: [constraint] });
    const target = withService(...webs('a1'));
    expect(answers(plugin, target, web('new', [])).filter).toMatchObject({
      a1: SKEWED,
      b1: 'yes',
      x: NO_LABEL,
    });
    expect(answers(plugin, target, web('new', [soft(HOST)])).filter).toBe('skip');
    expect(answers(plugin, target, pod('new')).filter).toBe('skip');
  });

  it.each([
    [{ defaultingType: 'None' as never }],
    [{ defaultConstraints: [hard()] }],
    [{ defaultingType: 'List', defaultConstraints: [hard()] }],
    [
      {
        defaultingType: 'List',
        defaultConstraints: [{ ...hard(), labelSelector: undefined as never, maxSkew: 0 }],
      },
    ],
    [{ defaultingType: 'List', defaultConstraints: [hard('')] }],
    [{ defaultingType: 'List', defaultConstraints: [hard(ZONE, { whenUnsatisfiable: 'Never' })] }],
  ] as const)('refuse %j', (args) => {
    expect(() => podTopologySpread(args)).toThrow(/^default/);
  });
});

describe('podTopologySpread wakes', () => {
  const target = cluster(...NODES);
  const wakes = (event: ClusterEvent): boolean | undefined =>
    podTopologySpread().wakes?.(event as never, target.describe(web('new', [hard()])));
  const [first] = webs('a1');
  const counted = target.describe(first ?? pod('new'));
  const other = target.describe(pod('other'));

  it('when a Pod that counts comes or goes', () => {
    expect(wakes({ type: 'placed', host: 'a1', workload: counted })).toBe(true);
    expect(wakes({ type: 'placed', host: 'a1', workload: other })).toBe(false);
    expect(wakes({ type: 'placed', host: 'a1', workload: other, before: counted })).toBe(true);
    expect(wakes({ type: 'removed', host: 'a1', workload: counted })).toBe(true);
    expect(wakes({ type: 'removed', host: 'a1', workload: other })).toBe(false);
  });

  it('when a host comes, gets other labels or taints, or goes', () => {
    const [host] = [...target.hosts()];
    if (host === undefined) throw new Error('expected a host');
    expect(wakes({ type: 'host', host })).toBe(true);
    expect(wakes({ type: 'host', host, before: node('a1', 'a') })).toBe(false);
    expect(wakes({ type: 'host', host, before: node('a1', 'b') })).toBe(true);
    expect(wakes({ type: 'host gone', name: 'a1' })).toBe(true);
    expect(wakes({ type: 'object', resource: Service })).toBe(false);
  });
});
