import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, SeededRandom } from '../../../src/core/index.js';
import type { Node, Pod } from '../../../src/resources/kinds/index.js';
import type { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import type { Plugin } from '../../../src/scheduler/framework/index.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { podModel } from '../../../src/scheduler/pods/pod-model.js';
import { randomCluster, randomPod } from '../plain/random-cluster.js';
import { expectAgreement } from './agreement.js';
import { type Step, step } from './job-steps.js';
import { Job, job, type Job as JobObject, Machine, machine, model, plugins } from './machines.js';
import { MovingCluster } from './moving-cluster.js';
import { PreparingEngine } from './preparing-engine.js';
import { takeRandomStep } from './random-step.js';
import { tell } from './vector-engine.js';

const SEED = 20_261_123;
/** Enough for a sample to leave some out. */
const MACHINES = 130;
const CHECK_EVERY = 6;

type MachineObject = ReturnType<typeof machine>;

/** Prepares decisions about pods that may never come, each as far as it gets. */
function prepareSome(engine: PreparingEngine<Pod, Node>, cluster: MovingCluster, random: Random): void {
  for (let times = random.integer(3); times > 0; times -= 1) {
    engine.prepare(randomPod(random, cluster.lists) as never, random.integer(6));
  }
}

test(`decisions that were prepared, or half prepared, are what counting everything anew says (seed ${SEED})`, () => {
  const steps = fc.array(fc.nat(), { minLength: 15, maxLength: 40, size: 'max' });
  fc.assert(
    fc.property(fc.nat(), steps, (seed, all) => {
      const random = new SeededRandom(seed);
      const input = randomCluster(random, { nodes: random.integer(40), pods: random.integer(61) });
      const engine = new PreparingEngine(podModel(), defaultPlugins(), 1);
      tell(engine, input);
      const cluster = new MovingCluster(input, engine as unknown as SchedulingEngine);
      const unprepared = new MovingCluster(input);
      for (const each of all) {
        prepareSome(engine, cluster, random);
        takeRandomStep(cluster, new SeededRandom(each));
        takeRandomStep(unprepared, new SeededRandom(each));
        expect(cluster.lists).toEqual(unprepared.lists);
        if (random.integer(CHECK_EVERY) > 0) continue;
        const asked = cluster.inputFor(cluster.randomPod(new SeededRandom(each)));
        unprepared.randomPod(new SeededRandom(each));
        engine.prepare(asked.pod as never, random.integer(9));
        expectAgreement(cluster.engine, asked);
        // what was drawn counts for later draws
        expectAgreement(unprepared.engine, asked);
      }
    }),
    { seed: SEED, numRuns: 40 },
  );
});

/** Fails for some jobs on some machines; which ones changes with what counts as its version. */
class Moody {
  version = 0;
  readonly plugin: Plugin<JobObject, MachineObject> = {
    name: 'Moody',
    reads: { part: ({ object }) => String(object.spec.priority), version: () => this.version },
    filter: ({ object }, on) => this.#failIf(object.spec.priority === 2 && on.object.spec.cpu === 11),
    score: ({ object }, on) => {
      this.#failIf(object.spec.priority === 1 && on.object.spec.cpu === 12);
      return (this.version + on.object.spec.dirt) % 7;
    },
  };

  #failIf(isBad: boolean): undefined {
    if (isBad && this.version % 3 === 0) throw new Error('moody');
    return undefined;
  }
}

/** What is said of a job: all that others are told of a decision, or what failed. */
function outcome(
  engine: PreparingEngine<JobObject, MachineObject>,
  wanted: JobObject,
  isPlaced: boolean,
): object {
  try {
    const { node, feasible, evaluated, total, message, rejections, scores } = isPlaced
      ? engine.place(wanted)
      : engine.schedule(wanted);
    const sorted = (all: ReadonlyMap<string, number>): object => Object.fromEntries(all);
    return { node, feasible, evaluated, total, message, no: sorted(rejections), scores: sorted(scores) };
  } catch (error) {
    return { error: String(error), cause: String((error as Error).cause) };
  }
}

/** Lets a step happen; the answer is what was decided. */
function take(
  engine: PreparingEngine<JobObject, MachineObject>,
  each: Step,
  forks: number,
): object | undefined {
  if (each.do === 'machine') engine.set(Machine, machine(each.name, each.cpu, each.dirt, each.rack));
  else if (each.do === 'unset machine') engine.unset(Machine, { name: each.name });
  else if (each.do === 'unset job') engine.unset(Job, { name: each.name, namespace: 'default' });
  else if (each.do === 'keep') engine.set(Job, job(each.name, { ...each.spec, keep: each.on }));
  else if (each.do === 'fork') engine.fork();
  else if (each.do === 'rollback' && forks > 0) engine.rollback();
  else if (each.do === 'commit' && forks > 0) engine.commit();
  else if (each.do === 'place' || each.do === 'schedule')
    return outcome(engine, job(each.name, each.spec), each.do === 'place');
  return undefined;
}

test.each([undefined, 5, 'adaptive'] as const)(
  `what is prepared changes no decision, no draw and no failure, where %s of the hosts are enough (seed ${SEED + 1})`,
  (percentage) => {
    const prepared = fc.record({ of: fc.nat({ max: 11 }), pieces: fc.nat({ max: 24 }) });
    const many = fc.array(fc.tuple(step, fc.array(prepared, { maxLength: 3 }), fc.nat({ max: 9 })), {
      minLength: 20,
      maxLength: 60,
    });
    fc.assert(
      fc.property(many, (steps) => {
        const moody = new Moody();
        const all = [...plugins, moody.plugin];
        const engine = new PreparingEngine(model, all, 7, percentage);
        const unprepared = new PreparingEngine(model, all, 7, percentage);
        for (let at = 0; at < MACHINES; at += 1) {
          for (const each of [engine, unprepared]) {
            each.set(Machine, machine(`m${at}`, 4 + (at % 9), at % 4, `r${at % 5}`));
          }
        }
        const jobs = steps.flatMap(([each]) => ('spec' in each ? [job(each.name, each.spec)] : []));
        let forks = 0;
        for (const [each, ahead, mood] of steps) {
          if (mood === 0) moody.version += 1;
          for (const { of, pieces } of ahead) {
            const wanted = jobs[of % Math.max(1, jobs.length)];
            if (wanted !== undefined) engine.prepare(wanted, pieces);
          }
          expect(take(engine, each, forks)).toEqual(take(unprepared, each, forks));
          expect(engine.profile.sequence).toBe(unprepared.profile.sequence);
          if (each.do === 'fork') forks += 1;
          else if (each.do === 'rollback' || each.do === 'commit') forks = Math.max(0, forks - 1);
        }
      }),
      { seed: SEED + 1, numRuns: 150 },
    );
  },
);
