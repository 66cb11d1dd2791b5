import { describe, expect, test } from 'vitest';
import { Node, type Pod } from '../../../src/resources/kinds/index.js';
import { defaultPlugins, SchedulingEngine } from '../../../src/scheduler/index.js';

function node(
  name: string,
  cpu: string,
  more: { readonly taint?: string; readonly zone?: string } = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      namespace: undefined,
      ...(more.zone === undefined ? {} : { labels: { zone: more.zone } }),
    },
    ...(more.taint === undefined
      ? {}
      : { spec: { taints: [{ key: more.taint, value: 'yes', effect: 'NoSchedule' }] } }),
    status: { allocatable: { cpu, memory: '8Gi', pods: '10' } },
  };
}

function pod(name: string, cpu: string, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { ...spec, containers: [{ name: 'main', resources: { requests: { cpu, memory: '1Gi' } } }] },
  };
}

function engineWith(...nodes: readonly Node[]): SchedulingEngine {
  const engine = new SchedulingEngine({ plugins: defaultPlugins(), seed: 1 });
  for (const each of nodes) engine.set(Node, each);
  return engine;
}

describe('explain', () => {
  test('gives every score, raw, normalised and weighted, and the margin to the runner-up', () => {
    const engine = engineWith(node('small', '2'), node('large', '16'));
    const decision = engine.schedule(pod('p', '1'));
    expect(decision.node).toBe('large');
    const { hosts, runnerUp, margin, isStale } = decision.explain();
    expect(isStale).toBe(false);
    expect(runnerUp).toBe('small');
    const [small, large] = hosts;
    expect(margin).toBe((large?.total ?? 0) - (small?.total ?? 0));
    expect(margin).toBeGreaterThan(0);
    expect(large?.total).toBe(decision.total);
    expect(large?.scores?.find(({ plugin }) => plugin === 'NodeResourcesFit')).toEqual({
      plugin: 'NodeResourcesFit',
      raw: 90,
      normalized: 90,
      weight: 1,
      weighted: 90,
    });
    expect(large?.scores?.find(({ plugin }) => plugin === 'TaintToleration')).toMatchObject({
      raw: 0,
      normalized: 100,
      weighted: 300,
    });
  });

  test('gives every filter that says no, not only the first', () => {
    const engine = engineWith(node('a', '1', { taint: 'dedicated' }));
    const decision = engine.schedule(pod('p', '3', { nodeSelector: { zone: 'z1' } }));
    expect(decision.message).toBe('0/1 nodes are available: 1 node(s) had untolerated taint(s).');
    const [host] = decision.explain().hosts;
    expect(host?.rejections.map(({ plugin }) => plugin)).toEqual([
      'TaintToleration',
      'NodeAffinity',
      'NodeResourcesFit',
    ]);
    expect(host?.scores).toBeUndefined();
  });

  test('tells the smallest changes that would make a Pod fit', () => {
    const engine = engineWith(
      node('tainted', '4', { taint: 'dedicated', zone: 'z2' }),
      node('full', '2', { zone: 'z1' }),
    );
    engine.assume(pod('other', '1500m'), 'full');
    const { wouldFit } = engine.schedule(pod('p', '1', { nodeSelector: { zone: 'z1' } })).explain();
    expect(wouldFit?.[0]).toMatchObject({ host: 'full', changes: [{ plugin: 'NodeResourcesFit' }] });
    expect(wouldFit?.[0]?.changes[0]?.missing).toEqual(new Map([['cpu', 500]]));
    expect(wouldFit?.[1]?.host).toBe('tainted');
    expect(wouldFit?.[1]?.changes.map(({ plugin }) => plugin)).toEqual(['TaintToleration', 'NodeAffinity']);
  });

  test('says that it is of a later cluster than the decision', () => {
    const engine = engineWith(node('a', '4'));
    const decision = engine.place(pod('p', '1'));
    expect(decision.explain().isStale).toBe(false);
    engine.set(Node, node('b', '4'));
    expect(decision.explain().isStale).toBe(true);
    expect(decision.explain().hosts).toHaveLength(2);
  });
});

describe('what-if', () => {
  test('how many more fit, and where, without placing any', () => {
    const engine = engineWith(node('a', '2'), node('b', '3'));
    engine.place(pod('there', '1'));
    const { count, byHost } = engine.howManyMoreFit(pod('more', '1'));
    expect(count).toBe(4);
    expect([...byHost.values()].reduce((sum, each) => sum + each, 0)).toBe(4);
    expect(engine.placed).toBe(1);
    expect(engine.howManyMoreFit(pod('more', '1'), 2).count).toBe(2);
  });

  test('a drain tells where each Pod would go, and who would be stuck', () => {
    const engine = engineWith(node('a', '4'), node('b', '2'));
    for (const [name, priority] of [
      ['low', 1],
      ['high', 9],
      ['higher', 10],
    ] as const) {
      engine.assume({ ...pod(name, '1'), spec: { ...pod(name, '1').spec, priority } }, 'a');
    }
    const { moves, stuck } = engine.drain('a');
    expect([...moves]).toEqual([
      ['default/higher', 'b'],
      ['default/high', 'b'],
    ]);
    expect([...stuck]).toEqual([['default/low', '0/1 nodes are available: 1 Insufficient cpu.']]);
    expect(engine.hostOf('default/high')).toBe('a');
    expect(engine.hosts).toBe(2);
  });

  test('a fork within a fork: what is committed belongs to the outer one', () => {
    const engine = engineWith(node('a', '2'));
    engine.fork();
    engine.place(pod('one', '1'));
    engine.fork();
    engine.place(pod('two', '1'));
    engine.commit();
    expect(engine.placed).toBe(2);
    engine.rollback();
    expect(engine.placed).toBe(0);
    expect(() => engine.rollback()).toThrow(TypeError);
    expect(() => engine.commit()).toThrow(TypeError);
  });

  test('what throws in a what-if is taken back as well', () => {
    const engine = engineWith(node('a', '2'));
    expect(() =>
      engine.whatIf(() => {
        engine.place(pod('one', '1'));
        engine.fork();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(engine.placed).toBe(0);
    expect(() => engine.rollback()).toThrow(TypeError);
  });

  test('the same seed and calls give the same decisions; another seed others', () => {
    const places = (seed: number): readonly (string | undefined)[] => {
      const engine = new SchedulingEngine({ plugins: defaultPlugins(), seed });
      for (let at = 0; at < 20; at += 1) engine.set(Node, node(`n${at}`, '4'));
      return Array.from({ length: 20 }, (_, at) => engine.place(pod(`p${at}`, '1')).node);
    };
    expect(places(1)).toEqual(places(1));
    expect(places(2)).not.toEqual(places(1));
  });
});
