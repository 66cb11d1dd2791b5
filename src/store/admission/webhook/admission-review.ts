import { isPlain, type JsonObject, preview } from '../../../core/index.js';
import type { AdmissionRequest } from '../admission-plugin.js';

/** A group, a version and a kind. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A group, a version and a plural. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** What a webhook is asked. Source: `AdmissionReview` in k8s.io/api/admission/v1. */
export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly request: {
    /** Names this call: the answer repeats it. */
    readonly uid: string;
    readonly kind: GroupVersionKind;
    readonly resource: GroupVersionResource;
    readonly subResource?: string;
    readonly requestKind: GroupVersionKind;
    readonly requestResource: GroupVersionResource;
    readonly requestSubResource?: string;
    readonly name: string;
    readonly namespace?: string;
    readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
    /** Empty where the store does not know who writes, or writes itself. */
    readonly userInfo: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
    /** Null in a DELETE. */
    readonly object: JsonObject | null;
    /** Null in a CREATE. */
    readonly oldObject: JsonObject | null;
    readonly dryRun: boolean;
    readonly options: JsonObject;
  };
}

/** What a webhook answered, checked. */
export interface Verdict {
  readonly allowed: boolean;
  /** The `Status` of a refusal. */
  readonly status: JsonObject;
  /** The operations of a JSON patch, or whatever came instead; undefined where there is none. */
  readonly patch: unknown;
  readonly warnings: readonly unknown[];
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The question to a webhook about a request. */
export function reviewOf(uid: string, asked: AdmissionRequest): AdmissionReview {
  const { operation, resource, subresource, key, object, oldObject, user, dryRun } = asked;
  const { group, version, kind, plural } = resource;
  const ofKind = { group, version, kind };
  const ofResource = { group, version, resource: plural };
  const namespace = namespaceOf(asked);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: ofKind,
      resource: ofResource,
      ...(subresource === undefined ? undefined : { subResource: subresource }),
      requestKind: ofKind,
      requestResource: ofResource,
      ...(subresource === undefined ? undefined : { requestSubResource: subresource }),
      name: key.name,
      ...(namespace === undefined ? undefined : { namespace }),
      operation,
      userInfo:
        user === undefined
          ? {}
          : {
              username: user.name,
              ...(user.uid === undefined ? undefined : { uid: user.uid }),
              ...(user.groups === undefined ? undefined : { groups: user.groups }),
              ...(user.extra === undefined ? undefined : { extra: user.extra }),
            },
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
      options: {
        apiVersion: 'meta.k8s.io/v1',
        kind: OPTIONS[operation],
        ...(dryRun ? { dryRun: ['All'] } : undefined),
      },
    },
  };
}

/** The namespace that a request is about: a Namespace is in itself. */
export function namespaceOf({ resource, key }: AdmissionRequest): string | undefined {
  return resource.group === '' && resource.kind === 'Namespace' ? key.name : key.namespace;
}

/**
 * What an answer says.
 *
 * @param mayPatch - Whether the webhook is one that changes objects.
 * @throws TypeError naming what is wrong with the answer.
 * Source: `VerifyAdmissionResponse` in k8s.io/apiserver.
 */
export function verdictOf(answer: unknown, uid: string, mayPatch: boolean): Verdict {
  const review = objectAt(answer, 'the answer');
  const { apiVersion, kind } = review;
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    throw new TypeError(
      `expected an AdmissionReview of admission.k8s.io/v1, got apiVersion ${preview(apiVersion)}, kind ${preview(kind)}`,
    );
  }
  const response = objectAt(review['response'], 'response');
  if (response['uid'] !== uid) {
    throw new TypeError(`response.uid: expected ${preview(uid)}, got ${preview(response['uid'])}`);
  }
  const { allowed, patch, patchType, status, warnings } = response;
  if (typeof allowed !== 'boolean') {
    throw new TypeError(`response.allowed: expected true or false, got ${preview(allowed)}`);
  }
  const hasPatch = patch !== undefined && patch !== null && patch !== '';
  const hasType = patchType !== undefined && patchType !== null;
  if (!mayPatch && (hasPatch || hasType)) {
    throw new TypeError('response.patch: expected none of a webhook that validates');
  }
  if (hasPatch !== hasType) {
    throw new TypeError('response.patch: expected patch and patchType together, got one of them');
  }
  if (hasType && patchType !== 'JSONPatch') {
    throw new TypeError(`response.patchType: expected "JSONPatch", got ${preview(patchType)}`);
  }
  return {
    allowed,
    status: status === undefined || status === null ? {} : objectAt(status, 'response.status'),
    patch: hasPatch ? decoded(patch) : undefined,
    warnings: Array.isArray(warnings) ? warnings : [],
  };
}

function decoded(patch: unknown): unknown {
  if (typeof patch !== 'string') {
    throw new TypeError(`response.patch: expected JSON in base64, got ${preview(patch)}`);
  }
  try {
    return JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  } catch (error) {
    throw new TypeError('response.patch: expected JSON in base64', { cause: error });
  }
}

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value))
    return value as JsonObject;
  throw new TypeError(`${path}: expected an object, got ${preview(value)}`);
}
