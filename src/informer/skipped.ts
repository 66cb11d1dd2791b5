/**
 * The resourceVersions of the states of an object that a handler was not told of, oldest first; undefined where they are not known.
 */
export type Skipped = readonly string[] | undefined;

/** No state was passed over. */
export const NONE_SKIPPED: readonly string[] = /* @__PURE__ */ Object.freeze([]);

/** How many are kept; of more it is only known that there were many. */
const MOST = 16;

/** What is skipped with one state more, the newest. */
export function alsoSkipped(skipped: Skipped, resourceVersion: string): Skipped {
  if (skipped === undefined || skipped.length >= MOST) return undefined;
  return [...skipped, resourceVersion];
}
