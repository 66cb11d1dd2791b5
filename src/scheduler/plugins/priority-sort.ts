import type { ApiObject } from '../../core/index.js';
import type { Plugin } from '../framework/index.js';

/** The higher priority goes first; of equal ones that which came into the queue earlier. */
export function prioritySort<W extends ApiObject, H extends ApiObject>(): Plugin<W, H> {
  return {
    name: 'PrioritySort',
    less(a, b) {
      const difference = a.workload.priority - b.workload.priority;
      return difference === 0 ? a.since < b.since : difference > 0;
    },
  };
}
