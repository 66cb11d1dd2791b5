import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/core/index.js';
import { isAbout, requiredTerms, sameDomain } from '../plain/affinity-term.js';
import { nodeOf, type Cluster, type Input } from '../plain/cluster.js';
import { allocatable, amount, requestedOn } from '../plain/node-resources.js';
import { plainEvaluate } from '../plain/plain-evaluate.js';
import { randomCluster, randomPod } from '../plain/random-cluster.js';
import type { Pod } from '../plain/types.js';
import { expectAgreement } from './agreement.js';
import { MovingCluster } from './moving-cluster.js';
import { takeRandomStep } from './random-step.js';
import { engineOf } from './vector-engine.js';

const SEED = 20_261_122;
/** After one step of so many, on average, all is compared. */
const CHECK_EVERY = 5;

/** What each step is drawn from: one that is left out changes none of the others. */
const steps = fc.array(fc.nat(), { minLength: 20, maxLength: 60, size: 'max' });

function clusterOf(seed: number): Input {
  const random = new SeededRandom(seed);
  return randomCluster(random, { nodes: random.integer(16), pods: random.integer(61) });
}

function expectAgreementOf(cluster: MovingCluster, random: SeededRandom): void {
  expectAgreement(cluster.engine, cluster.inputFor(cluster.randomPod(random)));
}

describe('the engine says what counting everything anew says', () => {
  test(`of a cluster that it has just been told of (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const input = clusterOf(seed);
        const engine = engineOf(input);
        expectAgreement(engine, input);
        // the others find what the first has left behind
        const random = new SeededRandom(seed);
        for (let at = 0; at < 2; at += 1)
          expectAgreement(engine, { ...input, pod: randomPod(random, input) });
      }),
      { seed: SEED, numRuns: 120 },
    );
  });

  test(`of a cluster that has changed in any way since (seed ${SEED + 1})`, () => {
    fc.assert(
      fc.property(fc.nat(), steps, (seed, all) => {
        const cluster = new MovingCluster(clusterOf(seed));
        for (const each of all) {
          const random = new SeededRandom(each);
          takeRandomStep(cluster, random);
          if (random.integer(CHECK_EVERY) === 0) expectAgreementOf(cluster, random);
        }
        while (cluster.forks > 0) {
          cluster.rollback();
          expectAgreementOf(cluster, new SeededRandom(seed));
        }
      }),
      { seed: SEED + 1, numRuns: 120 },
    );
  });
});

test(`after a rollback an engine is like one that never forked, down to what it draws (seed ${SEED + 2})`, () => {
  fc.assert(
    fc.property(fc.nat(), steps, steps, (seed, before, within) => {
      const cluster = new MovingCluster(clusterOf(seed));
      const untouched = new MovingCluster(clusterOf(seed));
      for (const each of before) {
        takeRandomStep(cluster, new SeededRandom(each));
        takeRandomStep(untouched, new SeededRandom(each));
      }
      const depth = cluster.forks;
      cluster.fork();
      for (const each of within) takeRandomStep(cluster, new SeededRandom(each), cluster.forks - depth === 1);
      while (cluster.forks > depth) cluster.rollback();
      const random = new SeededRandom(seed);
      for (let at = 0; at < 3; at += 1) {
        const pod = randomPod(random, untouched.lists) as never;
        const [said, expected] = [cluster, untouched].map(({ engine }) =>
          attempt(() => engine.evaluate(pod)),
        );
        expect(said).toEqual(expected);
        const [chosen, wanted] = [cluster, untouched].map(({ engine }) =>
          attempt(() => engine.schedule(pod).node),
        );
        expect(chosen).toEqual(wanted);
      }
    }),
    { seed: SEED + 2, numRuns: 40 },
  );
});

describe('what is placed', () => {
  test(`goes to a node that is best, never overcommits it, and no anti-affinity is violated (seed ${SEED + 3})`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const empty: Input = { ...clusterOf(seed), pods: [], nominated: [] };
        const cluster = new MovingCluster(empty);
        const random = new SeededRandom(seed);
        for (let at = 0; at < 60; at += 1) {
          const pod = cluster.randomPod(random);
          const plain = plainEvaluate(cluster.inputFor(pod));
          if ('error' in plain) continue;
          const node = cluster.place(pod);
          if (node === undefined) expect(plain.result.feasible).toEqual([]);
          else expect(plain.result.best).toContain(node);
        }
        expectNoNodeOvercommitted(cluster.lists);
        expectNobodyUnwanted(cluster.lists);
      }),
      { seed: SEED + 3, numRuns: 20 },
    );
  });
});

function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function expectNoNodeOvercommitted(cluster: Cluster): void {
  for (const node of cluster.nodes) {
    const has = allocatable(node);
    for (const [resource, used] of requestedOn(node, cluster)) {
      expect(used, `${resource} of ${node.metadata.name}`).toBeLessThanOrEqual(amount(has, resource));
    }
  }
}

function expectNobodyUnwanted(cluster: Cluster): void {
  const isUnwanted = (pod: Pod, other: Pod): boolean => {
    const [home, otherHome] = [nodeOf(pod, cluster), nodeOf(other, cluster)];
    return (
      home !== undefined &&
      otherHome !== undefined &&
      requiredTerms(pod, 'podAntiAffinity').some(
        (term) => sameDomain(term.topologyKey, home, otherHome) && isAbout(term, pod, other, cluster),
      )
    );
  };
  for (const pod of cluster.pods) {
    expect(cluster.pods.filter((other) => other !== pod && isUnwanted(pod, other))).toEqual([]);
  }
}
