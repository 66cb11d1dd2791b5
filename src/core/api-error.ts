import type { CauseType, FieldError, StatusCause } from './field-error.js';
import { previewName } from './preview.js';

/** The codes of requests that are wrong in themselves, or do not fit what is there. */
export const REQUEST_CODES = {
  BadRequest: 400,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
} as const;

/**
 * Every reason that Kubernetes gives for a failed request, with its HTTP code.
 *
 * Source: `metav1.StatusReason` in k8s.io/apimachinery.
 */
export const STATUS_CODES: {
  readonly [Reason in StatusReason]: number;
} = /* @__PURE__ */ Object.assign(
  {
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    AlreadyExists: 409,
    Gone: 410,
    ServerTimeout: 500,
    StoreReadError: 500,
    Timeout: 504,
    TooManyRequests: 429,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    InternalError: 500,
    Expired: 410,
    ServiceUnavailable: 503,
    Unknown: 500,
  },
  REQUEST_CODES,
);

/** Why a request failed, in Kubernetes' words. */
export type StatusReason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'StoreReadError'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | 'Unknown';

/** What a failed request was about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural (`deployments`) or the kind (`Deployment`), as Kubernetes has it for the reason. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** The `Status` object that Kubernetes answers a failed request with. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: StatusReason;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** Which kind a request was about; every resource is one. */
export interface ResourceName {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** What {@link ApiError} is made from. */
export interface ApiErrorOptions {
  readonly reason: StatusReason;
  readonly message: string;
  readonly details?: StatusDetails | undefined;
  /** Given only where it differs from the reason's usual code. */
  readonly code?: number | undefined;
  readonly ambiguous?: boolean | undefined;
  /** Where a list whose pages have expired can go on, at the newest revision. */
  readonly continue?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A request failed, for a reason that Kubernetes has a name for.
 *
 * Switch on `reason`, or use the guards ({@link isNotFound} and its like). `details.causes` names the fields.
 * `ambiguous` is true where a write may or may not have happened: read before you repeat it.
 *
 * Source: `metav1.Status` and `apierrors` in k8s.io/apimachinery.
 */
// it merges with the constant below; the class expression has a scope of its own
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface ApiError extends Error {
  readonly reason: StatusReason;
  readonly code: number;
  readonly details: StatusDetails;
  /** True where the outcome of a write is unknown. */
  readonly ambiguous: boolean;
  /** A token for the rest of a list that expired half way, at the newest revision: together with the first part it is inconsistent. */
  readonly continue: string | undefined;
  /** The `Status` object of this error, as it goes over the wire. */
  toStatus(): Status;
}

/** What {@link BareApiError} is made from: it does not know the usual codes. */
interface BareApiErrorOptions extends ApiErrorOptions {
  readonly code: number;
}

/**
 * {@link ApiError} itself, for code that knows the code of its reason and needs no functions: a bundle of such code goes without these.
 *
 * The class has the name that errors are printed with.
 */
// oxlint-disable-next-line eslint/no-shadow
export const BareApiError: new (options: BareApiErrorOptions) => ApiError = class ApiError extends Error {
  readonly reason: StatusReason;
  readonly code: number;
  readonly details: StatusDetails;
  readonly ambiguous: boolean;
  readonly continue: string | undefined;

  constructor(options: BareApiErrorOptions) {
    const { reason, message, details, code, ambiguous, continue: token, cause } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.reason = reason;
    this.code = code;
    this.details = details ?? {};
    this.ambiguous = ambiguous ?? false;
    this.continue = token;
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message: this.message,
      ...(this.reason === 'Unknown' ? {} : { reason: this.reason }),
      ...(Object.keys(this.details).length === 0 ? {} : { details: this.details }),
      code: this.code,
    };
  }
};

/** What makes the errors that are needed often: see {@link ApiError}. */
const makers = {
  fromStatus(status: {
    readonly metadata?: { readonly continue?: unknown } | undefined;
    readonly message?: string | undefined;
    readonly reason?: string | undefined;
    readonly details?: StatusDetails | undefined;
    readonly code?: number | undefined;
  }): ApiError {
    const known = status.reason !== undefined && Object.hasOwn(STATUS_CODES, status.reason);
    const reason = known ? (status.reason as StatusReason) : 'Unknown';
    return new ApiError({
      reason,
      message: status.message ?? `the server answered ${status.reason ?? 'with an unknown error'}`,
      details: status.details,
      code: status.code,
      continue: typeof status.metadata?.continue === 'string' ? status.metadata.continue : undefined,
    });
  },

  notFound(resource: ResourceName, name: string): ApiError {
    return ofObject('NotFound', resource, name, (object) => `${object} not found`);
  },

  alreadyExists(resource: ResourceName, name: string): ApiError {
    return ofObject('AlreadyExists', resource, name, (object) => `${object} already exists`);
  },

  conflict(resource: ResourceName, name: string, why: string): ApiError {
    return ofObject(
      'Conflict',
      resource,
      name,
      (object) => `Operation cannot be fulfilled on ${object}: ${why}`,
    );
  },

  invalid(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError {
    return invalidObject(resource, name, errors);
  },

  badRequest(message: string, field?: string): ApiError {
    return ofField('BadRequest', 'FieldValueInvalid', message, field);
  },

  forbidden(resource: ResourceName, name: string, why: string): ApiError {
    return ofObject('Forbidden', resource, name, (object) => `${object} is forbidden: ${why}`);
  },

  methodNotAllowed(resource: ResourceName, verb: string): ApiError {
    return new ApiError({
      reason: 'MethodNotAllowed',
      message: `${verb} is not supported on resources of kind ${JSON.stringify(qualified(resource))}`,
      details: { group: resource.group, kind: resource.plural },
    });
  },

  expired(message: string): ApiError {
    return new ApiError({ reason: 'Expired', message });
  },

  timeout(message: string, retryAfterSeconds?: number): ApiError {
    return new ApiError({
      reason: 'Timeout',
      message,
      details: retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
    });
  },

  tooManyRequests(message: string, retryAfterSeconds: number): ApiError {
    return new ApiError({ reason: 'TooManyRequests', message, details: { retryAfterSeconds } });
  },

  requestEntityTooLarge(message: string, field?: string): ApiError {
    return ofField('RequestEntityTooLarge', 'FieldValueTooLong', message, field);
  },

  serviceUnavailable(message: string): ApiError {
    return new ApiError({ reason: 'ServiceUnavailable', message });
  },

  internal(message: string, cause?: unknown): ApiError {
    return new ApiError({
      reason: 'InternalError',
      message: `Internal error occurred: ${message}`,
      cause,
    });
  },
};

export const ApiError: {
  new (options: ApiErrorOptions): ApiError;
  readonly prototype: ApiError;
  /** The error that a `Status` object describes. */
  fromStatus(status: {
    readonly metadata?: { readonly continue?: unknown } | undefined;
    readonly message?: string | undefined;
    readonly reason?: string | undefined;
    readonly details?: StatusDetails | undefined;
    readonly code?: number | undefined;
  }): ApiError;
  notFound(resource: ResourceName, name: string): ApiError;
  alreadyExists(resource: ResourceName, name: string): ApiError;
  conflict(resource: ResourceName, name: string, why: string): ApiError;
  /** The object breaks its schema or the rules of its kind; `errors` must not be empty. */
  invalid(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError;
  /** The request itself is malformed; `field` names the part that is. */
  badRequest(message: string, field?: string): ApiError;
  forbidden(resource: ResourceName, name: string, why: string): ApiError;
  methodNotAllowed(resource: ResourceName, verb: string): ApiError;
  /** The revision asked for is no longer kept: list again, then go on from there. */
  expired(message: string): ApiError;
  timeout(message: string, retryAfterSeconds?: number): ApiError;
  tooManyRequests(message: string, retryAfterSeconds: number): ApiError;
  requestEntityTooLarge(message: string, field?: string): ApiError;
  serviceUnavailable(message: string): ApiError;
  internal(message: string, cause?: unknown): ApiError;
} = /* @__PURE__ */ Object.assign(/* @__PURE__ */ withUsualCodes(), makers);

/** A constructor that knows the usual code of each reason, and makes the same errors: it has the prototype of the class. */
function withUsualCodes(): { new (options: ApiErrorOptions): ApiError; readonly prototype: ApiError } {
  function make(options: ApiErrorOptions): ApiError {
    const code = options.code ?? STATUS_CODES[options.reason];
    return Reflect.construct(BareApiError, [{ ...options, code }], new.target) as ApiError;
  }
  make.prototype = BareApiError.prototype;
  return make as unknown as { new (options: ApiErrorOptions): ApiError; readonly prototype: ApiError };
}

/** `ApiError.invalid`, for what is to be small. */
export function invalidObject(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError {
  const texts = errors.map((error) => error.toString());
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return new BareApiError({
    reason: 'Invalid',
    code: REQUEST_CODES.Invalid,
    message: `${kind} ${previewName(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    details: {
      name,
      group: resource.group,
      kind: resource.kind,
      causes: errors.map((error) => error.toCause()),
    },
  });
}

/** An error about one object of a resource. */
function ofObject(
  reason: StatusReason,
  resource: ResourceName,
  name: string,
  messageOf: (object: string) => string,
): ApiError {
  const details = { name, group: resource.group, kind: resource.plural };
  const message = messageOf(`${qualified(resource)} ${previewName(name)}`);
  return new ApiError({ reason, message, details });
}

/** An error about a part of a request, if it has a name. */
function ofField(reason: StatusReason, cause: CauseType, message: string, field?: string): ApiError {
  if (field === undefined) return new ApiError({ reason, message });
  const details = { causes: [{ reason: cause, message, field }] };
  return new ApiError({ reason, message: `${field}: ${message}`, details });
}

function qualified(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function hasReason(error: unknown, reason: StatusReason): error is ApiError {
  return error instanceof BareApiError && error.reason === reason;
}

export function isNotFound(error: unknown): error is ApiError {
  return hasReason(error, 'NotFound');
}
export function isAlreadyExists(error: unknown): error is ApiError {
  return hasReason(error, 'AlreadyExists');
}
export function isConflict(error: unknown): error is ApiError {
  return hasReason(error, 'Conflict');
}
export function isInvalid(error: unknown): error is ApiError {
  return hasReason(error, 'Invalid');
}
export function isBadRequest(error: unknown): error is ApiError {
  return hasReason(error, 'BadRequest');
}
export function isForbidden(error: unknown): error is ApiError {
  return hasReason(error, 'Forbidden');
}
export function isUnauthorized(error: unknown): error is ApiError {
  return hasReason(error, 'Unauthorized');
}
/** True for `Expired` and `Gone`: what was asked for is no longer kept. */
export function isExpired(error: unknown): error is ApiError {
  return hasReason(error, 'Expired') || hasReason(error, 'Gone');
}
export function isTimeout(error: unknown): error is ApiError {
  return hasReason(error, 'Timeout') || hasReason(error, 'ServerTimeout');
}
export function isTooManyRequests(error: unknown): error is ApiError {
  return hasReason(error, 'TooManyRequests');
}
/** True where a write failed and yet may have happened. */
export function isAmbiguous(error: unknown): error is ApiError {
  return error instanceof BareApiError && error.ambiguous;
}
