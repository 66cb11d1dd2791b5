import { describe, expect, test } from 'vitest';
import { Node, Pod, Service } from '../../../src/resources/kinds/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { attempt, engineWith, expectRefusal, expectSurvival, node, opinion, pod } from './bystanders.js';

const requesting = (requests: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> => ({
  containers: [{ name: 'c', resources: { requests } }],
});

describe('a node', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['without a status', { status: undefined }],
    ['without allocatable', { status: {} }],
    ['whose allocatable is empty', { status: { allocatable: {} } }],
    ['without a spec', { spec: undefined, status: {} }],
  ])('%s has no room, and changes nothing for others', (_, change) => {
    const engine = engineWith();
    engine.set(Node, node('d', change));
    expect(engine.evaluate(pod('p')).rejected['d']?.reasons.toSorted()).toEqual([
      'Insufficient cpu',
      'Too many pods',
    ]);
    expect(engine.place(pod('p')).node).toMatch(/^[abc]$/);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'a negative amount',
      { cpu: '-1' },
      /Node "a": status\.allocatable\.cpu: expected .* at least 0, got "-1"/,
    ],
    [
      'no quantity',
      { memory: 'lots' },
      /Node "a": status\.allocatable\.memory: expected a quantity .* got "lots"/,
    ],
    ['null', { pods: null }, /Node "a": status\.allocatable\.pods: expected a quantity .* got null/],
    ['an object', { 'example.com/gpu': {} }, /Node "a": status\.allocatable\.example\.com\/gpu: expected/],
  ])('that has %s of something is refused, new or not', (_, allocatable, message) => {
    const engine = engineWith();
    expectRefusal(engine, () => engine.set(Node, node('a', { status: { allocatable } })), message);
    const renamed = new RegExp(message.source.replace('"a"', '"new"'));
    expectRefusal(engine, () => engine.set(Node, node('new', { status: { allocatable } })), renamed);
  });

  test('that has more than can be counted exactly has as much as can be', () => {
    const engine = engineWith();
    engine.set(Node, node('d', { status: { allocatable: { cpu: '9E', memory: '16E', pods: '1E' } } }));
    const wish = pod('p', requesting({ cpu: '1000000', memory: '1Pi' }));
    expect(engine.place(wish).node).toBe('d');
    engine.set(Pod, pod('huge', { nodeName: 'd', ...requesting({ memory: '16E' }) }));
    expect(engine.evaluate(pod('q', requesting({ memory: '1' }))).rejected['d']?.reasons).toEqual([
      'Insufficient memory',
    ]);
    engine.unset(Pod, { name: 'huge', namespace: 'default' });
    expect(engine.evaluate(pod('q', requesting({ memory: '1' }))).feasible).toContain('d');
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['taints that are null', { spec: { taints: null } }],
    ['labels that are null', { metadata: { name: 'a', labels: null } }],
    [
      'labels that are no texts',
      { metadata: { name: 'a', labels: { zone: 1, 'kubernetes.io/hostname': null } } },
    ],
    ['taints of which one is null', { spec: { taints: [null] } }],
    ['taints that are a text', { spec: { taints: 'x' } }],
    ['images that are a text', { status: { images: 'x' } }],
    ['images without names', { status: { allocatable: { cpu: '4', pods: '5' }, images: [{}] } }],
    ['features that are null', { status: { allocatable: { cpu: '4', pods: '5' }, declaredFeatures: null } }],
    ['a taint of an unknown effect', { spec: { taints: [{ key: 'x', effect: 'Never' }] } }],
    ['images that are null', { status: { allocatable: { cpu: '4', pods: '5' }, images: null } }],
    ['a very long label', { metadata: { name: 'a', labels: { zone: 'z'.repeat(1_000_000) } } }],
  ])('with %s is taken or refused, and others are decided about', (_, change) => {
    const engine = engineWith();
    const before = opinion(engine);
    attempt(() => engine.set(Node, node('a', change)));
    opinion(engine);
    engine.set(Node, node('a'));
    expect(opinion(engine)).toEqual(before);
  });

  test('that is set twice, or is not there when it goes, makes no difference', () => {
    const engine = engineWith();
    const before = opinion(engine);
    engine.set(Node, node('a'));
    engine.set(Node, node('a'));
    engine.unset(Node, { name: 'nobody' });
    engine.unset(Pod, { name: 'nobody', namespace: 'default' });
    engine.unset(Service, { name: 'nobody', namespace: 'default' });
    expect(opinion(engine)).toEqual(before);
  });

  test('that comes after its Pods has them all, however often it goes and comes', () => {
    const engine = new SchedulingEngine({ plugins: defaultPlugins() });
    for (let at = 0; at < 4; at += 1) engine.set(Pod, pod(`p${at}`, { nodeName: 'late' }));
    for (let round = 0; round < 3; round += 1) {
      expect(engine.schedule(pod('p')).message).toBe('no nodes available to schedule pods');
      engine.set(Node, node('late'));
      expect(engine.schedule(pod('p')).message).toBe('0/1 nodes are available: 1 Insufficient cpu.');
      engine.unset(Node, { name: 'late' });
    }
    engine.unset(Pod, { name: 'p0', namespace: 'default' });
    engine.set(Node, node('late'));
    expect(engine.place(pod('p')).node).toBe('late');
  });
});

describe('a pod', () => {
  test.each([null, undefined, 'all', {}])('whose containers are %s is refused', (containers) => {
    const engine = engineWith();
    for (const spec of [{ containers }, { containers, nodeName: 'a' }]) {
      expectRefusal(
        engine,
        () => engine.set(Pod, pod('odd', { nodeName: 'a', ...spec })),
        /spec\.containers: expected a list/,
      );
      expectRefusal(engine, () => engine.place(pod('odd', spec)), /spec\.containers: expected a list/);
    }
  });

  test.each(['none', '', '1 cpu', 'NaN', '1e999999999'])('that requests %j is refused', (cpu) => {
    const engine = engineWith();
    const message = /spec\.containers\[0\]\.resources\.requests\.cpu: expected a quantity/;
    expectRefusal(
      engine,
      () => engine.set(Pod, pod('odd', { nodeName: 'a', ...requesting({ cpu }) })),
      message,
    );
    expectRefusal(engine, () => engine.place(pod('odd', requesting({ cpu }))), message);
  });

  test('that goes on making no sense stays as it was', () => {
    const engine = engineWith();
    const change = pod('one', { nodeName: 'b', ...requesting({ cpu: 'none' }) });
    expectRefusal(engine, () => engine.set(Pod, change), /requests\.cpu/);
    expect(engine.hostOf('default/one')).toBe('a');
  });

  test('without containers goes wherever others let it', () => {
    const engine = engineWith();
    expect(engine.evaluate(pod('empty', { containers: [] })).feasible).toEqual(['a', 'c']);
  });

  test('that requests a negative amount gives no room away', () => {
    const engine = engineWith();
    for (let at = 0; at < 20; at += 1)
      engine.set(Pod, pod(`n${at}`, { nodeName: 'b', ...requesting({ cpu: '-9' }) }));
    const { rejected } = engine.evaluate(pod('p', requesting({ cpu: '3500m' })));
    expect(rejected['b']?.reasons).toContain('Insufficient cpu');
  });

  test('of 1,000 containers, 10,000 tolerations and 1,000 terms is decided about', () => {
    const many = <T>(count: number, make: (at: number) => T): T[] =>
      Array.from({ length: count }, (_, at) => make(at));
    const term = (at: number): unknown => ({
      topologyKey: 'zone',
      labelSelector: { matchLabels: { app: `a${at}` } },
    });
    expectSurvival(engineWith(), 'huge', (spec) =>
      pod('huge', {
        containers: many(1_000, (at) => ({ name: `c${at}`, resources: { requests: { cpu: '1m' } } })),
        tolerations: many(10_000, (at) => ({ key: `k${at}`, operator: 'Exists' })),
        affinity: {
          podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: many(1_000, term) },
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: many(10_000, (at) => ({
                matchExpressions: [{ key: 'zone', operator: 'In', values: [`z${at}`] }],
              })),
            },
          },
        },
        ...spec,
      }),
    );
  });

  test('whose conditions contradict one another goes nowhere', () => {
    const expressions = [
      { key: 'zone', operator: 'Exists' },
      { key: 'zone', operator: 'DoesNotExist' },
    ];
    const required = { nodeSelectorTerms: [{ matchExpressions: expressions }] };
    const wish = pod('p', {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    });
    expect(engineWith().place(wish).message).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
    );
  });
});

describe.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the name %s is one like any other',
  (name) => {
    const own = (value: unknown): Record<string, unknown> => Object.fromEntries([[name, value]]);

    test('for labels', () => {
      const engine = engineWith();
      const wish = pod('p', { nodeSelector: own('x') });
      expect(engine.schedule(wish).feasible).toBe(0);
      engine.set(Node, node('b', { metadata: { name: 'b', labels: own('x') } }));
      expect(engine.place(wish).node).toBe('b');
      const term = { topologyKey: name, labelSelector: { matchLabels: { app: 'y' } } };
      const apart = pod(
        'q',
        { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
        { metadata: { name: 'q', namespace: 'default', labels: { ...own('y'), app: 'y' } } },
      );
      engine.set(Pod, { ...apart, spec: { ...apart.spec, nodeName: 'b' } });
      expect(engine.evaluate({ ...apart, metadata: { ...apart.metadata, name: 'r' } }).feasible).toEqual([
        'a',
        'c',
      ]);
    });

    test('for resources', () => {
      const engine = engineWith();
      const resource = `example.com/${name}`;
      const allocatable = { cpu: '4', pods: '10', [resource]: '1', ...(own('5') as Record<string, string>) };
      engine.set(Node, node('c', { status: { allocatable } }));
      expect(engine.place(pod('p', requesting({ [resource]: '1' }))).node).toBe('c');
      expect(
        engine.schedule(pod('q', requesting({ [resource]: '1' }))).rejections.get(`Insufficient ${resource}`),
      ).toBe(3);
    });

    test('for nodes, Pods and namespaces', () => {
      const engine = engineWith();
      engine.set(Node, node(name, { status: { allocatable: { cpu: '64', memory: '64Gi', pods: '9' } } }));
      const wish = pod(name, requesting({ cpu: '30' }), { metadata: { name, namespace: name } });
      expect(engine.place(wish).node).toBe(name);
      expect(engine.hostOf(`${name}/${name}`)).toBe(name);
      const { rejected } = engine.evaluate(pod('p', requesting({ cpu: '40' })));
      expect(Object.hasOwn(rejected, name)).toBe(true);
      expect(Object.getOwnPropertyDescriptor(rejected, name)?.value).toMatchObject({
        plugin: 'NodeResourcesFit',
      });
    });
  },
);
