import {
  ApiError,
  type ApiObject,
  define,
  FieldError,
  frozenCopy,
  isPlain,
  jsonEqual,
  type JsonObject,
  NotJsonError,
  type ObjectMeta,
  preview,
  validateAnnotations,
  validateLabels,
} from '../core/index.js';
import { conversionError, type Direction } from './conversion-error.js';

/** An object in one version or another of its kind, deeply frozen. */
export interface VersionedObject extends ApiObject {
  readonly [field: string]: unknown;
}

/** One way between two versions, with the function of the kind's author that goes it. */
export interface ConversionStep extends Direction {
  readonly convert: (object: VersionedObject, before: VersionedObject | undefined) => unknown;
}

/**
 * The object in another version: a frozen copy of what the author's function makes of it.
 *
 * Its metadata is the very metadata of `object`, but for labels and annotations that the function changed; its `apiVersion` is that of
 * the other version. Parts that equal those of `before` at the same place, or of `object` where there is no `before`, are those parts.
 *
 * @throws ApiError InternalError naming the field where the function throws anything but an ApiError, makes something that is no JSON
 * object, or changes what all versions share; an ApiError that the function throws is passed on.
 */
export function convertObject(
  step: ConversionStep,
  object: VersionedObject,
  before?: VersionedObject,
): VersionedObject {
  try {
    const made = step.convert(object, before);
    if (!isObject(made)) throw conversionError(step, object, `expected an object, got ${preview(made)}`);
    const metadata = metadataOf(step, object, checkedEnvelope(step, object, made));
    const converted: Record<string, unknown> = {
      apiVersion: step.to.apiVersion,
      kind: step.to.kind,
      metadata,
    };
    const like = before ?? object;
    for (const key of Object.keys(made)) {
      if (key === 'apiVersion' || key === 'kind' || key === 'metadata') continue;
      const value = made[key];
      if (value === undefined) continue;
      define(converted, key, frozenCopy(value, key, Object.hasOwn(like, key) ? like[key] : undefined));
    }
    return Object.freeze(converted) as unknown as VersionedObject;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const problem = error instanceof NotJsonError ? error.field : `it threw ${thrownText(error)}`;
    throw conversionError(step, object, problem, error);
  }
}

/** What the function says of the metadata, if it does. @throws ApiError where it says that the object is another. */
function checkedEnvelope(step: ConversionStep, object: VersionedObject, made: JsonObject): unknown {
  const { apiVersion, kind, metadata } = made;
  // what was spread from the object itself is no statement
  if (apiVersion !== undefined && apiVersion !== step.from.apiVersion && apiVersion !== step.to.apiVersion) {
    const expected = `expected ${JSON.stringify(step.to.apiVersion)}, or none`;
    throw conversionError(step, object, FieldError.invalid('apiVersion', apiVersion, expected));
  }
  if (kind !== undefined && kind !== step.to.kind) {
    const expected = `expected ${JSON.stringify(step.to.kind)}, or none`;
    throw conversionError(step, object, FieldError.invalid('kind', kind, expected));
  }
  return metadata;
}

function metadataOf(step: ConversionStep, object: VersionedObject, made: unknown): ObjectMeta {
  const { metadata } = object;
  if (made === undefined || made === metadata) return metadata;
  if (!isObject(made)) {
    const problem = FieldError.typeInvalid(
      'metadata',
      made,
      'expected an object with labels and annotations',
    );
    throw conversionError(step, object, problem);
  }
  const changed: Record<string, unknown> = { ...metadata };
  let isChanged = false;
  for (const key of Object.keys(made)) {
    const value = made[key];
    const old = Object.hasOwn(metadata, key) ? (metadata as unknown as JsonObject)[key] : undefined;
    if (value === undefined || value === old) continue;
    const path = `metadata.${key}`;
    if (key !== 'labels' && key !== 'annotations') {
      if (jsonEqual(value, old)) continue;
      const problem = FieldError.forbidden(
        path,
        value,
        'all versions share it, but for labels and annotations',
      );
      throw conversionError(step, object, problem);
    }
    const map = frozenCopy(value, path, old) as Readonly<Record<string, string>>;
    if (map === old) continue;
    const [problem] = (key === 'labels' ? validateLabels : validateAnnotations)(map, path);
    if (problem !== undefined) throw conversionError(step, object, problem);
    isChanged = true;
    if (Object.keys(map).length === 0) delete changed[key];
    else changed[key] = map;
  }
  return isChanged ? (Object.freeze(changed) as unknown as ObjectMeta) : metadata;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value);
}

function thrownText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : preview(error);
}
