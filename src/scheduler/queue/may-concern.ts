import type { ApiObject } from '../../core/index.js';
import type { ClusterEvent } from '../framework/index.js';
import type { QueuePlugin } from './queue-plugin.js';

/**
 * Whether an event can turn the no of a plugin into a yes, as far as what the plugin reads tells.
 *
 * One that says nothing of this is concerned by everything, and all others by each change of a host.
 */
export function mayConcern<W extends ApiObject, H extends ApiObject>(
  { reads }: QueuePlugin<W, H>,
  event: ClusterEvent<W, H>,
): boolean {
  if (reads === undefined) return true;
  switch (event.type) {
    case 'host':
      return true;
    case 'host gone':
      // one that looks at each host alone says the same of those that are left
      return reads.part === undefined || reads.version !== undefined;
    case 'placed':
    case 'removed':
      return reads.placed !== false || reads.version !== undefined;
    case 'object': {
      const { group, kind } = event.resource;
      return reads.kinds?.some((read) => read.group === group && read.kind === kind) === true;
    }
  }
}
