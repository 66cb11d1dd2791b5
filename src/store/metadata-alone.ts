import type { StoredObject } from './stored-object.js';

/** Objects of which only the metadata is shown, by the whole object. */
const known = /* @__PURE__ */ new WeakMap<StoredObject, StoredObject>();

/** An object with its metadata and nothing else: asked twice for the same object, the same comes back. */
export function metadataAlone(object: StoredObject): StoredObject {
  let alone = known.get(object);
  if (alone === undefined) {
    const { apiVersion, kind, metadata } = object;
    alone = Object.freeze({ apiVersion, kind, metadata });
    known.set(object, alone);
  }
  return alone;
}
