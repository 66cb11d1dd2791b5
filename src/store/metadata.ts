import {
  type CopyBounds,
  FieldError,
  frozenCopy,
  isOwn,
  isPlain,
  type JsonObject,
  type NameType,
  type ObjectMeta,
  type OwnerReference,
  preview,
  validateAnnotations,
  validateLabels,
  validateName,
} from '../core/index.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';

/** How large what a writer says may be: by the limits, and by what is left of the request. */
interface MetadataBounds {
  readonly limits: Limits;
  readonly bounds: CopyBounds;
}

/** The part of the metadata that writers own; each list and map is frozen. */
export interface OwnMetadata {
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly finalizers: readonly string[] | undefined;
  readonly ownerReferences: readonly OwnerReference[] | undefined;
}

/** What the system alone writes: whoever else names it has no say in it. */
export const SYSTEM_METADATA: readonly string[] = /* @__PURE__ */ Object.freeze([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]);

const KNOWN: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  ...SYSTEM_METADATA,
]);

/**
 * Copies and checks what a writer says in `metadata` about labels, annotations, finalizers and owners.
 *
 * What equals the previous metadata is the previous metadata's very own. Empty maps and lists count as absent, and so does null, as
 * in Kubernetes.
 *
 * @param errors - Findings are added here, with paths such as `metadata.labels[app]`.
 * @throws NotJsonError when a part is not JSON.
 */
export function ownMetadata(
  input: JsonObject,
  previous: ObjectMeta | undefined,
  errors: FieldError[],
  within: MetadataBounds,
): OwnMetadata {
  const { bounds } = within;
  for (const key in input) {
    if (isOwn(input, key) && !KNOWN.has(key))
      errors.push(FieldError.invalid(`metadata.${key}`, input[key], 'unknown field'));
  }
  return {
    labels: textMap('labels', input, previous?.labels, errors, bounds, validateLabels),
    annotations: annotations(input, previous?.annotations, errors, within),
    finalizers: finalizers(input, previous?.finalizers, errors, bounds),
    ownerReferences: ownerReferences(input, previous?.ownerReferences, errors, bounds),
  };
}

type TextMap = Readonly<Record<string, string>>;

function textMap(
  field: 'labels' | 'annotations',
  input: JsonObject,
  previous: TextMap | undefined,
  errors: FieldError[],
  bounds: CopyBounds,
  validate: (map: TextMap, path: string) => readonly FieldError[],
): TextMap | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (value === previous) return previous;
  const path = `metadata.${field}`;
  if (typeof value !== 'object' || Array.isArray(value) || !isPlain(value)) {
    errors.push(FieldError.typeInvalid(path, value, 'expected a map of strings'));
    return undefined;
  }
  const copy = frozenCopy(value, path, previous, bounds) as TextMap;
  if (copy === previous) return previous;
  for (const error of validate(copy, path)) errors.push(error);
  return isEmpty(copy) ? undefined : copy;
}

function annotations(
  input: JsonObject,
  previous: TextMap | undefined,
  errors: FieldError[],
  { limits, bounds }: MetadataBounds,
): TextMap | undefined {
  const map = textMap('annotations', input, previous, errors, bounds, validateAnnotations);
  const most = limits.annotationsSize;
  if (map === undefined || map === previous || most >= DEFAULT_LIMITS.annotationsSize) return map;
  let size = 0;
  for (const key of Object.keys(map)) size += Buffer.byteLength(key) + Buffer.byteLength(map[key] as string);
  if (size > most) {
    const detail = `keys and values take ${size} bytes, expected at most ${most}`;
    errors.push(FieldError.tooLong('metadata.annotations', undefined, detail));
  }
  return map;
}

function finalizers(
  input: JsonObject,
  previous: readonly string[] | undefined,
  errors: FieldError[],
  bounds: CopyBounds,
): readonly string[] | undefined {
  const list = copyList('finalizers', input, previous, errors, bounds);
  if (list === undefined || list === previous) return list as readonly string[] | undefined;
  const known = new Set<unknown>();
  list.forEach((finalizer, index) => {
    const path = `metadata.finalizers[${index}]`;
    if (typeof finalizer !== 'string') {
      errors.push(FieldError.typeInvalid(path, finalizer, 'expected a string'));
    } else {
      for (const detail of validateName('qualified-name', finalizer)) {
        errors.push(FieldError.invalid(path, finalizer, detail));
      }
      if (known.has(finalizer)) errors.push(FieldError.duplicate(path, finalizer));
      known.add(finalizer);
    }
  });
  return list as readonly string[];
}

const REFERENCE_FIELDS: { readonly [field: string]: 'string' | 'boolean' } = {
  apiVersion: 'string',
  kind: 'string',
  name: 'string',
  uid: 'string',
  controller: 'boolean',
  blockOwnerDeletion: 'boolean',
};

function ownerReferences(
  input: JsonObject,
  previous: readonly OwnerReference[] | undefined,
  errors: FieldError[],
  bounds: CopyBounds,
): readonly OwnerReference[] | undefined {
  const list = copyList('ownerReferences', input, previous, errors, bounds);
  if (list === undefined || list === previous) return list as readonly OwnerReference[] | undefined;
  let controllers = 0;
  list.forEach((reference, index) => {
    const path = `metadata.ownerReferences[${index}]`;
    if (typeof reference !== 'object' || reference === null || Array.isArray(reference)) {
      errors.push(FieldError.typeInvalid(path, reference, 'expected an owner reference'));
      return;
    }
    const fields = reference as JsonObject;
    for (const key of Object.keys(fields)) {
      const type = Object.hasOwn(REFERENCE_FIELDS, key) ? REFERENCE_FIELDS[key] : undefined;
      if (type === undefined) errors.push(FieldError.invalid(`${path}.${key}`, fields[key], 'unknown field'));
      else if (typeof fields[key] !== type) {
        errors.push(FieldError.typeInvalid(`${path}.${key}`, fields[key], `expected a ${type}`));
      }
    }
    for (const key of ['apiVersion', 'kind', 'name', 'uid']) {
      if (fields[key] === undefined || fields[key] === '') errors.push(FieldError.required(`${path}.${key}`));
    }
    if (fields['controller'] === true) controllers += 1;
  });
  if (controllers > 1) {
    errors.push(
      FieldError.invalid(
        'metadata.ownerReferences',
        undefined,
        `expected one controller at most, got ${controllers}`,
      ),
    );
  }
  return list as readonly OwnerReference[];
}

function copyList(
  field: 'finalizers' | 'ownerReferences',
  input: JsonObject,
  previous: readonly unknown[] | undefined,
  errors: FieldError[],
  bounds: CopyBounds,
): readonly unknown[] | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (value === previous) return previous;
  if (!Array.isArray(value)) {
    errors.push(FieldError.typeInvalid(`metadata.${field}`, value, `expected a list, got ${preview(value)}`));
    return undefined;
  }
  return value.length === 0
    ? undefined
    : (frozenCopy(value, `metadata.${field}`, previous, bounds) as readonly unknown[]);
}

function isEmpty(map: object): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return false;
  return true;
}

/** The longest name where the kind has no rule of its own for that: any storage has room for it beside the kind and the namespace. */
const NAME_LENGTH = 512;

/** Adds what is wrong with the name of an object to `errors`, by the rule of its kind. */
export function addNameErrors(rule: NameType, name: string, field: string, errors: FieldError[]): void {
  for (const detail of validateName(rule, name)) errors.push(FieldError.invalid(field, name, detail));
  if (rule === 'path-segment' && lengthInStorage(name) > NAME_LENGTH) {
    const detail = `expected at most ${NAME_LENGTH} characters, of which one that is not printable ASCII counts as 5`;
    errors.push(FieldError.tooLong(field, name, detail));
  }
}

/** How many characters a name takes in a storage. */
function lengthInStorage(name: string): number {
  let length = name.length;
  for (let index = 0; index < name.length && length <= NAME_LENGTH; index += 1) {
    const code = name.charCodeAt(index);
    if (code < 0x21 || code > 0x7e) length += 4;
  }
  return length;
}
