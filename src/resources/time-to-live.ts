import { preview } from '../core/index.js';

/**
 * How long an object lives after its last change, until the store deletes it.
 *
 * A number of milliseconds for every object of the kind, or the path of a field that has each object's own number of seconds, as in
 * `{ secondsIn: 'spec.ttlSeconds' }`; an object without a number there lives on.
 */
export type TimeToLive = number | { readonly secondsIn: string };

/** A private copy of a time to live. @throws TypeError where it is none. */
export function checkTimeToLive(ttl: TimeToLive | undefined): TimeToLive | undefined {
  if (ttl === undefined) return undefined;
  if (typeof ttl === 'number' && Number.isFinite(ttl) && ttl > 0) return ttl;
  if (typeof ttl === 'object' && ttl !== null) {
    const { secondsIn } = ttl;
    if (typeof secondsIn === 'string' && /^[^.]+(?:\.[^.]+)*$/.test(secondsIn))
      return Object.freeze({ secondsIn });
  }
  throw new TypeError(
    `defineResource: ttl: expected milliseconds above 0, or { secondsIn } with the path of a field, got ${preview(ttl)}`,
  );
}
