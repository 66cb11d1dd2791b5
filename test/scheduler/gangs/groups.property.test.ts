import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupDecision } from '../../../src/scheduler/gangs/index.js';
import type { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { Job, job, type Job as JobObject, type Machine, machine } from '../engine/machines.js';
import { engineWith, opinion } from './gangs.js';

const SEED = 20_261_122;

type Engine = SchedulingEngine<JobObject, Machine>;

interface Wish {
  readonly members: readonly (Partial<JobObject['spec']> & { readonly cpu: number })[];
  readonly minCount: number;
  readonly isInOneRack: boolean;
  readonly makeRoom: boolean;
}

const name = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: count - 1 }).map((at) => `${prefix}${at}`);
// most members say where they want to be in few ways, so that groups have a chance
const spec = fc
  .record({
    cpu: fc.integer({ min: 0, max: 4 }),
    bears: fc.integer({ min: 1, max: 4 }),
    priority: fc.integer({ min: 1, max: 3 }),
    wishes: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.record({ rack: name('r', 3) }) },
      { weight: 2, arbitrary: fc.record({ apart: name('g', 2) }) },
      { weight: 2, arbitrary: fc.record({ near: name('g', 2) }) },
      { weight: 1, arbitrary: fc.record({ only: fc.array(name('m', 6), { minLength: 1, maxLength: 3 }) }) },
    ),
  })
  .map(({ wishes, ...rest }) => ({ ...rest, ...wishes }));
const wish: fc.Arbitrary<Wish> = fc.record({
  members: fc.array(spec, { minLength: 1, maxLength: 5 }),
  minCount: fc.integer({ min: 0, max: 5 }),
  isInOneRack: fc.boolean(),
  makeRoom: fc.boolean(),
});
const machines = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 2 }), fc.option(name('r', 3))),
  { minLength: 1, maxLength: 6 },
);

/** Jobs of the lowest priority, which are there before. */
const residents = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 10 });

/** Every member fits where it is to go, beside all others, once the victims have gone; and each of them has to go. */
function expectFit(engine: Engine, members: readonly JobObject[], decision: GroupDecision<JobObject>): void {
  const wrong = (stays?: string): string[] =>
    engine.whatIf(() => {
      for (const { key, object } of decision.victims) if (key !== stays) engine.unset(Job, object.metadata);
      const placed = members.filter(({ metadata }) => decision.intended.has(`default/${metadata.name}`));
      const hostOf = (member: JobObject): string =>
        decision.intended.get(`default/${member.metadata.name}`) as string;
      for (const member of placed) engine.assume(member, hostOf(member));
      return placed
        .filter((member) => !engine.evaluate(member).feasible.includes(hostOf(member)))
        .map(({ metadata }) => metadata.name);
    });
  expect(wrong()).toEqual([]);
  for (const { key } of decision.victims) expect(wrong(key)).not.toEqual([]);
}

describe('groups', () => {
  test(`are placed as a whole or leave nothing behind, whatever is tried in whatever order (seed ${SEED})`, () => {
    let groups = 0;
    let placedGroups = 0;
    let preempting = 0;
    fc.assert(
      fc.property(
        machines,
        residents,
        fc.array(wish, { minLength: 1, maxLength: 6 }),
        (hosts, there, wishes) => {
          const all = hosts.map(([cpu, dirt, rack], at) => machine(`m${at}`, cpu, dirt, rack ?? undefined));
          const engine = engineWith(...all);
          // the same, which is only told what became of each group
          const other = engineWith(...all);
          const sizes = new Map(all.map(({ metadata, spec: { cpu } }) => [metadata.name, cpu]));
          const rackOf = new Map(all.map(({ metadata }) => [metadata.name, metadata.labels?.['rack']]));
          const used = new Map<string, number>();
          for (const [at, cpu] of there.entries()) {
            const { node } = engine.place(job(`r${at}`, { cpu }));
            if (node === undefined) continue;
            other.assume(job(`r${at}`, { cpu }), node);
            used.set(node, (used.get(node) ?? 0) + cpu);
          }
          for (const [at, { members: specs, minCount, isInOneRack, makeRoom }] of wishes.entries()) {
            const members = specs.map((each, of) => job(`w${at}-${of}`, each));
            const least = Math.min(minCount, members.length);
            const before = opinion(engine);
            const decision = engine.placeGroup(members, {
              minCount: least,
              makeRoom,
              ...(isInOneRack ? { topologyKey: 'rack' } : {}),
            });
            const { placed, intended, left, victims, domain } = decision;
            groups += 1;
            const isPlaced = decision.message === undefined;
            for (const [key, host] of placed) {
              expect(engine.hostOf(key)).toBe(host);
              if (isInOneRack) expect(rackOf.get(host)).toBe(domain);
            }
            expect(placed.size + intended.size + left.size).toBe(members.length);
            if (isPlaced) {
              placedGroups += 1;
              expect(placed.size).toBeGreaterThanOrEqual(least);
              expect(victims).toEqual([]);
            } else {
              expect(placed.size).toBe(0);
              expect(opinion(engine)).toEqual(before);
            }
            if (victims.length > 0) {
              preempting += 1;
              expect(intended.size).toBeGreaterThanOrEqual(least);
              if (isInOneRack) for (const host of intended.values()) expect(rackOf.get(host)).toBe(domain);
              expectFit(engine, members, decision);
            } else {
              expect(intended.size).toBe(0);
            }
            for (const member of members) {
              const host = placed.get(`default/${member.metadata.name}`);
              if (host === undefined) continue;
              other.assume(member, host);
              used.set(host, (used.get(host) ?? 0) + member.spec.cpu);
            }
          }
          for (const [host, cpu] of used) expect(cpu).toBeLessThanOrEqual(sizes.get(host) as number);
          const evaluations = (of: Engine): unknown =>
            [job('x', { cpu: 1 }), job('x', { cpu: 2, apart: 'g1', near: 'g0', priority: 2 })].map((probe) =>
              of.evaluate(probe),
            );
          expect(evaluations(engine)).toEqual(evaluations(other));
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
    // each of the three is met often enough to mean something
    expect(Math.min(placedGroups, groups - placedGroups, preempting)).toBeGreaterThan(50);
  });

  test(`are decided the same by the same calls (seed ${SEED + 1})`, () => {
    fc.assert(
      fc.property(machines, fc.array(wish, { minLength: 1, maxLength: 6 }), (hosts, wishes) => {
        const run = (): unknown => {
          const engine = engineWith(
            ...hosts.map(([cpu, dirt, rack], at) => machine(`m${at}`, cpu, dirt, rack ?? undefined)),
          );
          return wishes.map(({ members, isInOneRack, makeRoom }, at) => {
            const { placed, intended, domain } = engine.placeGroup(
              members.map((each, of) => job(`w${at}-${of}`, each)),
              { minCount: 1, makeRoom, ...(isInOneRack ? { topologyKey: 'rack' } : {}) },
            );
            return [placed, intended, domain];
          });
        };
        expect(run()).toEqual(run());
      }),
      { seed: SEED + 1, numRuns: 50 },
    );
  });
});
