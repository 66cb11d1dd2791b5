import { describe, expect, test } from 'vitest';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { Node, Pod } from '../../../src/resources/kinds/index.js';

const meta = (name: string): Pod['metadata'] => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

function node(name: string, zone: string): Node {
  const { namespace: _none, ...named } = meta(name);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...named, namespace: undefined, labels: { zone, 'kubernetes.io/hostname': name } },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
  };
}

function pod(name: string, cpu: string, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta(name), labels: { app: 'gang' } },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...spec },
    status: { startTime: '2026-01-01T00:00:00Z' },
  };
}

function cluster(...zones: readonly string[]): SchedulingEngine {
  const engine = new SchedulingEngine({ plugins: defaultPlugins() });
  for (const [at, zone] of zones.entries()) engine.set(Node, node(`n${at}`, zone));
  return engine;
}

const gang = (size: number, cpu: string, spec: Partial<Pod['spec']> = {}): Pod[] =>
  Array.from({ length: size }, (_, at) => pod(`g-${at}`, cpu, spec));

describe('a gang of Pods', () => {
  test('is placed in one zone, spread as its Pods ask for', () => {
    const engine = cluster('a', 'b', 'b', 'b');
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'gang' } },
      },
    ];
    const members = gang(3, '1', { topologySpreadConstraints });
    // the hosts outside of the zone count for the spread: one Pod a host is all that it allows
    const decision = engine.placeGroup(members, { topologyKey: 'zone' });
    expect(decision.domain).toBe('b');
    expect([...decision.placed.values()].sort()).toEqual(['n1', 'n2', 'n3']);
  });

  test('brings its own affinity along', () => {
    const engine = cluster('a', 'b');
    const podAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'gang' } } },
      ],
    };
    expect(new Set(engine.placeGroup(gang(4, '1', { affinity: { podAffinity } })).placed.values()).size).toBe(
      1,
    );
    expect(engine.placed).toBe(4);
    expect(engine.placeGroup([pod('x', '1', { affinity: { podAffinity } })]).left.get('default/x')).toBe(
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod affinity rules.",
    );
  });

  test('pushes Pods of a lower priority off, in the zone where they matter the least', () => {
    const engine = cluster('a', 'a', 'b', 'b');
    for (const [at, priority] of [5, 5, 1, 2].entries()) {
      engine.set(Pod, pod(`there-${at}`, '3', { nodeName: `n${at}`, priority }));
    }
    const members = gang(2, '2', { priority: 10 });
    const before = engine.evaluate(members[0] as Pod);
    const options = { topologyKey: 'zone', makeRoom: true };
    const { victims, intended, domain, placed } = engine.placeGroup(members, options);
    expect(domain).toBe('b');
    expect(victims.map(({ key }) => key)).toContain('default/there-2');
    expect(placed.size).toBe(0);
    expect(engine.evaluate(members[0] as Pod)).toEqual(before);
    for (const member of members) {
      const nominatedNodeName = intended.get(`default/${member.metadata.name}`) as string;
      engine.set(Pod, { ...member, status: { ...member.status, nominatedNodeName } });
    }
    for (const { object } of victims) engine.unset(Pod, object.metadata);
    expect(engine.placeGroup(members, options).placed.size).toBe(2);
  });

  test('leaves its own Pods that are placed where they are, and looks for others', () => {
    const engine = cluster('a', 'a', 'a');
    const on = (name: string, nodeName: string, priority: number): void =>
      engine.set(Pod, pod(name, '4', { nodeName, priority }));
    on('mate-1', 'n0', 0);
    on('mate-2', 'n1', 0);
    on('other', 'n2', 5);
    const members = gang(1, '2', { priority: 10 });
    const victimsOf = (placed?: ReadonlySet<string>): readonly string[] =>
      engine.placeGroup(members, { placed, makeRoom: true }).victims.map(({ key }) => key);
    expect(victimsOf()).toEqual(['default/mate-1']);
    expect(victimsOf(new Set(['default/mate-1', 'default/mate-2']))).toEqual(['default/other']);
    expect(victimsOf(new Set(['default/mate-1', 'default/mate-2', 'default/other']))).toEqual([]);
  });
});
