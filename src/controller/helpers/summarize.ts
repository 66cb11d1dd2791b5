import { type Condition, findCondition } from '../../core/index.js';
import { isStale } from './is-stale.js';
import type { Observation } from './observation.js';

/**
 * The conditions of these types in one: `True` while all are, `False` where one is, else `Unknown`.
 *
 * One that was never set, or was observed at an older generation, counts as `Unknown`. Reason and message are those of the first that is
 * `False`, or else of the first that is not `True`.
 */
export function summarize(
  types: readonly string[],
  conditions: readonly Condition[],
  generation: number | undefined,
): Observation {
  const present = types.map((type) => observationOf(type, findCondition(conditions, type), generation));
  return (
    present.find(({ status }) => status === 'False') ??
    present.find(({ status }) => status !== 'True') ?? {
      status: 'True',
      reason: 'AllTrue',
      message: `${types.join(', ')}: all are True`,
    }
  );
}

function observationOf(
  type: string,
  condition: Condition | undefined,
  generation: number | undefined,
): Observation {
  if (condition === undefined) {
    return { status: 'Unknown', reason: 'NotObserved', message: `${type} was not observed yet` };
  }
  const { status, reason, message, observedGeneration } = condition;
  if (isStale(condition, generation)) {
    return {
      status: 'Unknown',
      reason: 'Stale',
      message: `${type} was observed at generation ${observedGeneration}, of ${generation}`,
    };
  }
  return { status, reason, message };
}
