import { ApiError, type StatusReason } from '../../../core/index.js';

/** The codes of gRPC that matter here. Source: google.golang.org/grpc/codes. */
export const GRPC = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** With these codes etcd tells what is wrong with a request, before it does anything. */
const REFUSALS: readonly number[] = /* @__PURE__ */ Object.freeze([
  GRPC.INVALID_ARGUMENT,
  GRPC.NOT_FOUND,
  GRPC.PERMISSION_DENIED,
  GRPC.FAILED_PRECONDITION,
  GRPC.OUT_OF_RANGE,
  GRPC.UNIMPLEMENTED,
  GRPC.UNAUTHENTICATED,
]);

/** What the gRPC client says of a request that never left it. */
const UNSENT =
  /^(?:No connection established|Name resolution failed|Stream refused by server|Failed to start HTTP\/2 stream|Channel closed before call started)/;

/** What the gRPC client says of a connection that ended in the middle of a call, with the code of an error within. */
const BROKEN_OFF = /^Received RST_STREAM|^Failed to start HTTP\/2 stream/;

/** What etcd says of a request that it did not take on, with codes that may mean something else too. */
const NOT_TAKEN = /etcdserver: (?:no leader|too many requests)|received message larger than max/;

const TOO_LARGE = /request is too large|too many operations|received message larger than max/;

const UNKNOWN_USER = /user name is empty|authentication failed|authentication is not enabled/;

/** A call to etcd failed. */
export class EtcdError extends Error {
  readonly code: number;
  /** Which member was asked. */
  readonly endpoint: string;
  readonly #isUnsent: boolean;

  /** @param isUnsent - What was asked for was never sent: something before it failed. */
  constructor(code: number, details: string, endpoint: string, isUnsent = false) {
    super(details);
    this.name = 'EtcdError';
    this.code = code;
    this.endpoint = endpoint;
    this.#isUnsent = isUnsent;
  }

  /** The request certainly was not carried out, and will not be. */
  get isRefusal(): boolean {
    return (
      this.#isUnsent ||
      REFUSALS.includes(this.code) ||
      UNSENT.test(this.message) ||
      NOT_TAKEN.test(this.message)
    );
  }

  /** Another member may do better. */
  get isOfMember(): boolean {
    return (
      this.code === GRPC.UNAVAILABLE ||
      this.code === GRPC.DEADLINE_EXCEEDED ||
      UNSENT.test(this.message) ||
      BROKEN_OFF.test(this.message)
    );
  }

  /** The token is not, or no longer, good. */
  get isOfToken(): boolean {
    return this.code === GRPC.UNAUTHENTICATED || this.message.includes('revision of auth store is old');
  }

  /** The request was refused for its size, or for how much it asks for. */
  get isTooLarge(): boolean {
    return TOO_LARGE.test(this.message);
  }

  /** What was to be read is forgotten. */
  get isCompacted(): boolean {
    return this.code === GRPC.OUT_OF_RANGE && this.message.includes('compacted');
  }

  /**
   * The error for callers of the storage.
   *
   * @param isWrite - Whether it matters that the request may have been carried out.
   */
  toApiError(isWrite: boolean): ApiError {
    const reason = this.#reason();
    return new ApiError({
      reason,
      message: `etcd at ${this.endpoint}: ${this.message}`,
      ambiguous: isWrite && !this.isRefusal,
      details: reason === 'TooManyRequests' ? { retryAfterSeconds: 1 } : undefined,
      cause: this,
    });
  }

  #reason(): StatusReason {
    if (this.isTooLarge) return 'RequestEntityTooLarge';
    if (this.message.includes('etcdserver: too many requests')) return 'TooManyRequests';
    if (UNKNOWN_USER.test(this.message)) return 'Unauthorized';
    if (this.isCompacted) return 'Expired';
    if (BROKEN_OFF.test(this.message)) return 'ServiceUnavailable';
    switch (this.code) {
      case GRPC.DEADLINE_EXCEEDED:
        return 'Timeout';
      case GRPC.CANCELLED:
      case GRPC.RESOURCE_EXHAUSTED:
      case GRPC.UNAVAILABLE:
        return 'ServiceUnavailable';
      case GRPC.PERMISSION_DENIED:
        return 'Forbidden';
      case GRPC.UNAUTHENTICATED:
        return 'Unauthorized';
      default:
        return 'InternalError';
    }
  }
}
