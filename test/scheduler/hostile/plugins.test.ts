import { describe, expect, test } from 'vitest';
import { Node } from '../../../src/resources/kinds/index.js';
import { PluginError } from '../../../src/scheduler/engine/plugin-error.js';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { unschedulable } from '../../../src/scheduler/framework/index.js';
import { engineWith, node, opinion, pluginsAnd, pod, type PodPlugin } from './bystanders.js';

/** Pods with this name are those that the plugin fails on. */
const VICTIM = 'victim';

const isVictim = ({ key }: { readonly key: string }): boolean => key.endsWith(VICTIM);

/** A plugin of which one function answers nonsense for some Pods; with `part` it is one that looks at one node at a time. */
function odd(step: string, answer: () => unknown, isLocal: boolean): PodPlugin {
  const given = (value: unknown) => (workload: { readonly key: string }) =>
    isVictim(workload) ? answer() : value;
  const plugin: object = {
    name: 'Odd',
    ...(isLocal
      ? { reads: { part: (workload: { readonly key: string }) => String(isVictim(workload)) } }
      : {}),
    ...(step === 'preScore' ? { score: () => 0 } : {}),
    [step]: given(step === 'score' ? 0 : undefined),
  };
  return plugin as PodPlugin;
}

const NO_REJECTIONS: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['a text', 'no'],
  ['true', true],
  ['null', null],
  ['a promise', Promise.resolve(undefined)],
  ['an object without a code', { reasons: ['no'] }],
  ['an unknown code', { code: 'Maybe', reasons: ['no'] }],
  ['no reasons', { code: 'Unschedulable' }],
  ['reasons that are no texts', { code: 'Unschedulable', reasons: [1, null] }],
];
const NO_SCORES: readonly (readonly [string, unknown])[] = [
  ['NaN', Number.NaN],
  ['-1', -1],
  ['101', 101],
  ['1.5', 1.5],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['a text', '50'],
  ['null', null],
  ['undefined', undefined],
  ['a bigint', 50n],
  ['a promise', Promise.resolve(50)],
];

/** Expects the plugin to fail decisions about its victims, and nobody else's; nothing is placed meanwhile. */
function expectFailure(step: string, plugin: PodPlugin, message: RegExp): void {
  const engine = engineWith(plugin);
  const before = opinion(engine);
  const ask = step === 'preEnqueue' ? 'evaluate' : undefined;
  for (const call of ['evaluate', 'schedule', 'place'] as const) {
    if (ask !== undefined && call !== ask) continue;
    let error: unknown;
    try {
      engine[call](pod(VICTIM));
    } catch (thrown) {
      error = thrown;
    }
    expect(error, call).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ plugin: 'Odd' });
    expect((error as Error).message).toMatch(message);
    expect(engine.hostOf(`default/${VICTIM}`)).toBeUndefined();
    expect(opinion(engine)).toEqual(before);
  }
}

describe.each([
  ['looks at one node at a time', true],
  ['looks at the whole cluster', false],
])('a plugin that %s', (_, isLocal) => {
  test.each(['preFilter', 'filter', 'preScore', 'score'])(
    'and throws in %s fails the decision alone',
    (step) => {
      const fail = (): never => {
        throw new Error('out of order');
      };
      expectFailure(step, odd(step, fail, isLocal), new RegExp(`${step} of the plugin "Odd": out of order`));
    },
  );

  test.each(NO_REJECTIONS)('and filters with %s fails the decision alone', (_name, answer) => {
    expectFailure(
      'filter',
      odd('filter', () => answer, isLocal),
      /filter of the plugin "Odd": .*expected/,
    );
  });

  test.each(NO_REJECTIONS)('and prepares its filter with %s fails the decision alone', (_name, answer) => {
    expectFailure(
      'preFilter',
      odd('preFilter', () => answer, isLocal),
      /preFilter of the plugin "Odd": .*expected/,
    );
  });

  test.each(NO_REJECTIONS.slice(0, 5))(
    'and prepares its score with %s fails the decision alone',
    (_name, answer) => {
      if (answer === null) return;
      expectFailure(
        'preScore',
        odd('preScore', () => answer, isLocal),
        /preScore of the plugin "Odd": .*expected/,
      );
    },
  );

  test.each(NO_SCORES)('and scores with %s fails the decision alone', (_name, answer) => {
    expectFailure(
      'score',
      odd('score', () => answer, isLocal),
      /(score|normalize) of the plugin "Odd": expected a whole/,
    );
  });

  test('and has failed is asked again', () => {
    let isBroken = true;
    const engine = engineWith(
      odd(
        'score',
        () => {
          if (isBroken) throw new Error('not yet');
          return 100;
        },
        isLocal,
      ),
    );
    expect(() => engine.schedule(pod(VICTIM))).toThrow('not yet');
    isBroken = false;
    expect(engine.schedule(pod(VICTIM)).scores.get('Odd')).toBe(100);
  });

  test('and changes its answers gives decisions that add up', () => {
    let calls = 0;
    const no = unschedulable('moody');
    const moody = odd('filter', () => ((calls += 1) % 2 === 0 ? no : undefined), isLocal);
    const engine = engineWith(moody);
    for (let at = 0; at < 20; at += 1) {
      const decision = engine.schedule(pod(VICTIM));
      const rejected = [...decision.rejections.values()].reduce((a, b) => a + b, 0);
      expect(decision.feasible + rejected).toBe(engine.hosts);
      engine.set(Node, node('a', { spec: { unschedulable: at % 2 === 0 } }));
    }
  });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['answers nonsense', () => 7],
])('a plugin that %s in preEnqueue fails the evaluation alone', (_, answer) => {
  expectFailure('preEnqueue', odd('preEnqueue', answer, false), /preEnqueue of the plugin "Odd": /);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['leaves scores below 0', (scores: number[]) => scores.fill(-1)],
  ['leaves scores above 100', (scores: number[]) => scores.fill(101)],
  ['leaves no numbers', (scores: number[]) => scores.fill(Number.NaN)],
  ['takes scores away', (scores: number[]) => scores.splice(0, 1)],
  ['adds scores', (scores: number[]) => scores.push(1)],
])('a plugin whose normalize %s fails the decision alone', (_, normalize) => {
  const plugin = { name: 'Odd', score: () => 5, normalize } as unknown as PodPlugin;
  const engine = new SchedulingEngine({ plugins: pluginsAnd(plugin) });
  engine.set(Node, node('a'));
  engine.set(Node, node('b'));
  expect(() => engine.place(pod('one'))).toThrow(PluginError);
  expect(() => engine.evaluate(pod('one'))).toThrow(/normalize of the plugin "Odd"/);
  expect(engine.placed).toBe(0);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['answers nonsense', () => 7],
  ['answers with a promise', () => Promise.resolve(undefined)],
])('a plugin whose postFilter %s fails making room alone', (_, postFilter) => {
  const plugin = { name: 'Odd', postFilter } as unknown as PodPlugin;
  const engine = new SchedulingEngine({ plugins: pluginsAnd(plugin) });
  engine.set(Node, node('a'));
  const large = pod('large', { containers: [{ name: 'c', resources: { requests: { cpu: '400' } } }] });
  expect(() => engine.makeRoom(large)).toThrow(/postFilter of the plugin "Odd"/);
  expect(engine.schedule(large).message).toBe('0/1 nodes are available: 1 Insufficient cpu.');
  expect(engine.place(pod('small')).node).toBe('a');
});

describe('plugins that make no sense are refused', () => {
  test.each<[string, unknown, RegExp]>([
    ['two of one name', [{ name: 'A' }, { name: 'A' }], /plugins\[1\]\.name: expected a name that no other/],
    ['no name', [{}], /plugins\[0\]\.name: expected a text, got undefined/],
    ['a weight of 0', [{ name: 'A', weight: 0 }], /plugins\[0\] \(A\): expected weight .* got 0/],
    ['a weight of -1', [{ name: 'A', weight: -1 }], /expected weight .* got -1/],
    ['a weight of 1.5', [{ name: 'A', weight: 1.5 }], /expected weight .* got 1\.5/],
    ['a weight of NaN', [{ name: 'A', weight: Number.NaN }], /expected weight .* got NaN/],
    ['a weight that is a text', [{ name: 'A', weight: '1' }], /expected weight .* got "1"/],
    ['a filter that is none', [{ name: 'A', filter: true }], /expected filter to be a function, got true/],
    ['an unknown normalize', [{ name: 'A', normalize: 'min' }], /expected normalize/],
    ['null', [null], /plugins\[0\]: expected a plugin, got null/],
    ['no list', undefined, /plugins: expected a list, got undefined/],
  ])('%s', (_, plugins, message) => {
    expect(() => new SchedulingEngine({ plugins: plugins as never })).toThrow(TypeError);
    expect(() => new SchedulingEngine({ plugins: plugins as never })).toThrow(message);
  });
});
