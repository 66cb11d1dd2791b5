import { unresolvable, type Rejection } from './plugin.js';
import type { Pod } from './types.js';

/** Why the pod would not even be queued; undefined where it would. */
export function schedulingGates(pod: Pod): Rejection | undefined {
  const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
  return gates.length === 0 ? undefined : unresolvable(`waiting for scheduling gates: [${gates.join(' ')}]`);
}
