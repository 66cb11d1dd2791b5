import type { Watch, WatchEvent } from '../client/index.js';
import { ApiError, type Executor, type Lane } from '../core/index.js';
import type { Change } from './change.js';
import { changeEvent } from './change-event.js';
import type { Kind } from './kind.js';
import type { KindVersion } from './kind-version.js';
import type { Selection } from './selection.js';
import type { StoredObject } from './stored-object.js';
import { WatchBuffer } from './watch-buffer.js';
import { WatchReaders } from './watch-readers.js';

type Event = WatchEvent<StoredObject>;
type Result = IteratorResult<Event, undefined>;

/** What Kubernetes marks the bookmark with that ends the initial events. */
const INITIAL_EVENTS_END = Object.freeze({ 'k8s.io/initial-events-end': 'true' as const });

const DONE: Result = Object.freeze({ value: undefined, done: true });

/** What a watch of the store is made from. */
export interface StoreWatchOptions {
  /** What the reader sees, and what the selection is asked about. */
  readonly version: KindVersion;
  readonly selection: Selection;
  readonly executor: Executor;
  /** The most events that wait for the reader. */
  readonly limit: number;
  readonly bookmarks: boolean;
  /** Called once, when the watch has ended for whatever reason. */
  readonly onEnd: (watch: StoreWatch) => void;
}

/**
 * A watch of the store.
 *
 * The hub offers it changes inside the commit; they wait in the buffer and come to the reader through the executor, in a later
 * turn. The buffer is bounded: a reader that falls behind gets what is buffered, then Expired.
 *
 * In another version than the stored one, changes wait as they are, and become events in that later turn: so the functions of the kind's
 * author, which may throw, never run inside a commit. A conversion that fails ends the watch with its error.
 */
export class StoreWatch implements Watch<StoredObject> {
  readonly kind: Kind;
  readonly selection: Selection;
  readonly bookmarks: boolean;
  readonly #options: StoreWatchOptions;
  readonly #version: KindVersion;
  readonly #lane: Lane;
  // changes that are to be converted, each behind all that is in the buffer; while there are any, a hand-over is scheduled
  #unconverted: Change[] = [];
  // offered and not read yet
  readonly #buffer = new WatchBuffer();
  #handOverScheduled = false;
  // while there is one, nothing that was handed over is unread
  readonly #readers = new WatchReaders<Result>();
  // once it is not open, nothing more is offered; 'done' also drops what was not read
  #end: 'open' | 'closing' | 'done' | ApiError = 'open';
  // changes up to here are none of this watch's business
  readonly #after: number;
  // the revision of the change that was pushed last; what one commit pushed stands at the end of the buffer while it is under way
  #pushedRevision = 0;
  // all that happened up to here has been offered
  #offeredRevision: number;

  /** @param after - The revision that the reader has: a future one is waited for in silence. */
  constructor(options: StoreWatchOptions, after: number) {
    this.kind = options.version.kind;
    this.selection = options.selection;
    this.bookmarks = options.bookmarks;
    this.#options = options;
    this.#version = options.version;
    this.#after = after;
    this.#offeredRevision = after;
    this.#lane = { kind: 'watch', name: this.kind.resource.plural };
  }

  /** Takes note of an object that was there when the watch began. */
  offerInitial(object: StoredObject): void {
    this.#buffer.countInitial();
    this.#push({ type: 'ADDED', object: this.#version.show(object) });
  }

  /** Takes note of the changes between the revision that the reader has and the present. */
  replay(changes: Iterable<Change>): void {
    const { namespace } = this.selection;
    for (const change of changes) {
      if (change.kind !== this.kind || (namespace !== undefined && change.namespace !== namespace)) continue;
      if (this.#tell(change)) this.#buffer.countInitial();
    }
  }

  /** Takes note of a change; called inside the commit. */
  offer(change: Change): void {
    if (this.#end !== 'open' || change.revision <= this.#after) return;
    this.#offeredRevision = change.revision;
    if (this.#version.converts) {
      if (!this.#hasRoom(change)) return;
      this.#unconverted.push(change);
      this.#scheduleHandOver();
    } else {
      const event = changeEvent(change, this.#version, this.selection);
      if (event !== undefined && this.#hasRoom(change)) this.#pushOf(change, event);
    }
  }

  /** Tells the reader that everything up to `revision` was told. */
  offerBookmark(revision: number): void {
    this.#convert();
    if (this.#end !== 'open') return;
    // one that nobody read yet makes room, so that a stalled reader does not gather them
    const { last } = this.#buffer;
    if (last?.type === 'BOOKMARK' && last.object.metadata.annotations === undefined) this.#buffer.dropLast();
    this.#offeredRevision = Math.max(this.#offeredRevision, revision);
    const metadata = Object.freeze({ resourceVersion: String(this.#offeredRevision) });
    this.#push(Object.freeze({ type: 'BOOKMARK', object: Object.freeze({ metadata }) }));
  }

  /** Tells the reader that all it began with was told, at `revision`. */
  offerInitialEnd(revision: number): void {
    const metadata = Object.freeze({ resourceVersion: String(revision), annotations: INITIAL_EVENTS_END });
    this.#push(Object.freeze({ type: 'BOOKMARK', object: Object.freeze({ metadata }) }));
  }

  /** Ends the watch; the reader gets what is buffered, and then its end. */
  close(): void {
    this.#finish('closing');
  }

  /** Ends the watch with an error, which the reader gets after all that is buffered. */
  fail(error: ApiError): void {
    this.#finish(error);
  }

  stop(): void {
    this.#finish('done');
  }

  next(): Promise<Result> {
    if (this.#buffer.isReady) return Promise.resolve({ value: this.#buffer.take(), done: false });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#end !== 'open') this.#endReaders();
    });
  }

  return(): Promise<Result> {
    this.stop();
    return Promise.resolve(DONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whether one more event can wait for the reader; if not, the watch fails. */
  #hasRoom(change: Change): boolean {
    if (this.#buffer.waiting + this.#unconverted.length < this.#options.limit) return true;
    // nobody can have read a part of the commit that is under way: it is told wholly or not at all
    this.#dropCommit(change.revision);
    this.fail(
      ApiError.expired(
        `the watch fell more than ${this.#options.limit} events behind: list again, or resume from the last revision read`,
      ),
    );
    return false;
  }

  /** Makes events of the changes that wait to be converted. */
  #convert(): void {
    if (this.#unconverted.length === 0) return;
    const changes = this.#unconverted;
    this.#unconverted = [];
    for (const change of changes) {
      try {
        this.#tell(change);
      } catch (error) {
        this.#dropCommit(change.revision);
        // a conversion throws nothing else
        this.fail(error as ApiError);
        return;
      }
    }
  }

  /** Puts what the reader is told of a change into the buffer; answers whether that is anything. */
  #tell(change: Change): boolean {
    const event = changeEvent(change, this.#version, this.selection);
    if (event !== undefined) this.#pushOf(change, event);
    return event !== undefined;
  }

  #pushOf(change: Change, event: Event): void {
    if (this.#pushedRevision === change.revision) this.#markLast();
    this.#pushedRevision = change.revision;
    this.#push(event);
  }

  /** Says of the last event that it is not the last of its commit. */
  #markLast(): void {
    const { last } = this.#buffer;
    if (last === undefined || last.type === 'BOOKMARK') return;
    this.#buffer.replaceLast(Object.freeze({ ...last, more: true }));
  }

  /** Takes back what was pushed of a commit. */
  #dropCommit(revision: number): void {
    while (this.#unconverted.at(-1)?.revision === revision) this.#unconverted.pop();
    if (this.#pushedRevision !== revision) return;
    while (this.#buffer.last?.object.metadata.resourceVersion === String(revision)) this.#buffer.dropLast();
  }

  #push(event: Event): void {
    this.#buffer.push(event);
    this.#scheduleHandOver();
  }

  #scheduleHandOver(): void {
    if (this.#handOverScheduled) return;
    this.#handOverScheduled = true;
    this.#options.executor.execute(this.#lane, this.#handOver);
  }

  readonly #handOver = (): void => {
    this.#convert();
    this.#handOverScheduled = false;
    this.#buffer.handOver();
    while (this.#buffer.isReady && !this.#readers.isEmpty) {
      this.#readers.shift()?.resolve({ value: this.#buffer.take(), done: false });
    }
    if (this.#end !== 'open') this.#endReaders();
  };

  #finish(end: 'closing' | 'done' | ApiError): void {
    if (this.#end === 'done' || (this.#end !== 'open' && end === 'closing')) return;
    const ended = this.#end === 'open';
    this.#end = end;
    if (end === 'done') {
      this.#unconverted = [];
      this.#buffer.clear();
    }
    if (ended) this.#options.onEnd(this);
    this.#endReaders();
  }

  /** Answers those who wait for a watch that has ended, once it has nothing left to read. */
  #endReaders(): void {
    if (!this.#buffer.isEmpty || this.#unconverted.length > 0) return;
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) {
      const end = this.#end;
      this.#end = 'done';
      if (end instanceof ApiError) reader.reject(end);
      else reader.resolve(DONE);
    }
  }
}
