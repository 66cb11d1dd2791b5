import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client, ListOptions, WatchOptions } from '../../src/client/index.js';
import { ApiError, formatKey, keyOf, SeededRandom, VirtualClock } from '../../src/core/index.js';
import { compareRevisions, InformerFactory } from '../../src/informer/index.js';
import type { AnyResource } from '../../src/resources/index.js';
import { ObjectStore } from '../../src/store/index.js';
import { Thing } from './scripted-client.js';

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

/** A client whose lists and watches fail as they are told to; everything else is the store's. */
class Saboteur {
  readonly client: Client;
  /** What the next lists and watches fail with. */
  readonly listErrors: Error[] = [];
  readonly watchErrors: Error[] = [];
  /** Ends the open watches as if the connection broke. */
  readonly breaks = new Set<() => void>();

  constructor(real: Client) {
    const { listErrors, watchErrors, breaks } = this;
    this.client = new Proxy(real, {
      get(target, property) {
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
            const watch = target.watch(resource, options);
            breaks.add(() => watch.stop());
            return watch;
          };
        }
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  breakAll(): void {
    for (const stop of this.breaks) stop();
    this.breaks.clear();
  }
}

const FAULTS: Readonly<Record<string, Error>> = {
  expired: ApiError.expired('too old'),
  busy: ApiError.tooManyRequests('slow down', 1),
  reset: new ApiError({ reason: 'Unknown', message: 'connection reset' }),
};

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 60_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('fail list' as const, 'fail watch' as const),
      fault: fc.constantFrom('expired', 'busy', 'reset'),
    }),
  },
);

describe('an informer over a real store', () => {
  it('always shows the state of the store at its revision, in whatever way lists and watches fail, and catches up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.integer(),
        fc.integer({ min: 2, max: 30 }),
        async (steps, seed, history) => {
          const clock = new VirtualClock();
          const random = new SeededRandom(seed);
          await using store = new ObjectStore({ resources: [Thing], clock, random, history, watchBuffer: 3 });
          const writer = store.client();
          const saboteur = new Saboteur(store.client());
          const truth = new History();
          await using factory = new InformerFactory({ client: saboteur.client });
          const informer = factory.for(Thing, {
            indexers: { byRound: ({ data }) => [data?.['round'] ?? ''] },
          });
          const view = new Map<string, Thing>();
          const slips: unknown[] = [];
          informer.events.on('fault', (fault) => fault.during === 'handler' && slips.push(fault));
          informer.addEventHandler({
            onAdd(object) {
              expect(view.has(formatKey(object.metadata))).toBe(false);
              view.set(formatKey(object.metadata), object);
            },
            onUpdate(before, after) {
              expect(view.get(formatKey(after.metadata))).toBe(before);
              expect(
                compareRevisions(before.metadata.resourceVersion, after.metadata.resourceVersion),
              ).toBeLessThanOrEqual(0);
              view.set(formatKey(after.metadata), after);
            },
            onDelete({ key, last }) {
              expect(view.get(formatKey(key))?.metadata.uid).toBe(last?.metadata.uid);
              view.delete(formatKey(key));
            },
          });
          let newest = '0';
          const check = (): void => {
            const { resourceVersion } = informer;
            if (resourceVersion === undefined) return;
            expect(compareRevisions(newest, resourceVersion)).toBeLessThanOrEqual(0);
            newest = resourceVersion;
            const cached = informer.lister.list();
            expect(new Map(cached.map((object) => [formatKey(object.metadata), object]))).toEqual(
              truth.at(newest),
            );
            for (const object of cached) {
              expect(informer.lister.byIndex('byRound', object.data?.['round'] ?? '')).toContain(object);
            }
          };
          const started = factory.start();
          for (const [round, action] of steps.entries()) {
            if (action.do === 'put') {
              const key = { name: action.name, namespace: 'default' };
              const old = truth.at('9'.repeat(15)).get(formatKey(key));
              const data = { round: String(round) };
              const object =
                old === undefined
                  ? await writer.create(Thing, { metadata: key, data })
                  : await writer.update(Thing, { ...old, data });
              truth.commit(object.metadata.resourceVersion, formatKey(key), object);
            } else if (action.do === 'delete') {
              const key = { name: action.name, namespace: 'default' };
              if (!truth.at('9'.repeat(15)).has(formatKey(key))) continue;
              const { resourceVersion = '' } = await writer.delete(Thing, key);
              truth.commit(resourceVersion, formatKey(key), undefined);
            } else if (action.do === 'wait') await clock.advance(action.time);
            else if (action.do === 'break') saboteur.breakAll();
            else if (action.do === 'fail list') saboteur.listErrors.push(FAULTS[action.fault] as Error);
            else if (action.do === 'fail watch') {
              saboteur.watchErrors.push(FAULTS[action.fault] as Error);
              saboteur.breakAll();
            } else await clock.advance(0);
            check();
          }
          await clock.advance(600_000);
          await started;
          const revision = (await saboteur.client.barrier()) as string;
          await informer.caughtUpTo(revision);
          check();
          expect(compareRevisions(newest, revision)).toBe(0);
          expect(view).toEqual(truth.at(revision));
          expect(slips).toEqual([]);
          await factory.stop();
          await store.close();
          expect(clock.timers).toBe(0);
        },
      ),
    );
  });

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
