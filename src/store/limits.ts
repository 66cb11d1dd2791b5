import { type CopyBounds, MAX_DEPTH, MAX_SIZE, preview } from '../core/index.js';

/** How much a store takes of a request, and how large what it keeps may be. */
export interface Limits {
  /**
   * The bytes of a stored object as JSON in UTF-8, without the digits of its resourceVersion; 1,572,864 (1.5 MiB) unless given.
   *
   * From 1,024 to 3,145,728. What would be larger is RequestEntityTooLarge, unless it was larger before and does not grow; a deletion
   * never is. Source: `--max-request-bytes` of etcd, by which Kubernetes' objects are limited.
   */
  readonly objectSize: number;
  /**
   * The characters of an object or a patch that is sent, more or less as JSON; 3,145,728 (3 MiB) unless given.
   *
   * From 1,024 to 3,145,728. More is RequestEntityTooLarge. Objects and lists that an update shares with the stored object are not
   * counted. Source: `MaxRequestBodyBytes` in k8s.io/apiserver.
   */
  readonly requestSize: number;
  /**
   * The bytes of the keys and values of an object's annotations in UTF-8; 262,144 (256 KiB) unless given.
   *
   * From 0 to 262,144. More is Invalid. Source: `TotalAnnotationSizeLimitB` in k8s.io/apimachinery.
   */
  readonly annotationsSize: number;
  /**
   * The levels of arrays and objects in a top-level field of an object, or in a patch; 1,000 unless given.
   *
   * From 16 to 1,000. More is Invalid in an object, and BadRequest in a patch. Kubernetes' decoder takes 10,000, which is more than
   * JavaScript's own `JSON.stringify` survives. Source: `maxDepth` in k8s.io/apimachinery/pkg/util/json.
   */
  readonly depth: number;
  /**
   * The operations of a JSON patch; 10,000 unless given.
   *
   * From 1 to 10,000. More is RequestEntityTooLarge. Source: `maxJSONPatchOperations` in k8s.io/apiserver.
   */
  readonly patchOperations: number;
}

export const DEFAULT_LIMITS: Limits = /* @__PURE__ */ Object.freeze({
  objectSize: 1.5 * 1024 * 1024,
  requestSize: MAX_SIZE,
  annotationsSize: 256 * 1024,
  depth: MAX_DEPTH,
  patchOperations: 10_000,
});

/** The least and the most that each limit can be: what the store itself writes must fit, and no code below goes further. */
const RANGES: { readonly [Limit in keyof Limits]: readonly [least: number, most: number] } = {
  objectSize: [1_024, MAX_SIZE],
  requestSize: [1_024, MAX_SIZE],
  annotationsSize: [0, DEFAULT_LIMITS.annotationsSize],
  depth: [16, MAX_DEPTH],
  patchOperations: [1, DEFAULT_LIMITS.patchOperations],
};

/** The limits that are given, and the defaults of the others. @throws RangeError naming the limit that is out of its range. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`ObjectStore: limits: expected an object, got ${preview(given)}`);
  }
  const limits = { ...DEFAULT_LIMITS };
  for (const limit of Object.keys(RANGES) as (keyof Limits)[]) {
    const value = given[limit];
    if (value === undefined) continue;
    const [least, most] = RANGES[limit];
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new RangeError(
        `ObjectStore: limits.${limit}: expected a whole number from ${least} to ${most}, got ${preview(value)}`,
      );
    }
    limits[limit] = value;
  }
  return Object.freeze(limits);
}

/** The same limits for what comes of a request, which may be larger than what was sent. */
export function limitsOfResult(limits: Limits): Limits {
  return Object.freeze({ ...limits, requestSize: DEFAULT_LIMITS.requestSize });
}

/** The bounds of all that is copied of one object. */
export function copyBounds({ requestSize, depth }: Limits): CopyBounds {
  return { size: requestSize, depth, room: requestSize };
}
