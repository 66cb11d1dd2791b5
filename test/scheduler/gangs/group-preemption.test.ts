import { describe, expect, test } from 'vitest';
import { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { Cluster } from '../../../src/scheduler/cluster/index.js';
import type { HostInfo, Plugin, WorkloadInfo } from '../../../src/scheduler/framework/index.js';
import {
  Job,
  job,
  type Job as JobObject,
  type Machine,
  machine,
  model,
  plugins,
} from '../engine/machines.js';
import { engineWith, group, opinion, racked } from './gangs.js';

/** Fills machines with jobs of two each, of a priority for each machine. */
function filled(
  cpu: number,
  priorities: Readonly<Record<string, number>>,
): SchedulingEngine<JobObject, Machine> {
  const engine = engineWith(...racked(cpu, 'a', 'a', 'b', 'b'));
  for (const [machineName, priority] of Object.entries(priorities)) {
    for (let at = 0; at * 2 < cpu; at += 1) {
      engine.set(Job, job(`${machineName}-${at}`, { cpu: 2, priority, machine: machineName }));
    }
  }
  return engine;
}

/** An engine with one machine, where a plugin pushes off whom `victimsOn` names. */
function engineThatEvicts(
  victimsOn: (host: HostInfo<JobObject, Machine>) => readonly WorkloadInfo<JobObject>[],
): SchedulingEngine<JobObject, Machine> {
  const evict: Plugin<JobObject, Machine> = {
    name: 'Evict',
    postFilter(_job, cluster) {
      const [host] = cluster.hosts();
      return host === undefined ? undefined : { host: host.name, victims: [...victimsOn(host)] };
    },
  };
  const engine = new SchedulingEngine({ plugins: [...plugins, evict], model });
  engine.set(model.host, machine('m', 4));
  return engine;
}

const keys = (workloads: readonly { readonly key: string }[]): string[] =>
  workloads.map(({ key }) => key.slice('default/'.length)).sort();

describe('a group that others make room for', () => {
  test('names those that have to go, and changes nothing', () => {
    const engine = filled(4, { m0: 0, m1: 0, m2: 5, m3: 5 });
    const before = opinion(engine);
    const members = group(2, { cpu: 4, priority: 3 });
    expect(engine.placeGroup(members).victims).toEqual([]);
    const decision = engine.placeGroup(members, { makeRoom: true });
    expect(keys(decision.victims)).toEqual(['m0-0', 'm0-1', 'm1-0', 'm1-1']);
    expect([...decision.intended.values()].sort()).toEqual(['m0', 'm1']);
    expect(decision.placed.size).toBe(0);
    expect(decision.message).toBe('4 others have to go before 2 members can be placed');
    expect(opinion(engine)).toEqual(before);
  });

  test('is placed once they have gone, while its room is kept', () => {
    const engine = filled(4, { m0: 0, m1: 0, m2: 5, m3: 5 });
    const members = group(2, { cpu: 4, priority: 3 });
    const { intended, victims } = engine.placeGroup(members, { makeRoom: true });
    for (const member of members) {
      const keep = intended.get(`default/${member.metadata.name}`) as string;
      engine.set(Job, { ...member, spec: { ...member.spec, keep } });
    }
    for (const { object } of victims) engine.unset(Job, object.metadata);
    expect(engine.place(job('thief', { cpu: 1, priority: 1 })).node).toBeUndefined();
    expect(engine.placeGroup(members).placed.size).toBe(2);
  });

  test('needs no one to go where it fits', () => {
    const engine = filled(4, { m0: 0 });
    const decision = engine.placeGroup(group(3, { cpu: 4, priority: 3 }), { makeRoom: true });
    expect(decision.placed.size).toBe(3);
    expect(decision.victims).toEqual([]);
  });

  test('pushes nobody off where it would not fit even so', () => {
    const engine = filled(4, { m0: 0, m1: 0, m2: 5, m3: 5 });
    const before = opinion(engine);
    const decision = engine.placeGroup(group(3, { cpu: 4, priority: 3 }), { makeRoom: true });
    expect(decision).toMatchObject({ victims: [], placed: new Map(), intended: new Map() });
    expect(decision.message).toBe('there is no room for 3 of 3 members');
    expect(opinion(engine)).toEqual(before);
  });

  test('pushes off no more than it takes for enough of it', () => {
    const engine = filled(4, { m0: 0, m1: 0, m2: 0 });
    const decision = engine.placeGroup(group(4, { cpu: 4, priority: 3 }), { makeRoom: true, minCount: 2 });
    expect(decision.victims).toHaveLength(2);
    expect(decision.intended.size).toBe(2);
    expect(decision.left.size).toBe(2);
  });

  test('lets those stay who need not go after all', () => {
    // the first member is told to push `small` off, the second to push `large` off the same machine: then there is room for `small`
    const engine = engineWith(machine('m', 10));
    engine.set(Job, job('small', { cpu: 2, priority: 0, machine: 'm' }));
    engine.set(Job, job('large', { cpu: 8, priority: 1, machine: 'm' }));
    const decision = engine.placeGroup(group(2, { cpu: 2, priority: 3 }), { makeRoom: true });
    expect(keys(decision.victims)).toEqual(['large']);
    expect(decision.intended.size).toBe(2);
  });

  test('never makes room by pushing off its own members', () => {
    const engine = engineThatEvicts(({ workloads }) => workloads);
    const before = opinion(engine);
    const decision = engine.placeGroup(group(2, { cpu: 4 }), { makeRoom: true });
    expect(decision).toMatchObject({ placed: new Map(), victims: [], intended: new Map() });
    expect(opinion(engine)).toEqual(before);
    engine.set(Job, job('other', { cpu: 4, machine: 'm' }));
    expect(keys(engine.placeGroup(group(1, { cpu: 4 }), { makeRoom: true }).victims)).toEqual(['other']);
  });

  test('asks for victims that are there', () => {
    const engine = engineThatEvicts(() => [new Cluster(model).describe(job('nobody', { cpu: 1 }))]);
    const before = opinion(engine);
    expect(() => engine.placeGroup(group(2, { cpu: 4 }), { makeRoom: true })).toThrow(
      new TypeError(
        'Expected plugins to make room by removing what is placed, and default/nobody is not placed',
      ),
    );
    expect(opinion(engine)).toEqual(before);
  });

  test('goes to the domain where those that go matter the least', () => {
    const topologyKey = 'rack';
    const members = group(2, { cpu: 4, priority: 3 });
    const one = filled(4, { m0: 0, m1: 2, m2: 1, m3: 1 });
    expect(one.placeGroup(members, { makeRoom: true, topologyKey })).toMatchObject({ domain: 'b' });
    const two = filled(4, { m0: 0, m1: 0, m3: 0 });
    const decision = two.placeGroup(members, { makeRoom: true, topologyKey });
    expect(decision.domain).toBe('b');
    expect(keys(decision.victims)).toEqual(['m3-0', 'm3-1']);
    expect([...decision.intended.values()].sort()).toEqual(['m2', 'm3']);
  });
});
