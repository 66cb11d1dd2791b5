import type { Node, Pod } from '../../resources/kinds/index.js';
import { type Plugin, unresolvable } from '../framework/index.js';

/** Keeps Pods out of the queue that have scheduling gates. */
export function schedulingGates(): Plugin<Pod, Node> {
  return {
    name: 'SchedulingGates',
    preEnqueue({ object }) {
      const { schedulingGates: gates = [] } = object.spec;
      if (gates.length === 0) return undefined;
      return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
    },
    // gates go with a change of the Pod itself, which is asked about anew then
    wakes: () => false,
  };
}
