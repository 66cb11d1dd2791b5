import type { Random } from '../../../../src/core/index.js';
import type { SpreadConstraint } from '../types.js';
import { chance, maybe, pick, several } from './pick.js';
import { randomSelector } from './random-pod-affinity.js';
import { HOSTNAME, TEMPLATE_HASH, ZONE } from './vocabulary.js';

/** One to three constraints, of which no two have the same key and kind. */
export function randomSpread(random: Random): SpreadConstraint[] {
  const constraints = several(random, 1, 3, () => randomConstraint(random));
  return constraints.filter((one, index) => constraints.findIndex((other) => isSame(one, other)) === index);
}

export function isHard({ whenUnsatisfiable }: SpreadConstraint): boolean {
  return whenUnsatisfiable === 'DoNotSchedule';
}

/** The selector `{}`, which counts no pod, is a soft one's only: preemption in kube-scheduler counts wrongly with it. */
function randomConstraint(random: Random): SpreadConstraint {
  const hard = chance(random, 0.4);
  return {
    topologyKey: pick(random, [HOSTNAME, ZONE, ZONE, 'rack']),
    whenUnsatisfiable: hard ? 'DoNotSchedule' : 'ScheduleAnyway',
    maxSkew: pick(random, hard ? [1, 2, 3, 5, 10] : [1, 1, 2, 5]),
    labelSelector: hard || chance(random, 0.9) ? randomSelector(random) : {},
    ...maybe(random, 0.2, () => ({
      matchLabelKeys: [pick(random, [TEMPLATE_HASH, 'version', 'absent'])],
    })),
    ...(hard ? maybe(random, 0.2, () => ({ minDomains: pick(random, [1, 2, 3, 4]) })) : {}),
    ...maybe(random, 0.3, () => ({ nodeAffinityPolicy: pick(random, ['Honor', 'Ignore']) })),
    ...maybe(random, 0.4, () => ({ nodeTaintsPolicy: pick(random, ['Honor', 'Ignore']) })),
  };
}

function isSame(a: SpreadConstraint, b: SpreadConstraint): boolean {
  return a.topologyKey === b.topologyKey && a.whenUnsatisfiable === b.whenUnsatisfiable;
}
