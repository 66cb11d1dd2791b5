import { ApiError, jsonEqual, type JsonObject, preview } from '../core/index.js';
import { conversionError, differenceText } from './conversion-error.js';
import { convertObject, type ConversionStep, type VersionedObject } from './convert-object.js';
import { fitObject } from './fit-object.js';
import type { AnyResource } from './resource.js';

/**
 * How a version of a kind that is not the stored one is read and written.
 *
 * Takes and makes whole, deeply frozen objects. Name, uid, resourceVersion and the like are the same in all versions; the `apiVersion` is
 * the version's own. What a conversion leaves as it was is shared, not copied.
 */
export interface Conversion {
  /** The version that is read and written. */
  readonly resource: AnyResource;
  /** The version that is stored. */
  readonly storage: AnyResource;

  /**
   * What this version shows of a stored object: asked twice for the same object, the same comes back.
   *
   * @throws ApiError InternalError where the conversion fails, naming the kind, both versions and the field.
   */
  fromStorage(stored: VersionedObject): VersionedObject;

  /**
   * What is to be stored for an object that was written in this version, with the defaults of the storage version.
   *
   * @param object - As the schema of this version has it: judged, with its defaults.
   * @param before - What is stored now; undefined where that is nothing.
   * @throws ApiError Invalid where the storage version does not take it; InternalError where the conversion fails, where `object`
   * would not be read back as it was written, and where {@link Conversion.checkWriteBack} throws for `before`.
   */
  toStorage(object: VersionedObject, before?: VersionedObject): VersionedObject;

  /**
   * Checks that a client of this version which reads an object and writes it back takes nothing from it.
   *
   * Something may be added to the stored object, such as a default of this version.
   *
   * @throws ApiError InternalError that tells what would be lost.
   */
  checkWriteBack(stored: VersionedObject): void;
}

type Convert = ConversionStep['convert'];

/** The conversion that goes by two functions of the kind's author. */
export function makeConversion(
  resource: AnyResource,
  storage: AnyResource,
  functions: { readonly toStorage: Convert; readonly fromStorage: Convert },
): Conversion {
  const down: ConversionStep = { from: resource, to: storage, convert: functions.toStorage };
  const up: ConversionStep = {
    from: storage,
    to: resource,
    convert: (stored) => functions.fromStorage(stored, undefined),
  };
  // every stored object that was asked for has in here what the version shows of it
  const shown = new WeakMap<VersionedObject, VersionedObject>();

  const fromStorage = (stored: VersionedObject): VersionedObject => {
    let object = shown.get(stored);
    if (object === undefined) {
      expectObject(storage, stored);
      object = convertObject(up, stored);
      shown.set(stored, object);
    }
    return object;
  };

  const checkWriteBack = (stored: VersionedObject): void => {
    const written = convertObject(down, fitObject(resource, fromStorage(stored)).object, stored);
    // what any write drops is nothing that this version loses
    const wanted = fitObject(storage, stored).object;
    if (keeps(wanted, written)) return;
    throw conversionError(
      down,
      stored,
      `an update in ${resource.apiVersion} would change what it does not mean to, as toStorage does not keep it from its second argument: ${differenceText(wanted, written, storage)}`,
    );
  };

  const toStorage = (object: VersionedObject, before?: VersionedObject): VersionedObject => {
    expectObject(resource, object);
    if (before !== undefined) checkWriteBack(before);
    const { object: stored, errors } = fitObject(storage, convertObject(down, object, before));
    if (errors.length > 0)
      throw notStorable(storage, ApiError.invalid(resource, object.metadata.name, errors));
    const back = convertObject(up, stored);
    if (jsonEqual(back, object)) return stored;
    throw conversionError(
      down,
      object,
      `what was written would not be read back: ${differenceText(object, back, resource)}`,
    );
  };

  return Object.freeze({ resource, storage, fromStorage, toStorage, checkWriteBack });
}

/** Whether everything in a value is in another one too, at the same place; objects may have more. */
function keeps(value: unknown, other: unknown): boolean {
  if (value === other) return true;
  if (typeof value !== 'object' || typeof other !== 'object' || value === null || other === null)
    return false;
  if (Array.isArray(value)) {
    return (
      Array.isArray(other) &&
      value.length === other.length &&
      value.every((item, index) => keeps(item, other[index]))
    );
  }
  if (Array.isArray(other)) return false;
  return Object.keys(value).every(
    (key) => Object.hasOwn(other, key) && keeps((value as JsonObject)[key], (other as JsonObject)[key]),
  );
}

function notStorable(storage: AnyResource, { message, details }: ApiError): ApiError {
  return new ApiError({
    reason: 'Invalid',
    message: `${message} (in ${storage.apiVersion}, as which it would be stored)`,
    details,
  });
}

function expectObject({ apiVersion, kind }: AnyResource, object: VersionedObject): void {
  if (object.apiVersion === apiVersion && object.kind === kind && Object.isFrozen(object)) return;
  const got = Object.isFrozen(object) ? preview(object.apiVersion) : 'one that is not frozen';
  throw new TypeError(`Expected a frozen ${kind} in ${apiVersion}, got ${got}`);
}
