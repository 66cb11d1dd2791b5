import { deepFreeze, type JsonObject, jsonEqual, MAX_DEPTH } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isDeeperThan } from '../json-patch/is-deeper-than.js';
import type { ObjectShape } from './apply-shape.js';
import { compareObjects } from './compare-objects.js';
import { difference, type FieldSet, union } from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { sortedJson } from './go-json.js';
import { parseJson } from './path-element.js';
import { metadataOf } from './tracked-object.js';
import { findErrors } from './validate-intent.js';

/** Where kubectl's client-side apply keeps what it applied last. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** How much the annotations of one object may hold, in bytes. Source: `TotalAnnotationSizeLimitB` in k8s.io/apimachinery. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** The manager whose applies replace those of kubectl's client side. */
export const KUBECTL = 'kubectl';

/**
 * The fields that kubectl's client-side apply set, and that are still as it set them: its server-side apply may take them from whoever
 * owns them.
 *
 * Undefined where the live object does not have the annotation, where that is of another kind or version than the intent, and where it
 * or the object is malformed.
 *
 * Source: `allowedConflictsFromLastApplied` in k8s.io/apimachinery.
 */
export function lastAppliedFields(
  live: JsonObject,
  intent: JsonObject,
  shape: ObjectShape,
): FieldSet | undefined {
  const text = lastApplied(live);
  if (!text) return undefined;
  const object = parseJson(text);
  if (!isJsonObject(object) || isDeeperThan(MAX_DEPTH, object)) return undefined;
  if (['apiVersion', 'kind'].some((name) => memberOf(object, name) !== memberOf(intent, name)))
    return undefined;
  const original = deepFreeze(object);
  if (findErrors(original, shape).length > 0 || findErrors(live, shape).length > 0) return undefined;
  const { changed, removed } = compareObjects(original, live, shape);
  return difference(fieldsOfObject(original, shape), union(changed, removed));
}

/** The object with the annotation brought up to date, where it has one; without it where it would be too large. */
export function withLastApplied(object: JsonObject, intent: JsonObject): JsonObject {
  if (lastApplied(object) === undefined) return object;
  const before = annotationsOf(object) as JsonObject;
  const others = withoutLastApplied(before);
  const all = { ...others, [LAST_APPLIED]: textOf(intent) };
  const annotations = sizeOf(all) > MAX_ANNOTATIONS_BYTES ? others : all;
  if (jsonEqual(annotations, before)) return object;
  return deepFreeze(withAnnotations(object, annotations));
}

/** The other annotations. Null counts as empty text. */
function withoutLastApplied(annotations: JsonObject): JsonObject {
  const others = Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED);
  return Object.fromEntries(others.map(([name, value]) => [name, value ?? '']));
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const annotations = memberOf(metadataOf(object), 'annotations');
  return isJsonObject(annotations) ? annotations : undefined;
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  return { ...object, metadata: { ...metadataOf(object), annotations } };
}

function lastApplied(object: JsonObject): string | undefined {
  const text = memberOf(annotationsOf(object) ?? {}, LAST_APPLIED);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** The intent without the annotation, as Go writes it. */
function textOf(intent: JsonObject): string {
  const annotations = annotationsOf(intent);
  const shown = !annotations ? intent : withAnnotations(intent, withoutLastApplied(annotations));
  return `${sortedJson(shown)}\n`;
}

function sizeOf(annotations: JsonObject): number {
  return Buffer.byteLength(Object.entries(annotations).flat().join(''));
}
