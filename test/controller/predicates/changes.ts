import type { ApiObject, ObjectChange, ObjectMeta } from '../../../src/index.js';

/** An object of some kind, with these in its metadata and these fields beside it. */
export function object(metadata: Partial<ObjectMeta> = {}, fields: object = {}): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: {
      name: 'a',
      namespace: 'default',
      uid: '1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    ...fields,
  };
}

/** What comes and goes: most predicates pass it. */
export const COMES_AND_GOES: readonly ObjectChange<ApiObject>[] = [
  { type: 'add', after: object(), isInInitialList: false },
  { type: 'delete', before: object(), finalStateKnown: true },
];

export function update(before: ApiObject, after: ApiObject): ObjectChange<ApiObject> {
  return { type: 'update', before, after };
}
