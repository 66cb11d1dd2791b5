import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/core/index.js';
import { type EventHandler, SharedInformer } from '../../src/informer/index.js';
import { listOf, ManualExecutor, ScriptedClient, Thing, thing } from './scripted-client.js';

// a run that fails prints its seed too; KEELSON_SEED repeats it
const seed = Number(process.env['KEELSON_SEED'] ?? 20_261);
process.stdout.write(`skipped.test.ts: KEELSON_SEED=${seed}\n`);

const NAMES = ['a', 'b', '__proto__'];
const MOST = 16;

/** One revision of one object. */
interface Written {
  readonly uid: string;
  readonly revision: number;
  readonly isDeletion: boolean;
  /** Whether the watch told of it; otherwise a list has to. */
  readonly isWatched: boolean;
}

/** A server that writes down every revision, whoever is told of it. */
class Server {
  readonly script: ScriptedClient;
  readonly log: Written[] = [];
  readonly #objects = new Map<string, Thing>();
  #revision = 5;
  #uids = 0;
  // once the watch missed something, it tells nothing until the next list
  #isBlind = false;

  constructor(executor: ManualExecutor) {
    const first = thing('default/a', 3, { uid: 'uid-0' });
    this.#objects.set('a', first);
    this.log.push({ uid: 'uid-0', revision: 3, isDeletion: false, isWatched: false });
    this.script = new ScriptedClient([listOf(5, first)], { executor });
  }

  put(name: string, isMissed: boolean): void {
    const old = this.#objects.get(name);
    const uid = old === undefined ? `uid-${(this.#uids += 1)}` : old.metadata.uid;
    const object = this.#write(name, uid, false, isMissed);
    this.#objects.set(name, object);
    if (this.#isBlind) return;
    if (old === undefined) this.script.watchNow.added(object);
    else this.script.watchNow.modified(object);
  }

  delete(name: string, isMissed: boolean): void {
    const old = this.#objects.get(name);
    if (old === undefined) return;
    const object = this.#write(name, old.metadata.uid, true, isMissed);
    this.#objects.delete(name);
    if (!this.#isBlind) this.script.watchNow.deleted(object);
  }

  /** Makes the informer list everything. */
  async expire(): Promise<void> {
    // a list answers with objects of its own
    const items = [...this.#objects.values()].map((object) => Object.freeze({ ...object }));
    this.script.willList(listOf(this.#revision, ...items));
    this.script.watchNow.fail(ApiError.expired('too old'));
    await this.script.clock.advance(120_000);
    this.#isBlind = false;
  }

  #write(name: string, uid: string, isDeletion: boolean, isMissed: boolean): Thing {
    this.#revision += 1;
    this.#isBlind ||= isMissed;
    this.log.push({ uid, revision: this.#revision, isDeletion, isWatched: !this.#isBlind });
    return thing(`default/${name}`, this.#revision, { uid });
  }
}

/** A handler that compares what it is told was skipped with all that was written. */
class Reader implements EventHandler<Thing> {
  readonly #log: readonly Written[];
  readonly slips: unknown[] = [];
  // the last revision that it was told of each object, by uid
  readonly #told = new Map<string, number>();

  constructor(log: readonly Written[]) {
    this.#log = log;
  }

  onAdd(object: Thing, info: { isInInitialList: boolean; skipped: readonly string[] | undefined }): void {
    this.#compare(object, info.skipped, info.isInInitialList);
  }

  onUpdate(before: Thing, after: Thing, { skipped }: { skipped: readonly string[] | undefined }): void {
    expect(this.#told.get(after.metadata.uid)).toBe(Number(before.metadata.resourceVersion));
    this.#compare(after, skipped, false);
  }

  onDelete({
    last,
    finalStateKnown,
    skipped,
  }: Parameters<NonNullable<EventHandler<Thing>['onDelete']>>[0]): void {
    if (last !== undefined) this.#compare(last, skipped, !finalStateKnown);
  }

  /** @param isUnknown - Whether it cannot be known what was skipped, whatever was written. */
  #compare({ metadata }: Thing, skipped: readonly string[] | undefined, isUnknown: boolean): void {
    const { uid } = metadata;
    const now = Number(metadata.resourceVersion);
    const before = this.#told.get(uid) ?? 0;
    this.#told.set(uid, now);
    const since = this.#log.filter(
      (each) => each.uid === uid && each.revision > before && each.revision <= now,
    );
    const between = since.filter(({ revision }) => revision < now).map(({ revision }) => String(revision));
    const isKnown = !isUnknown && between.length <= MOST && since.every(({ isWatched }) => isWatched);
    try {
      expect(skipped).toEqual(isKnown ? between : undefined);
    } catch (error) {
      this.slips.push(error);
    }
  }
}

describe('what a handler is told was skipped', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        name: fc.constantFrom(...NAMES),
        times: fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) },
          fc.integer({ min: 15, max: 19 }),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom(...NAMES) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('miss' as const), name: fc.constantFrom(...NAMES) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('tell' as const), times: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('relist' as const, 'resync' as const, 'late' as const) }),
    },
  );

  it('is every revision in between, or undefined where a list showed the change or there are too many', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const executor = new ManualExecutor();
        const server = new Server(executor);
        const informer = new SharedInformer<Thing>(Thing, { client: server.script.client });
        const readers: Reader[] = [];
        const read = (): void => {
          const reader = new Reader(server.log);
          readers.push(reader);
          informer.addEventHandler(reader, { resync: 150_000 });
        };
        const faults: unknown[] = [];
        informer.events.on('fault', (fault) => fault.during === 'handler' && faults.push(fault));
        read();
        informer.start();
        await server.script.settle();
        for (const action of steps) {
          if (action.do === 'put') {
            for (let time = 0; time < action.times; time += 1) server.put(action.name, false);
          } else if (action.do === 'delete') server.delete(action.name, false);
          else if (action.do === 'miss') server.put(action.name, true);
          else if (action.do === 'relist') await server.expire();
          else if (action.do === 'resync') await server.script.clock.advance(170_000);
          else if (action.do === 'late') read();
          else if (action.do === 'tell') {
            for (let time = 0; time < action.times; time += 1) executor.waiting.shift()?.task();
          }
          await server.script.settle();
        }
        await server.expire();
        executor.runAll();
        expect(faults).toEqual([]);
        expect(informer.lister.list().length).toBeLessThanOrEqual(NAMES.length);
        for (const { slips } of readers) expect(slips).toEqual([]);
        await informer.stop();
      }),
      { seed, numRuns: 300 },
    );
  });

  it('counts each object for itself, and none that came and went unseen', async () => {
    const executor = new ManualExecutor();
    const script = new ScriptedClient([listOf(5)], { executor });
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    const told: unknown[] = [];
    informer.addEventHandler({
      onAdd: ({ metadata }, { skipped }) => void told.push(['add', metadata.resourceVersion, skipped]),
      onUpdate: (_, { metadata }, { skipped }) =>
        void told.push(['update', metadata.resourceVersion, skipped]),
      onDelete: ({ last, skipped }) => void told.push(['delete', last?.metadata.resourceVersion, skipped]),
    });
    informer.start();
    await script.settle();
    const state = (revision: number, uid: string): Thing => thing('default/a', revision, { uid });
    script.watchNow.added(state(6, 'one')).modified(state(7, 'one')).modified(state(8, 'one'));
    await script.settle();
    executor.runAll();
    script.watchNow.modified(state(9, 'one')).modified(state(10, 'one')).deleted(state(11, 'one'));
    script.watchNow.added(state(12, 'two')).deleted(state(13, 'two'));
    script.watchNow.added(state(14, 'three')).modified(state(15, 'three')).modified(state(16, 'three'));
    await script.settle();
    executor.runAll();
    script.watchNow.deleted(state(17, 'three'));
    await script.settle();
    executor.runAll();
    expect(told).toEqual([
      ['add', '8', ['6', '7']],
      ['delete', '11', ['9', '10']],
      ['add', '16', ['14', '15']],
      ['delete', '17', []],
    ]);
    await informer.stop();
  });

  it('is one and the same frozen list where nothing was', async () => {
    const script = new ScriptedClient([listOf(5)]);
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    const lists: unknown[] = [];
    informer.addEventHandler({
      onAdd: (_, { skipped }) => void lists.push(skipped),
      onUpdate: (_before, _after, { skipped }) => void lists.push(skipped),
      onDelete: ({ skipped }) => void lists.push(skipped),
    });
    informer.start();
    await script.settle();
    for (const revision of [6, 7]) {
      if (revision === 6) script.watchNow.added(thing('default/a', 6));
      else script.watchNow.modified(thing('default/a', 7));
      await script.settle();
    }
    script.watchNow.deleted(thing('default/a', 8));
    await script.settle();
    expect(lists).toEqual([[], [], []]);
    expect(new Set(lists).size).toBe(1);
    expect(Object.isFrozen(lists[0])).toBe(true);
    await informer.stop();
  });
});
