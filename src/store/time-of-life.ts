import type { AnyResource } from '../resources/index.js';
import type { StoredObject } from './stored-object.js';
import { valueAt } from './value-at.js';

/** For how many milliseconds an object lives after its last change; undefined where that has no end. */
export function lifeOf({ ttl }: AnyResource, object: StoredObject): number | undefined {
  if (ttl === undefined || typeof ttl === 'number') return ttl;
  const seconds = valueAt(object, ttl.secondsIn);
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : undefined;
}
