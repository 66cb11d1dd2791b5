import { type Client, intercept } from '../client/index.js';
import type { ObjectMeta } from '../core/index.js';
import { compareRevisions, type Informer } from '../informer/index.js';
import type { AnyResource } from '../resources/index.js';

/** What a write may answer with: a stored object, or something that has less. */
type Answer = { readonly metadata?: Partial<ObjectMeta> } | undefined | null;

/**
 * Makes a controller read its own writes: a write resolves once the controller's caches of that kind show it.
 *
 * What was awaited is in the cache, for the reconcile that wrote it and for every one that begins later. A write of a kind that the
 * controller does not watch, a dry run, and a write that fails, wait for nothing. A deletion whose revision the server does not say is
 * waited for by {@link Client.barrier}, where there is one.
 */
export class OwnWrites {
  readonly #informers: ReadonlyMap<AnyResource, Informer<unknown, never>>;
  readonly #signal: AbortSignal;
  // those who wait for a cache; empty once the signal has aborted
  readonly #waiting = new Set<() => void>();

  /** @param signal - Lets go of everybody who waits: the writes themselves are done. */
  constructor(informers: ReadonlyMap<AnyResource, Informer<unknown, never>>, signal: AbortSignal) {
    this.#informers = informers;
    this.#signal = signal;
    const release = (): void => {
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    };
    signal.addEventListener('abort', release, { once: true });
  }

  /** The client, with writes that wait. */
  client(client: Client): Client {
    const written = async <T>(
      resource: AnyResource,
      dryRun: boolean | undefined,
      write: Promise<T>,
    ): Promise<T> => {
      const answer = await write;
      if (dryRun !== true) await this.#shown(client, resource, revisionOf(answer as Answer));
      return answer;
    };
    return intercept(client, {
      create: (next, resource, object, options) =>
        written(resource, options?.dryRun, next(resource, object, options)),
      update: (next, resource, object, options) =>
        written(resource, options?.dryRun, next(resource, object, options)),
      patch: (next, resource, key, patch, options) =>
        written(resource, options?.dryRun, next(resource, key, patch, options)),
      apply: (next, resource, object, options) =>
        written(resource, options?.dryRun, next(resource, object, options)),
      subresource: (next, resource, key, name, body, options) => {
        const answer = next(resource, key, name, body, options);
        return body === undefined ? answer : written(resource, options?.dryRun, answer);
      },
      delete: async (next, resource, key, options) => {
        const answer = await next(resource, key, options);
        if (options?.dryRun !== true) await this.#shown(client, resource, answer.resourceVersion);
        return answer;
      },
      deleteCollection: async (next, resource, selection, options) => {
        const answer = await next(resource, selection, options);
        if (options?.dryRun !== true && answer.items.length > 0)
          await this.#shown(client, resource, undefined);
        return answer;
      },
    });
  }

  /** Waits until the caches of a kind show a revision, or everything until now where it is not known. */
  async #shown(client: Client, { apiVersion, kind }: AnyResource, known: string | undefined): Promise<void> {
    const informers = [...this.#informers]
      .filter(([resource]) => resource.apiVersion === apiVersion && resource.kind === kind)
      .map(([, informer]) => informer);
    if (informers.length === 0) return;
    const revision = known ?? (await client.barrier());
    if (revision === undefined) return;
    await Promise.all(informers.map((informer) => this.#reached(informer, revision)));
  }

  async #reached(informer: Informer<unknown, never>, revision: string): Promise<void> {
    const { resourceVersion } = informer;
    if (resourceVersion !== undefined && compareRevisions(resourceVersion, revision) >= 0) return;
    await new Promise<void>((resolve) => {
      if (this.#signal.aborted) {
        resolve();
        return;
      }
      this.#waiting.add(resolve);
      const finish = (): void => {
        this.#waiting.delete(resolve);
        resolve();
      };
      // an informer that was stopped shows nothing any more, and the write is done all the same
      informer.reached(revision).then(finish, finish);
    });
  }
}

/** The revision of what a write answered with; undefined where the object is gone since, or the answer has none. */
function revisionOf(answer: Answer): string | undefined {
  const { resourceVersion, deletionTimestamp, finalizers = [] } = answer?.metadata ?? {};
  // the update that removes the last finalizer of an object answers with the revision before the deletion
  return deletionTimestamp !== undefined && finalizers.length === 0 ? undefined : resourceVersion;
}
