import { jsonEqual } from '../../core/index.js';
import type { Node } from '../../resources/kinds/index.js';

/** Whether two states of a Node are the same for scheduling: they differ in signs of life at most. */
export function sameNode(before: Node, after: Node): boolean {
  return (
    before.metadata.uid === after.metadata.uid &&
    jsonEqual(before.metadata.labels, after.metadata.labels) &&
    jsonEqual(before.metadata.annotations, after.metadata.annotations) &&
    jsonEqual(before.spec, after.spec) &&
    jsonEqual(before.status?.allocatable, after.status?.allocatable) &&
    jsonEqual(before.status?.images, after.status?.images) &&
    jsonEqual(before.status?.declaredFeatures, after.status?.declaredFeatures)
  );
}
