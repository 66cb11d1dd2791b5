import { type ApiObject, frozenCopy, preview } from '../core/index.js';

/**
 * What a transform makes of an object, frozen.
 *
 * @throws TypeError where it changed what an object is known by; what the transform throws.
 */
export function transformedBy<O extends ApiObject>(transform: (object: O) => O, object: O): O {
  const result = transform(object);
  checkIdentity(object, result);
  return result === object ? object : (frozenCopy(result, 'transform', object) as O);
}

function checkIdentity(object: ApiObject, result: ApiObject): void {
  for (const field of ['name', 'namespace', 'uid', 'resourceVersion'] as const) {
    if (result.metadata[field] === object.metadata[field]) continue;
    const got = preview(result.metadata[field]);
    throw new TypeError(
      `transform: metadata.${field}: expected ${preview(object.metadata[field])} as before, got ${got}`,
    );
  }
}
