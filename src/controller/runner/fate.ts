import { preview } from '../../core/index.js';
import { TerminalError } from '../reconcile.js';

/** What came of a reconcile. */
export type Fate =
  | { readonly outcome: 'success' }
  | { readonly outcome: 'requeue_after'; readonly requeueAfter: number }
  /** It threw, and is tried again; or it threw a {@link TerminalError}, and is not; or it took too long, and is tried again. */
  | { readonly outcome: 'error' | 'terminal' | 'timeout'; readonly error: unknown }
  /** It was told to stop, and had not done its work by then. */
  | { readonly outcome: 'interrupted'; readonly error: unknown };

const SUCCESS: Fate = /* @__PURE__ */ Object.freeze({ outcome: 'success' });

/** What a reconciler answered with: anything but nothing and `{ requeueAfter }` is its mistake. */
export function fateOfResult(controller: string, result: unknown): Fate {
  if (result === undefined) return SUCCESS;
  const requeueAfter: unknown =
    typeof result === 'object' && result !== null && Object.keys(result).join() === 'requeueAfter'
      ? (result as { requeueAfter: unknown }).requeueAfter
      : undefined;
  if (typeof requeueAfter === 'number' && requeueAfter >= 0 && requeueAfter < Number.POSITIVE_INFINITY) {
    return { outcome: 'requeue_after', requeueAfter };
  }
  const got = requeueAfter === undefined ? preview(result) : `requeueAfter ${preview(requeueAfter)}`;
  const error = new TypeError(
    `controller ${controller}: reconcile: expected nothing or { requeueAfter: milliseconds }, got ${got}`,
  );
  return { outcome: 'error', error };
}

/** What a reconciler threw, which may be anything. */
export function fateOfThrown(controller: string, thrown: unknown): Fate {
  if (thrown instanceof TerminalError) return { outcome: 'terminal', error: thrown };
  if (thrown instanceof Error) return { outcome: 'error', error: thrown };
  const error = new Error(
    `controller ${controller}: reconcile: expected an Error, threw ${preview(thrown)}`,
    {
      cause: thrown,
    },
  );
  return { outcome: 'error', error };
}
