import { describe, expect, test, vi } from 'vitest';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import { PluginError } from '../../../src/scheduler/engine/plugin-error.js';
import { type Plugin, unschedulable } from '../../../src/scheduler/framework/index.js';
import { type Job, job, Machine, machine, type Machine as MachineObject, model } from './machines.js';
import { PreparingEngine } from './preparing-engine.js';

const MACHINES = 100;
const PIECE = 8;
const SMALL = unschedulable('too small');

/** Looks at each host alone, and counts how often. */
function counting(
  more: Partial<Plugin<Job, MachineObject>> = {},
): Plugin<Job, MachineObject> & { asked: number } {
  return {
    name: 'Counting',
    asked: 0,
    reads: { part: ({ object }) => String(object.spec.cpu) },
    filter(wish, on) {
      this.asked += 1;
      return wish.object.spec.cpu > on.capacity('cpu') - on.used('cpu') ? SMALL : undefined;
    },
    score: (_, on) => on.capacity('cpu'),
    ...more,
  };
}

function engineWith(...plugins: readonly Plugin<Job, MachineObject>[]): PreparingEngine<Job, MachineObject> {
  const engine = new PreparingEngine(model, plugins, 1);
  for (let at = 0; at < MACHINES; at += 1) engine.set(Machine, machine(`m${at}`, 1 + (at % 10)));
  return engine;
}

describe('what is prepared', () => {
  test('is done some hosts at a time, and left to the decision is nothing', () => {
    const plugin = counting();
    const engine = engineWith(plugin);
    const wanted = job('a', { cpu: 5 });
    let times = 0;
    for (let before = 0; !engine.prepare(wanted, 2); before = plugin.asked, times += 1) {
      expect(plugin.asked - before).toBeLessThanOrEqual(2 * PIECE);
    }
    expect(times).toBeGreaterThan(MACHINES / PIECE / 2);
    expect(plugin.asked).toBe(MACHINES);
    expect(engine.prepare(wanted, 0)).toBe(true);
    expect(engine.schedule(wanted).total).toBe(10);
    expect(plugin.asked).toBe(MACHINES);
  });

  test('does not come any further without a piece of work', () => {
    const plugin = counting();
    const engine = engineWith(plugin);
    for (let times = 0; times < 10; times += 1) expect(engine.prepare(job('a', { cpu: 5 }), 0)).toBe(false);
    expect(plugin.asked).toBe(0);
  });

  test('takes in what has changed meanwhile, and asks nobody anew about the rest', () => {
    const plugin = counting();
    const engine = engineWith(plugin);
    const wanted = job('a', { cpu: 5 });
    while (plugin.asked < MACHINES / 2) engine.prepare(wanted, 2);
    const asked = plugin.asked;
    engine.set(Machine, machine('m0', 99));
    engine.set(Machine, machine(`m${MACHINES - 1}`, 1));
    while (!engine.prepare(wanted, 2));
    // the first machine was asked again, the last one not yet at all
    expect(plugin.asked - asked).toBe(MACHINES - asked + 1);
    expect(engine.evaluate(wanted).feasible).toHaveLength(engine.schedule(wanted).feasible);
  });

  test('is the class of the first sort of all; of other sorts what they have in common, until they come again', () => {
    const plugin = counting();
    const engine = engineWith(plugin);
    expect(engine.schedule(job('a', { cpu: 5 })).feasible).toBe(60);
    expect(engine.schedule(job('b', { cpu: 5 })).feasible).toBe(60);
    expect(plugin.asked).toBe(MACHINES);
    // that a decision about it is prepared does not make it known
    const other = job('c', { cpu: 6 });
    for (let times = 0; times < 3; times += 1) while (!engine.prepare(other, 5));
    expect(plugin.asked).toBe(MACHINES);
    expect(engine.schedule(other).feasible).toBe(50);
    expect(plugin.asked).toBe(2 * MACHINES);
    while (!engine.prepare(other, 5));
    expect(plugin.asked).toBe(3 * MACHINES);
    expect(engine.schedule(other).feasible).toBe(50);
    expect(plugin.asked).toBe(3 * MACHINES);
  });

  test('is nothing where few hosts are in question, or none', () => {
    const plugin = counting();
    const only: Plugin<Job, MachineObject> = {
      name: 'Only',
      reads: { part: ({ object }) => object.spec.only?.join() ?? '', placed: false },
      preFilter: ({ object }) => ({ hosts: new Set(object.spec.only) }),
    };
    const engine = engineWith(only, plugin);
    expect(engine.prepare(job('a', { cpu: 1, only: ['m1', 'm2'] }), 2)).toBe(true);
    expect(engine.prepare(job('b', { cpu: 1, only: [] }), 2)).toBe(true);
    expect(plugin.asked).toBe(0);
    const empty = new PreparingEngine(model, [plugin], 1);
    expect(empty.prepare(job('a', { cpu: 1 }), 0)).toBe(true);
  });

  test('is nothing within a trial', () => {
    const plugin = counting();
    const engine = engineWith(plugin);
    expect(engine.cluster.trial(() => engine.prepare(job('a', { cpu: 1 }), 100))).toBe(true);
    expect(plugin.asked).toBe(0);
  });

  test('asks once those of whom nothing is remembered, so that what they count is there', () => {
    let times = 0;
    const engine = engineWith(counting(), { name: 'Counts', preFilter: () => void (times += 1) });
    const wanted = job('a', { cpu: 1 });
    while (!engine.prepare(wanted, 100));
    expect(times).toBe(1);
    engine.schedule(wanted);
    expect(engine.prepare(job('b', { cpu: 1 }), 100)).toBe(true);
    expect(times).toBe(2);
  });

  test('asks one of them at a time, and none behind one that says no to all hosts', () => {
    const asked: string[] = [];
    const saying = (name: string, plan?: typeof SMALL): Plugin<Job, MachineObject> => ({
      name,
      preFilter: () => {
        asked.push(name);
        return plan;
      },
    });
    const engine = engineWith(counting(), saying('A'), saying('B'), saying('C', SMALL), saying('D'));
    const wanted = job('a', { cpu: 1 });
    const counts: number[] = [];
    for (; !engine.prepare(wanted, 1); counts.push(asked.length));
    expect(asked).toEqual(['A', 'B', 'C']);
    expect(counts.slice(-3)).toEqual([0, 1, 2]);
  });
});

test('what plugins say that they ask for is counted from the first host on', () => {
  const found: number[] = [];
  let entered = 0;
  const index = {
    make: ({ size }: { readonly size: number }) => {
      found.push(size);
      return { hostEntered: () => void (entered += 1) };
    },
  };
  const topology = vi.spyOn(Cluster.prototype, 'topology');
  engineWith(counting({ reads: { indexes: [index], topologyKeys: ['zone', 'rack'] } }));
  expect(found).toEqual([0]);
  expect(entered).toBe(MACHINES);
  expect(topology.mock.calls).toEqual([['zone'], ['rack']]);
  topology.mockRestore();
});

describe('a plugin that throws while a decision is prepared', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const failing: readonly (readonly [what: string, plugin: Partial<Plugin<Job, MachineObject>>])[] = [
    ['reads.part', { reads: { part: boom } }],
    ['reads.version', { reads: { part: () => '', version: boom } }],
    ['preFilter', { preFilter: boom }],
    ['filter', { filter: (_, { name }) => (name === 'm50' ? boom() : undefined) }],
    ['preScore', { preScore: boom }],
    ['score', { score: (_, { name }) => (name === 'm50' ? boom() : 1) }],
  ];

  test.each(failing)('in %s throws the same at the decision, and is no reason to wait', (_, more) => {
    const engine = engineWith(counting(more));
    const wanted = job('a', { cpu: 1 });
    for (let round = 0; round < 3; round += 1) {
      let times = 0;
      while (!engine.prepare(wanted, 2)) times += 1;
      expect(times).toBeLessThan(2 * MACHINES);
      expect(() => engine.schedule(wanted)).toThrow('boom');
    }
  });

  test('is asked anew once it has come to its senses', () => {
    let isBad = true;
    const engine = engineWith(
      counting({ filter: (_, { name }) => (isBad && name === 'm50' ? boom() : undefined) }),
    );
    const wanted = job('a', { cpu: 1 });
    while (!engine.prepare(wanted, 2));
    expect(() => engine.schedule(wanted)).toThrow(PluginError);
    while (!engine.prepare(wanted, 2));
    isBad = false;
    expect(engine.schedule(wanted).feasible).toBe(MACHINES);
  });
});
