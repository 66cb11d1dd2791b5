import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client, ListOptions, Watch, WatchEvent, WatchOptions } from '../../src/client/index.js';
import { ApiError, formatKey, keyOf, SeededRandom, sleep, VirtualClock } from '../../src/core/index.js';
import {
  compareRevisions,
  type EventHandler,
  type Informer,
  InformerFactory,
} from '../../src/informer/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import { ObjectStore } from '../../src/store/index.js';
import { Thing } from './scripted-client.js';

// a run that fails prints its seed too; KEELSON_SEED repeats it
const seed = Number(process.env['KEELSON_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
process.stdout.write(`history.test.ts: KEELSON_SEED=${seed}\n`);

/** Every state of every object, by the revision from which it held; undefined where it was gone. */
class History {
  readonly #commits: {
    readonly revision: string;
    readonly key: string;
    readonly object: Thing | undefined;
  }[] = [];

  commit(revision: string, key: string, object: Thing | undefined): void {
    this.#commits.push({ revision, key, object });
  }

  /** The objects at a revision. */
  at(revision: string): Map<string, Thing> {
    const result = new Map<string, Thing>();
    for (const commit of this.#commits) {
      if (compareRevisions(commit.revision, revision) > 0) continue;
      if (commit.object === undefined) result.delete(commit.key);
      else result.set(commit.key, commit.object);
    }
    return result;
  }
}

/** A watch that breaks off when it is told to, and may tell things twice. */
class UnsteadyWatch implements Watch<Thing> {
  readonly #watch: Watch<Thing>;
  readonly #tellsTwice: () => boolean;
  #again: WatchEvent<Thing> | undefined;
  #failure: Error | undefined;

  constructor(watch: Watch<Thing>, tellsTwice: () => boolean) {
    this.#watch = watch;
    this.#tellsTwice = tellsTwice;
  }

  /** Ends the watch, with an error where there is one. */
  break(failure: Error | undefined): void {
    this.#failure = failure;
    this.#watch.stop();
  }

  async next(): Promise<IteratorResult<WatchEvent<Thing>, undefined>> {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) return { value: again, done: false };
    const result = await this.#watch.next();
    if (result.done === true && this.#failure !== undefined) throw this.#failure;
    if (result.done !== true && result.value.type !== 'BOOKMARK' && this.#tellsTwice())
      this.#again = result.value;
    return result;
  }

  stop(): void {
    this.#watch.stop();
  }

  return(): Promise<IteratorResult<WatchEvent<Thing>, undefined>> {
    return this.#watch.return();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#watch.stop());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A client whose lists and watches fail as they are told to; everything else is the store's. */
class Saboteur {
  readonly client: Client;
  /** What the next lists and watches fail with. */
  readonly listErrors: Error[] = [];
  readonly watchErrors: Error[] = [];
  /** Whether watches tell everything twice. */
  tellsTwice = false;
  readonly #watches: UnsteadyWatch[] = [];

  constructor(real: Client) {
    const { listErrors, watchErrors } = this;
    this.client = new Proxy(real, {
      get: (target, property) => {
        if (property === 'list') {
          return (resource: AnyResource, options: ListOptions) => {
            const error = listErrors.shift();
            return error === undefined
              ? target.list(resource, { ...options, limit: 2 })
              : Promise.reject(error);
          };
        }
        if (property === 'watch') {
          return (resource: AnyResource, options: WatchOptions) => {
            const error = watchErrors.shift();
            if (error !== undefined) throw error;
            const steady = target.watch(resource, options) as unknown as Watch<Thing>;
            const watch = new UnsteadyWatch(steady, () => this.tellsTwice);
            this.#watches.push(watch);
            return watch;
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Ends the open watches, with an error where there is one. */
  breakAll(failure: Error | undefined): void {
    for (const watch of this.#watches.splice(0)) watch.break(failure);
  }
}

const FAULTS: Readonly<Record<string, Error>> = {
  expired: ApiError.expired('too old'),
  busy: ApiError.tooManyRequests('slow down', 1),
  reset: new ApiError({ reason: 'Unknown', message: 'connection reset' }),
  refused: ApiError.badRequest('what?', 'resourceVersion'),
};

/** A handler that knows what it was told, and checks that whatever it is told next fits that: no gap, no repeat, nothing out of order. */
class Witness implements EventHandler<Thing> {
  readonly view = new Map<string, Thing>();
  readonly slips: unknown[] = [];
  readonly #after: () => void | Promise<void>;

  /** @param after - What it does once it has taken note. */
  constructor(after: () => void | Promise<void>) {
    this.#after = after;
  }

  onAdd(object: Thing): void | Promise<void> {
    const key = formatKey(object.metadata);
    this.#check(() => expect(this.view.has(key)).toBe(false));
    this.view.set(key, object);
    return this.#after();
  }
  onUpdate(before: Thing, after: Thing): void | Promise<void> {
    const key = formatKey(after.metadata);
    const [old, now] = [before.metadata, after.metadata];
    this.#check(() => {
      expect(this.view.get(key)).toBe(before);
      expect(now.uid).toBe(old.uid);
      expect(compareRevisions(old.resourceVersion, now.resourceVersion)).toBeLessThanOrEqual(0);
    });
    this.view.set(key, after);
    return this.#after();
  }
  onDelete({ key, last }: Parameters<NonNullable<EventHandler<Thing>['onDelete']>>[0]): void | Promise<void> {
    this.#check(() => expect(this.view.get(formatKey(key))?.metadata.uid).toBe(last?.metadata.uid));
    this.view.delete(formatKey(key));
    return this.#after();
  }

  #check(expectation: () => void): void {
    try {
      expectation();
    } catch (error) {
      this.slips.push(error);
    }
  }
}

const NAMES = ['a', 'b', 'c'];
const NEWEST = '9'.repeat(15);
const anyName = fc.constantFrom(...NAMES);
const fault = fc.constantFrom(...Object.keys(FAULTS));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), name: anyName }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name: anyName }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recreate' as const), name: anyName }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put all' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 200_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('twice' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('late handler' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('break' as const, 'fail list' as const, 'fail watch' as const),
      fault,
    }),
  },
);

/** A store whose every state is written down, and what happens to it. */
class World {
  readonly truth: History = new History();
  readonly #store: ObjectStore;
  readonly #writer: Client;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#writer = store.client();
  }

  async put(name: string, round: number): Promise<void> {
    const object = await this.#write(this.#writer, name, round);
    this.truth.commit(object.metadata.resourceVersion, formatKey(object.metadata), object);
  }

  /** Everything there is, and one more, in one commit. */
  async putAll(round: number): Promise<void> {
    await this.#store.transaction(async (tx) => {
      for (const each of NAMES) await this.#write(tx, each, round);
    });
    for (const object of (await this.#writer.list(Thing)).items) {
      this.truth.commit(object.metadata.resourceVersion, formatKey(object.metadata), object);
    }
  }

  async delete(name: string): Promise<void> {
    const key = { name, namespace: 'default' };
    if (!this.truth.at(NEWEST).has(formatKey(key))) return;
    const { resourceVersion = '' } = await this.#writer.delete(Thing, key);
    this.truth.commit(resourceVersion, formatKey(key), undefined);
  }

  #write(to: Pick<Client, 'create' | 'update'>, name: string, round: number): Promise<Thing> {
    const key = { name, namespace: 'default' };
    const old = this.truth.at(NEWEST).get(formatKey(key));
    const data = { round: String(round) };
    return old === undefined ? to.create(Thing, { metadata: key, data }) : to.update(Thing, { ...old, data });
  }
}

/** Fails unless an informer shows what was true at its revision, all of it, and goes back to none. */
class Auditor {
  readonly #informer: Informer<Thing, 'byRound'>;
  readonly #truth: History;
  #newest = '0';

  constructor(informer: Informer<Thing, 'byRound'>, truth: History) {
    this.#informer = informer;
    this.#truth = truth;
  }

  check(): void {
    const { lister, resourceVersion } = this.#informer;
    if (resourceVersion === undefined) return;
    expect(compareRevisions(this.#newest, resourceVersion)).toBeLessThanOrEqual(0);
    this.#newest = resourceVersion;
    const cached = lister.list();
    expect(new Map(cached.map((object) => [formatKey(object.metadata), object]))).toEqual(
      this.#truth.at(resourceVersion),
    );
    for (const object of cached) {
      expect(lister.getByKey(formatKey(object.metadata))).toBe(object);
      expect(lister.byIndex('byRound', object.data?.['round'] ?? '')).toContain(object);
    }
  }
}

describe('an informer over a real store', () => {
  it.each([false, true])(
    'always shows the state of the store at its revision, however lists and watches fail, tells each handler of all of it, and catches up (streams: %s)',
    async (stream) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 40 }),
          fc.integer(),
          fc.integer({ min: 2, max: 30 }),
          async (steps, randomSeed, history) => {
            const clock = new VirtualClock();
            const random = new SeededRandom(randomSeed);
            await using store = new ObjectStore({
              resources: [Thing],
              clock,
              random,
              history,
              watchBuffer: 3,
            });
            const world = new World(store);
            const saboteur = new Saboteur(store.client());
            await using factory = new InformerFactory({ client: saboteur.client, stream });
            const informer = factory.for(Thing, {
              indexers: { byRound: ({ data }) => [data?.['round'] ?? ''] },
              resync: 50_000,
            });
            const auditor = new Auditor(informer, world.truth);
            let calls = 0;
            const witnesses = [
              new Witness(() => auditor.check()),
              new Witness(() => sleep(clock, 700)),
              new Witness(() => {
                calls += 1;
                if (calls % 3 === 0) throw new Error('every third time');
              }),
            ];
            for (const witness of witnesses) informer.addEventHandler(witness);
            const started = factory.start();
            for (const [round, action] of steps.entries()) {
              if (action.do === 'put') await world.put(action.name, round);
              else if (action.do === 'put all') await world.putAll(round);
              else if (action.do === 'delete') await world.delete(action.name);
              else if (action.do === 'recreate') {
                await world.delete(action.name);
                await world.put(action.name, round);
              } else if (action.do === 'wait') await clock.advance(action.time);
              else if (action.do === 'end') saboteur.breakAll(undefined);
              else if (action.do === 'break') saboteur.breakAll(FAULTS[action.fault]);
              else if (action.do === 'twice') saboteur.tellsTwice = !saboteur.tellsTwice;
              else if (action.do === 'fail list') saboteur.listErrors.push(FAULTS[action.fault] as Error);
              else if (action.do === 'fail watch') {
                saboteur.watchErrors.push(FAULTS[action.fault] as Error);
                saboteur.breakAll(undefined);
              } else if (action.do === 'late handler') {
                const late = new Witness(() => undefined);
                witnesses.push(late);
                informer.addEventHandler(late, { resync: 0 });
              } else await clock.advance(0);
              auditor.check();
            }
            await clock.advance(600_000);
            await started;
            const revision = (await saboteur.client.barrier()) as string;
            const caughtUp = informer.caughtUpTo(revision);
            await clock.advance(20_000);
            await caughtUp;
            auditor.check();
            expect(informer.resourceVersion).toBe(revision);
            for (const { view, slips } of witnesses) {
              expect(slips).toEqual([]);
              expect(view).toEqual(world.truth.at(revision));
            }
            await informer.release();
            await store.close();
            await clock.advance(1_000);
            expect(clock.timers).toBe(0);
          },
        ),
        { seed, numRuns: 100 },
      );
    },
  );

  it('carries objects by identity from the store to the handler', async () => {
    await using store = new ObjectStore({
      resources: [Thing],
      clock: new VirtualClock(),
      random: new SeededRandom(1),
    });
    const client = store.client();
    const created = await client.create(Thing, { metadata: { name: 'a', namespace: 'default' } });
    await using factory = new InformerFactory({ client });
    const things = factory.for(Thing);
    await factory.start();
    expect(things.lister.get(keyOf(created))).toBe(created);
  });
});
