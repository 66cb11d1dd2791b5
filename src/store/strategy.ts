import {
  ApiError,
  define,
  FieldError,
  frozenCopy,
  isOwn,
  type JsonObject,
  NotJsonError,
  preview,
} from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import { copyBounds, DEFAULT_LIMITS, type Limits } from './limits.js';
import { newMetadata, nextMetadata } from './make-metadata.js';
import { addNameErrors, type OwnMetadata, ownMetadata } from './metadata.js';
import { blamedErrors } from './ratchet.js';
import type { StoredObject, UnsealedObject } from './stored-object.js';
import { type Submission, tooLarge } from './submission.js';

/** What the system gives a new object. */
export interface Identity {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  /** RFC 3339. */
  readonly creationTimestamp: string;
}

/** A new object as its writer gave it: copied, checked against its kind's rules, and not yet named. */
export interface Candidate {
  readonly resource: AnyResource;
  readonly generateName: string | undefined;
  readonly metadata: OwnMetadata;
  /** Everything but apiVersion, kind and metadata; frozen parts. */
  readonly fields: JsonObject;
  /** How many characters were copied of it; undefined where it has what was not, such as defaults. */
  readonly counted: number | undefined;
}

/**
 * Copies, defaults and checks a new object.
 *
 * System metadata that the writer gave is dropped, and so is the status of a kind with a status subresource. A resourceVersion is a
 * mistake.
 *
 * @throws ApiError Invalid naming every field at fault; BadRequest; RequestEntityTooLarge.
 * Source: `rest.BeforeCreate` in k8s.io/apiserver.
 */
export function prepareCreate(
  resource: AnyResource,
  { fields: input, metadata }: Submission,
  limits: Limits = DEFAULT_LIMITS,
): Candidate {
  const { resourceVersion } = metadata;
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== null) {
    throw ApiError.badRequest(
      `expected none on an object to create, got ${preview(resourceVersion)}`,
      'metadata.resourceVersion',
    );
  }
  const errors: FieldError[] = [];
  const bounds = copyBounds(limits);
  // no more of it than a name can have: an error quotes it
  const displayName = typeof metadata['name'] === 'string' ? metadata['name'].slice(0, 253) : '';
  try {
    const own = ownMetadata(metadata, undefined, errors, { limits, bounds });
    const generateName = checkNewName(resource, metadata, errors);
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(input)) {
      const value = input[key];
      if (value === undefined || isEnvelope(key) || (key === 'status' && resource.hasStatus)) continue;
      define(fields, key, frozenCopy(value, key, undefined, bounds));
    }
    const judged = judge(resource, fields, undefined, errors);
    refuse(resource, displayName, errors);
    const counted = judged === fields ? bounds.size - bounds.room : undefined;
    return { resource, generateName, metadata: own, fields: judged, counted };
  } catch (error) {
    throw asInvalid(resource, displayName, error);
  }
}

/** Checks the name and namespace of a new object; answers with the prefix of a name that is still to be made. */
function checkNewName(resource: AnyResource, metadata: JsonObject, errors: FieldError[]): string | undefined {
  const { name, generateName, namespace } = metadata;
  if (typeof name === 'string' && name !== '') {
    addNameErrors(resource.nameRule, name, 'metadata.name', errors);
  } else if (generateName === undefined || generateName === null || generateName === '') {
    errors.push(FieldError.required('metadata.name', 'expected name or generateName'));
  }
  if (typeof generateName === 'string' && generateName !== '') {
    // what will be added cannot make a legal prefix illegal
    addNameErrors(resource.nameRule, `${generateName.slice(0, 58)}x`, 'metadata.generateName', errors);
    // what is cut off before that stays in the metadata; source: `maskTrailingDash` in k8s.io/apimachinery
    if (generateName.length > 58) {
      addNameErrors(resource.nameRule, generateName.replace(/-$/, 'x'), 'metadata.generateName', errors);
    }
  } else if (generateName !== undefined && generateName !== null && generateName !== '') {
    errors.push(FieldError.typeInvalid('metadata.generateName', generateName, 'expected a string'));
  }
  if (typeof namespace === 'string' && namespace !== '') {
    addNameErrors('dns1123label', namespace, 'metadata.namespace', errors);
  }
  return typeof generateName === 'string' && generateName !== '' ? generateName : undefined;
}

/** A candidate with its name and identity: ready to commit. */
export function named(candidate: Candidate, identity: Identity): UnsealedObject {
  const { resource, generateName, fields } = candidate;
  const generation = resource.hasGeneration ? 1 : undefined;
  const { name, namespace, uid, creationTimestamp } = identity;
  const system = { name, generateName, namespace, uid, generation, creationTimestamp };
  const metadata = newMetadata(system, candidate.metadata);
  return { apiVersion: resource.apiVersion, kind: resource.kind, metadata, ...fields };
}

/**
 * The object after an update; `current` itself where nothing changed.
 *
 * System metadata stays as it is, whatever the writer says. A kind with a status subresource keeps its status here, and everything but
 * the status in {@link prepareStatusUpdate}. Any change beside metadata and that status is one of the desired state and counts as a
 * generation.
 *
 * @throws ApiError Invalid naming every field at fault; RequestEntityTooLarge.
 * Source: `rest.BeforeUpdate` in k8s.io/apiserver.
 */
export function prepareUpdate(
  resource: AnyResource,
  current: StoredObject,
  { fields: input, metadata: inputMetadata }: Submission,
  limits: Limits = DEFAULT_LIMITS,
): StoredObject | UnsealedObject {
  const errors: FieldError[] = [];
  const bounds = copyBounds(limits);
  const { name } = current.metadata;
  try {
    const own = ownMetadata(inputMetadata, current.metadata, errors, { limits, bounds });
    refuseNewFinalizers(current, own, errors);
    const fields: Record<string, unknown> = {};
    let changed = false;
    for (const key in input) {
      if (!isOwn(input, key) || isEnvelope(key) || input[key] === undefined) continue;
      if (key === 'status' && resource.hasStatus) continue;
      const old = isOwn(current, key) ? current[key] : undefined;
      const value = frozenCopy(input[key], key, old, bounds);
      if (value !== old) changed = true;
      define(fields, key, value);
    }
    const known = Object.keys(current);
    for (const key of known) {
      if (isEnvelope(key)) continue;
      if (key === 'status' && resource.hasStatus) define(fields, key, current[key]);
      else if (!Object.hasOwn(fields, key)) changed = true;
    }
    let judged: JsonObject = fields;
    if (changed) {
      judged = judge(resource, fields, current, errors);
      const names = Object.keys(judged);
      changed = names.length !== known.length - ENVELOPE || names.some((key) => judged[key] !== current[key]);
    }
    refuse(resource, name, errors);
    if (!changed && sameMetadata(own, current)) return current;
    const { generation } = current.metadata;
    const next = changed && generation !== undefined ? generation + 1 : generation;
    const metadata = nextMetadata(current.metadata, own, next);
    return { apiVersion: current.apiVersion, kind: current.kind, metadata, ...judged };
  } catch (error) {
    throw asInvalid(resource, name, error);
  }
}

/**
 * The object after an update of its status alone; `current` itself where nothing changed.
 *
 * @throws ApiError Invalid naming every field at fault; RequestEntityTooLarge.
 */
export function prepareStatusUpdate(
  resource: AnyResource,
  current: StoredObject,
  { fields: input }: Submission,
  limits: Limits = DEFAULT_LIMITS,
): StoredObject | UnsealedObject {
  const errors: FieldError[] = [];
  const { name } = current.metadata;
  try {
    const old = current['status'];
    const given = input['status'];
    const copy =
      given === undefined || given === null
        ? undefined
        : frozenCopy(given, 'status', old, copyBounds(limits));
    if (copy === old) return current;
    const judged = copy === undefined ? {} : judge(resource, { status: copy }, current, errors, 'status');
    refuse(resource, name, errors);
    const status = judged['status'];
    if (status === old) return current;
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(current))
      if (!isEnvelope(key) && key !== 'status') define(fields, key, current[key]);
    if (status !== undefined) fields['status'] = status;
    const metadata = nextMetadata(current.metadata);
    return { apiVersion: current.apiVersion, kind: current.kind, metadata, ...fields };
  } catch (error) {
    throw asInvalid(resource, name, error);
  }
}

function judge(
  resource: AnyResource,
  fields: JsonObject,
  previous: StoredObject | undefined,
  errors: FieldError[],
  field?: string,
): JsonObject {
  if (resource.schema === undefined) return fields;
  const { object, errors: found } = resource.schema.judge(fields, field);
  errors.push(
    ...(previous === undefined || found.length === 0 ? found : blamedErrors(found, previous, object)),
  );
  if (object === fields || previous === undefined) return object;
  // defaults are made anew at each judgement: what equals the stored value is the stored value
  const shared: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    define(
      shared,
      key,
      frozenCopy(object[key], key, Object.hasOwn(previous, key) ? previous[key] : undefined),
    );
  }
  return shared;
}

/** So many findings are told at most: a message is for people to read. */
const MOST_ERRORS = 100;

function refuse(resource: AnyResource, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw ApiError.invalid(resource, name, errors.slice(0, MOST_ERRORS));
}

/** The error of a write: values that are not JSON are told of as Kubernetes tells of invalid fields, and those that are too large. */
function asInvalid(resource: AnyResource, name: string, error: unknown): unknown {
  if (!(error instanceof NotJsonError)) return error;
  return error.isTooLarge ? tooLarge(error) : ApiError.invalid(resource, name, [error.field]);
}

function refuseNewFinalizers(current: StoredObject, own: OwnMetadata, errors: FieldError[]): void {
  if (current.metadata.deletionTimestamp === undefined || own.finalizers === current.metadata.finalizers)
    return;
  const known = new Set(current.metadata.finalizers);
  const added = (own.finalizers ?? []).filter((item) => !known.has(item));
  if (added.length > 0) {
    errors.push(
      FieldError.forbidden(
        'metadata.finalizers',
        added.join(', '),
        'no new finalizers can be added if the object is being deleted',
      ),
    );
  }
}

function sameMetadata(own: OwnMetadata, { metadata }: StoredObject): boolean {
  return (
    own.labels === metadata.labels &&
    own.annotations === metadata.annotations &&
    own.finalizers === metadata.finalizers &&
    own.ownerReferences === metadata.ownerReferences
  );
}

/** How many fields are of the envelope. */
const ENVELOPE = 3;

function isEnvelope(field: string): boolean {
  return field === 'apiVersion' || field === 'kind' || field === 'metadata';
}
