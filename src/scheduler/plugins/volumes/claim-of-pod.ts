import { controllerOf, isControlledBy } from '../../../core/index.js';
import type { PersistentVolumeClaim, Pod } from '../../../resources/kinds/index.js';

/** How Kubernetes says that a claim is not there. */
export function claimNotFound(name: string): string {
  return `persistentvolumeclaim "${name}" not found`;
}

/** Whether a claim was made for a Pod, which then controls it. */
export function isMadeFor(claim: PersistentVolumeClaim, pod: Pod): boolean {
  return controllerOf(claim) !== undefined && isControlledBy(claim, pod);
}
