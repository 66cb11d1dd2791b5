import {
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
): OwnMetadata {
  for (const key in input) {
    if (isOwn(input, key) && !KNOWN.has(key))
      errors.push(FieldError.invalid(`metadata.${key}`, input[key], 'unknown field'));
  }
  return {
    labels: textMap('labels', input, previous?.labels, errors, validateLabels),
    annotations: textMap('annotations', input, previous?.annotations, errors, validateAnnotations),
    finalizers: finalizers(input, previous?.finalizers, errors),
    ownerReferences: ownerReferences(input, previous?.ownerReferences, errors),
  };
}

type TextMap = Readonly<Record<string, string>>;

function textMap(
  field: 'labels' | 'annotations',
  input: JsonObject,
  previous: TextMap | undefined,
  errors: FieldError[],
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
  const copy = frozenCopy(value, path, previous) as TextMap;
  if (copy === previous) return previous;
  for (const error of validate(copy, path)) errors.push(error);
  return isEmpty(copy) ? undefined : copy;
}

function finalizers(
  input: JsonObject,
  previous: readonly string[] | undefined,
  errors: FieldError[],
): readonly string[] | undefined {
  const list = copyList('finalizers', input, previous, errors);
  if (list === undefined || list === previous) return list as readonly string[] | undefined;
  list.forEach((finalizer, index) => {
    const path = `metadata.finalizers[${index}]`;
    if (typeof finalizer !== 'string') {
      errors.push(FieldError.typeInvalid(path, finalizer, 'expected a string'));
    } else {
      for (const detail of validateName('qualified-name', finalizer)) {
        errors.push(FieldError.invalid(path, finalizer, detail));
      }
      if (list.indexOf(finalizer) !== index) errors.push(FieldError.duplicate(path, finalizer));
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
): readonly OwnerReference[] | undefined {
  const list = copyList('ownerReferences', input, previous, errors);
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
    : (frozenCopy(value, `metadata.${field}`, previous) as readonly unknown[]);
}

function isEmpty(map: object): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return false;
  return true;
}

/** Adds what is wrong with the name of an object to `errors`, by the rule of its kind. */
export function addNameErrors(rule: NameType, name: string, field: string, errors: FieldError[]): void {
  for (const detail of validateName(rule, name)) errors.push(FieldError.invalid(field, name, detail));
}
