import type { AnyResource } from '../resources/index.js';
import type { StoredObject } from './stored-object.js';

/** Objects of which only the metadata is shown, by the whole object: asked for twice, the same one comes back. */
const metadataAlone = /* @__PURE__ */ new WeakMap<StoredObject, StoredObject>();

/** What a resource shows of its objects; undefined where that is all of them. */
export function projectionOf(resource: AnyResource): ((object: StoredObject) => StoredObject) | undefined {
  return resource.metadataOf === undefined ? undefined : withMetadataAlone;
}

function withMetadataAlone(object: StoredObject): StoredObject {
  let projected = metadataAlone.get(object);
  if (projected === undefined) {
    const { apiVersion, kind, metadata } = object;
    projected = Object.freeze({ apiVersion, kind, metadata });
    metadataAlone.set(object, projected);
  }
  return projected;
}
