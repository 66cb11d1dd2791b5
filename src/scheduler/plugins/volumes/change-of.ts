import type { ApiObject } from '../../../core/index.js';
import type { AnyResource, ObjectOf } from '../../../resources/index.js';
import type { Node, Pod } from '../../../resources/kinds/index.js';
import type { ClusterEvent } from '../../framework/index.js';

/** How an object of a kind came or changed; undefined where an event is something else, or the object has gone. */
export function changeOf<R extends AnyResource>(
  event: ClusterEvent<Pod, Node>,
  resource: R,
): { readonly before: ObjectOf<R> | undefined; readonly after: ObjectOf<R> } | undefined {
  if (!isAbout(event, resource) || event.after === undefined) return undefined;
  // what is set for a kind is of that kind
  return { before: event.before as ObjectOf<R> | undefined, after: event.after as ObjectOf<R> };
}

/** An object of a kind that has gone; undefined where an event is something else. */
export function removalOf<R extends AnyResource>(
  event: ClusterEvent<Pod, Node>,
  resource: R,
): ObjectOf<R> | undefined {
  return isAbout(event, resource) && event.after === undefined ? (event.before as ObjectOf<R>) : undefined;
}

function isAbout(
  event: ClusterEvent<Pod, Node>,
  { group, kind }: AnyResource,
): event is ClusterEvent<Pod, Node> & { readonly type: 'object'; readonly before?: ApiObject } {
  return event.type === 'object' && event.resource.kind === kind && event.resource.group === group;
}
