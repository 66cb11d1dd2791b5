import { type ApiObject, formatKey, keyOf, preview, validateName, withinTime } from '../../core/index.js';
import type { AnyResource, ObjectOf } from '../../resources/index.js';
import type { ReconcileContext } from '../reconcile.js';
import { setFinalizers } from './set-finalizers.js';

/** How long the try of a finalizer may take unless it says, in milliseconds. */
const TIMEOUT = 30_000;

/** What must be done before an object of type `O` may go. */
export interface Finalizer<O> {
  /** As the object carries it, such as `example.com/dns-record`. */
  readonly name: string;
  /** How long one try may take, in milliseconds; 30,000 unless given. */
  readonly timeout?: number | undefined;
  /**
   * Cleans up; resolves when that is done. It is tried again until then, so it must be idempotent.
   *
   * `signal` aborts when the time is up, and when the manager stops: what goes on regardless may run beside its own next try.
   */
  readonly cleanUp: (object: O, signal: AbortSignal) => Promise<void>;
}

/** What {@link finalize} needs of a {@link ReconcileContext}. */
export type FinalizeContext<O> = Pick<ReconcileContext<O>, 'object' | 'client' | 'log' | 'signal'>;

/**
 * Holds an object until what belongs to it elsewhere is cleaned up; answers with it while it lives.
 *
 * Call it first in a reconcile, and return where it answers undefined: the object is gone, or on its way.
 *
 * - While the object lives, it puts those finalizers on that lack, before anything is made that they must clean up.
 * - When it is being deleted, each that is on it is run, one after another in the order given, and taken off once it is done. Finalizers
 *   of others stay.
 * - One that fails, or takes too long, stays, and so do those after it: this rejects, and the reconcile is tried again.
 *
 * @throws TypeError or RangeError for finalizers that make no sense; what a finalizer rejects with; ApiError as patch does.
 * Source: `finalizer.Finalizers` in controller-runtime, which runs them in random order.
 *
 * @example
 * ```ts
 * const site = await finalize(context, Website, [
 *   { name: 'example.com/dns', timeout: 10_000, cleanUp: (site, signal) => dns.remove(site.metadata.name, { signal }) },
 * ]);
 * if (site === undefined) return;
 * ```
 */
export async function finalize<R extends AnyResource>(
  context: FinalizeContext<ObjectOf<NoInfer<R>>>,
  resource: R,
  finalizers: readonly Finalizer<ObjectOf<NoInfer<R>>>[],
): Promise<ObjectOf<R> | undefined> {
  checkFinalizers(finalizers);
  const { client, log, signal } = context;
  let object: ObjectOf<R> | undefined = context.object;
  if (object === undefined) return undefined;
  const names = finalizers.map(({ name }) => name);
  object = await setFinalizers(client, resource, object, (newest) => {
    const present = finalizersOf(newest);
    if (isDeleting(newest)) return present;
    return [...present, ...names.filter((name) => !present.includes(name))];
  });
  if (object === undefined || !isDeleting(object)) return object;
  for (const { name, timeout, cleanUp } of finalizers) {
    if (!finalizersOf(object).includes(name)) continue;
    const held: ObjectOf<R> = object;
    const limit = timeout ?? TIMEOUT;
    const what = `finalizer ${name} of ${resource.kind} ${formatKey(keyOf(held))}`;
    await withinTime(
      {
        clock: client.clock,
        limit,
        signal,
        expired: () => new Error(`${what}: expected it done within ${limit} ms`),
        onLateError: (error) => log.warn({ error, finalizer: name }, 'a finalizer failed after its time'),
      },
      (own) => cleanUp(held, own),
    );
    object = await setFinalizers(client, resource, held, (newest) =>
      finalizersOf(newest).filter((other) => other !== name),
    );
    if (object === undefined) return undefined;
  }
  return undefined;
}

function isDeleting({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function finalizersOf({ metadata }: ApiObject): readonly string[] {
  return metadata.finalizers ?? [];
}

function checkFinalizers(finalizers: readonly Finalizer<never>[]): void {
  const names = new Set<string>();
  for (const { name, timeout = TIMEOUT, cleanUp } of finalizers) {
    if (typeof name !== 'string' || !name.includes('/') || validateName('qualified-name', name).length > 0) {
      throw new TypeError(`finalize: name: expected one such as 'example.com/dns', got ${preview(name)}`);
    }
    if (names.has(name))
      throw new TypeError(`finalize: name: expected each once, got ${preview(name)} twice`);
    names.add(name);
    if (!(timeout >= 0)) {
      throw new RangeError(
        `finalize: ${name}: timeout: expected 0 milliseconds or more, got ${preview(timeout)}`,
      );
    }
    if (typeof cleanUp !== 'function') {
      throw new TypeError(`finalize: ${name}: cleanUp: expected a function, got ${preview(cleanUp)}`);
    }
  }
}
