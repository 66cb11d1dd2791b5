import { ApiError, frozenCopy, type JsonObject, preview } from '../core/index.js';
import type { VersionedObject } from './convert-object.js';
import { fitObject } from './fit-object.js';
import type { AnyResource, New, ObjectOf } from './resource.js';
import type { Versions } from './versions.js';

/**
 * Checks on an example that the conversions of a kind lose nothing; for tests.
 *
 * - An object in another version than that of the storage must be read back as it was written. With `before`, which is what is stored when
 *   it is written, nothing that only the storage version says may be lost.
 * - An object in the storage version must keep all it has, whichever other version reads it and writes it back.
 *
 * Objects are judged first, as in a store, and get defaults. They may lack system metadata, a name and a namespace: the conversions see
 * stand-ins.
 *
 * @throws ApiError InternalError whose message tells what would be lost, or which field of a conversion's outcome is wrong; Invalid where
 * an object is, or cannot be stored. TypeError where `resource` is none of the versions, or a `before` is given beside an object of the
 * storage version. NotJsonError.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(sizes, (size) => checkRoundTrip(Widgets, WidgetV1, { metadata: {}, spec: { size } })));
 * checkRoundTrip(Widgets, WidgetV2, { metadata: {}, spec: { width: 1, height: 2, color: 'red' } });
 * ```
 */
export function checkRoundTrip<S extends AnyResource, V extends AnyResource, R extends S | V>(
  versions: Versions<S, V>,
  resource: R,
  object: ObjectOf<NoInfer<R>> | New<NoInfer<R>>,
  before?: ObjectOf<NoInfer<S>> | New<NoInfer<S>>,
): void {
  const { storage, conversions } = versions;
  const example = exampleOf(resource, object);
  if ((resource as AnyResource) === storage) {
    if (before !== undefined) {
      throw new TypeError('checkRoundTrip: before: expected none beside an object in the storage version');
    }
    for (const conversion of conversions) conversion.checkWriteBack(example);
    return;
  }
  const conversion = conversions.find((candidate) => candidate.resource === resource);
  if (conversion === undefined) {
    throw new TypeError(
      `checkRoundTrip: resource: expected one of the versions, got ${resource.kind} in ${resource.apiVersion}`,
    );
  }
  conversion.toStorage(example, before === undefined ? undefined : exampleOf(storage, before));
}

/** An object as a store would have it. */
function exampleOf(
  resource: AnyResource,
  { apiVersion, kind, metadata, ...fields }: JsonObject,
): VersionedObject {
  for (const [field, value] of [
    ['apiVersion', apiVersion],
    ['kind', kind],
  ] as const) {
    if (value === undefined || value === resource[field]) continue;
    throw new TypeError(
      `checkRoundTrip: object.${field}: expected ${JSON.stringify(resource[field])}, got ${preview(value)}`,
    );
  }
  const complete = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: {
      name: 'example',
      ...(resource.scope === 'Namespaced' ? { namespace: 'default' } : undefined),
      uid: '00000000-0000-4000-8000-000000000000',
      resourceVersion: '1',
      creationTimestamp: '1970-01-01T00:00:00Z',
      ...(metadata as JsonObject | undefined),
    },
    ...fields,
  };
  const { object, errors } = fitObject(resource, frozenCopy(complete, '') as VersionedObject);
  if (errors.length > 0) throw ApiError.invalid(resource, object.metadata.name, errors);
  return object;
}
