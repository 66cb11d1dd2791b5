import type { ApiObject } from '../../../core/index.js';

/** An annotation of an object; undefined where it has no such. */
export function annotationOf({ metadata }: ApiObject, key: string): string | undefined {
  const { annotations } = metadata;
  return annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}
