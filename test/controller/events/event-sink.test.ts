import { afterEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  type Client,
  type ClientHooks,
  EventSink,
  intercept,
  ObjectStore,
  SeededRandom,
  VirtualClock,
} from '../../../src/index.js';
import { Event, Namespace } from '../../../src/resources/kinds/index.js';
import { lamp, makeWorld, type World } from './world.js';

const SECOND = 1_000;
const MINUTE = 60_000;

let world: World;
afterEach(async () => {
  await world.sink.stop();
  await world.store.close();
});

/** A world whose sink writes through hooks. */
function begin(hooks: ClientHooks = {}) {
  world = makeWorld((client) => intercept(client, hooks));
  return { ...world, recorder: world.sink.recorder('lamps') };
}

/** Hooks that let `fail` throw before every write, and count the writes. */
function failing(fail: (verb: 'create' | 'patch', writes: number) => void) {
  const writes: ('create' | 'patch')[] = [];
  const hooks: ClientHooks = {
    create(next, resource, object, options) {
      writes.push('create');
      fail('create', writes.length);
      return next(resource, object, options);
    },
    patch(next, resource, key, patch, options) {
      writes.push('patch');
      fail('patch', writes.length);
      return next(resource, key, patch, options);
    },
  };
  return { writes, hooks };
}

const gone = (): never => {
  throw ApiError.serviceUnavailable('the server is gone');
};

describe('a series', () => {
  it('begins with the second time, in one object', async () => {
    const { writes, hooks } = failing(() => undefined);
    const { recorder, sink, clock, events } = begin(hooks);
    recorder.normal(lamp(), 'Lit', 'it shines');
    await sink.idle();
    await clock.advance(10 * SECOND);
    recorder.normal(lamp(), 'Lit', 'it shines');
    await sink.idle();
    expect(writes).toEqual(['create', 'patch']);
    const [event, ...others] = await events();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      eventTime: '2026-01-01T00:00:00.000000Z',
      series: { count: 2, lastObservedTime: '2026-01-01T00:00:10.000000Z' },
    });
  });

  it('is created with its count where it happened often before the first write', async () => {
    const { writes, hooks } = failing(() => undefined);
    const { recorder, sink, events } = begin(hooks);
    for (let turn = 0; turn < 5; turn += 1) recorder.normal(lamp(), 'Lit', '');
    await sink.idle();
    expect(writes).toEqual(['create']);
    expect((await events())[0]?.series?.count).toBe(5);
  });

  it('is written no more until it has been quiet for 6 minutes, and then with its count', async () => {
    const { writes, hooks } = failing(() => undefined);
    const { recorder, sink, clock, events } = begin(hooks);
    for (let turn = 0; turn < 5; turn += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await clock.advance(SECOND);
    }
    expect(writes).toEqual(['create', 'patch']);
    await clock.advance(6 * MINUTE - SECOND - 1);
    expect((await events())[0]?.series?.count).toBe(2);
    await clock.advance(1);
    await sink.idle();
    expect((await events())[0]?.series).toEqual({
      count: 5,
      lastObservedTime: '2026-01-01T00:00:04.000000Z',
    });
    expect(writes).toEqual(['create', 'patch', 'patch']);
    await clock.advance(120 * MINUTE);
    expect(writes).toHaveLength(3);
  });

  it('counts what happens while it is written, and writes that after 6 quiet minutes', async () => {
    const { recorder, sink, clock, events } = begin({
      async patch(next, resource, key, patch, options) {
        if (again) recorder.normal(lamp(), 'Lit', '');
        again = false;
        return next(resource, key, patch, options);
      },
    });
    let again = true;
    for (let turn = 0; turn < 2; turn += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await sink.idle();
    }
    expect((await events())[0]?.series?.count).toBe(2);
    await clock.advance(6 * MINUTE);
    expect((await events())[0]?.series?.count).toBe(3);
  });

  it('that goes on is refreshed each 30 minutes, and so outlives the hour of an Event', async () => {
    const { writes, hooks } = failing(() => undefined);
    const { recorder, clock, events } = begin(hooks);
    for (let minute = 0; minute < 120; minute += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await clock.advance(MINUTE);
    }
    expect(writes.filter((verb) => verb === 'patch')).toHaveLength(1 + 3);
    expect((await events())[0]?.series?.count).toBe(91);
  });

  it('that was quiet for 6 minutes is followed by another object', async () => {
    const { recorder, clock, events } = begin();
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(6 * MINUTE);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(0);
    expect((await events()).map(({ series }) => series)).toEqual([undefined, undefined]);
  });

  it('whose object was deleted is created anew', async () => {
    const { recorder, sink, client, events } = begin();
    recorder.normal(lamp(), 'Lit', '');
    await sink.idle();
    await client.deleteCollection(Event, { namespace: 'default' });
    recorder.normal(lamp(), 'Lit', '');
    await sink.idle();
    expect((await events()).map(({ series }) => series?.count)).toEqual([2]);
    expect(world.drops).toEqual({});
  });

  it('that makes room for 4,096 others is written', async () => {
    const { recorder, sink, client } = begin();
    for (let turn = 0; turn < 3; turn += 1) {
      recorder.normal(lamp('first'), 'Lit', '');
      await sink.idle();
    }
    const count = async () => {
      const { items } = await client.list(Event, { fieldSelector: 'regarding.name=first' });
      return items[0]?.series?.count;
    };
    for (let other = 0; other < 4_096; other += 1) {
      expect(other > 0 || (await count()) === 2).toBe(true);
      recorder.normal(lamp(`lamp-${other}`), 'Lit', '');
      if (other % 500 === 0) await sink.idle();
    }
    await sink.idle();
    expect(await count()).toBe(3);
    expect(world.drops).toEqual({});
  });

  it('of similar events has the note of the last', async () => {
    const { recorder, sink, events } = begin();
    for (let turn = 1; turn <= 20; turn += 1) {
      recorder.warning(lamp(), 'Broken', `try ${turn}`);
      await sink.idle();
    }
    await sink.flush();
    const told = (await events()).map(({ note, series }) => [note, series?.count]);
    expect(told).toHaveLength(10);
    expect(told.slice(0, 9).every(([, count]) => count === undefined)).toBe(true);
    expect(told[9]).toEqual(['(combined from similar events): try 20', 11]);
  });

  it('leaves no timer behind once all is written', async () => {
    const { recorder, sink, clock } = begin();
    for (let turn = 0; turn < 3; turn += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await sink.idle();
    }
    expect(clock.timers).toBeGreaterThan(0);
    await sink.flush();
    await clock.advance(6 * MINUTE);
    expect((await world.events())[0]?.series?.count).toBe(3);
    await sink.stop();
    // that of the store, which deletes the Event in an hour
    expect(clock.timers).toBe(1);
  });
});

describe('waiting', () => {
  it('is over at once where nothing is to be written', async () => {
    const { sink } = begin();
    await sink.idle();
    await sink.flush();
  });

  it('flush writes what happened while another write was under way', async () => {
    const { recorder, sink, events } = begin();
    for (let turn = 0; turn < 2; turn += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await sink.idle();
    }
    recorder.normal(lamp(), 'Lit', '');
    const first = sink.flush();
    await Promise.resolve();
    recorder.normal(lamp(), 'Lit', '');
    await Promise.all([first, sink.flush()]);
    expect((await events())[0]?.series?.count).toBe(4);
  });
});

describe('a server in trouble', () => {
  it('is asked again with growing pauses, and what happens meanwhile is counted into the object', async () => {
    const at: number[] = [];
    const { hooks } = failing((_verb, writes) => {
      at.push(world.clock.monotonic());
      if (writes <= 4) gone();
    });
    const { recorder, clock, sink, events } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(SECOND);
      recorder.normal(lamp(), 'Lit', '');
    }
    await sink.flush();
    const pauses = at.slice(1, 5).map((time, index) => time - (at[index] ?? 0));
    [1, 2, 4, 8].forEach((seconds, index) => {
      expect(pauses[index]).toBeGreaterThanOrEqual(seconds * SECOND);
      expect(pauses[index]).toBeLessThanOrEqual(seconds * 1.25 * SECOND);
    });
    expect(await events()).toHaveLength(1);
    expect((await events())[0]?.series?.count).toBe(61);
    expect(world.drops).toEqual({});
  });

  it('is asked after a short pause again, once it has taken a write', async () => {
    const { writes, hooks } = failing((_verb, count) => {
      if (count <= 6 || count === 8) gone();
    });
    const { recorder, clock, sink } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(2 * MINUTE);
    expect(writes).toHaveLength(7);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(1.25 * SECOND);
    expect(writes.slice(6)).toEqual(['create', 'patch', 'patch']);
    await sink.idle();
  });

  it('that is gone for ten minutes costs no event and bounded memory', async () => {
    const { writes, hooks } = failing(() => {
      if (world.clock.monotonic() < 10 * MINUTE) gone();
    });
    const { recorder, clock, sink, events } = begin(hooks);
    for (let minute = 0; minute < 10; minute += 1) {
      for (let turn = 0; turn < 10_000; turn += 1) recorder.normal(lamp(`lamp-${turn % 500}`), 'Lit', '');
      await clock.advance(MINUTE);
    }
    // not one write more for all that was told: 12 tries at most for each object
    expect(writes.length).toBeLessThanOrEqual(500 * 12);
    await clock.advance(10 * MINUTE);
    await sink.flush();
    expect(await events()).toHaveLength(500);
    expect((await events()).reduce((sum, { series }) => sum + (series?.count ?? 1), 0)).toBe(100_000);
    expect(world.drops).toEqual({});
  });

  it('has 1,000 objects wait for it, and what is beyond them is counted and logged once a minute', async () => {
    const { hooks } = failing(() => {
      if (world.clock.monotonic() < MINUTE) gone();
    });
    const { recorder, clock, sink, events, warnings, drops } = begin(hooks);
    for (let turn = 0; turn < 3_000; turn += 1) recorder.normal(lamp(`lamp-${turn}`), 'Lit', '');
    expect(drops).toEqual({ queue_full: 2_000 });
    expect(warnings).toEqual([{ dropped: { queue_full: 1 } }]);
    await clock.advance(MINUTE - 1);
    expect(warnings).toHaveLength(1);
    await clock.advance(1);
    expect(warnings).toEqual([{ dropped: { queue_full: 1 } }, { dropped: { queue_full: 1_999 } }]);
    await clock.advance(2 * MINUTE);
    await sink.idle();
    expect(await events()).toHaveLength(1_000);
  });

  it('is given up after 12 tries, and the next time begins anew', async () => {
    let broken = true;
    const { writes, hooks } = failing(() => {
      if (broken) throw new TypeError('fetch failed');
    });
    const { recorder, clock, sink, events, drops, warnings } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(20 * MINUTE);
    expect(writes).toHaveLength(12);
    expect(drops).toEqual({ gave_up: 2 });
    expect(warnings).toEqual([{ dropped: { gave_up: 2 }, error: new TypeError('fetch failed') }]);
    broken = false;
    recorder.normal(lamp(), 'Lit', '');
    await sink.idle();
    expect((await events()).map(({ series }) => series)).toEqual([undefined]);
  });

  it('that loses the answer of a create gets one object', async () => {
    const { recorder, clock, sink, events, drops } = begin({
      async create(next, resource, object, options) {
        const answer = await next(resource, object, options);
        if (lost) {
          lost = false;
          throw new ApiError({ reason: 'Timeout', message: 'no answer', ambiguous: true });
        }
        return answer;
      },
    });
    let lost = true;
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(100);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(2 * SECOND);
    await sink.idle();
    expect((await events()).map(({ series }) => series?.count)).toEqual([2]);
    expect(drops).toEqual({});
  });

  it.each([
    ['a Conflict', () => ApiError.conflict(Event, 'a', 'it has changed')],
    ['too many requests', () => ApiError.tooManyRequests('later', 1)],
    ['an internal error', () => ApiError.internal('oops')],
    ['a time-out', () => ApiError.timeout('slow')],
  ])('may answer with %s, and is asked again', async (_what, error) => {
    const { writes, hooks } = failing((verb, count) => {
      if (verb === 'patch' && count === 2) throw error();
    });
    const { recorder, clock, sink, events } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    await sink.idle();
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(2 * SECOND);
    expect(writes).toEqual(['create', 'patch', 'patch']);
    expect((await events())[0]?.series?.count).toBe(2);
  });
});

describe('a server that does not want an event', () => {
  it.each([
    ['AlreadyExists', () => ApiError.alreadyExists(Event, 'a')],
    ['NotFound', () => ApiError.notFound(Namespace, 'house')],
    ['Forbidden', () => ApiError.forbidden(Event, 'a', 'no')],
    ['BadRequest', () => ApiError.badRequest('no')],
    ['Invalid', () => new ApiError({ reason: 'Invalid', message: 'no' })],
  ])('says %s, and is not asked again', async (_reason, error) => {
    const { writes, hooks } = failing(() => {
      throw error();
    });
    const { recorder, clock, drops, warnings } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(10 * MINUTE);
    expect(writes).toEqual(['create']);
    expect(drops).toEqual({ rejected: 1 });
    expect(warnings).toHaveLength(1);
  });

  it('because the namespace is being terminated or missing, is not asked again', async () => {
    const clock = new VirtualClock();
    const random = new SeededRandom(1);
    const store = new ObjectStore({ resources: [Namespace], clock, random });
    const client = store.client();
    await client.create(Namespace, { metadata: { name: 'house', finalizers: ['example.com/hold'] } });
    await client.delete(Namespace, { name: 'house' });
    let creates = 0;
    const counting: Client = intercept(client, {
      create(next, resource, object, options) {
        creates += 1;
        return next(resource, object, options);
      },
    });
    const sink = new EventSink({ client: counting });
    sink.recorder('lamps').normal(lamp('a', 'house'), 'Lit', '');
    sink.recorder('lamps').normal(lamp('a', 'nowhere'), 'Lit', '');
    sink.recorder('lamps').normal(lamp('a', 'default'), 'Lit', '');
    await sink.idle();
    await clock.advance(10 * MINUTE);
    expect(creates).toBe(3);
    expect((await client.list(Event)).items.map(({ metadata }) => metadata.namespace)).toEqual(['default']);
    await sink.stop();
    await store.close();
  });
});

describe('spam', () => {
  it('is dropped, counted and logged', async () => {
    const { recorder, sink, events, drops, warnings, clock } = begin();
    for (let turn = 0; turn < 40; turn += 1) recorder.normal(lamp(), `Reason${turn}`, '');
    await sink.idle();
    expect(await events()).toHaveLength(25);
    expect(drops).toEqual({ spam: 15 });
    await clock.advance(MINUTE);
    expect(warnings).toEqual([{ dropped: { spam: 1 } }, { dropped: { spam: 14 } }]);
  });
});

describe('the end', () => {
  it('writes what was recorded, and every count', async () => {
    const { recorder, sink, events, clock } = begin();
    for (let turn = 0; turn < 7; turn += 1) {
      recorder.normal(lamp(), 'Lit', '');
      await sink.idle();
    }
    recorder.normal(lamp('b'), 'Lit', '');
    const stopped = sink.stop();
    expect(sink.stop()).toBe(stopped);
    await stopped;
    expect((await events()).map(({ series }) => series?.count)).toEqual(
      expect.arrayContaining([7, undefined]),
    );
    expect(clock.monotonic()).toBe(0);
  });

  it('tries what waits for its next try once more, at once', async () => {
    let broken = true;
    const { writes, hooks } = failing(() => {
      if (broken) gone();
    });
    const { recorder, sink, events, clock } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(0);
    expect(writes).toEqual(['create']);
    broken = false;
    await sink.stop();
    expect(writes).toEqual(['create', 'create']);
    expect(await events()).toHaveLength(1);
  });

  it('gives up what the server does not take, and says so', async () => {
    const { hooks } = failing(gone);
    const { recorder, sink, drops, warnings } = begin(hooks);
    recorder.normal(lamp(), 'Lit', '');
    recorder.normal(lamp(), 'Lit', '');
    recorder.normal(lamp('b'), 'Lit', '');
    await sink.stop();
    expect(drops).toEqual({ stopped: 3 });
    expect(warnings.map(({ dropped }) => dropped)).toEqual([{ stopped: 2 }, { stopped: 1 }]);
  });

  it('does not begin again what fails while it waits', async () => {
    let fail: (() => void) | undefined;
    let creates = 0;
    const { recorder, sink, drops, clock } = begin({
      create: () => {
        creates += 1;
        return new Promise((_resolve, reject) => {
          fail = () => reject(ApiError.serviceUnavailable('the server is gone'));
        });
      },
    });
    recorder.normal(lamp(), 'Lit', '');
    await clock.advance(0);
    const stopped = sink.stop();
    fail?.();
    await stopped;
    expect(creates).toBe(1);
    expect(drops).toEqual({ stopped: 1 });
    expect(clock.timers).toBe(0);
  });

  it('waits 5 seconds at most for a server that does not answer, and aborts its requests', async () => {
    const aborted: unknown[] = [];
    const { recorder, sink, drops, clock } = begin({
      create: (_next, _resource, _object, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => {
            aborted.push(options.signal?.reason);
            reject(options.signal?.reason as Error);
          });
        }),
    });
    for (let turn = 0; turn < 10; turn += 1) recorder.normal(lamp(`lamp-${turn}`), 'Lit', '');
    let over = false;
    const stopped = sink.stop().then(() => {
      over = true;
    });
    await clock.advance(4_999);
    expect(over).toBe(false);
    await clock.advance(1);
    await stopped;
    expect(drops).toEqual({ stopped: 10 });
    // eight were under way, two had not begun
    expect(aborted).toHaveLength(8);
    expect(clock.timers).toBe(0);
  });

  it('drops what is recorded after it, and counts that', async () => {
    const { recorder, sink, drops, events } = begin();
    await sink.stop();
    recorder.normal(lamp(), 'Lit', '');
    expect(() => recorder.normal(lamp(), '', '')).toThrow(TypeError);
    await sink.idle();
    expect(await events()).toEqual([]);
    expect(drops).toEqual({ stopped: 1 });
  });

  it('comes by itself with await using', async () => {
    const { client } = begin();
    const sink = new EventSink({ client });
    sink.recorder('lamps').normal(lamp(), 'Lit', '');
    await sink[Symbol.asyncDispose]();
    expect(await world.events()).toHaveLength(1);
  });
});

describe('the instance', () => {
  it('is a UUID unless given, one for a sink', async () => {
    const { client } = begin();
    const sink = new EventSink({ client });
    sink.recorder('lamps').normal(lamp(), 'Lit', '');
    sink.recorder('other').normal(lamp(), 'Lit', '');
    await sink.stop();
    const instances = (await world.events()).map(({ reportingInstance }) => reportingInstance);
    expect(new Set(instances).size).toBe(1);
    expect(instances[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that no Event can name is a TypeError', () => {
    const { client } = begin();
    expect(() => new EventSink({ client, instance: '' })).toThrow(
      /^EventSink: instance: expected a text of 1 to 128/,
    );
  });
});
