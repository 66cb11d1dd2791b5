import { deepFreeze, define, type JsonObject, jsonEqual, MAX_DEPTH } from '../../core/index.js';
import { isJsonObject, memberOf } from '../json-object.js';
import { isDeeperThan } from '../json-patch/is-deeper-than.js';
import type { ObjectShape } from './apply-shape.js';
import { compareObjects } from './compare-objects.js';
import { difference, type FieldSet } from './field-set.js';
import { compareTexts } from './field-manager.js';
import { fieldsOfObject } from './fields-of-object.js';
import { elementText, parseJson, quote } from './path-element.js';
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
  if (text === undefined) return undefined;
  const object = parseJson(text);
  if (!isJsonObject(object) || isDeeperThan(MAX_DEPTH, object)) return undefined;
  if (['apiVersion', 'kind'].some((name) => memberOf(object, name) !== memberOf(intent, name)))
    return undefined;
  const original = deepFreeze(object);
  if (findErrors(original, shape).length > 0 || findErrors(live, shape).length > 0) return undefined;
  const { added, modified, removed } = compareObjects(original, live, shape);
  return [modified, added, removed].reduce(difference, fieldsOfObject(original, shape));
}

/** The object with the annotation brought up to date, where it has one; without it where it would be too large. */
export function withLastApplied(object: JsonObject, intent: JsonObject): JsonObject {
  if (lastApplied(object) === undefined) return object;
  const before = memberOf(metadataOf(object), 'annotations') as JsonObject;
  const annotations = withTexts(before, LAST_APPLIED, textOf(intent));
  if (sizeOf(annotations) > MAX_ANNOTATIONS_BYTES) Reflect.deleteProperty(annotations, LAST_APPLIED);
  return jsonEqual(annotations, before) ? object : withAnnotations(object, annotations);
}

/** Null counts as empty text in an annotation. */
function withTexts(annotations: JsonObject, name: string, text: string | undefined): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const other of Object.keys(annotations)) {
    if (other !== name) define(result, other, annotations[other] ?? '');
  }
  if (text !== undefined) result[name] = text;
  return result;
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const metadata = { ...metadataOf(object), annotations: Object.freeze(annotations) };
  return Object.freeze({ ...object, metadata: Object.freeze(metadata) });
}

function lastApplied(object: JsonObject): string | undefined {
  const annotations = memberOf(metadataOf(object), 'annotations');
  const text = isJsonObject(annotations) ? memberOf(annotations, LAST_APPLIED) : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** The intent without the annotation, as Go writes it. */
function textOf(intent: JsonObject): string {
  const { annotations, ...metadata } = metadataOf(intent);
  const others = isJsonObject(annotations)
    ? { ...metadata, annotations: withTexts(annotations, LAST_APPLIED, undefined) }
    : metadata;
  return `${sortedJson(Object.hasOwn(intent, 'metadata') ? { ...intent, metadata: others } : intent)}\n`;
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isJsonObject(value)) return elementText(value);
  const names = Object.keys(value).sort(compareTexts);
  return `{${names.map((name) => `${quote(name)}:${sortedJson(value[name])}`).join(',')}}`;
}

function sizeOf(annotations: JsonObject): number {
  const encoder = new TextEncoder();
  let size = 0;
  for (const name of Object.keys(annotations)) {
    const value = annotations[name];
    size += encoder.encode(name).length + encoder.encode(typeof value === 'string' ? value : '').length;
  }
  return size;
}
