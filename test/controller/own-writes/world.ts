import * as z from 'zod';
import type { Client, DeleteResult, WatchEvent } from '../../../src/client/index.js';
import { intercept } from '../../../src/client/index.js';
import {
  ApiError,
  type ApiObject,
  LabelSelector,
  type ObjectKey,
  SeededRandom,
  VirtualClock,
} from '../../../src/core/index.js';
import {
  OwnWrites,
  type ReadYourWrites,
  type ToldChange,
  type WatchedInformer,
} from '../../../src/controller/own-writes/index.js';
import { type Informer, InformerFactory } from '../../../src/informer/index.js';
import { defineResource, type ObjectOf } from '../../../src/resources/index.js';
import { ObjectStore } from '../../../src/store/index.js';
import { SteppedExecutor } from './stepped-executor.js';

export const Thing = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  spec: z.object({ q0: z.number().optional(), q1: z.number().optional(), others: z.number().optional() }),
});
export type Thing = ObjectOf<typeof Thing>;

export const REQUESTS: readonly string[] = ['q0', 'q1'];
export const SELECTOR = 'visible!=no';

/** What became of the answer to a write on its way. */
export type Fault = 'none' | 'lost' | 'no-revision';

/** Something that was written to the store, by whomever. */
export interface Deed {
  /** A request, or '' for somebody else. */
  readonly by: string;
  readonly name: string;
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete';
  readonly fault: Fault;
  /** Whether the controller knew nothing of the object when it wrote. */
  readonly isBlind: boolean;
  revision?: string;
}

/** A change that the controller was told of, and which requests it led to. */
export interface Told {
  readonly change: ToldChange;
  readonly revisions: readonly string[] | undefined;
  readonly asked: boolean[];
}

/** A moment at which the controller looked at an object. */
export interface Look {
  readonly name: string;
  /** The newest revision of it that a write of the controller was answered with. */
  readonly wrote: bigint;
  readonly found: string | undefined;
}

/** A store, an informer and a controller that writes; every hand-over between them is made by the test. */
export class World {
  readonly clock = new VirtualClock();
  readonly executor = new SteppedExecutor();
  readonly store: ObjectStore;
  readonly client: Client;
  readonly ownWrites: OwnWrites;
  readonly deeds: Deed[] = [];
  readonly told: Told[] = [];
  readonly looks: Look[] = [];
  readonly truth: WatchEvent<Thing>[] = [];
  readonly stop = new AbortController();
  stale = 0;
  informer!: Informer<ApiObject, string>;
  readonly #informers: WatchedInformer[] = [];
  // what each write sends
  readonly #bodies = new WeakMap<() => Promise<unknown>, unknown>();
  #relists = 0;
  readonly #mode: ReadYourWrites;
  readonly #watchers = new Set<(error: Error) => void>();
  readonly #tamper: (change: ToldChange) => ToldChange;
  // by name: the newest revision of a write that was answered to the controller
  readonly #answered = new Map<string, bigint>();

  constructor(
    mode: ReadYourWrites,
    hasBarrier: boolean,
    tamper: (change: ToldChange) => ToldChange = (change) => change,
  ) {
    const { clock, executor } = this;
    this.#mode = mode;
    this.#tamper = tamper;
    this.store = new ObjectStore({ resources: [Thing], clock, random: new SeededRandom(1), executor });
    this.client = intercept(this.store.client(), {
      barrier: (next) => (hasBarrier ? next() : Promise.resolve(undefined)),
    });
    this.ownWrites = new OwnWrites({
      mode,
      client: this.client,
      informers: this.#informers,
      signal: this.stop.signal,
      onStale: () => (this.stale += 1),
    });
  }
  async start(): Promise<void> {
    const breakable = intercept(this.client, {
      watch: (next, resource, options) => {
        const watch = next(resource, options);
        let fail: (error: Error) => void = () => undefined;
        const broken = new Promise<never>((_, reject) => (fail = reject));
        broken.catch(() => undefined);
        this.#watchers.add(fail);
        return Object.assign(Object.create(watch) as typeof watch, {
          next: () => Promise.race([watch.next(), broken]),
          return: () => watch.return(),
          stop: () => watch.stop(),
          [Symbol.asyncIterator]() {
            return this;
          },
        });
      },
    });
    const factory = new InformerFactory({ client: breakable });
    const selector = LabelSelector.parse(SELECTOR);
    const q0 = (object: ApiObject): string[] => [String((object as Thing).spec.q0)];
    const indexers = { q0 };
    const informer = factory.for(Thing, { labelSelector: SELECTOR, indexers });
    this.informer = informer;
    this.#informers.push({
      resource: Thing,
      informer: this.informer,
      indexers,
      covers: ({ metadata }: ApiObject) => selector.matches(metadata.labels),
    });
    informer.addEventHandler({
      onAdd: (after, { skipped }) => this.#tell({ type: 'add', after, skipped }),
      onUpdate: (before, after, { skipped }) => this.#tell({ type: 'update', before, after, skipped }),
      onDelete: ({ last, skipped }) => this.#tell({ type: 'delete', before: last, skipped }),
    });
    const watch = this.client.watch(Thing, { resourceVersion: '1', signal: this.stop.signal });
    void (async () => {
      for await (const event of watch) this.truth.push(event);
    })();
    const started = factory.start({ signal: this.stop.signal });
    await this.executor.drain();
    await started;
    await this.executor.drain();
  }

  /** Breaks the watch of the informer, which has to list again; not often, as it waits ever longer before it does. */
  async relist(): Promise<void> {
    this.#relists += 1;
    if (this.#relists > 2) return;
    for (const fail of this.#watchers) fail(ApiError.expired('too old'));
    this.#watchers.clear();
    await this.clock.advance(1_000);
  }

  /** Writes for a request, or for somebody else; its answer comes when the executor hands it over. */
  write(by: string, verb: Deed['verb'], fault: Fault, key: ObjectKey, send: () => Promise<unknown>): void {
    const isKnown = this.deeds.some((deed) => deed.by !== '' && deed.name === key.name);
    const isBlind = !isKnown && this.informer.lister.get(key) === undefined;
    const deed: Deed = { by, name: key.name, verb, fault, isBlind };
    this.deeds.push(deed);
    const sent = async (): Promise<unknown> => {
      const answer = await send();
      const { resourceVersion, metadata } = answer as DeleteResult<Thing> & Thing;
      deed.revision = resourceVersion ?? metadata.resourceVersion;
      if (fault === 'lost') throw new ApiError({ reason: 'Timeout', message: 'lost', ambiguous: true });
      if (fault === 'no-revision' && verb === 'delete')
        return { ...(answer as object), resourceVersion: undefined };
      return answer;
    };
    const body = this.#bodies.get(send);
    const intent = { verb, resource: Thing, key, request: by, dryRun: false, body };
    const done = by === '' ? sent() : this.ownWrites.write(intent, sent);
    done.then(
      () => {
        const revision = BigInt(deed.revision as string);
        const known = this.#answered.get(key.name) ?? 0n;
        if (by !== '' && revision > known) this.#answered.set(key.name, revision);
      },
      () => undefined,
    );
  }
  /** Remembers what a write sends. */
  sending(body: unknown, send: () => Promise<unknown>): () => Promise<unknown> {
    this.#bodies.set(send, body);
    return send;
  }

  /** Looks at every object through the eyes of the controller. */
  look(names: readonly string[]): void {
    const lister = this.ownWrites.lister(Thing);
    const found: ApiObject[] = [];
    for (const name of names) {
      const object = lister.get({ name, namespace: 'default' });
      if (object !== undefined) found.push(object);
      const wrote = this.#answered.get(name) ?? 0n;
      this.looks.push({ name, wrote, found: object?.metadata.resourceVersion });
    }
    expectSame(lister.list(), found);
    expectSame(lister.list({ limit: 1 }), found.slice(0, 1));
    expectSame(
      lister.list({ after: { name: names[0] as string, namespace: 'default' } }),
      found.slice(found[0]?.metadata.name === names[0] ? 1 : 0),
    );
    const ones = found.filter((object) => (object as Thing).spec.q0 === 1);
    expectSame(lister.byIndex('q0', '1'), ones);
    if (this.#mode === 'off' && lister !== this.informer.lister) throw new Error('expected the plain lister');
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.executor.drain();
    const closed = this.store.close();
    await this.executor.drain();
    await closed;
  }

  #tell(original: ToldChange): void {
    const change = this.#tamper(original);
    const last = (original.after ?? original.before) as ApiObject;
    const revisions = original.skipped && [...original.skipped, last.metadata.resourceVersion];
    const told: Told = { change: original, revisions, asked: REQUESTS.map(() => false) };
    this.told.push(told);
    const requests = REQUESTS.map((text, index) => ({ text, index }));
    this.ownWrites.told(Thing, change, requests, ({ index }) => {
      if (told.asked[index] === true) throw new Error('asked twice');
      told.asked[index] = true;
    });
  }
}

function expectSame(got: readonly unknown[], wanted: readonly unknown[]): void {
  const same = got.length === wanted.length && got.every((item, index) => item === wanted[index]);
  if (!same || !Object.isFrozen(got)) {
    throw new Error(`expected ${JSON.stringify(wanted)}, frozen, got ${JSON.stringify(got)}`);
  }
}
