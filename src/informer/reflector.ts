import type { Client, WatchEvent, WatchOptions } from '../client/index.js';
import {
  ApiError,
  type ApiObject,
  isExpired,
  type Logger,
  noopLogger,
  noopMetrics,
  sleep,
} from '../core/index.js';
import { Backoff } from './backoff.js';
import { InitialObjects } from './initial-objects.js';
import { type Listed, ListReader } from './list-reader.js';
import { ReflectorMetrics } from './reflector-metrics.js';
import type { ReflectorOptions, ReflectorState } from './reflector-options.js';
import { compareRevisions } from './revision.js';
import { isBroken, isOverload, isPassing, isRefusal, silence } from './watch-failure.js';
import { Watchdog } from './watchdog.js';

/** How a watch went. */
interface Session {
  /** Without bookmarks. */
  readonly events: number;
  /** In milliseconds. */
  readonly duration: number;
  /** Why it failed; undefined where it ended by itself. */
  readonly failure: { readonly error: unknown } | undefined;
  /** It failed because nothing came any more. */
  readonly isSilent: boolean;
}

/** A watch that ended before this many milliseconds counts as a failure, where it told nothing or the one before was as short. */
const SHORT_WATCH = 1_000;
/** A watch is asked for so many milliseconds at least, and twice as many at most: by chance, so that not all end at once. */
const WATCH_TIMEOUT = 300_000;
/** So many milliseconds without an event or a bookmark, of which one is due each minute, and a watch is taken for dead. */
const WATCH_PATIENCE = 180_000;
/** So many milliseconds without an initial event, and a server is taken not to know of the bookmark that ends them. */
const INITIAL_PATIENCE = 10_000;
/** Watches that expire less than so many milliseconds apart count as a failure. */
const EXPIRY_SPACING = 60_000;

/**
 * Keeps a target up to date with the objects of a server: takes all of them over, then what changes, for as long as it runs.
 *
 * - It lists, newest state, and watches from the list's revision; or it streams: opens a watch that begins with all objects, newest state,
 *   and follows the same watch from there. A list is read in pages of 500. Where a later page has expired, it is read again at once,
 *   in one piece.
 * - Nothing older than what was seen before is taken over: such an answer is refused as a failure.
 * - A watch is asked for 5 to 10 minutes. One that ends is resumed from the last revision seen; so is one that failed with TooManyRequests,
 *   ServiceUnavailable, a timeout or InternalError, or could not connect, after a pause. So is one that broke off for another reason or
 *   none, but where that happens within a second twice in a row. One that told nothing for three minutes, and no bookmark either, is
 *   given up and resumed at once.
 * - Where a watch failed with Expired, all objects are taken over anew at once; after a pause where the last time was less than a minute
 *   ago. Any other failure: a pause, and then the same.
 * - Pauses grow from 800 ms to 30 s, twice as long each time, plus up to as much again by chance, and are 800 ms again after two
 *   minutes without a failure. They are never shorter than the server asked for. A watch of less than a second
 *   counts as a failure, where it told nothing or the one before it was as short.
 * - It never gives up: every failure is reported, and tried again.
 *
 * Source: `Reflector` of client-go.
 */
export class Reflector<O extends ApiObject> {
  readonly #options: ReflectorOptions<O>;
  readonly #client: Client;
  readonly #logger: Logger;
  readonly #metrics: ReflectorMetrics;
  readonly #lists: ListReader<O>;
  readonly #backoff: Backoff;
  #state: ReflectorState = 'stopped';
  // the last failure since the server last answered
  #lastError: Error | undefined;
  // the newest revision that the target was told of; never goes back
  #seen: string | undefined;
  // where the next watch begins: everything up to here was told; undefined where all objects are needed first. Never newer than #seen,
  // and older where one commit may hold several objects, of which a watch that broke off may not have told all
  #from: string | undefined;
  // whether to begin with a watch that sends all objects; false for good once the server did not know how
  #streams: boolean;
  // how many watches were followed
  #watches = 0;
  // what the next watch is told to reconnect after: the last failure, and whether all objects were taken over, since the last one
  #failure: Error | undefined;
  #relisted = false;
  // how many watches in a row ended or failed within a second
  #stumbles = 0;
  // when the last watch expired
  #expiredAt: number | undefined;

  constructor(options: ReflectorOptions<O>) {
    const { client, resource } = options;
    this.#options = options;
    this.#client = client;
    this.#streams = options.stream === true;
    this.#logger = options.logger ?? noopLogger;
    this.#metrics = new ReflectorMetrics(options.metrics ?? noopMetrics, kindName(resource));
    this.#lists = new ListReader(options, this.#logger);
    this.#backoff = new Backoff(client.clock, client.random);
  }

  get state(): ReflectorState {
    return this.#state;
  }

  /** The last failure; undefined where there was none since the server last answered. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** How many watches were opened after the first. */
  get reconnects(): number {
    return Math.max(0, this.#watches - 1);
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
      const pause = await this.#next(signal);
      if (pause > 0 && !signal.aborted) {
        this.#enter('backing off');
        await sleepUnlessAborted(this.#client, pause, signal);
      }
    }
    this.#enter('stopped');
  }

  /** Does what is to be done next, and answers with how long to pause after it; 0 where `signal` has aborted. */
  #next(signal: AbortSignal): Promise<number> {
    if (this.#from !== undefined) return this.#watch(signal, this.#from);
    return this.#streams ? this.#stream(signal) : this.#list(signal);
  }

  /** Takes over all objects and follows what changes, with one watch. */
  async #stream(signal: AbortSignal): Promise<number> {
    const started = this.#client.clock.monotonic();
    const initial = new InitialObjects<O>();
    let isWhole = false;
    this.#enter('connecting');
    const session = await this.#follow(
      signal,
      { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' },
      INITIAL_PATIENCE,
      (event, watchdog) => {
        if (isWhole) return this.#receive(event);
        this.#enter('listing');
        if (event.type !== 'BOOKMARK') {
          initial.apply(event);
          return true;
        }
        const { annotations, resourceVersion } = event.object.metadata;
        // before the end of the initial events, none but a server that does not know of it sends another bookmark
        if (annotations?.['k8s.io/initial-events-end'] !== 'true') return false;
        watchdog.patFor(WATCH_PATIENCE);
        return this.#takeOver({ items: initial.objects, resourceVersion }, started).then(() => {
          isWhole = true;
          this.#followed();
          return true;
        });
      },
    );
    if (signal.aborted) return 0;
    if (isWhole) return this.#watched(session);
    const { failure } = session;
    if (failure !== undefined && isOverload(failure.error)) return this.#failed('list', failure.error);
    if (failure === undefined || session.isSilent || isRefusal(failure.error)) this.#streams = false;
    this.#logger.info({ error: failure?.error }, 'no watch that begins with all objects: listing instead');
    return this.#list(signal);
  }

  /** Takes over a list. */
  async #list(signal: AbortSignal): Promise<number> {
    const started = this.#client.clock.monotonic();
    this.#enter('connecting');
    try {
      await this.#takeOver(await this.#lists.read(signal, () => this.#enter('listing')), started);
      return 0;
    } catch (error) {
      return signal.aborted ? 0 : this.#failed('list', error);
    }
  }

  async #takeOver({ items, resourceVersion }: Listed<O>, started: number): Promise<void> {
    if (this.#seen !== undefined && compareRevisions(resourceVersion, this.#seen) < 0) {
      const kind = kindName(this.#options.resource);
      throw ApiError.internal(
        `expected a list of ${kind} at revision ${this.#seen} or later, as was seen before, got one at ${resourceVersion}`,
      );
    }
    const later = this.#options.target.replace(items, resourceVersion);
    if (later !== undefined) await later;
    this.#seen = resourceVersion;
    this.#from = resourceVersion;
    this.#relisted = true;
    this.#lastError = undefined;
    this.#metrics.listed(items.length, this.#client.clock.monotonic() - started);
  }

  /** Follows what changes after a revision. */
  async #watch(signal: AbortSignal, from: string): Promise<number> {
    this.#followed();
    const session = await this.#follow(signal, { resourceVersion: from }, WATCH_PATIENCE, (event) =>
      this.#receive(event),
    );
    return signal.aborted ? 0 : this.#watched(session);
  }

  /** Reads a watch until it ends or fails, or `receive` answers with false; what that promises is waited for. */
  async #follow(
    signal: AbortSignal,
    options: WatchOptions,
    patience: number,
    receive: (event: WatchEvent<O>, watchdog: Watchdog) => boolean | Promise<boolean>,
  ): Promise<Session> {
    const { resource, selection } = this.#options;
    const { clock, random } = this.#client;
    const started = clock.monotonic();
    const timeout = WATCH_TIMEOUT * (1 + random.next());
    let events = 0;
    let failure: Session['failure'];
    let isSilent = false;
    let watchdog: Watchdog | undefined;
    try {
      const watch = this.#client.watch(resource, {
        ...selection,
        ...options,
        allowWatchBookmarks: true,
        timeout,
        signal,
      });
      watchdog = new Watchdog(clock, patience, () => {
        isSilent = true;
        failure = { error: silence('watch', patience) };
        watch.stop();
      });
      for await (const event of watch) {
        if (signal.aborted) break;
        watchdog.pat();
        if (event.type !== 'BOOKMARK') events += 1;
        const goesOn = receive(event, watchdog);
        if (!(typeof goesOn === 'boolean' ? goesOn : await goesOn)) break;
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      watchdog?.stop();
    }
    return { events, duration: clock.monotonic() - started, failure, isSilent };
  }

  /** Gives an event to the target, and takes note of its revision. */
  #receive(event: WatchEvent<O>): true {
    const { target } = this.#options;
    const { resourceVersion } = event.object.metadata;
    this.#lastError = undefined;
    try {
      if (event.type === 'BOOKMARK') target.bookmark(resourceVersion);
      else target.apply(event);
    } catch (error) {
      // what the target lacks now, no watch tells again
      this.#from = undefined;
      throw error;
    }
    // where more follows, the revision is not told wholly yet
    if (event.type !== 'BOOKMARK' && event.more === true) return true;
    if (this.#seen !== undefined && compareRevisions(resourceVersion, this.#seen) < 0) return true;
    if (event.type === 'BOOKMARK' || !this.#client.capabilities.transactions) this.#from = resourceVersion;
    else if (resourceVersion !== this.#seen) this.#from = this.#seen;
    this.#seen = resourceVersion;
    return true;
  }

  /** A watch is open that tells of what changes. */
  #followed(): void {
    this.#enter('watching');
    const [error, relisted] = [this.#failure, this.#relisted];
    this.#failure = undefined;
    this.#relisted = false;
    this.#watches += 1;
    if (this.#watches > 1) this.#options.onReconnect?.({ count: this.reconnects, error, relisted });
  }

  /** A watch has ended; answers with how long to pause before what comes next. */
  #watched({ events, duration, failure, isSilent }: Session): number {
    const isShort = duration < SHORT_WATCH;
    this.#metrics.watched(events, duration);
    if (isShort && events === 0) this.#metrics.shortWatch();
    this.#stumbles = isShort ? this.#stumbles + 1 : 0;
    if (failure === undefined) {
      if (!isShort || (events > 0 && this.#stumbles === 1)) return 0;
      this.#logger.debug({ duration }, 'the watch ended at once');
      return this.#backoff.next();
    }
    const { error } = failure;
    if (isExpired(error)) return this.#expired(error);
    const isResumable = isPassing(error) || (isBroken(error) && this.#stumbles < 2);
    if (!isResumable) this.#from = undefined;
    const pause = this.#failed('watch', error);
    return isSilent ? 0 : pause;
  }

  #expired(error: unknown): number {
    const now = this.#client.clock.monotonic();
    const isFrequent = this.#expiredAt !== undefined && now - this.#expiredAt < EXPIRY_SPACING;
    this.#logger.info({ error }, 'the watch expired: listing again');
    this.#expiredAt = now;
    this.#from = undefined;
    this.#failure = asError(error, 'watch');
    return isFrequent ? this.#backoff.next() : 0;
  }

  #failed(during: 'list' | 'watch', thrown: unknown): number {
    const error = asError(thrown, during);
    const asked = error instanceof ApiError ? (error.details.retryAfterSeconds ?? 0) * 1_000 : 0;
    const pause = Math.max(this.#backoff.next(), asked);
    this.#lastError = error;
    this.#failure = error;
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

function asError(thrown: unknown, during: 'list' | 'watch'): Error {
  return thrown instanceof Error ? thrown : new Error(`the ${during} failed`, { cause: thrown });
}

/** Waits by the client's clock, and no longer than until `signal` aborts. */
async function sleepUnlessAborted(client: Client, duration: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(client.clock, duration, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
