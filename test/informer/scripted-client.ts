import type {
  Capabilities,
  Client,
  ListOptions,
  ObjectList,
  Watch,
  WatchEvent,
  WatchOptions,
} from '../../src/client/index.js';
import {
  ApiError,
  type ApiObject,
  type Executor,
  type Lane,
  microtaskExecutor,
  SeededRandom,
  VirtualClock,
} from '../../src/core/index.js';
import { defineResource, type Resource } from '../../src/resources/index.js';

export interface Thing extends ApiObject<'Namespaced'> {
  readonly data?: Readonly<Record<string, string>>;
}

export const Thing: Resource<Thing> = defineResource<Thing>({ group: '', version: 'v1', kind: 'Thing' });

/** A frozen Thing `namespace/name`; its uid is that of its name unless given. */
export function thing(
  key: string,
  resourceVersion: string | number,
  more: { uid?: string; labels?: Record<string, string>; data?: Record<string, string> } = {},
): Thing {
  const [namespace = '', name = ''] = key.split('/');
  return Object.freeze({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: Object.freeze({
      name,
      namespace,
      uid: more.uid ?? `uid-${name}`,
      resourceVersion: String(resourceVersion),
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(more.labels === undefined ? {} : { labels: Object.freeze({ ...more.labels }) }),
    }),
    ...(more.data === undefined ? {} : { data: Object.freeze({ ...more.data }) }),
  });
}

/** A page, or what the list is to fail with. */
export type ScriptedList = ObjectList<Thing> | Error;

/** A watch whose events the test sends by hand. */
export class ScriptedWatch implements Watch<Thing> {
  readonly options: WatchOptions;
  closed = false;
  readonly #script: (WatchEvent<Thing> | Error | 'end')[] = [];
  #reader: (() => void) | undefined;
  readonly #abort = (): void => this.stop();

  constructor(options: WatchOptions) {
    this.options = options;
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  added(object: Thing, part: { readonly more?: true } = {}): this {
    return this.tell({ type: 'ADDED', object, ...part });
  }
  modified(object: Thing): this {
    return this.tell({ type: 'MODIFIED', object });
  }
  deleted(object: Thing): this {
    return this.tell({ type: 'DELETED', object });
  }
  bookmark(resourceVersion: string | number): this {
    return this.tell({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: String(resourceVersion) } },
    });
  }
  /** The bookmark that ends the initial events. */
  initialEnd(resourceVersion: string | number): this {
    const annotations = { 'k8s.io/initial-events-end': 'true' } as const;
    const metadata = { resourceVersion: String(resourceVersion), annotations };
    return this.tell({ type: 'BOOKMARK', object: { metadata } });
  }
  fail(error: Error): this {
    return this.tell(error);
  }
  end(): this {
    return this.tell('end');
  }

  stop(): void {
    this.#close();
    this.#reader?.();
  }

  async next(): Promise<IteratorResult<WatchEvent<Thing>, undefined>> {
    while (this.#script.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => (this.#reader = resolve));
    }
    const step = this.closed ? 'end' : (this.#script.shift() ?? 'end');
    if (step === 'end' || step instanceof Error) this.#close();
    if (step instanceof Error) throw step;
    return step === 'end' ? { value: undefined, done: true } : { value: step, done: false };
  }

  async return(): Promise<IteratorResult<WatchEvent<Thing>, undefined>> {
    this.stop();
    return { value: undefined, done: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(): void {
    this.closed = true;
    this.options.signal?.removeEventListener('abort', this.#abort);
  }

  tell(step: WatchEvent<Thing> | Error | 'end'): this {
    this.#script.push(step);
    this.#reader?.();
    return this;
  }
}

/**
 * A script for a reflector: the answers to its lists are given beforehand, the events of its watches are sent by hand.
 *
 * It sends no initial events unless told to, as an older server. It keeps no objects. A list without an answer waits for good.
 */
export class ScriptedClient {
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: SeededRandom = new SeededRandom(1);
  readonly executor: Executor;
  readonly capabilities: Capabilities;
  /** What each list asked for. */
  readonly lists: ListOptions[] = [];
  /** Every watch so far, but for those that were refused as this server does not send initial events. */
  readonly watches: ScriptedWatch[] = [];
  /** How many were refused. */
  refused = 0;
  /** What the next watches fail with, instead of beginning. */
  readonly watchErrors: Error[] = [];
  readonly #answers: ScriptedList[];
  readonly #streams: boolean;

  constructor(
    answers: readonly ScriptedList[],
    options: { transactions?: boolean; executor?: Executor; streams?: boolean } = {},
  ) {
    this.#answers = [...answers];
    this.#streams = options.streams ?? false;
    this.executor = options.executor ?? microtaskExecutor;
    this.capabilities = { guards: false, singleRevision: true, transactions: options.transactions ?? false };
  }

  /** The script as the reflector sees it: no other verb is called. */
  get client(): Client {
    return this as unknown as Client;
  }

  /** The watch that was opened last. */
  get watchNow(): ScriptedWatch {
    const watch = this.watches.at(-1);
    if (watch === undefined) throw new Error('no watch was opened yet');
    return watch;
  }

  /** More answers for more lists. */
  willList(...answers: readonly ScriptedList[]): void {
    this.#answers.push(...answers);
  }

  list(_resource: unknown, options: ListOptions = {}): Promise<ObjectList<Thing>> {
    this.lists.push(options);
    const answer = this.#answers.shift();
    if (answer === undefined) return new Promise(() => undefined);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }

  watch(_resource: unknown, options: WatchOptions = {}): ScriptedWatch {
    if (options.sendInitialEvents === true && !this.#streams) {
      this.refused += 1;
      return new ScriptedWatch(options).fail(ApiError.badRequest('unknown', 'sendInitialEvents'));
    }
    const error = this.watchErrors.shift();
    const watch = new ScriptedWatch(options);
    this.watches.push(watch);
    return error === undefined ? watch : watch.fail(error);
  }

  /** Lets everything that can go on do so, without moving the clock. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }
}

/** One page that is the whole list. */
export function listOf(resourceVersion: string | number, ...items: readonly Thing[]): ObjectList<Thing> {
  return { items, resourceVersion: String(resourceVersion) };
}

/** An executor that hands over when told to, one task at a time. */
export class ManualExecutor implements Executor {
  readonly waiting: { readonly lane: Lane; readonly task: () => void }[] = [];

  execute(lane: Lane, task: () => void): void {
    this.waiting.push({ lane, task });
  }

  answer<T>(lane: Lane, work: () => T): Promise<T> {
    return microtaskExecutor.answer(lane, work);
  }

  /** Runs what waits, and what that makes wait. */
  runAll(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) next.task();
  }
}
