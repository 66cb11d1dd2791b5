import { describe, expect, it } from 'vitest';
import { ApiError, type Logger } from '../../src/core/index.js';
import {
  type EventHandler,
  type InformerFault,
  SharedInformer,
  type SharedInformerOptions,
} from '../../src/informer/index.js';
import {
  listOf,
  ManualExecutor,
  ScriptedClient,
  type ScriptedList,
  Thing,
  thing,
} from './scripted-client.js';

/** A handler that writes down what it is told. */
class Diary implements EventHandler<Thing> {
  readonly lines: string[] = [];

  onAdd({ metadata }: Thing, { isInInitialList }: { isInInitialList: boolean }): void {
    this.lines.push(`add ${metadata.name} ${metadata.resourceVersion}${isInInitialList ? ' initial' : ''}`);
  }
  onUpdate(before: Thing, after: Thing): void {
    this.lines.push(
      `update ${after.metadata.name} ${before.metadata.resourceVersion} ${after.metadata.resourceVersion}`,
    );
  }
  onDelete(event: Parameters<NonNullable<EventHandler<Thing>['onDelete']>>[0]): void {
    const { key, last, finalStateKnown } = event;
    this.lines.push(
      `delete ${key.name} ${last?.metadata.resourceVersion}${finalStateKnown ? '' : ' unknown'}`,
    );
  }

  /** What was written since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

type Options = Omit<SharedInformerOptions<Thing>, 'client'> & { executor?: ManualExecutor };

function start(
  answers: readonly ScriptedList[],
  options: Options = {},
): {
  script: ScriptedClient;
  informer: SharedInformer<Thing>;
} {
  const { executor, ...rest } = options;
  const script = new ScriptedClient(answers, executor === undefined ? {} : { executor });
  const informer = new SharedInformer<Thing>(Thing, { client: script.client, ...rest });
  informer.start();
  return { script, informer };
}

const names = (informer: SharedInformer<Thing>): string[] =>
  informer.lister.list().map(({ metadata }) => metadata.name);

/** Whether a promise is settled when everything that can go on has done so. */
async function isSettled(script: ScriptedClient, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await script.settle();
  return settled;
}

describe('SharedInformer', () => {
  it('fills the cache from the list and follows the watch', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 2))]);
    expect(informer.resourceVersion).toBeUndefined();
    await informer.synced();
    await script.settle();
    expect(names(informer)).toEqual(['a', 'b']);
    expect(informer.resourceVersion).toBe('5');
    script.watchNow.added(thing('default/c', 6)).deleted(thing('default/a', 7));
    await script.settle();
    expect(names(informer)).toEqual(['b', 'c']);
    expect(informer.resourceVersion).toBe('7');
    script.watchNow.bookmark(20);
    await script.settle();
    expect(informer.resourceVersion).toBe('20');
    await informer.stop();
  });

  it('hands out the very objects that the client gave it', async () => {
    const object = thing('default/a', 1);
    const { informer } = start([listOf(5, object)]);
    await informer.synced();
    expect(informer.lister.get({ namespace: 'default', name: 'a' })).toBe(object);
    await informer.stop();
  });

  it('tells handlers of adds, updates and deletions, after the cache and its indexes changed', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))]);
    const indexed = informer.addIndexers({ byName: ({ metadata }) => [metadata.name] });
    const diary = new Diary();
    const seen: number[] = [];
    informer.addEventHandler(diary);
    informer.addEventHandler({
      onAdd: ({ metadata }) => void seen.push(indexed.lister.byIndex('byName', metadata.name).length),
      onDelete: ({ key }) => void seen.push(indexed.lister.byIndex('byName', key.name).length),
    });
    await script.settle();
    script.watchNow.added(thing('default/b', 7));
    await script.settle();
    script.watchNow.deleted(thing('default/b', 8));
    await script.settle();
    expect(diary.take()).toEqual(['add a 1 initial', 'add b 7', 'delete b 8']);
    expect(seen).toEqual([1, 1, 0]);
    await informer.stop();
  });

  it('tells of every state when the handler keeps up', async () => {
    const { script, informer } = start([listOf(5)]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await informer.synced();
    await script.settle();
    for (const step of [
      (): unknown => script.watchNow.added(thing('default/a', 6)),
      (): unknown => script.watchNow.modified(thing('default/a', 7)),
      (): unknown => script.watchNow.deleted(thing('default/a', 8)),
    ]) {
      step();
      await script.settle();
    }
    expect(diary.take()).toEqual(['add a 6', 'update a 6 7', 'delete a 8']);
    await informer.stop();
  });

  it('tells of a new list as updates, even where nothing changed, after the deletion of what is missing', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 2))]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    diary.take();
    script.willList(listOf(9, thing('default/b', 2), thing('default/c', 8)));
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(diary.take()).toEqual(['delete a 1 unknown', 'update b 2 2', 'add c 8']);
    expect(names(informer)).toEqual(['b', 'c']);
    await informer.stop();
  });

  it('takes a list over where nothing is cached: the first one, and a later one', async () => {
    const { script, informer } = start([listOf(5)]);
    const diary = new Diary();
    const registration = informer.addEventHandler(diary);
    await script.settle();
    await registration.synced();
    script.willList(listOf(9, thing('default/b', 8), thing('default/a', 7)));
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(diary.take()).toEqual(['add b 8', 'add a 7']);
    expect(names(informer)).toEqual(['a', 'b']);
    expect(informer.resourceVersion).toBe('9');
    script.watchNow.added(thing('default/c', 10));
    await script.settle();
    expect(diary.take()).toEqual(['add c 10']);
    await informer.stop();
  });

  it.each(['first', 'second'])(
    'takes the last of two objects of one name in a first list, uid %s',
    async (uid) => {
      const twice = [
        thing('default/a', 1, { uid: 'first' }),
        thing('default/b', 2),
        thing('default/a', 3, { uid }),
      ];
      const { script, informer } = start([listOf(5, ...twice)]);
      const diary = new Diary();
      informer.addEventHandler(diary);
      await script.settle();
      expect(diary.take()).toEqual(['add a 3 initial', 'add b 2 initial']);
      expect(informer.lister.list()).toEqual([twice[2], twice[1]]);
      await informer.stop();
    },
  );

  it('tells of an object that was deleted and created again while nobody watched as a deletion and an addition', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1, { uid: 'first' }))]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    diary.take();
    script.willList(listOf(9, thing('default/a', 8, { uid: 'second' })));
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(diary.take()).toEqual(['delete a 1 unknown', 'add a 8']);
    await informer.stop();
  });

  it('takes a new list over at once: an index function sees what was there before it, all of it', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 2))]);
    const seen: string[] = [];
    await informer.synced();
    informer.addIndexers({
      spy: () => {
        seen.push(`${informer.resourceVersion}: ${names(informer).join(' ')}`);
        return [];
      },
    });
    await script.settle();
    seen.length = 0;
    script.willList(listOf(9, thing('default/b', 7), thing('default/c', 8), thing('default/d', 9)));
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(seen).toEqual(['5: a b', '5: a b', '5: a b']);
    expect(names(informer)).toEqual(['b', 'c', 'd']);
    expect(informer.resourceVersion).toBe('9');
    await informer.stop();
  });

  it('takes a commit of several objects over at once, and one that breaks off when it is told wholly', async () => {
    const { script, informer } = start([listOf(5)]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await informer.synced();
    await script.settle();
    script.watchNow.added(thing('default/a', 6), { more: true });
    await script.settle();
    expect(names(informer)).toEqual([]);
    expect(informer.resourceVersion).toBe('5');
    script.watchNow.end();
    await script.settle();
    script.watchNow.added(thing('default/a', 6), { more: true }).added(thing('default/b', 6));
    await script.settle();
    expect(names(informer)).toEqual(['a', 'b']);
    expect(informer.resourceVersion).toBe('6');
    expect(diary.take()).toEqual(['add a 6', 'add b 6']);
    await informer.stop();
  });

  it('forgets the beginning of a commit when the watch breaks off, whatever the next one tells first', async () => {
    const { script, informer } = start([listOf(5)]);
    await informer.synced();
    await script.settle();
    script.watchNow.added(thing('default/a', 6)).added(thing('default/b', 7), { more: true }).end();
    await script.settle();
    script.watchNow.added(thing('default/a', 6));
    await script.settle();
    expect(names(informer)).toEqual(['a']);
    script.watchNow.added(thing('default/b', 7), { more: true }).bookmark(8);
    await script.settle();
    expect(names(informer)).toEqual(['a']);
    await informer.stop();
  });

  it('resyncs without the beginning of a commit', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { resync: 60_000 });
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    diary.take();
    script.watchNow.added(thing('default/b', 6), { more: true });
    await script.clock.advance(66_000);
    expect(diary.take()).toEqual(['update a 1 1']);
    script.watchNow.added(thing('default/c', 6));
    await script.settle();
    expect(diary.take()).toEqual(['add b 6', 'add c 6']);
    await informer.stop();
  });

  it('says how far a handler is behind, in its registration and in metrics', async () => {
    const values = new Map<string, number>();
    const set =
      (name: string) =>
      (value: number, labels: Readonly<Record<string, string>> = {}): void => {
        values.set(`${name} ${labels['name']} ${labels['handler']}`, value);
      };
    const { script, informer } = start([listOf(5)], {
      metrics: {
        counter: ({ name }) => ({ add: set(name) }),
        gauge: ({ name }) => ({ set: set(name) }),
        histogram: ({ name }) => ({ observe: set(name) }),
      },
    });
    const releases: (() => void)[] = [];
    const registration = informer.addEventHandler(
      { onAdd: () => new Promise<void>((resolve) => releases.push(resolve)) },
      { name: 'slow' },
    );
    await registration.synced();
    await script.settle();
    expect([registration.pending, registration.lag]).toEqual([0, 0]);
    script.watchNow.added(thing('default/a', 6)).added(thing('default/b', 7));
    await script.clock.advance(3_000);
    script.watchNow.added(thing('default/c', 8));
    await script.clock.advance(1_000);
    expect([registration.pending, registration.lag]).toEqual([2, 4_000]);
    expect(values.get('informer_handler_pending things slow')).toBe(2);
    expect(values.get('informer_handler_oldest_seconds things slow')).toBe(3);
    releases.shift()?.();
    await script.settle();
    expect([registration.pending, registration.lag]).toEqual([1, 4_000]);
    expect(values.get('informer_handler_wait_seconds things slow')).toBe(4);
    registration[Symbol.dispose]();
    expect(registration.isRemoved).toBe(true);
    expect([registration.pending, registration.lag]).toEqual([0, 0]);
    expect(values.get('informer_handler_pending things slow')).toBe(0);
    await informer.stop();
  });

  it('begins with a watch that sends everything where it is told to', async () => {
    const script = new ScriptedClient([], { streams: true });
    const informer = new SharedInformer<Thing>(Thing, { client: script.client, stream: true });
    const diary = new Diary();
    informer.addEventHandler(diary);
    informer.start();
    await script.settle();
    script.watchNow.added(thing('default/b', 9)).added(thing('default/a', 3));
    await script.settle();
    expect(names(informer)).toEqual([]);
    script.watchNow.initialEnd(9).deleted(thing('default/b', 10));
    await informer.synced();
    await script.settle();
    expect(names(informer)).toEqual(['a']);
    expect(diary.take()).toEqual(['add b 9 initial', 'add a 3 initial', 'delete b 10']);
    expect(informer.resourceVersion).toBe('10');
    await informer.stop();
  });

  it('ignores what a resumed watch repeats', async () => {
    const { script, informer } = start([
      listOf(5, thing('default/a', 5, { uid: 'new' }), thing('default/b', 3)),
    ]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    diary.take();
    script.watchNow
      .deleted(thing('default/a', 4, { uid: 'old' }))
      .deleted(thing('default/a', 5, { uid: 'old' }))
      .added(thing('default/a', 5, { uid: 'new' }))
      .modified(thing('default/b', 2))
      .deleted(thing('default/stranger', 4));
    await script.settle();
    expect(diary.take()).toEqual([]);
    expect(names(informer)).toEqual(['a', 'b']);
    expect(informer.resourceVersion).toBe('5');
    await informer.stop();
  });

  it('takes the last of two objects of one key, where a server lists it twice, and tells of it once', async () => {
    const { script, informer } = start([
      listOf(5, thing('default/a', 1), thing('default/b', 2), thing('default/a', 3)),
    ]);
    const diary = new Diary();
    informer.addEventHandler(diary);
    await informer.synced();
    await script.settle();
    expect(diary.take()).toEqual(['add a 3 initial', 'add b 2 initial']);
    expect(informer.lister.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['3', '2']);
    script.watchNow.deleted(thing('default/a', 6));
    await script.settle();
    expect(diary.take()).toEqual(['delete a 6']);
    expect(names(informer)).toEqual(['b']);
    await informer.stop();
  });

  it('tells a handler that is added late of everything that is there, then of what comes, nothing twice', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/b', 2), thing('default/a', 1))], {
      executor,
    });
    await informer.synced();
    await script.settle();
    const diary = new Diary();
    const registration = informer.addEventHandler(diary);
    script.watchNow.modified(thing('default/b', 6)).added(thing('default/c', 7));
    await script.settle();
    expect(registration.pending).toBe(3);
    executor.runAll();
    expect(diary.take()).toEqual(['add a 1 initial', 'add b 6 initial', 'add c 7']);
    await informer.stop();
  });

  it('hands every call over through the executor, on a lane of the registration', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 1))], {
      executor,
    });
    const diary = new Diary();
    informer.addEventHandler(diary, { name: 'mine' });
    informer.addEventHandler({});
    await script.settle();
    expect(executor.waiting.map(({ lane }) => lane)).toEqual([
      { kind: 'handler', name: 'mine' },
      { kind: 'handler', name: 'things' },
    ]);
    executor.waiting.shift()?.task();
    expect(diary.take()).toEqual(['add a 1 initial']);
    executor.runAll();
    expect(diary.take()).toEqual(['add b 1 initial']);
    await informer.stop();
  });

  it('awaits a handler before it calls it again, and does not let the others wait', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 2))]);
    const calls: string[] = [];
    const releases: (() => void)[] = [];
    const slow = informer.addEventHandler({
      onAdd: ({ metadata }) => {
        calls.push(metadata.name);
        return new Promise<void>((resolve) => releases.push(resolve));
      },
    });
    const diary = new Diary();
    const fast = informer.addEventHandler(diary);
    await fast.synced();
    expect(diary.take()).toHaveLength(2);
    expect(calls).toEqual(['a']);
    expect(await isSettled(script, slow.synced())).toBe(false);
    releases.shift()?.();
    await script.settle();
    expect(calls).toEqual(['a', 'b']);
    expect(await isSettled(script, informer.idle())).toBe(false);
    releases.shift()?.();
    await slow.synced();
    await informer.idle();
    await informer.stop();
  });

  it('reports a handler that throws or rejects, with the object, and goes on', async () => {
    const logged: unknown[] = [];
    const silent = (): void => undefined;
    const logger: Logger = {
      debug: silent,
      info: silent,
      warn: silent,
      error: (fields) => logged.push(fields),
    };
    const { script, informer } = start(
      [listOf(5, thing('default/a', 1), thing('default/b', 2), thing('default/c', 3))],
      { logger },
    );
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    const told: string[] = [];
    const registration = informer.addEventHandler({
      onAdd: ({ metadata }) => {
        told.push(metadata.name);
        if (metadata.name === 'a') throw new Error('sync');
        return metadata.name === 'b' ? Promise.reject(new Error('async')) : undefined;
      },
    });
    await registration.synced();
    expect(told).toEqual(['a', 'b', 'c']);
    expect(faults).toEqual([
      { error: new Error('sync'), during: 'handler', key: { namespace: 'default', name: 'a' } },
      { error: new Error('async'), during: 'handler', key: { namespace: 'default', name: 'b' } },
    ]);
    expect(logged).toEqual([
      { informer: 'things', error: new Error('sync'), key: 'default/a' },
      { informer: 'things', error: new Error('async'), key: 'default/b' },
    ]);
    expect(informer.lastError).toBeUndefined();
    await script.settle();
    await informer.stop();
  });

  it('coalesces by object what a slow handler has not been told yet', async () => {
    const executor = new ManualExecutor();
    const initial = ['updated', 'deleted', 'recreated', 'resurrected'].map((name) =>
      thing(`default/${name}`, 1),
    );
    const { script, informer } = start([listOf(5, ...initial)], { executor });
    const diary = new Diary();
    const registration = informer.addEventHandler(diary);
    await script.settle();
    executor.runAll();
    diary.take();
    script.watchNow
      .added(thing('default/new', 6))
      .modified(thing('default/new', 7))
      .added(thing('default/brief', 8))
      .deleted(thing('default/brief', 9))
      .modified(thing('default/updated', 10))
      .modified(thing('default/updated', 11))
      .modified(thing('default/deleted', 12))
      .deleted(thing('default/deleted', 13))
      .deleted(thing('default/recreated', 14))
      .added(thing('default/recreated', 15, { uid: 'other' }))
      .modified(thing('default/recreated', 16, { uid: 'other' }))
      .deleted(thing('default/resurrected', 17))
      .added(thing('default/resurrected', 18, { uid: 'other' }))
      .deleted(thing('default/resurrected', 19, { uid: 'other' }));
    await script.settle();
    expect(registration.pending).toBe(5);
    executor.runAll();
    expect(diary.take()).toEqual([
      'add new 7',
      'update updated 1 11',
      'delete deleted 13',
      'delete recreated 14',
      'add recreated 16',
      'delete resurrected 17',
    ]);
    await informer.stop();
  });

  it('is synced when the cache is filled, a registration when its handler was called for the whole initial list', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 2))], {
      executor,
    });
    const registration = informer.addEventHandler(new Diary());
    const [cache, handler] = [informer.synced(), registration.synced()];
    expect(await isSettled(script, cache)).toBe(true);
    expect(await isSettled(script, handler)).toBe(false);
    script.watchNow.added(thing('default/c', 6));
    await script.settle();
    executor.waiting.shift()?.task();
    expect(await isSettled(script, handler)).toBe(false);
    executor.waiting.shift()?.task();
    executor.waiting.shift()?.task();
    expect(await isSettled(script, handler)).toBe(true);
    await informer.stop();
  });

  it('is synced when the initial list is empty', async () => {
    const { informer } = start([listOf(5)]);
    const registration = informer.addEventHandler({});
    await Promise.all([informer.synced(), registration.synced(), informer.idle()]);
    const late = informer.addEventHandler({});
    await late.synced();
    await informer.stop();
  });

  it('reaches a revision with the cache, and has caught up when the handlers were told of it too', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5)], { executor });
    informer.addEventHandler(new Diary());
    await informer.synced();
    await script.settle();
    const [reached, caughtUp, further] = [
      informer.reached('7'),
      informer.caughtUpTo('7'),
      informer.caughtUpTo('8'),
    ];
    await informer.reached('5');
    script.watchNow.added(thing('default/a', 6));
    await script.settle();
    expect(await isSettled(script, reached)).toBe(false);
    script.watchNow.bookmark(7);
    await script.settle();
    expect(await isSettled(script, reached)).toBe(true);
    expect(await isSettled(script, caughtUp)).toBe(false);
    executor.runAll();
    await caughtUp;
    expect(await isSettled(script, further)).toBe(false);
    await expect(informer.reached('soon')).rejects.toThrow(
      new TypeError('resourceVersion: expected a decimal number, got "soon"'),
    );
    await informer.stop();
    await expect(further).rejects.toThrow('the informer of things was stopped');
  });

  it('counts what was dropped as told: an object that came and went does not hold up those who wait', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5)], { executor });
    const registration = informer.addEventHandler(new Diary());
    await informer.synced();
    await script.settle();
    script.watchNow.added(thing('default/a', 6));
    await script.settle();
    const delivered = registration.delivered();
    script.watchNow.deleted(thing('default/a', 7)).added(thing('default/b', 8)).added(thing('default/c', 9));
    await script.settle();
    executor.waiting.shift()?.task();
    await delivered;
    expect(registration.pending).toBe(1);
    await informer.stop();
  });

  it('makes no further call to a handler that was removed, and frees those who wait for it', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { executor });
    const diary = new Diary();
    const registration = informer.addEventHandler(diary, { name: 'mine' });
    await script.settle();
    const [synced, idle] = [registration.synced(), informer.idle()];
    registration.remove();
    registration.remove();
    await expect(synced).rejects.toThrow('the handler "mine" was removed');
    script.watchNow.added(thing('default/b', 6));
    await script.settle();
    executor.runAll();
    await idle;
    expect(diary.take()).toEqual([]);
    expect(registration.pending).toBe(0);
    await informer.stop();
  });

  it('does not tell a handler that removes itself in a deletion of the addition that follows', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { executor });
    const told: string[] = [];
    const registration = informer.addEventHandler({
      onAdd: ({ metadata }) => void told.push(`add ${metadata.resourceVersion}`),
      onDelete: ({ key }) => {
        told.push(`delete ${key.name}`);
        registration.remove();
      },
    });
    await script.settle();
    executor.runAll();
    script.watchNow.deleted(thing('default/a', 6)).added(thing('default/a', 7, { uid: 'other' }));
    await script.settle();
    executor.runAll();
    expect(told).toEqual(['add 1', 'delete a']);
    await informer.stop();
  });

  it('lets a handler remove itself, and stop the informer, in a call', async () => {
    const { informer } = start([listOf(5, thing('default/a', 1), thing('default/b', 1))]);
    const told: string[] = [];
    const once = informer.addEventHandler({
      onAdd: ({ metadata }) => {
        told.push(metadata.name);
        once.remove();
      },
    });
    const stopped = new Promise<void>((resolve) => {
      informer.addEventHandler({
        onAdd: async () => {
          await informer.stop();
          resolve();
        },
      });
    });
    await stopped;
    expect(told).toEqual(['a']);
    await informer.idle();
  });

  it('repeats the cache to the handlers at every resync, and asks the server for nothing', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { resync: 60_000 });
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    diary.take();
    for (let round = 0; round < 2; round += 1) {
      await script.clock.advance(66_000);
      expect(diary.take()).toEqual(['update a 1 1']);
    }
    expect(script.lists).toHaveLength(1);
    await informer.stop();
    expect(script.clock.timers).toBe(0);
  });

  it('repeats the cache to each handler in its own time, and to none that asked for nothing', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { resync: 60_000 });
    const diaries = [undefined, 10_000, 0].map((resync) => {
      const diary = new Diary();
      informer.addEventHandler(diary, { resync });
      return diary;
    });
    await script.settle();
    for (const diary of diaries) diary.take();
    await script.clock.advance(100_000);
    const counts = diaries.map((diary) => diary.take().length);
    expect(counts[0]).toBe(1);
    expect(counts[1]).toBeGreaterThanOrEqual(9);
    expect(counts[1]).toBeLessThanOrEqual(11);
    expect(counts[2]).toBe(0);
    await informer.stop();
  });

  it('never overtakes with a resync what a handler is still to be told', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { executor, resync: 60_000 });
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.clock.advance(66_000);
    executor.runAll();
    expect(diary.take()).toEqual(['add a 1 initial']);
    script.watchNow.modified(thing('default/a', 6));
    await script.clock.advance(66_000);
    executor.runAll();
    expect(diary.take()).toEqual(['update a 1 6']);
    await informer.stop();
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a resync of %s', (resync) => {
    const { client } = new ScriptedClient([]);
    expect(() => new SharedInformer<Thing>(Thing, { client, resync })).toThrow(RangeError);
  });

  it('caches what the transform makes of an object, once an object, deeply frozen, sharing what it kept', async () => {
    let runs = 0;
    const original = thing('default/a', 1, { data: { big: 'x' }, labels: { app: 'web' } });
    const { informer, script } = start([listOf(5, original)], {
      resync: 1_000,
      transform: (object) => {
        runs += 1;
        return { ...object, data: { small: 'y' } };
      },
    });
    await informer.synced();
    await script.clock.advance(5_000);
    const cached = informer.lister.get({ namespace: 'default', name: 'a' });
    expect(cached?.data).toEqual({ small: 'y' });
    expect(Object.isFrozen(cached)).toBe(true);
    expect(Object.isFrozen(cached?.data)).toBe(true);
    expect(cached?.metadata).toBe(original.metadata);
    expect(runs).toBe(1);
    await informer.stop();
  });

  it.each([
    ['throws', (): Thing => JSON.parse('{'), /JSON/],
    [
      'renames the object',
      (object: Thing): Thing => ({ ...object, metadata: { ...object.metadata, name: 'other' } }),
      /transform: metadata.name: expected "a" as before, got "other"/,
    ],
    [
      'loses the uid',
      (object: Thing): Thing => ({
        ...object,
        metadata: { ...object.metadata, uid: undefined as unknown as string },
      }),
      /transform: metadata.uid: expected "uid-a" as before, got undefined/,
    ],
    ['answers with nothing', (): Thing => undefined as unknown as Thing, /undefined/],
  ])('reports a transform that %s, and caches the object as it came', async (_what, transform, message) => {
    const original = thing('default/a', 1);
    const { informer, script } = start([listOf(5, original)], { transform });
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    await informer.synced();
    expect(informer.lister.list()).toEqual([original]);
    expect(faults).toMatchObject([{ during: 'transform', key: { namespace: 'default', name: 'a' } }]);
    expect(faults[0]?.error.message).toMatch(message);
    await script.settle();
    await informer.stop();
  });

  it('reports an index function that fails, and tells the handlers all the same', async () => {
    const script = new ScriptedClient([
      listOf(5, thing('default/a', 1), thing('default/b', 1, { data: {} })),
    ]);
    const informer = new SharedInformer(Thing, {
      client: script.client,
      indexers: {
        byData: (object: Thing) => {
          if (object.data === undefined) throw new Error('no data');
          return ['ok'];
        },
      },
    });
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    const diary = new Diary();
    const registration = informer.addEventHandler(diary);
    informer.start();
    await registration.synced();
    expect(diary.take()).toEqual(['add a 1 initial', 'add b 1 initial']);
    expect(informer.lister.byIndex('byData', 'ok')).toHaveLength(1);
    expect(faults).toMatchObject([
      { during: 'index', key: { namespace: 'default', name: 'a' }, error: { index: 'byData' } },
    ]);
    await informer.stop();
  });

  it('shows its state and its faults, and survives a listener that throws', async () => {
    const missing = ApiError.notFound(Thing, '');
    const { script, informer } = start([missing]);
    const states: string[] = [];
    const faults: InformerFault[] = [];
    informer.events.on('state', (state) => {
      states.push(state);
      throw new Error('listener');
    });
    informer.events.on('fault', (fault) => faults.push(fault));
    await script.settle();
    expect(informer.state).toBe('backing off');
    expect(informer.lastError).toBe(missing);
    expect(faults).toEqual([{ error: missing, during: 'list' }]);
    script.willList(listOf(5));
    await script.clock.next();
    await informer.synced();
    expect(informer.lastError).toBeUndefined();
    await informer.stop();
    expect(states).toEqual(['backing off', 'connecting', 'listing', 'watching', 'stopped']);
  });

  it('rejects those who wait when it is stopped, makes no further call, and cannot be started again', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([], { executor });
    const registration = informer.addEventHandler(new Diary());
    const waits = [informer.synced(), registration.synced(), informer.reached('1'), informer.caughtUpTo('1')];
    await informer.stop();
    for (const wait of waits) await expect(wait).rejects.toThrow('the informer of things was stopped');
    await informer.idle();
    await informer.stop();
    expect(() => informer.start()).toThrow(new TypeError('the informer of things was stopped'));
    expect(() => informer.addEventHandler({})).toThrow(TypeError);
    expect(script.clock.timers).toBe(0);
  });

  it('drops what a handler was not told when it is stopped', async () => {
    const executor = new ManualExecutor();
    const { script, informer } = start([listOf(5, thing('default/a', 1))], { executor });
    const diary = new Diary();
    informer.addEventHandler(diary);
    await script.settle();
    await informer.stop();
    executor.runAll();
    expect(diary.take()).toEqual([]);
  });

  it('runs until its signal aborts', async () => {
    const script = new ScriptedClient([listOf(5)]);
    const informer = new SharedInformer<Thing>(Thing, { client: script.client });
    const abort = new AbortController();
    const run = informer.run({ signal: abort.signal });
    await informer.synced();
    abort.abort();
    await run;
    expect(informer.state).toBe('stopped');

    const never = new SharedInformer<Thing>(Thing, { client: script.client });
    await never.run({ signal: AbortSignal.abort() });
    expect(script.lists).toHaveLength(1);
  });
});
