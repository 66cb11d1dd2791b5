import { describe, expect, it } from 'vitest';
import { Node, Pod, PodDisruptionBudget } from '../../../src/resources/kinds/index.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { type Plugin, unschedulable } from '../../../src/scheduler/framework/index.js';
import { defaultPreemption } from '../../../src/scheduler/plugins/default-preemption.js';
import { nodeName } from '../../../src/scheduler/plugins/node-name.js';
import { nodeResourcesFit } from '../../../src/scheduler/plugins/node-resources-fit.js';
import { budget, node, pod, type PodSketch } from './preemption-objects.js';

/** A filter that looks at what is placed, so that hosts have to be tried: a Pod with `alone` must not be with others of that label. */
const alone: Plugin<Pod, Node> = {
  name: 'Alone',
  filter: (workload, host) =>
    host.workloads.some(
      ({ labels }) => labels['alone'] !== undefined && labels['alone'] === workload.labels['alone'],
    )
      ? unschedulable('not alone')
      : undefined,
};

type Engine = SchedulingEngine<Pod, Node>;

function engineWith(
  nodes: readonly Node[],
  pods: readonly Pod[],
  plugins: readonly Plugin<Pod, Node>[] = [],
): Engine {
  const engine = new SchedulingEngine({
    plugins: [nodeName(), nodeResourcesFit(), ...plugins, defaultPreemption()] as readonly Plugin<
      Pod,
      Node
    >[],
  });
  for (const each of nodes) engine.set(Node, each);
  for (const each of pods) engine.set(Pod, each);
  return engine;
}

/** Who has to go where, as `host: victims`, or why nobody's going helps: the same by counting and by trial. */
function chosen(engine: Engine, workload: Pod): string {
  const placement = engine.makeRoom(workload);
  const survey = engine.evaluate(workload).preemption;
  if (placement === undefined || survey === undefined) throw new Error('expected an answer');
  if (!('host' in placement)) {
    expect(survey.best).toEqual([]);
    expect(survey.message).toBe(`no new claims to deallocate, ${placement.reasons.join(', ')}`);
    return placement.reasons.join(', ');
  }
  const victims = placement.victims.map(({ key }) => key);
  expect(survey.best).toContain(placement.host);
  expect(survey.candidates.find(({ node: name }) => name === placement.host)?.victims).toEqual(victims);
  return `${placement.host}: ${victims.map((key) => key.replace('default/', '')).join(' ')}`;
}

const HIGH: PodSketch = { priority: 100, cpu: '4' };

describe('defaultPreemption: who may', () => {
  it('refuses a Pod that never wants to', () => {
    const engine = engineWith([node('a')], [pod('p', { on: 'a' })]);
    expect(chosen(engine, pod('high', { ...HIGH, preemptionPolicy: 'Never' }))).toBe(
      'preemption: not eligible due to preemptionPolicy=Never.',
    );
    expect(engine.evaluate(pod('high', { ...HIGH, preemptionPolicy: 'Never' })).preemption).toMatchObject({
      eligible: false,
      reason: 'not eligible due to preemptionPolicy=Never.',
      potentialNodes: [],
    });
  });

  const condition = (reason: string, status = 'True'): object => ({
    conditions: [{ type: 'DisruptionTarget', status, reason, lastTransitionTime: '2026-01-01T00:00:00Z' }],
  });
  const going = (status: object, sketch: PodSketch = {}): Pod =>
    pod('going', { on: 'a', isGoing: true, status, ...sketch });

  it.each([
    ['one that goes to make room', going(condition('PreemptionByScheduler')), false],
    ['one that goes for another reason', going(condition('EvictionByEvictionAPI')), true],
    ['one whose condition is not true', going(condition('PreemptionByScheduler', 'False')), true],
    ['one that goes without a condition', going({}), true],
    ['one that stays', pod('stays', { on: 'a', status: condition('PreemptionByScheduler') }), true],
    ['one of the same priority', going(condition('PreemptionByScheduler'), { priority: 100 }), true],
  ])('looks at the nominated node for %s', (_, other, eligible) => {
    const engine = engineWith([node('a'), node('b')], [other, pod('p', { on: 'b' })]);
    const { preemption } = engine.evaluate(pod('high', { ...HIGH, nominated: 'a' }));
    expect(preemption?.eligible).toBe(eligible);
  });

  it('tries again where the nominated node will not do any more, or is gone', () => {
    const engine = engineWith(
      [node('a', { cpu: '2' }), node('b')],
      [going(condition('PreemptionByScheduler')), pod('p', { on: 'b' })],
    );
    expect(chosen(engine, pod('high', { ...HIGH, nominated: 'a' }))).toBe('b: p');
    expect(chosen(engine, pod('high', { ...HIGH, nominated: 'c' }))).toBe('b: p');
  });
});

describe('defaultPreemption: room that is kept already', () => {
  const going = pod('going', {
    on: 'a',
    isGoing: true,
    status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
  });
  const full = [going, pod('p', { on: 'b', cpu: '4' })];

  it('waits for who is going, be it that the cluster alone knows where', () => {
    const engine = engineWith([node('a', { cpu: '4' }), node('b')], full);
    const high = pod('high', { priority: 100, cpu: '4' });
    expect(chosen(engine, high)).toBe('a: going');
    engine.set(Pod, pod('high', { ...HIGH, nominated: 'a' }));
    expect(engine.makeRoom(high)).toEqual({
      code: 'Pending',
      reasons: ['preemption: not eligible due to a terminating pod on the nominated node.'],
    });
  });

  it('believes the cluster and not the Pod where they differ', () => {
    const engine = engineWith([node('a'), node('b')], full);
    engine.set(Pod, pod('high', { ...HIGH, nominated: 'b' }));
    expect(chosen(engine, pod('high', { ...HIGH, nominated: 'a' }))).toBe('a: going');
    engine.unset(Pod, { name: 'high', namespace: 'default' });
    expect(engine.makeRoom(pod('high', { ...HIGH, nominated: 'a' }))).toMatchObject({ code: 'Pending' });
  });

  it('tells apart who does not want to, for whom somebody is going, and whom nobody can help', () => {
    const engine = engineWith([node('a')], [going]);
    expect(engine.makeRoom(pod('x', { ...HIGH, preemptionPolicy: 'Never' }))).toMatchObject({
      code: 'Unschedulable',
    });
    expect(engine.makeRoom(pod('x', { ...HIGH, nominated: 'a' }))).toMatchObject({ code: 'Pending' });
    expect(engine.makeRoom(pod('x', { ...HIGH, priority: 0 }))).toEqual({
      code: 'UnschedulableAndUnresolvable',
      reasons: ['preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
    });
  });
});

describe('defaultPreemption: who has to go', () => {
  it('takes the least important: by priority, and then those that were started last', () => {
    const engine = engineWith(
      [node('a')],
      [
        pod('p1', { on: 'a', priority: 5, started: 1 }),
        pod('p2', { on: 'a', priority: 1, started: 1 }),
        pod('p3', { on: 'a', priority: 1, started: 3 }),
        pod('p4', { on: 'a', priority: 1, started: 2 }),
      ],
    );
    expect(chosen(engine, pod('high', { priority: 100, cpu: '2' }))).toBe('a: p4 p3');
  });

  it('takes those that are not started yet for the youngest', () => {
    const engine = engineWith(
      [node('a', { cpu: '2' })],
      [pod('p1', { on: 'a' }), pod('p2', { on: 'a', started: 9 })],
    );
    expect(chosen(engine, pod('high', { priority: 1 }))).toBe('a: p1');
  });

  it('reads the time of the start anew', () => {
    const engine = engineWith(
      [node('a', { cpu: '1' }), node('b', { cpu: '1' })],
      [pod('p', { on: 'a', started: 5 }), pod('q', { on: 'b', started: 6 })],
    );
    expect(engine.makeRoom(pod('high', { priority: 1 }))).toMatchObject({ host: 'b' });
    engine.set(Pod, pod('p', { on: 'a', started: 7 }));
    expect(engine.makeRoom(pod('high', { priority: 1 }))).toMatchObject({ host: 'a' });
  });

  it('names the Pod whose start is no time', () => {
    const engine = engineWith(
      [node('a', { cpu: '1' })],
      [pod('p', { on: 'a', status: { startTime: 'soon' } })],
    );
    expect(() => engine.makeRoom(pod('high', { priority: 1 }))).toThrow(
      'Pod default/p: expected status.startTime to be an RFC 3339 time, got "soon"',
    );
  });

  it('lets a large Pod go and a small one stay where that is enough', () => {
    const engine = engineWith(
      [node('a')],
      [pod('big', { on: 'a', priority: 9, cpu: '3' }), pod('small', { on: 'a', priority: 1, cpu: '1' })],
    );
    expect(chosen(engine, pod('high', { priority: 100, cpu: '3' }))).toBe('a: big');
  });

  it('spares those of its own priority', () => {
    const engine = engineWith([node('a', { cpu: '1' })], [pod('p', { on: 'a', priority: 100 })]);
    expect(chosen(engine, pod('high', { priority: 100 }))).toBe(
      'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
  });

  it('makes the room that is kept for others as well', () => {
    const others = [pod('kept', { priority: 100, nominated: 'a', cpu: '1' })];
    const placed = [1, 2, 3, 4].map((n) => pod(`p${n}`, { on: 'a', started: n }));
    expect(chosen(engineWith([node('a')], placed), pod('high', { priority: 100, cpu: '2' }))).toBe(
      'a: p3 p4',
    );
    expect(
      chosen(engineWith([node('a')], [...placed, ...others]), pod('high', { priority: 100, cpu: '2' })),
    ).toBe('a: p2 p3 p4');
  });

  it('remembers nothing of room that is kept no more', () => {
    const engine = engineWith(
      [node('a', { cpu: '2' }), node('b', { cpu: '2' })],
      [
        pod('p1', { on: 'a', started: 1 }),
        pod('p2', { on: 'a', started: 9 }),
        pod('q1', { on: 'b', started: 2 }),
        pod('q2', { on: 'b', started: 8 }),
      ],
    );
    const high = pod('high', { priority: 100 });
    engine.set(Pod, pod('kept', { priority: 100, nominated: 'a' }));
    expect(engine.makeRoom(high)).toMatchObject({ host: 'b' });
    engine.unset(Pod, { name: 'kept', namespace: 'default' });
    expect(engine.makeRoom(high)).toMatchObject({ host: 'a' });
    engine.set(Pod, pod('kept', { priority: 99, nominated: 'a' }));
    expect(engine.makeRoom(high)).toMatchObject({ host: 'a' });
  });

  it('does not take what it remembers of one Pod for another that is rejected for something else', () => {
    const first: Plugin<Pod, Node> = {
      name: 'First',
      reads: { part: ({ labels }) => labels['no'] ?? '', placed: false },
      filter: ({ labels }, { name }) => (labels['no'] === name ? unschedulable('not here') : undefined),
    };
    const engine = new SchedulingEngine({
      plugins: [first, nodeResourcesFit(), defaultPreemption()] as readonly Plugin<Pod, Node>[],
    });
    for (const name of ['a', 'b']) {
      engine.set(Node, node(name));
      engine.set(Pod, pod(`p-${name}`, { on: name, cpu: '4' }));
    }
    expect(engine.makeRoom(pod('x', { ...HIGH, labels: { no: 'a' } }))).toMatchObject({ host: 'b' });
    expect(engine.makeRoom(pod('y', { ...HIGH, labels: { no: 'b' } }))).toMatchObject({ host: 'a' });
    expect(engine.makeRoom(pod('x', { ...HIGH, labels: { no: 'a' } }))).toMatchObject({ host: 'b' });
    engine.unset(Node, { name: 'b' });
    expect(chosen(engine, pod('x', { ...HIGH, labels: { no: 'a' } }))).toBe(
      'preemption: 0/1 nodes are available: 1 not here.',
    );
  });

  it('tries where another filter looks at what is placed', () => {
    const engine = engineWith(
      [node('a'), node('b')],
      [
        pod('p1', { on: 'a', labels: { alone: 'x' }, priority: 7 }),
        pod('p2', { on: 'a', priority: 1 }),
        pod('p3', { on: 'b', labels: { alone: 'x' }, priority: 100 }),
        pod('p4', { on: 'b' }),
      ],
      [alone],
    );
    const high = pod('high', { priority: 100, cpu: '1', labels: { alone: 'x' } });
    expect(chosen(engine, high)).toBe('a: p1');
    expect(engine.evaluate(high).preemption?.rejected).toEqual({
      b: { code: 'Unschedulable', plugin: 'Alone', reasons: ['not alone'] },
    });
  });

  it('asks the filters behind the one that said no', () => {
    const later: Plugin<Pod, Node> = {
      name: 'Later',
      reads: { part: () => '', placed: false },
      filter: (_, { name }) => (name === 'a' ? unschedulable('not here') : undefined),
    };
    const pods = ['a', 'b'].map((name) => pod(`p-${name}`, { on: name, cpu: '4' }));
    expect(chosen(engineWith([node('a'), node('b')], pods, [later]), pod('high', HIGH))).toBe('b: p-b');
    expect(chosen(engineWith([node('a')], pods, [later]), pod('high', HIGH))).toBe(
      'preemption: 0/1 nodes are available: 1 not here.',
    );
  });

  it('does not count what NodeResourcesFit is told not to count', () => {
    const requests = { cpu: '1', 'example.com/gpu': '1' };
    const engine = new SchedulingEngine<Pod, Node>({
      plugins: [
        nodeResourcesFit({ ignoredResources: ['example.com/gpu'] }),
        defaultPreemption(),
      ] as readonly Plugin<Pod, Node>[],
    });
    engine.set(Node, node('a', { cpu: '2', 'example.com/gpu': '1' }));
    engine.set(Pod, pod('p1', { on: 'a', requests, started: 1 }));
    engine.set(Pod, pod('p2', { on: 'a', requests, started: 2 }));
    expect(chosen(engine, pod('high', { priority: 1, requests }))).toBe('a: p2');
  });
});

describe('defaultPreemption: a plugin that says what room it needs', () => {
  const needs = new Map([['cpu', 4]]);
  const full = unschedulable('full');

  it('is named where it says it wrongly', () => {
    const odd = (room: () => unknown): Plugin<Pod, Node> =>
      ({ name: 'Odd', reads: { room }, filter: () => full }) as unknown as Plugin<Pod, Node>;
    for (const room of [() => undefined, () => [4], () => new Map([['cpu', '4']])]) {
      const engine = new SchedulingEngine<Pod, Node>({ plugins: [odd(room), defaultPreemption()] });
      engine.set(Node, node('a'));
      engine.set(Pod, pod('p', { on: 'a' }));
      expect(() => engine.makeRoom(pod('high', HIGH))).toThrow(
        /^running reads\.room of the plugin "Odd": expected a Map of numbers, got /,
      );
    }
  });

  it('is tried where there are two of them', () => {
    const second: Plugin<Pod, Node> = {
      name: 'Second',
      reads: { part: () => '', room: () => needs },
      filter: (_, host) => (host.capacity('cpu') - host.used('cpu') < 4 ? full : undefined),
    };
    const engine = engineWith([node('a')], [pod('p1', { on: 'a' }), pod('p2', { on: 'a' })], [second]);
    expect(chosen(engine, pod('high', { priority: 1, cpu: '3' }))).toMatch(/^a: /);
  });
});

describe('defaultPreemption: budgets', () => {
  const web = { labels: { app: 'web' } };
  const pods = [
    pod('p1', { on: 'a', priority: 3, started: 1 }),
    pod('p2', { on: 'a', priority: 2, started: 1, ...web }),
    pod('p3', { on: 'a', priority: 1, started: 1, ...web }),
  ];
  const select = { matchLabels: { app: 'web' } };

  it.each([
    ['no budget', [], 'a: p3'],
    ['one that allows it', [budget('b', select, 2)], 'a: p3'],
    ['one that allows only the more important', [budget('b', select, 1)], 'a: p2'],
    ['one that allows nothing', [budget('b', select, 0)], 'a: p1'],
    ['several, of which one is exceeded', [budget('b', select, 9), budget('c', select, 1)], 'a: p2'],
    ['one of another namespace', [budget('b', select, 0, {}, 'other')], 'a: p3'],
    ['one that has counted a Pod already', [budget('b', select, 0, { p3: '2026-01-01T00:00:00Z' })], 'a: p3'],
    ['one without a selector', [budget('b', undefined, 0)], 'a: p3'],
    ['one with an empty selector', [budget('b', {}, 0)], 'a: p3'],
    [
      'one in error',
      [budget('b', { matchExpressions: [{ key: 'app', operator: 'Is', values: [] }] }, 0)],
      'a: p3',
    ],
    ['one without a status', [{ ...budget('b', select, 0), status: undefined } as never], 'a: p1'],
  ])('heeds %s', (_, budgets, expected) => {
    const engine = engineWith([node('a', { cpu: '3' })], pods);
    for (const each of budgets) engine.set(PodDisruptionBudget, each);
    expect(chosen(engine, pod('high', { priority: 100 }))).toBe(expected);
  });

  it('heeds a change of a budget at once', () => {
    const engine = engineWith([node('a', { cpu: '3' })], pods);
    engine.set(PodDisruptionBudget, budget('b', select, 0));
    expect(chosen(engine, pod('high', { priority: 100 }))).toBe('a: p1');
    engine.set(PodDisruptionBudget, budget('b', select, 1));
    expect(chosen(engine, pod('high', { priority: 100 }))).toBe('a: p2');
    engine.unset(PodDisruptionBudget, { name: 'b', namespace: 'default' });
    expect(chosen(engine, pod('high', { priority: 100 }))).toBe('a: p3');
  });

  it('takes a Pod without labels to have no budget', () => {
    const engine = engineWith([node('a', { cpu: '1' }), node('b', { cpu: '1' })], [pod('p', { on: 'a' })]);
    engine.set(Pod, pod('q', { on: 'b', ...web }));
    engine.set(
      PodDisruptionBudget,
      budget('b', { matchExpressions: [{ key: 'no', operator: 'DoesNotExist' }] }, 0),
    );
    expect(engine.evaluate(pod('high', { priority: 1 })).preemption?.candidates).toEqual([
      { node: 'a', victims: ['default/p'], pdbViolations: 0 },
      { node: 'b', victims: ['default/q'], pdbViolations: 1 },
    ]);
  });
});

describe('defaultPreemption: which node', () => {
  const whole = { cpu: '4' };

  it('takes the fewest budgets exceeded first', () => {
    const engine = engineWith(
      [node('a'), node('b')],
      [
        pod('p', { on: 'a', labels: { app: 'web' }, ...whole }),
        pod('q', { on: 'b', priority: 50, ...whole }),
      ],
    );
    expect(chosen(engine, pod('high', HIGH))).toBe('a: p');
    engine.set(PodDisruptionBudget, budget('b', { matchLabels: { app: 'web' } }, 0));
    expect(chosen(engine, pod('high', HIGH))).toBe('b: q');
  });

  it.each<[string, readonly Pod[], string]>([
    [
      'the lowest highest priority',
      [
        pod('p', { on: 'a', priority: 2, ...whole }),
        ...[1, 2, 3, 4].map((n) => pod(`q${n}`, { on: 'b', priority: 1, started: n })),
      ],
      'b: q1 q2 q3 q4',
    ],
    [
      'the smallest sum of priorities',
      [
        ...[1, 2].map((n) => pod(`p${n}`, { on: 'a', priority: 2, cpu: '2' })),
        ...[1, 2].map((n) => pod(`q${n}`, { on: 'b', priority: n, cpu: '2' })),
      ],
      'b: q2 q1',
    ],
    [
      'fewer victims of negative priorities',
      [
        ...[1, 2].map((n) => pod(`p${n}`, { on: 'a', priority: -5, cpu: '2' })),
        pod('q', { on: 'b', priority: -5, ...whole }),
      ],
      'b: q',
    ],
    [
      'the youngest of the most important victims',
      [pod('p', { on: 'a', started: 5, ...whole }), pod('q', { on: 'b', started: 6, ...whole })],
      'b: q',
    ],
    [
      'one that is not started before one that is',
      [pod('p', { on: 'a', started: 5, ...whole }), pod('q', { on: 'b', ...whole })],
      'b: q',
    ],
    ['the first of equals', [pod('p', { on: 'a', ...whole }), pod('q', { on: 'b', ...whole })], 'a: p'],
  ])('takes %s', (_, pods, expected) => {
    expect(chosen(engineWith([node('a'), node('b')], pods), pod('high', HIGH))).toBe(expected);
  });

  it('surveys all that are equal', () => {
    const engine = engineWith(
      [node('b'), node('a')],
      [pod('p', { on: 'a', ...whole }), pod('q', { on: 'b', ...whole })],
    );
    expect(engine.evaluate(pod('high', HIGH)).preemption).toEqual({
      eligible: true,
      potentialNodes: ['b', 'a'],
      candidates: [
        { node: 'a', victims: ['default/p'], pdbViolations: 0 },
        { node: 'b', victims: ['default/q'], pdbViolations: 0 },
      ],
      rejected: {},
      best: ['a', 'b'],
    });
  });
});

describe('defaultPreemption: why not', () => {
  it('says what is short still, and where it would not help', () => {
    const engine = engineWith(
      [node('a'), node('b', { cpu: '2' }), node('c', { cpu: '4', memory: '1Gi' }), node('d')],
      [
        pod('p', { on: 'a', priority: 100 }),
        pod('q', { on: 'a', priority: 1 }),
        pod('r', { on: 'c', priority: 1 }),
        pod('s', { on: 'd', priority: 200, cpu: '4' }),
      ],
    );
    expect(chosen(engine, pod('high', HIGH))).toBe('c: r');
    expect(chosen(engine, pod('high', { priority: 100, requests: { cpu: '4', memory: '2Gi' } }))).toBe(
      'preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.',
    );
    engine.unset(Node, { name: 'c' });
    expect(chosen(engine, pod('high', HIGH))).toBe(
      'preemption: 0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    );
  });
});
