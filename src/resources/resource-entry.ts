import type { AnyResource } from './resource.js';
import type { Versions } from './versions.js';

/** What stands in a list of resources: a resource, or a kind in several versions. */
export type ResourceEntry = AnyResource | Versions;

/** Whether an entry is a kind in several versions. */
export function isVersions(entry: ResourceEntry): entry is Versions {
  return Object.hasOwn(entry, 'conversions');
}
