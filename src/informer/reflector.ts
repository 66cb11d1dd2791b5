import type { Client, ObjectList, SelectOptions, WatchEvent } from '../client/index.js';
import {
  ApiError,
  type ApiObject,
  isExpired,
  type Logger,
  type MetricsProvider,
  noopLogger,
  noopMetrics,
  sleep,
  type StatusReason,
} from '../core/index.js';
import type { Resource } from '../resources/index.js';
import { Backoff } from './backoff.js';
import { ReflectorMetrics } from './reflector-metrics.js';
import { compareRevisions } from './revision.js';

/**
 * What a reflector is doing.
 *
 * - `stopped`: nothing; not started yet, or told to stop.
 * - `connecting`: asked for a list and has no answer yet.
 * - `listing`: reads the pages of a list.
 * - `watching`: has a watch open.
 * - `backing off`: waits after a failure, before it tries again.
 */
export type ReflectorState = 'stopped' | 'connecting' | 'listing' | 'watching' | 'backing off';

/** What a watch told of one object. */
export interface ObjectEvent<O> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: O;
  /** Further events of the same commit follow. */
  readonly more?: true;
}

/** Where a reflector puts what it learns; called synchronously, in the order in which it happened. */
export interface ReflectorTarget<O> {
  /** These are all objects there are, at a revision. */
  replace(objects: readonly O[], resourceVersion: string): void;
  /** One object changed. After a watch was resumed, an event may come a second time. */
  apply(event: ObjectEvent<O>): void;
  /** Everything up to a revision has been told. */
  bookmark(resourceVersion: string): void;
}

/** What a {@link Reflector} is made from. */
export interface ReflectorOptions<O> {
  readonly client: Client;
  readonly resource: Resource<O>;
  readonly target: ReflectorTarget<O>;
  /** Which objects; all unless given. */
  readonly selection?: SelectOptions | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
  /** Called when {@link Reflector.state} has changed; must not throw. */
  readonly onState?: ((state: ReflectorState) => void) | undefined;
  /** Called when a list or a watch failed; must not throw. */
  readonly onError?: ((error: Error, during: 'list' | 'watch') => void) | undefined;
}

/** A whole list. */
interface Listed<O> {
  readonly items: readonly O[];
  readonly resourceVersion: string;
}

/** How many objects a page of a list has at most. */
const PAGE_SIZE = 500;
/** A watch that ended by itself before this many milliseconds, without an event, counts as a failure. */
const SHORT_WATCH = 1_000;
/** A watch that failed for one of these is worth resuming where it was: a list would only add to the server's load. */
const RESUMABLE: readonly StatusReason[] = /* @__PURE__ */ Object.freeze([
  'TooManyRequests',
  'ServiceUnavailable',
  'Timeout',
  'ServerTimeout',
  'InternalError',
]);

/**
 * Keeps a target up to date with the objects of a server: lists them, then watches from the list's revision, for as long as it runs.
 *
 * - A list is read in pages of 500. Where a later page has expired, it is read again at once, in one piece.
 * - A list is never older than what was seen before: such an answer is refused as a failure.
 * - A watch that ends by itself is resumed from the last revision seen; so is one that failed with TooManyRequests, ServiceUnavailable,
 *   a timeout or InternalError, after a pause. Where it failed with Expired, the objects are listed again at once, and after
 *   a pause where that happens again before anything was told. Any other failure: a pause, then a list.
 * - Pauses grow from 800 ms to 30 s, twice as long each time, plus up to as much again by chance, and are 800 ms again after two
 *   minutes without a failure. They are never shorter than the server asked for. A watch of less than a second
 *   without an event counts as a failure.
 * - It never gives up: every failure is reported, and tried again.
 *
 * Source: `Reflector` of client-go.
 */
export class Reflector<O extends ApiObject> {
  readonly #options: ReflectorOptions<O>;
  readonly #client: Client;
  readonly #logger: Logger;
  readonly #metrics: ReflectorMetrics;
  readonly #backoff: Backoff;
  #state: ReflectorState = 'stopped';
  #lastError: Error | undefined;
  // the newest revision that the target was told of; never goes back
  #seen: string | undefined;
  // where the next watch begins: everything up to here was told; undefined where a list is needed first. Never newer than #seen, and
  // older where one commit may hold several objects, of which a watch that broke off may not have told all
  #from: string | undefined;
  // how many watches in a row expired without having told anything
  #expiries = 0;

  constructor(options: ReflectorOptions<O>) {
    const { client, resource } = options;
    this.#options = options;
    this.#client = client;
    this.#logger = options.logger ?? noopLogger;
    this.#metrics = new ReflectorMetrics(options.metrics ?? noopMetrics, kindName(resource));
    this.#backoff = new Backoff(client.clock, client.random);
  }

  get state(): ReflectorState {
    return this.#state;
  }

  /** The last failure; undefined where there was none since the server last answered. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** The newest revision that the target was told of; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#seen;
  }

  /**
   * Runs until `signal` aborts, then resolves; it never rejects because of the server.
   *
   * May be run again afterwards, and goes on where it was.
   *
   * @throws TypeError where it runs already.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    if (this.#state !== 'stopped')
      throw new TypeError(`the reflector of ${kindName(this.#options.resource)} runs already`);
    while (!signal.aborted) {
      const pause =
        this.#from === undefined ? await this.#list(signal) : await this.#watch(signal, this.#from);
      if (pause > 0 && !signal.aborted) {
        this.#enter('backing off');
        await sleepUnlessAborted(this.#client, pause, signal);
      }
    }
    this.#enter('stopped');
  }

  /** Lists, and answers with how long to pause before what comes next. */
  async #list(signal: AbortSignal): Promise<number> {
    const { target } = this.#options;
    const started = this.#client.clock.monotonic();
    this.#enter('connecting');
    try {
      const list = await this.#listAll(signal);
      if (list === undefined || signal.aborted) return 0;
      const { items, resourceVersion } = list;
      if (this.#seen !== undefined && compareRevisions(resourceVersion, this.#seen) < 0) {
        const kind = kindName(this.#options.resource);
        throw ApiError.internal(
          `expected a list of ${kind} at revision ${this.#seen} or later, as was seen before, got one at ${resourceVersion}`,
        );
      }
      target.replace(items, resourceVersion);
      this.#seen = resourceVersion;
      this.#from = resourceVersion;
      this.#lastError = undefined;
      this.#metrics.listed(items.length, this.#client.clock.monotonic() - started);
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      return this.#failed('list', error);
    }
  }

  /** Every object at one revision; undefined where `signal` aborted first. */
  async #listAll(signal: AbortSignal): Promise<Listed<O> | undefined> {
    try {
      return await this.#listPages(signal, PAGE_SIZE);
    } catch (error) {
      if (!isExpired(error)) throw error;
      this.#logger.info({ error }, 'the list expired while it was read: listing again in one piece');
      return this.#listPages(signal, undefined);
    }
  }

  async #listPages(signal: AbortSignal, limit: number | undefined): Promise<Listed<O> | undefined> {
    let page = await this.#page(signal, { limit });
    if (page === undefined) return undefined;
    this.#enter('listing');
    const { resourceVersion } = page;
    if (isLast(page)) return { items: page.items, resourceVersion };
    const items = [...page.items];
    while (!isLast(page)) {
      page = await this.#page(signal, { limit, continue: page.continue });
      if (page === undefined) return undefined;
      for (const item of page.items) items.push(item);
    }
    return { items, resourceVersion };
  }

  #page(
    signal: AbortSignal,
    paging: { readonly limit: number | undefined; readonly continue?: string | undefined },
  ): Promise<ObjectList<O> | undefined> {
    const { resource, selection } = this.#options;
    return unlessAborted(this.#client.list(resource, { ...selection, ...paging, signal }), signal);
  }

  /** Watches, and answers with how long to pause before what comes next. */
  async #watch(signal: AbortSignal, from: string): Promise<number> {
    const { resource, selection } = this.#options;
    const { clock } = this.#client;
    const started = clock.monotonic();
    let events = 0;
    let failure: { readonly error: unknown } | undefined;
    this.#enter('watching');
    try {
      const watch = this.#client.watch(resource, {
        ...selection,
        resourceVersion: from,
        allowWatchBookmarks: true,
        signal,
      });
      for await (const event of watch) {
        if (signal.aborted) break;
        this.#receive(event);
        if (event.type !== 'BOOKMARK') events += 1;
      }
    } catch (error) {
      failure = { error };
    }
    if (signal.aborted) return 0;
    const duration = clock.monotonic() - started;
    const short = events === 0 && duration < SHORT_WATCH;
    this.#metrics.watched(events, duration);
    if (!short) this.#expiries = 0;
    if (failure !== undefined) return this.#watchFailed(failure.error);
    if (!short) return 0;
    this.#metrics.shortWatch();
    this.#logger.debug({ duration }, 'the watch ended at once');
    return this.#backoff.next();
  }

  #receive(event: WatchEvent<O>): void {
    this.#lastError = undefined;
    const { resourceVersion } = event.object.metadata;
    if (event.type === 'BOOKMARK') {
      this.#options.target.bookmark(resourceVersion);
    } else {
      this.#options.target.apply(event);
      // its revision is not told wholly yet
      if (event.more === true) return;
    }
    if (this.#seen !== undefined && compareRevisions(resourceVersion, this.#seen) < 0) return;
    if (event.type === 'BOOKMARK' || !this.#client.capabilities.transactions) this.#from = resourceVersion;
    else if (resourceVersion !== this.#seen) this.#from = this.#seen;
    this.#seen = resourceVersion;
  }

  #watchFailed(error: unknown): number {
    if (isExpired(error)) {
      this.#logger.info({ error }, 'the watch expired: listing again');
      this.#from = undefined;
      this.#expiries += 1;
      return this.#expiries > 1 ? this.#backoff.next() : 0;
    }
    if (!(error instanceof ApiError && RESUMABLE.includes(error.reason))) this.#from = undefined;
    return this.#failed('watch', error);
  }

  #failed(during: 'list' | 'watch', thrown: unknown): number {
    const error = thrown instanceof Error ? thrown : new Error(`the ${during} failed`, { cause: thrown });
    const asked = error instanceof ApiError ? (error.details.retryAfterSeconds ?? 0) * 1_000 : 0;
    const pause = Math.max(this.#backoff.next(), asked);
    this.#lastError = error;
    this.#logger.warn({ error, pause }, `the ${during} failed: trying again after a pause`);
    this.#options.onError?.(error, during);
    return pause;
  }

  #enter(state: ReflectorState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

/** The name of a kind for people, as in `websites.example.com`. */
export function kindName(resource: { readonly group: string; readonly plural: string }): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function isLast(page: ObjectList<unknown>): boolean {
  return page.continue === undefined || page.continue === '';
}

/** What `work` resolves to; undefined where `signal` aborts first, and then whatever becomes of `work` is of no interest. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Waits by the client's clock, and no longer than until `signal` aborts. */
async function sleepUnlessAborted(client: Client, duration: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(client.clock, duration, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
