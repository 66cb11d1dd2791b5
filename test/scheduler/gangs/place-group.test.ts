import { describe, expect, test } from 'vitest';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import type { ClusterEvent } from '../../../src/scheduler/framework/index.js';
import { Job, job, type Job as JobObject, Machine, machine, model, plugins } from '../engine/machines.js';
import { engineWith, group, opinion, racked } from './gangs.js';

describe('a group', () => {
  test('is placed as a whole', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    const decision = engine.placeGroup(group(4, { cpu: 2 }));
    expect([...decision.placed.keys()]).toEqual(['default/g-0', 'default/g-1', 'default/g-2', 'default/g-3']);
    expect([...decision.placed.values()].sort()).toEqual(['m0', 'm0', 'm1', 'm1']);
    expect(decision).toMatchObject({ left: new Map(), victims: [], intended: new Map() });
    expect(decision.message).toBeUndefined();
    for (const [key, host] of decision.placed) expect(engine.hostOf(key)).toBe(host);
  });

  test('is not placed at all where one too many fits nowhere, and leaves nothing behind', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    const before = opinion(engine);
    const decision = engine.placeGroup(group(5, { cpu: 2 }));
    expect(decision.placed.size).toBe(0);
    expect(decision.message).toBe('there is no room for 5 of 5 members');
    expect(decision.left.get('default/g-4')).toBe('0/2 nodes are available: 2 full.');
    expect(decision.left.get('default/g-0')).toBe('there is no room for 5 of 5 members');
    expect([...decision.unschedulablePlugins]).toEqual(['Room']);
    expect(opinion(engine)).toEqual(before);
  });

  test('is placed as far as it fits where that is enough', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    const decision = engine.placeGroup(group(5, { cpu: 2 }), { minCount: 3 });
    expect(decision.placed.size).toBe(4);
    expect([...decision.left]).toEqual([['default/g-4', '0/2 nodes are available: 2 full.']]);
    expect(decision.message).toBeUndefined();
  });

  test('gives way to its most important members', () => {
    const engine = engineWith(machine('m', 4));
    const members = [job('low', { cpu: 4 }), job('high', { cpu: 4, priority: 1 })];
    expect([...engine.placeGroup(members, { minCount: 1 }).placed.keys()]).toEqual(['default/high']);
  });

  test('is decided with its members beside each other', () => {
    const engine = engineWith(...racked(9, 'a', 'a', 'b'));
    expect(engine.placeGroup(group(3, { cpu: 1, apart: 'g' })).placed.size).toBe(0);
    expect(engine.placeGroup(group(2, { cpu: 1, apart: 'g' })).placed.size).toBe(2);
  });

  test('of nobody, or of which nobody has to be placed, is always placed', () => {
    const engine = engineWith();
    expect(engine.placeGroup([])).toMatchObject({ placed: new Map(), left: new Map() });
    const decision = engine.placeGroup(group(1, { cpu: 1 }), { minCount: 0 });
    expect(decision.message).toBeUndefined();
    expect([...decision.left.values()]).toEqual(['no nodes available to schedule pods']);
  });

  test('may take the room that is kept for its own members, and not that of others', () => {
    const engine = engineWith(...racked(2, 'a', 'b'));
    engine.set(Job, job('g-1', { cpu: 2, keep: 'm0' }));
    engine.set(Job, job('other', { cpu: 2, keep: 'm1' }));
    expect(engine.placeGroup(group(2, { cpu: 2 })).placed.size).toBe(0);
    engine.unset(Job, { namespace: 'default', name: 'other' });
    expect(engine.placeGroup([job('g-0', { cpu: 2, only: ['m0'] }), job('g-1', { cpu: 2 })]).placed).toEqual(
      new Map([
        ['default/g-0', 'm0'],
        ['default/g-1', 'm1'],
      ]),
    );
  });

  test('keeps the room for its members where it is not placed', () => {
    const engine = engineWith(machine('m', 2));
    engine.set(Job, job('g-0', { cpu: 2, keep: 'm' }));
    expect(engine.placeGroup(group(2, { cpu: 2 })).placed.size).toBe(0);
    expect(engine.schedule(job('x', { cpu: 1 })).node).toBeUndefined();
  });

  test('is told of as single workloads are, and only when it stays', () => {
    const events: ClusterEvent<JobObject, Machine>[] = [];
    const engine = new SchedulingEngine({ plugins, model, onEvent: (event) => events.push(event) });
    engine.set(Machine, machine('m', 4));
    engine.placeGroup(group(3, { cpu: 2 }));
    engine.whatIf(() => engine.placeGroup(group(2, { cpu: 2 })));
    expect(events.map(({ type }) => type)).toEqual(['host']);
    engine.placeGroup(group(2, { cpu: 2 }));
    expect(events.map(({ type }) => type)).toEqual(['host', 'placed', 'placed']);
    expect(engine.placed).toBe(2);
  });

  test('can be taken back by a fork', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    const before = opinion(engine);
    expect(engine.whatIf(() => engine.placeGroup(group(4, { cpu: 2 })).placed.size)).toBe(4);
    expect(opinion(engine)).toEqual(before);
  });

  test('has to make sense', () => {
    const engine = engineWith(machine('m', 9));
    const members = group(2, { cpu: 1 });
    for (const minCount of [-1, 3, 1.5, Number.NaN]) {
      expect(() => engine.placeGroup(members, { minCount })).toThrow(RangeError);
    }
    expect(() => engine.placeGroup(members, { topologyKey: '' })).toThrow(/^topologyKey: expected the name/);
    expect(() => engine.placeGroup(members, { domain: 'a' })).toThrow(/^domain: expected a topologyKey/);
    expect(() => engine.placeGroup([...members, members[0] as JobObject])).toThrow(/default\/g-0 twice/);
    engine.place(members[1] as JobObject);
    expect(() => engine.placeGroup(members)).toThrow(/default\/g-1 is on "m"/);
    expect(engine.placed).toBe(1);
  });

  test('changes nothing where a plugin fails', () => {
    const failing = {
      name: 'Fails',
      filter: ({ key }: { readonly key: string }): undefined => {
        if (key === 'default/g-1') throw new Error('boom');
      },
    };
    const engine = new SchedulingEngine({ plugins: [...plugins, failing], model });
    engine.set(Machine, machine('m', 4));
    const before = opinion(engine);
    expect(() => engine.placeGroup(group(2, { cpu: 2 }))).toThrow(/Fails.*boom/);
    expect(engine.placed).toBe(0);
    expect(opinion(engine)).toEqual(before);
  });
});

describe('a group in one domain', () => {
  const topologyKey = 'rack';

  test('goes where all of it fits', () => {
    const engine = engineWith(...racked(4, 'a', 'a', 'b', 'b', 'b'), machine('loose', 100));
    const decision = engine.placeGroup(group(6, { cpu: 2 }), { topologyKey });
    expect(decision.domain).toBe('b');
    expect(new Set(decision.placed.values())).toEqual(new Set(['m2', 'm3', 'm4']));
  });

  test('goes where most of it fits', () => {
    const engine = engineWith(...racked(4, 'a', 'b', 'b', 'c'));
    const decision = engine.placeGroup(group(6, { cpu: 2 }), { topologyKey, minCount: 2 });
    expect(decision.domain).toBe('b');
    expect(decision.placed.size).toBe(4);
    expect([...decision.left.values()]).toEqual([
      "0/4 nodes are available: 2 full, 2 node(s) were outside of the group's domain.",
      "0/4 nodes are available: 2 full, 2 node(s) were outside of the group's domain.",
    ]);
  });

  test('goes where it is best, then where the least is left, then by name', () => {
    // each gets a machine of its own there
    const roomier = engineWith(machine('m0', 4, 0, 'a'), machine('m1', 4, 0, 'b'), machine('m2', 4, 0, 'b'));
    expect(roomier.placeGroup(group(2, { cpu: 2 }), { topologyKey }).domain).toBe('b');
    // m1 is too small for them, so that the scores are the same
    const fuller = engineWith(machine('m0', 4, 0, 'a'), machine('m1', 1, 0, 'a'), machine('m2', 4, 0, 'b'));
    expect(fuller.placeGroup(group(2, { cpu: 2 }), { topologyKey }).domain).toBe('b');
    const equal = engineWith(machine('m0', 4, 0, 'b'), machine('m1', 4, 0, 'a'));
    expect(equal.placeGroup(group(2, { cpu: 2 }), { topologyKey }).domain).toBe('a');
  });

  test('goes nowhere where no domain has room, or there is none', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    const before = opinion(engine);
    const { message, left, domain } = engine.placeGroup(group(3, { cpu: 2 }), { topologyKey });
    expect(message).toBe('no domain of rack has room for 3 of 3 members');
    expect([...left]).toEqual([
      ['default/g-0', message],
      ['default/g-1', message],
      [
        'default/g-2',
        "rack=a: 0/2 nodes are available: 1 full, 1 node(s) were outside of the group's domain.",
      ],
    ]);
    expect(domain).toBeUndefined();
    expect(opinion(engine)).toEqual(before);
    const zone = engine.placeGroup(group(1, { cpu: 2 }), { topologyKey: 'zone' });
    expect(zone.message).toBe('no node has the label zone');
  });

  test('goes where its members are already', () => {
    const engine = engineWith(...racked(4, 'a', 'b', 'b'));
    const options = { topologyKey, domain: 'a' };
    expect(engine.placeGroup(group(3, { cpu: 2 }), options).message).toBe(
      'no domain of rack=a has room for 3 of 3 members',
    );
    expect(engine.placeGroup(group(2, { cpu: 2 }), options).domain).toBe('a');
  });

  test('keeps to the hosts that plugins name', () => {
    const engine = engineWith(...racked(4, 'a', 'a', 'b'));
    const members = [job('x', { cpu: 1, only: ['m1', 'm2'] }), job('y', { cpu: 1, only: ['m0', 'm1'] })];
    const decision = engine.placeGroup(members, { topologyKey });
    expect(decision.domain).toBe('a');
    expect(decision.placed.get('default/x')).toBe('m1');
    const apart = [job('v', { cpu: 1, only: ['m2'] }), job('w', { cpu: 1, only: ['m0'] })];
    expect(engine.placeGroup(apart, { topologyKey }).placed.size).toBe(0);
  });

  test('takes labels with any name for what they are', () => {
    const engine = engineWith(...racked(4, 'a', 'b'));
    for (const key of ['__proto__', 'constructor']) {
      const { message } = engine.placeGroup(group(1, { cpu: 1 }), { topologyKey: key });
      expect(message).toBe(`no node has the label ${key}`);
    }
  });
});
