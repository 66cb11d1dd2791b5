import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, SeededRandom } from '../../../src/core/index.js';
import type { Node, Pod } from '../../../src/resources/kinds/index.js';
import type { HostSlot } from '../../../src/scheduler/cluster/index.js';
import type { Choice } from '../../../src/scheduler/engine/choice.js';
import type { Narrowed } from '../../../src/scheduler/engine/decider.js';
import type { SchedulingEngine } from '../../../src/scheduler/engine/scheduling-engine.js';
import { unresolvable } from '../../../src/scheduler/framework/index.js';
import { defaultPlugins } from '../../../src/scheduler/plugins/default-plugins.js';
import { podModel } from '../../../src/scheduler/pods/pod-model.js';
import { randomCluster } from '../plain/random-cluster.js';
import { MovingCluster } from './moving-cluster.js';
import { PreparingEngine } from './preparing-engine.js';
import { takeRandomStep } from './random-step.js';
import { tell } from './vector-engine.js';

const SEED = 20_261_125;
const CHECK_EVERY = 3;
const OTHERS = { plugin: '', ...unresolvable('out of the question') };

type Engine = PreparingEngine<Pod, Node>;

/** Some hosts and no others: by name alone, to be looked at one by one, or by index as well. */
function someHosts(
  { cluster }: Engine,
  random: Random,
): { readonly byName: Narrowed; readonly byIndex: Narrowed } {
  const most = random.integer(4);
  const chosen = [...cluster.hosts()].filter(() => random.integer(4) <= most);
  const byName = { hosts: new Set(chosen.map(({ name }) => name)), others: OTHERS };
  return { byName, byIndex: { ...byName, indexes: Int32Array.from(chosen, ({ index }) => index) } };
}

/** All that a decision says, and how far the sequence has gone on; or what it throws. */
function told({ cluster, profile }: Engine, pod: object, among: Narrowed): unknown {
  const { sequence } = profile;
  try {
    const choice: Choice<Pod, Node> = profile.decide(cluster.describe(pod as Pod), among);
    const { host, feasible, evaluated, counts, rejection, narrowedBy, plugins, scores, total } = choice;
    const verdicts = Array.from(cluster.hosts(), (each: HostSlot<Pod, Node>) => choice.verdictOf(each));
    const given = new Map(plugins.map((name, at) => [name, scores[at]]));
    const passed = profile.sequence - sequence;
    const found = {
      feasible,
      evaluated,
      counts: new Map(counts),
      rejection,
      narrowedBy,
      given,
      total,
      passed,
    };
    return { host: host?.name, verdicts: host === undefined ? verdicts : [], ...found };
  } catch (error) {
    return (error as Error).message;
  } finally {
    profile.sequence = sequence;
  }
}

test(`a decision among some hosts is the same by class as host by host (seed ${SEED})`, () => {
  const steps = fc.array(fc.nat(), { minLength: 15, maxLength: 40, size: 'max' });
  let placed = 0;
  let rejected = 0;
  fc.assert(
    fc.property(fc.nat(), steps, (seed, all) => {
      const random = new SeededRandom(seed);
      const input = randomCluster(random, { nodes: 1 + random.integer(40), pods: random.integer(61) });
      const percentage = random.integer(2) === 0 ? undefined : 50;
      const engine = new PreparingEngine(podModel(), defaultPlugins(), 1, percentage);
      tell(engine, input);
      const cluster = new MovingCluster(input, engine as unknown as SchedulingEngine);
      for (const each of all) {
        takeRandomStep(cluster, new SeededRandom(each));
        if (random.integer(CHECK_EVERY) > 0) continue;
        const { pod } = cluster.inputFor(cluster.randomPod(new SeededRandom(each)));
        const { byName, byIndex } = someHosts(engine, random);
        const expected = told(engine, pod, byName);
        expect(told(engine, pod, byIndex)).toEqual(expected);
        // the first of its sort is decided in another way than those that are known
        expect(told(engine, pod, byIndex)).toEqual(expected);
        if ((expected as { host?: string }).host === undefined) rejected += 1;
        else placed += 1;
      }
    }),
    { seed: SEED, numRuns: 100 },
  );
  expect(placed).toBeGreaterThan(100);
  expect(rejected).toBeGreaterThan(100);
});
