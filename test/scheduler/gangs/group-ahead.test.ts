import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GroupOptions, GroupAhead, placeGroup } from '../../../src/scheduler/gangs/index.js';
import type { Plugin } from '../../../src/scheduler/framework/index.js';
import {
  Job,
  job,
  type Job as JobObject,
  Machine,
  machine,
  type Machine as MachineObject,
  model,
} from '../engine/machines.js';
import { PreparingEngine } from '../engine/preparing-engine.js';
import { group, racked, rules } from './gangs.js';

const SEED = 20_261_126;

type Engine = PreparingEngine<JobObject, MachineObject>;

function engineWith(
  machines: readonly MachineObject[],
  plugins: readonly Plugin<JobObject, MachineObject>[] = rules,
): Engine {
  const engine = new PreparingEngine(model, plugins, 7);
  for (const each of machines) engine.set(Machine, each);
  return engine;
}

/** Groups of one engine, and what is done ahead of them. */
class Groups {
  readonly engine: Engine;
  readonly ahead: GroupAhead<JobObject, MachineObject>;
  readonly #described = new Map<JobObject, ReturnType<Engine['cluster']['describe']>>();

  constructor(engine: Engine) {
    this.engine = engine;
    this.ahead = new GroupAhead(engine.cluster);
  }

  /** Prepares a group as far as so many pieces go. */
  prepare(members: readonly JobObject[], options: GroupOptions, pieces: number): boolean {
    let left = pieces;
    return this.ahead.prepare(this.#wish(members, options), () => {
      left -= 1;
      return left < 0;
    });
  }

  place(members: readonly JobObject[], options: GroupOptions, isAhead: boolean): unknown {
    const wish = this.#wish(members, options);
    const decision = placeGroup(this.engine.cluster, wish, isAhead ? this.ahead : undefined);
    return {
      ...decision,
      victims: decision.victims.map(({ key }) => key),
      sequence: this.engine.profile.sequence,
    };
  }

  // a queue has one description of each state of a workload
  #wish(members: readonly JobObject[], options: GroupOptions) {
    const described = members.map((member) => {
      const known = this.#described.get(member) ?? this.engine.cluster.describe(member);
      this.#described.set(member, known);
      return known;
    });
    return { profile: this.engine.profile, members: described, options };
  }
}

const RACKS = ['a', 'b', 'c', 'd'];
const IN_A_RACK = { topologyKey: 'rack' };

/** A plugin that counts how many decisions there were. */
function counting(): Plugin<JobObject, MachineObject> & { decisions: number } {
  return {
    name: 'Counting',
    decisions: 0,
    preFilter() {
      this.decisions += 1;
      return undefined;
    },
  };
}

describe('the search for a group', () => {
  test('goes on in the decision where it has come to before, a rack at a time', () => {
    const plugin = counting();
    const groups = new Groups(engineWith(racked(4, ...RACKS), [...rules, plugin]));
    const members = group(2, { cpu: 2 });
    const counts: number[] = [];
    for (let pieces = 0; !groups.prepare(members, IN_A_RACK, 1) && pieces < 10; pieces += 1) {
      counts.push(plugin.decisions);
    }
    expect(counts).toEqual([2, 4, 6]);
    expect(plugin.decisions).toBe(8);
    expect(groups.place(members, IN_A_RACK, true)).toMatchObject({ domain: 'a' });
    expect(plugin.decisions).toBe(8);
  });

  test.each<readonly [what: string, change: (groups: Groups) => void]>([
    ['a machine', ({ engine }) => engine.set(Machine, machine('m9', 4, 0, 'a'))],
    ['what is placed', ({ engine }) => engine.assume(job('other', { cpu: 2 }), 'm0')],
    ['what room is kept for', ({ engine }) => engine.set(Job, job('kept', { cpu: 2, keep: 'm0' }))],
    ['what was drawn', ({ engine }) => void engine.schedule(job('x', { cpu: 1 }))],
  ])('begins anew once %s has changed, and is left to the decision where that goes on', (_, change) => {
    const plugin = counting();
    const groups = new Groups(engineWith(racked(4, ...RACKS), [...rules, plugin]));
    const members = group(2, { cpu: 2 });
    const looked = (): number => {
      const before = plugin.decisions;
      const isDone = groups.prepare(members, IN_A_RACK, 1);
      expect(isDone).toBe(plugin.decisions === before);
      return plugin.decisions - before;
    };
    for (let times = 0; times < 4; times += 1) {
      expect(looked()).toBe(2);
      change(groups);
    }
    expect(looked()).toBe(0);
    groups.place(members, IN_A_RACK, true);
    expect(groups.prepare(group(2, { cpu: 1 }), IN_A_RACK, 1)).toBe(false);
  });

  test('is another one for other members or other options', () => {
    const groups = new Groups(engineWith(racked(4, ...RACKS)));
    const members = group(3, { cpu: 2 });
    while (!groups.prepare(members, IN_A_RACK, 1));
    const { domain } = groups.place(members.slice(1), { ...IN_A_RACK, domain: 'c' }, true) as {
      domain: string;
    };
    expect(domain).toBe('c');
  });

  test('throws in the decision what a plugin throws while it is prepared', () => {
    const failing: Plugin<JobObject, MachineObject> = {
      name: 'Failing',
      filter(_, { name }) {
        if (name === 'm2') throw new Error('boom');
        return undefined;
      },
    };
    const groups = new Groups(engineWith(racked(4, ...RACKS), [...rules, failing]));
    const members = group(2, { cpu: 2 });
    let pieces = 0;
    while (!groups.prepare(members, IN_A_RACK, 1)) pieces += 1;
    expect(pieces).toBe(2);
    expect(() => groups.place(members, IN_A_RACK, true)).toThrow('boom');
  });
});

const specs = fc.record({ cpu: fc.integer({ min: 0, max: 4 }), priority: fc.integer({ min: 1, max: 3 }) });
const change = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ cpu: fc.integer({ min: 0, max: 8 }), at: fc.nat({ max: 5 }) }) },
);
const wish = fc.record({
  members: fc.array(specs, { minLength: 1, maxLength: 4 }),
  minCount: fc.integer({ min: 0, max: 4 }),
  isInOneRack: fc.boolean(),
  makeRoom: fc.boolean(),
  prepared: fc.array(fc.tuple(fc.nat({ max: 4 }), change), { maxLength: 5 }),
});
const machines = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(...RACKS)), {
  minLength: 1,
  maxLength: 6,
});

test(`a group that was prepared is placed as one that was not, whatever has changed meanwhile (seed ${SEED})`, () => {
  fc.assert(
    fc.property(machines, fc.array(wish, { minLength: 1, maxLength: 6 }), (hosts, wishes) => {
      const all = hosts.map(([cpu, rack], at) => machine(`m${at}`, cpu, 0, rack));
      const [prepared, unprepared] = [new Groups(engineWith(all)), new Groups(engineWith(all))];
      for (const [
        at,
        { members: each, minCount, isInOneRack, makeRoom, prepared: steps },
      ] of wishes.entries()) {
        const members = each.map((spec, of) => job(`w${at}-${of}`, spec));
        const options = {
          minCount: Math.min(minCount, members.length),
          makeRoom,
          ...(isInOneRack ? IN_A_RACK : {}),
        };
        for (const [pieces, changed] of steps) {
          prepared.prepare(members, options, pieces);
          if (changed === undefined) continue;
          const next = machine(`m${changed.at}`, changed.cpu, 0, RACKS[changed.at % RACKS.length]);
          for (const { engine } of [prepared, unprepared]) engine.set(Machine, next);
        }
        expect(prepared.place(members, options, true)).toEqual(unprepared.place(members, options, false));
      }
    }),
    { seed: SEED, numRuns: 300 },
  );
});
