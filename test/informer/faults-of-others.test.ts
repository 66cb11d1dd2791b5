import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/core/index.js';
import { type InformerFault, type Reconnection, SharedInformer } from '../../src/informer/index.js';
import { listOf, ScriptedClient, type ScriptedList, Thing, thing } from './scripted-client.js';

/** An informer over a script, started. */
function start(answers: readonly ScriptedList[]): {
  script: ScriptedClient;
  informer: SharedInformer<Thing>;
} {
  const script = new ScriptedClient(answers);
  const informer = new SharedInformer<Thing>(Thing, { client: script.client });
  informer.start();
  return { script, informer };
}

const reset = new ApiError({ reason: 'Unknown', message: 'socket hang up' });
const broken = new ApiError({ reason: 'InternalError', message: 'Unexpected token in JSON' });

describe('what users of other informers suffer from', () => {
  it.each([
    ['a broken connection', reset],
    ['a server error', broken],
    ['a refusal', ApiError.forbidden(Thing, '', 'no')],
  ])('an informer that stops for good after %s', async (_what, error) => {
    const { script, informer } = start([listOf(5), listOf(6), listOf(6)]);
    await informer.synced();
    for (let round = 0; round < 10; round += 1) {
      await script.settle();
      script.watchNow.fail(error);
      script.willList(listOf(6));
      await script.clock.advance(61_000);
      expect(informer.state).toBe('watching');
    }
    script.watchNow.added(thing('default/a', 7));
    await script.settle();
    expect(informer.lister.list()).toHaveLength(1);
    await informer.stop();
  });

  it.each([
    ['end at once', (script: ScriptedClient): unknown => script.watchNow.end()],
    ['break off at once', (script: ScriptedClient): unknown => script.watchNow.fail(reset)],
    [
      'expire at once',
      (script: ScriptedClient): unknown => script.watchNow.fail(ApiError.expired('too old')),
    ],
    ['fail at once', (script: ScriptedClient): unknown => script.watchNow.fail(broken)],
    [
      'are refused',
      (script: ScriptedClient): unknown => script.watchNow.fail(ApiError.badRequest('no', 'watch')),
    ],
    [
      'tell one thing and end',
      (script: ScriptedClient): unknown => script.watchNow.added(thing('default/a', 6)).end(),
    ],
  ])('tens of watches a second against a server whose watches %s', async (_what, fail) => {
    const { script, informer } = start([listOf(5)]);
    await informer.synced();
    const perMinute: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      const end = script.clock.monotonic() + 60_000;
      const before = script.lists.length + script.watches.length;
      while (script.clock.monotonic() < end) {
        script.willList(listOf(6));
        if (informer.state === 'watching') fail(script);
        await script.settle();
        if (informer.state === 'backing off') await script.clock.next();
      }
      perMinute.push(script.lists.length + script.watches.length - before);
    }
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(20);
    expect(perMinute.at(-1)).toBeLessThanOrEqual(6);
    await informer.stop();
  });

  it('more than a watch a second against a server that ends each after a second', async () => {
    const { script, informer } = start([listOf(5)]);
    await informer.synced();
    for (let second = 0; second < 60; second += 1) {
      await script.clock.advance(1_000);
      script.watchNow.end();
      await script.settle();
    }
    expect(script.watches.length).toBeLessThanOrEqual(61);
    expect(script.lists).toHaveLength(1);
    await informer.stop();
  });

  it('every watch cut off after half a minute', async () => {
    const { script, informer } = start([listOf(5)]);
    await informer.synced();
    await script.settle();
    for (let minute = 0; minute < 8; minute += 1) {
      await script.clock.advance(60_000);
      script.watchNow.bookmark(6 + minute);
      await script.settle();
    }
    expect(script.watches).toHaveLength(1);
    await informer.stop();
  });

  it('a watch that is dead and is waited for all the same', async () => {
    const { script, informer } = start([listOf(5)]);
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    await informer.synced();
    await script.clock.advance(181_000);
    expect(script.watches.map(({ closed }) => closed)).toEqual([true, false]);
    expect(faults).toMatchObject([{ during: 'watch', error: { reason: 'Timeout' } }]);
    await informer.stop();
  });

  it('an event that nobody could read, swallowed', async () => {
    const { script, informer } = start([listOf(5), listOf(7, thing('default/a', 7))]);
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    await informer.synced();
    await script.settle();
    // a client that cannot read an event fails the watch; the event comes again, and at last a list has what it told of
    for (let round = 0; round < 2; round += 1) {
      script.watchNow.fail(new SyntaxError('Unexpected token'));
      await script.settle();
      await script.clock.next();
    }
    expect(faults.map(({ error }) => error.name)).toEqual(['SyntaxError', 'SyntaxError']);
    expect(informer.lister.getByKey('default/a')).toBeDefined();
    await informer.stop();
  });

  it('updates without the state before, and without a word whether anything changed', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))]);
    const told: [string, string][] = [];
    informer.addEventHandler({
      onUpdate: (before, after) =>
        void told.push([before.metadata.resourceVersion, after.metadata.resourceVersion]),
    });
    await script.settle();
    script.watchNow.modified(thing('default/a', 6));
    await script.settle();
    script.willList(listOf(9, thing('default/a', 6)));
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(told).toEqual([
      ['1', '6'],
      ['6', '6'],
    ]);
    await informer.stop();
  });

  it('no way to know when the first list is there', async () => {
    const { informer } = start([listOf(5, thing('default/a', 1))]);
    let told = 0;
    const registration = informer.addEventHandler({ onAdd: () => void (told += 1) });
    await informer.synced();
    expect(informer.lister.list()).toHaveLength(1);
    await registration.synced();
    expect(told).toBe(1);
    await informer.stop();
  });

  it('one handler that throws, and the others that are not called', async () => {
    const { informer } = start([listOf(5, thing('default/a', 1))]);
    const told: string[] = [];
    informer.addEventHandler({
      onAdd: () => {
        throw new Error('mine');
      },
    });
    const other = informer.addEventHandler({ onAdd: ({ metadata }) => void told.push(metadata.name) });
    await other.synced();
    expect(told).toEqual(['a']);
    await informer.stop();
  });

  it('a list that is copied for each who asks, of objects that anybody may change', async () => {
    const { informer } = start([listOf(5, thing('default/a', 1))]);
    await informer.synced();
    const list = informer.lister.list();
    expect(informer.lister.list()).toBe(list);
    expect(Object.isFrozen(list)).toBe(true);
    expect(Object.isFrozen(list[0]?.metadata)).toBe(true);
    await informer.stop();
  });

  it('an object of another namespace, where no namespace was said', async () => {
    const { informer } = start([listOf(5, thing('default/a', 1))]);
    await informer.synced();
    expect(informer.lister.get({ name: 'a' })).toBeUndefined();
    expect(informer.lister.getByKey('a')).toBeUndefined();
    await informer.stop();
  });

  it('objects that were deleted while nobody watched, and stay in the cache', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1)), listOf(9)]);
    const told: unknown[] = [];
    informer.addEventHandler({ onDelete: (event) => void told.push(event) });
    await informer.synced();
    await script.settle();
    script.watchNow.fail(ApiError.expired('too old'));
    await script.settle();
    expect(informer.lister.list()).toEqual([]);
    expect(told).toEqual([
      { key: { namespace: 'default', name: 'a' }, last: thing('default/a', 1), finalStateKnown: false },
    ]);
    await informer.stop();
  });

  it('reconnects that nobody can see', async () => {
    const { script, informer } = start([listOf(5), listOf(8)]);
    const seen: Reconnection[] = [];
    informer.events.on('reconnect', (reconnection) => seen.push(reconnection));
    await informer.synced();
    await script.clock.advance(1_000);
    script.watchNow.end();
    await script.clock.advance(1_000);
    script.watchNow.fail(broken);
    await script.clock.advance(2_000);
    const expired = ApiError.expired('too old');
    script.watchNow.fail(expired);
    await script.settle();
    expect(seen).toEqual([
      { count: 1, error: undefined, relisted: false },
      { count: 2, error: broken, relisted: false },
      { count: 3, error: expired, relisted: true },
    ]);
    expect(informer.reconnects).toBe(3);
    await informer.stop();
  });

  it('timers and connections that outlive the informer', async () => {
    const { script, informer } = start([listOf(5)]);
    informer.addEventHandler({}, { resync: 60_000 });
    await informer.synced();
    await script.settle();
    expect(script.clock.timers).toBe(2);
    await informer.stop();
    expect(script.clock.timers).toBe(0);
    expect(script.watches.every(({ closed }) => closed)).toBe(true);

    // nor is there any before the start
    const idle = new SharedInformer<Thing>(Thing, { client: script.client });
    idle.addEventHandler({}, { resync: 60_000 });
    expect(script.clock.timers).toBe(0);
  });

  it('resourceVersions compared as numbers that lose their last digits', async () => {
    const { script, informer } = start([listOf('9007199254740993', thing('default/a', '9007199254740993'))]);
    await informer.synced();
    await script.settle();
    script.watchNow
      .modified(thing('default/a', '9007199254740994'))
      .modified(thing('default/a', '9007199254740993'));
    await script.settle();
    expect(informer.lister.getByKey('default/a')?.metadata.resourceVersion).toBe('9007199254740994');
    await informer.stop();
  });

  it('lists that end at the tenth page', async () => {
    const pages = Array.from({ length: 25 }, (_, page) => ({
      ...listOf(5, thing(`default/t${page}`, 1)),
      ...(page === 24 ? {} : { continue: `page ${page + 1}` }),
    }));
    const { informer } = start(pages);
    await informer.synced();
    expect(informer.lister.list()).toHaveLength(25);
    await informer.stop();
  });

  it('a handler that rejects, as an unhandled rejection', async () => {
    const { script, informer } = start([listOf(5, thing('default/a', 1))]);
    const faults: InformerFault[] = [];
    informer.events.on('fault', (fault) => faults.push(fault));
    informer.addEventHandler({ onAdd: () => Promise.reject(new Error('later')) });
    await informer.synced();
    await script.settle();
    expect(faults).toMatchObject([{ during: 'handler', error: { message: 'later' } }]);
    await informer.stop();
  });

  it('a queue for each object that is never deleted', async () => {
    const { script, informer } = start([listOf(5)]);
    const registration = informer.addEventHandler({});
    await informer.synced();
    await script.settle();
    for (let turn = 0; turn < 100; turn += 1) {
      script.watchNow
        .added(thing(`default/t${turn}`, 10 + 2 * turn))
        .deleted(thing(`default/t${turn}`, 11 + 2 * turn));
    }
    await script.settle();
    await informer.idle();
    expect(registration.pending).toBe(0);
    expect(registration.lag).toBe(0);
    expect(informer.lister.list()).toEqual([]);
    await informer.stop();
  });
});
