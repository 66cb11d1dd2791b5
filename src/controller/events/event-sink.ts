import type { Client } from '../../client/index.js';
import {
  isAlreadyExists,
  isNotFound,
  type Lane,
  type Logger,
  type MetricsProvider,
  noopLogger,
  noopMetrics,
  type Timer,
} from '../../core/index.js';
import { Event } from '../../resources/kinds/index.js';
import { exponentialBackoff, WorkQueue } from '../../workqueue/index.js';
import { checkText } from './check-text.js';
import { EventCorrelator } from './event-correlator.js';
import { type DropReason, EventDrops } from './event-drops.js';
import type { EventDetails, EventSubject } from './event-details.js';
import { EventNames } from './event-names.js';
import type { EventRecord } from './event-record.js';
import { EventRecorder } from './event-recorder.js';
import { isFinal } from './is-final.js';
import { makeEvent } from './make-event.js';

/** Where events go, and who tells them. */
export interface EventSinkOptions {
  readonly client: Client;
  /** Names this process in its events (`reportingInstance`), in 1 to 128 bytes; a UUID unless given. */
  readonly instance?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly metrics?: MetricsProvider | undefined;
}

/** How many objects wait to be written at most. */
const MOST_WAITING = 1_000;

/** How many are written at the same time. */
const WORKERS = 8;

/** How often a write is tried, and how many milliseconds lie between the tries: ten minutes in all, and up to a quarter more. */
const MOST_TRIES = 12;
const BACKOFF = { base: 1_000, max: 120_000, jitter: 0.25 };

/** How many milliseconds the end waits for writes. */
const DRAIN = 5_000;

/**
 * Writes events to a server, in the background: one for a process.
 *
 * - **Few objects.** Identical events are one object with a series that counts them. Events that differ in their note alone are told
 *   together once there are ten of them. One source has 25 objects about one object at once, and one more each 300 seconds.
 * - **No harm.** Nothing that the server does comes back to who records an event. A write that fails is tried 12 times within ten minutes
 *   or a little more, unless trying again cannot help; what happens again meanwhile is counted into it.
 * - **No silence.** At most 1,000 objects wait to be written. What cannot be told is counted (`events_dropped_total`) and logged once a
 *   minute.
 *
 * Source: the event broadcasters of client-go.
 *
 * @example
 * ```ts
 * const events = new EventSink({ client });
 * events.recorder('website').normal(site, 'Published', 'it is at https://a.example.com');
 * await events.stop();
 * ```
 */
export class EventSink implements AsyncDisposable {
  readonly #client: Client;
  readonly #correlator = new EventCorrelator();
  readonly #names: EventNames;
  readonly #drops: EventDrops;
  readonly #queue: WorkQueue<EventRecord>;
  readonly #lane: Lane = { kind: 'worker', name: 'events' };
  // drawn with the first event where none is given
  #instance: string | undefined;
  // what is to be written: ready, delayed or in hand; at most MOST_WAITING
  readonly #waiting = new Set<EventRecord>();
  // who waits until nothing is to be written; empty while #waiting is
  readonly #idlers: (() => void)[] = [];
  // armed for the first record that comes due, or for a moment before that; infinitely late while it is not armed
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  // aborts the requests that are under way when the end has waited long enough
  readonly #giveUp = new AbortController();
  // set once, by the first call
  #stopped: Promise<void> | undefined;

  /** @throws TypeError for an instance that no Event can name. */
  constructor(options: EventSinkOptions) {
    const { client, instance, logger = noopLogger, metrics = noopMetrics } = options;
    if (instance !== undefined) checkText('EventSink: instance', instance);
    this.#client = client;
    this.#instance = instance;
    this.#names = new EventNames(client.clock, client.random);
    this.#drops = new EventDrops({ clock: client.clock, logger, metrics });
    this.#queue = new WorkQueue({
      name: 'events',
      clock: client.clock,
      key: ({ event }) => `${event.metadata.namespace}/${event.metadata.name}`,
      rateLimiter: exponentialBackoff({ ...BACKOFF, random: client.random }),
      metrics,
    });
    for (let worker = 0; worker < WORKERS; worker += 1) void this.#work();
  }

  /**
   * A recorder that tells events as a controller, or as another part of the program.
   *
   * @throws TypeError unless `controller` is a qualified name of at most 128 characters, such as `website` or `example.com/website`.
   */
  recorder(controller: string): EventRecorder {
    return new EventRecorder(controller, (object, details) => this.#record(controller, object, details));
  }

  /**
   * Waits until nothing is to be written now; counts of series that go on are left for later.
   *
   * It never moves a clock: where writes fail, it waits for their next try.
   */
  idle(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idlers.push(resolve));
  }

  /** Writes the counts of series that go on, too, and waits as {@link idle} does. */
  flush(): Promise<void> {
    this.#hurry();
    return this.idle();
  }

  /**
   * Stops: takes no more events, writes what is left, each once more, and waits 5 s for that at most. Never rejects.
   *
   * Calling it again gives the same promise.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#disarm();
    this.#hurry();
    // what waits for its next try has it now
    for (const record of this.#waiting) this.#queue.add(record);
    const timer = this.#client.clock.setTimer(DRAIN, () => this.#queue.shutDown());
    await this.#queue.shutDownWithDrain();
    timer.cancel();
    for (const record of this.#waiting) this.#drop(record, 'stopped');
    this.#giveUp.abort(new Error('the event sink was stopped'));
    this.#drops.close();
  }

  #record(controller: string, object: EventSubject, details: EventDetails): void {
    const { clock, random } = this.#client;
    this.#instance ??= random.uuid();
    const origin = { controller, instance: this.#instance, now: clock.now(), names: this.#names };
    const event = makeEvent(object, details, origin);
    if (this.#stopped !== undefined) {
      this.#drops.add(controller, 'stopped', 1);
      return;
    }
    const { record, ended } = this.#correlator.observe(event, clock.monotonic());
    if (record === undefined) this.#drops.add(controller, 'spam', 1);
    if (ended !== undefined) this.#plan(ended);
    if (record !== undefined) this.#plan(record);
  }

  /** Sees to it that all counts are written now. */
  #hurry(): void {
    for (const record of this.#correlator.records) {
      record.hurry();
      this.#plan(record);
    }
  }

  /** Sees to it that a record is written when it is due. */
  #plan(record: EventRecord): void {
    if (record.dueAt === Number.NEGATIVE_INFINITY) this.#add(record);
    else this.#arm(record.dueAt);
  }

  #add(record: EventRecord): void {
    if (this.#waiting.has(record)) return;
    if (this.#waiting.size >= MOST_WAITING) {
      this.#drop(record, 'queue_full');
      return;
    }
    this.#waiting.add(record);
    this.#queue.add(record);
  }

  /** Gives a record up, with all that the server does not know of it: what comes next begins another object. */
  #drop(record: EventRecord, reason: DropReason, error?: unknown): void {
    this.#correlator.forget(record);
    if (record.unwritten > 0)
      this.#drops.add(record.event.reportingController ?? '', reason, record.unwritten, error);
    this.#leave(record);
  }

  /** Nothing of a record is to be written now. */
  #leave(record: EventRecord): void {
    this.#waiting.delete(record);
    this.#queue.forget(record);
    if (this.#waiting.size === 0) for (const resolve of this.#idlers.splice(0)) resolve();
  }

  async #work(): Promise<void> {
    for (;;) {
      const record = await this.#queue.get();
      if (record === undefined) return;
      await new Promise<void>((resolve) => this.#client.executor.execute(this.#lane, resolve));
      await this.#write(record);
      this.#queue.done(record);
    }
  }

  async #write(record: EventRecord): Promise<void> {
    if (!this.#waiting.has(record)) return;
    const { clock } = this.#client;
    try {
      while (record.dueAt <= clock.monotonic()) await this.#send(record);
      this.#leave(record);
      this.#arm(record.dueAt);
    } catch (error) {
      this.#failed(record, error);
    }
  }

  /** Tells the server what it does not know of a record. */
  async #send(record: EventRecord): Promise<void> {
    const { event, count } = record;
    const options = { fieldManager: event.reportingController, signal: this.#giveUp.signal };
    const wrote = (known: number): void => record.wrote(known, this.#client.clock.monotonic());
    if (record.exists) {
      const key = { namespace: event.metadata.namespace, name: event.metadata.name ?? '' };
      try {
        await this.#client.patch(Event, key, { type: 'merge', patch: record.changes }, options);
        wrote(count);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // somebody deleted it, or it has lived its time: it is created anew
        record.lost();
      }
      return;
    }
    try {
      await this.#client.create(Event, record.object, options);
      wrote(count);
    } catch (error) {
      // names are unique: it is there because an earlier try came through, and only its answer was lost
      if (!isAlreadyExists(error) || this.#queue.retries(record) === 0) throw error;
      wrote(1);
    }
  }

  #failed(record: EventRecord, error: unknown): void {
    if (!this.#waiting.has(record)) return;
    if (isFinal(error)) this.#drop(record, 'rejected', error);
    else if (this.#stopped !== undefined) this.#drop(record, 'stopped', error);
    else if (this.#queue.retries(record) + 1 >= MOST_TRIES) this.#drop(record, 'gave_up', error);
    else this.#queue.addRateLimited(record);
  }

  #arm(at: number): void {
    if (at >= this.#timerAt || this.#stopped !== undefined) return;
    this.#disarm();
    this.#timerAt = at;
    const { clock } = this.#client;
    this.#timer = clock.setTimer(at - clock.monotonic(), this.#comeDue, { keepAlive: false });
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  readonly #comeDue = (): void => {
    this.#disarm();
    const now = this.#client.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const record of this.#correlator.records) {
      if (record.dueAt <= now) this.#add(record);
      else next = Math.min(next, record.dueAt);
    }
    this.#arm(next);
  };
}
