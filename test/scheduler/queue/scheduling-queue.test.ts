import { describe, expect, it, vi } from 'vitest';
import { type ApiObject, VirtualClock } from '../../../src/core/index.js';
import { unschedulable } from '../../../src/scheduler/framework/index.js';
import {
  type Attempt,
  SchedulingQueue,
  type SchedulingQueueOptions,
} from '../../../src/scheduler/queue/index.js';
import {
  alike,
  change,
  gated,
  NO_CLUSTER,
  popAll,
  sized,
  type Task,
  task,
  type TaskEvent,
  type TaskPlugin,
  zoned,
} from './fixture.js';

type Queue = SchedulingQueue<Task, ApiObject>;

interface Scene {
  readonly clock: VirtualClock;
  readonly queue: Queue;
  readonly onReady: ReturnType<typeof vi.fn>;
  readonly onError: ReturnType<typeof vi.fn>;
  readonly closed: Set<string>;
}

function scene(
  options: Partial<SchedulingQueueOptions<Task, ApiObject>> & { plugins?: TaskPlugin[] } = {},
): Scene {
  const clock = new VirtualClock(0);
  const closed = new Set<string>();
  const plugins = options.plugins ?? [gated(closed), sized(), zoned()];
  const onReady = vi.fn();
  const onError = vi.fn();
  const queue: Queue = new SchedulingQueue<Task, ApiObject>({
    clock,
    pluginsOf: () => plugins,
    cluster: NO_CLUSTER,
    alike,
    onReady,
    onError,
    ...options,
  });
  return { clock, queue, onReady, onError, closed };
}

/** Pops what is next, which must be there. */
function pop(queue: Queue): Attempt<Task> {
  const attempt = queue.pop();
  if (attempt === undefined) throw new Error('there is nothing to pop');
  return attempt;
}

/** Adds a task, and lets its first attempt be rejected. */
function reject(queue: Queue, info = task('a', { size: '1', zone: 'x' }), rejectedBy = ['Sized']): void {
  queue.add(info);
  queue.failed(pop(queue), { rejectedBy });
}

describe('what is next', () => {
  it('can be looked at, and is left where it is', async () => {
    const { queue, clock, onReady } = scene();
    expect(queue.peek()).toBeUndefined();
    reject(queue);
    expect(queue.peek()).toBeUndefined();
    queue.event(change({ size: '1' }));
    // what backs off has its turn where no other is active
    expect(queue.peek()?.key).toBe('ns/a');
    const b = task('b');
    queue.add(b);
    queue.add(task('c'));
    const before = [queue.counts(), clock.timers, onReady.mock.calls.length];
    expect(queue.peek()).toBe(b);
    expect(queue.peek()).toBe(b);
    expect([queue.counts(), clock.timers, onReady.mock.calls.length]).toEqual(before);
    expect(popAll(queue)).toEqual(['b', 'c', 'a']);
    expect(queue.peek()).toBeUndefined();
  });
});

describe('the order', () => {
  it('is by priority, then by what has waited longer, then by what came first', async () => {
    const { queue, clock } = scene();
    queue.add(task('c'));
    queue.add(task('b'));
    await clock.advance(1);
    queue.add(task('a'));
    queue.add(task('high', {}, { priority: 7 }));
    expect(popAll(queue)).toEqual(['high', 'c', 'b', 'a']);
  });

  it('is that of the sort plugin, where there is one; equals go in the order in which they came', () => {
    const sort = {
      name: 'Sort',
      less: (a: { workload: { key: string } }, b: { workload: { key: string } }): boolean =>
        (a.workload.key[3] as string) > (b.workload.key[3] as string),
    };
    const { queue } = scene({ sort });
    for (const name of ['a2', 'a1', 'c', 'b']) queue.add(task(name));
    expect(popAll(queue)).toEqual(['c', 'b', 'a2', 'a1']);
  });

  it('goes on where the sort plugin fails, and tells of it', () => {
    const sort = {
      name: 'Sort',
      less: (): boolean => {
        throw new Error('no order');
      },
    };
    const { queue, onError } = scene({ sort });
    for (const name of ['b', 'a', 'c']) queue.add(task(name));
    expect(popAll(queue)).toEqual(['b', 'a', 'c']);
    expect(onError).toHaveBeenCalledWith(new Error('no order'), 'Sort', 'less');
  });

  it('takes in a change of the priority', () => {
    const { queue } = scene();
    queue.add(task('a'));
    queue.add(task('b'));
    queue.add(task('b', {}, { priority: 1 }));
    expect(popAll(queue)).toEqual(['b', 'a']);
  });

  it('puts what has failed behind what came meanwhile', async () => {
    const { queue, clock } = scene();
    queue.add(task('a', { size: '1' }));
    const attempt = pop(queue);
    await clock.advance(10);
    queue.add(task('b'));
    await clock.advance(10);
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    queue.activate(['ns/a']);
    expect(popAll(queue)).toEqual(['b', 'a']);
  });
});

describe('a rejection', () => {
  it('lets a workload wait for an event that helps, and then for its backoff', async () => {
    const { queue, clock } = scene();
    reject(queue);
    queue.add(task('other'));
    expect(queue.inspect('ns/a')).toMatchObject({
      place: 'unschedulable',
      backoffUntil: 1_000,
      flushAt: 300_000,
    });
    queue.event(change({ size: '2' }));
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
    queue.event(change({ size: '1' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    await clock.advance(999);
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    await clock.advance(1);
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('is taken back at once where the backoff is over', async () => {
    const { queue, clock } = scene();
    reject(queue);
    await clock.advance(1_000);
    queue.event(change({ size: '1' }));
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'active', backoffUntil: undefined });
  });

  it('doubles the backoff each time, up to the longest, and puts its end off to a full second', async () => {
    const { queue, clock } = scene();
    queue.add(task('a', { size: '1' }));
    await clock.advance(1);
    const ends: (number | undefined)[] = [];
    for (let time = 0; time < 6; time += 1) {
      queue.failed(pop(queue), { rejectedBy: ['Sized'] });
      ends.push(queue.inspect('ns/a')?.backoffUntil);
      queue.activate(['ns/a']);
    }
    expect(ends).toEqual([2_000, 3_000, 5_000, 9_000, 11_000, 11_000]);
  });

  it('does not hold a workload up that is all there is to do', () => {
    const { queue } = scene();
    reject(queue);
    reject(queue, task('b', { size: '1' }, { priority: 1 }));
    queue.event(change({ size: '1' }));
    expect(queue.counts()).toMatchObject({ active: 0, backoff: 2 });
    queue.add(task('c'));
    // in the order of the queue, as their backoffs end together
    expect(popAll(queue)).toEqual(['c', 'b', 'a']);
  });

  it('as Pending has no penalty', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1', zone: 'x' }));
    queue.failed(pop(queue), { rejectedBy: ['Sized'], pendingPlugins: ['Zoned'] });
    expect(queue.inspect('ns/a')).toMatchObject({ rejectedBy: ['Sized'], pendingPlugins: ['Zoned'] });
    queue.event(change({ size: '1', zone: 'x' }));
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('as Pending by one plugin does not speed up what another says', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1', zone: 'x' }));
    queue.failed(pop(queue), { rejectedBy: ['Sized', 'Zoned'], pendingPlugins: ['Zoned'] });
    queue.event(change({ size: '1' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('is not tried again because of a plugin that did not say no', () => {
    const { queue } = scene();
    reject(queue);
    queue.event(change({ zone: 'x' }));
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
  });

  it('is tried again after any event by a plugin that has no wakes', () => {
    const { queue } = scene({ plugins: [{ name: 'Any' }] });
    reject(queue, task('a'), ['Any']);
    queue.event({ type: 'host gone', name: 'n' });
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('is tried again where wakes fails, which is told', () => {
    const { queue, onError } = scene();
    reject(queue);
    queue.event(change({ size: 'boom' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    expect(onError.mock.calls).toEqual([[new Error('boom'), 'Sized', 'wakes']]);
  });

  it('is tried again after five minutes, whatever happens', async () => {
    const { queue, clock } = scene();
    reject(queue);
    await clock.advance(299_999);
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
    await clock.advance(1);
    expect(queue.inspect('ns/a')?.place).toBe('active');
    expect(clock.timers).toBe(0);
  });

  it('by a plugin that is not there is a TypeError, and changes nothing', () => {
    const { queue } = scene();
    queue.add(task('a'));
    const attempt = pop(queue);
    expect(() => queue.failed(attempt, { rejectedBy: ['Sized', 'Nobody'] })).toThrow(
      new TypeError(`Expected rejectedBy to name plugins of the workload's profile, got "Nobody"`),
    );
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'unschedulable', backoffUntil: 1_000 });
  });

  it('of many that are alike holds for all of them, whichever leave before', () => {
    const { queue } = scene();
    for (const name of ['a', 'b', 'c', 'd', 'e']) reject(queue, task(name, { size: '1' }));
    for (const name of ['a', 'e', 'c']) queue.delete(`ns/${name}`);
    queue.event(change({ size: '1' }));
    expect(queue.counts()).toMatchObject({ unschedulable: 0, backoff: 2 });
    expect(popAll(queue)).toEqual(['b', 'd']);
  });

  it('is looked at anew by each profile', () => {
    const one: TaskPlugin = { name: 'Same', wakes: () => true };
    const two: TaskPlugin = { name: 'Same', wakes: () => false };
    const { queue } = scene({ pluginsOf: ({ key }) => (key === 'ns/a' ? [one] : [two]) });
    reject(queue, task('a'), ['Same']);
    reject(queue, task('b'), ['Same']);
    queue.event(change({}));
    expect(queue.counts()).toMatchObject({ backoff: 1, unschedulable: 1 });
  });
});

describe('an error', () => {
  it('lets a workload back off, whatever happens, and even where there is nothing else to do', async () => {
    const { queue, clock, onReady } = scene();
    queue.add(task('a', { size: '1' }));
    await clock.advance(1);
    queue.failed(pop(queue), { rejectedBy: ['Sized'], error: true });
    queue.event(change({ size: '1' }));
    expect(queue.inspect('ns/a')).toMatchObject({
      place: 'backoff',
      error: true,
      rejectedBy: [],
      backoffUntil: 1_001,
    });
    expect(queue.pop()).toBeUndefined();
    await clock.advance(999);
    expect([queue.pop(), onReady.mock.calls.length]).toEqual([undefined, 1]);
    await clock.advance(1);
    expect([queue.inspect('ns/a')?.place, onReady.mock.calls.length]).toEqual(['active', 2]);
  });

  it('is what a failure is taken for that no plugin has caused', () => {
    const { queue } = scene();
    queue.add(task('a'));
    queue.failed(pop(queue), {});
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'backoff', error: true });
  });

  it('is counted apart from rejections, and from the first again after one', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1' }));
    const failures = [
      { error: true },
      { error: true },
      { rejectedBy: ['Sized'] },
      { error: true },
      { rejectedBy: ['Sized'] },
    ];
    const ends = failures.map((failure) => {
      queue.failed(pop(queue), failure);
      const end = queue.inspect('ns/a')?.backoffUntil;
      queue.activate(['ns/a']);
      return end;
    });
    expect(ends).toEqual([1_000, 2_000, 1_000, 1_000, 2_000]);
  });
});

describe('a workload in hand', () => {
  it('misses nothing that happens meanwhile', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1' }));
    const attempt = pop(queue);
    queue.event(change({ size: '1' }));
    queue.event(change({ size: '2' }));
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'backoff', rejectedBy: ['Sized'] });
  });

  it('is tried at once where it was Pending and what it waits for has happened', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1', zone: 'x' }));
    const attempt = pop(queue);
    queue.event(change({ size: '1' }));
    queue.event(change({ zone: 'x' }));
    queue.failed(attempt, { rejectedBy: ['Sized'], pendingPlugins: ['Zoned'] });
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('is not tried again because of what it has done itself, or with others', () => {
    const queue = new SchedulingQueue<Task, ApiObject>({
      clock: new VirtualClock(),
      pluginsOf: () => [{ name: 'Any' }],
      cluster: NO_CLUSTER,
      alike,
      onReady: () => undefined,
      onError: (error) => expect.unreachable(String(error)),
    });
    const removed = (name: string): TaskEvent => ({ type: 'removed', workload: task(name), host: 'h' });
    const fail = (name: string, own?: ReadonlySet<string>): string | undefined => {
      queue.add(task(name));
      const attempt = pop(queue);
      queue.event(removed('a'));
      queue.event(removed('b'));
      queue.failed(attempt, { rejectedBy: ['Any'], own });
      const place = queue.inspect(`ns/${name}`)?.place;
      queue.delete(`ns/${name}`);
      return place;
    };
    expect(fail('a')).toBe('backoff');
    expect(fail('a', new Set(['ns/b']))).toBe('unschedulable');
    expect(fail('c', new Set(['ns/a', 'ns/b']))).toBe('unschedulable');
  });

  it('is not tried again because of what happened before', () => {
    const { queue } = scene();
    queue.add(task('z', { size: '1' }));
    const other = pop(queue);
    queue.add(task('a', { size: '1' }));
    queue.event(change({ size: '1' }));
    queue.failed(pop(queue), { rejectedBy: ['Sized'] });
    queue.failed(other, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
    expect(queue.inspect('ns/z')?.place).toBe('backoff');
  });

  it('is tried again where more has happened than is remembered', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1' }));
    const attempt = pop(queue);
    for (let time = 0; time < 4_096; time += 1) queue.event(change({ size: '2' }));
    queue.add(task('b', { size: '1' }));
    queue.failed(pop(queue), { rejectedBy: ['Sized'] });
    queue.event(change({ size: '2' }));
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    expect(queue.inspect('ns/b')?.place).toBe('unschedulable');
  });

  it('may change in what a plugin looks at that rejects it: it is tried again', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1' }));
    const attempt = pop(queue);
    queue.add(task('a', { size: '2' }));
    expect(attempt.workload.object.spec.size).toBe('1');
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')).toMatchObject({
      place: 'backoff',
      workload: { object: { spec: { size: '2' } } },
    });
  });

  it('may change in what nobody looks at that rejects it: it stays rejected', () => {
    const { queue } = scene();
    queue.add(task('a', { size: '1' }));
    const attempt = pop(queue);
    queue.add(task('a', { size: '1', zone: 'y' }));
    queue.failed(attempt, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
  });

  it('is forgotten where it is done', () => {
    const { queue, clock } = scene();
    queue.add(task('a'));
    const attempt = pop(queue);
    expect(queue.counts()['in hand']).toBe(1);
    queue.done(attempt);
    queue.failed(attempt, { error: true });
    expect([queue.inspect('ns/a'), queue.counts()['in hand'], clock.timers]).toEqual([undefined, 0, 0]);
  });

  it('may be deleted and come anew: what the old attempt comes to is no matter of the new one', () => {
    const { queue } = scene();
    queue.add(task('a'));
    const old = pop(queue);
    queue.delete('ns/a');
    queue.add(task('a', {}, { uid: 'u2' }));
    const young = pop(queue);
    queue.done(old);
    queue.failed(old, { error: true });
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'in hand', attempts: 1 });
    queue.failed(young, { rejectedBy: ['Sized'] });
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
  });
});

describe('a change', () => {
  it('of what a rejecting plugin looks at lets a workload be tried again', () => {
    const { queue } = scene();
    reject(queue);
    queue.add(task('a', { size: '2', zone: 'x' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('of anything else leaves it where it is', () => {
    const { queue } = scene();
    reject(queue);
    queue.add(task('a', { size: '1', zone: 'y' }));
    expect(queue.inspect('ns/a')).toMatchObject({
      place: 'unschedulable',
      workload: { object: { spec: { zone: 'y' } } },
    });
  });

  it('counts for a plugin that has no part where workloads are not alike', () => {
    const { queue } = scene();
    reject(queue, undefined, ['Zoned']);
    queue.add(task('a', { size: '1', zone: 'x' }));
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
    queue.add(task('a', { size: '1', zone: 'y' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('counts in any case where nobody says what is alike, but not where it is none', () => {
    const { queue } = scene({ alike: undefined });
    const info = task('a', { zone: 'x' });
    reject(queue, info, ['Zoned']);
    queue.add({ ...info });
    expect(queue.inspect('ns/a')?.place).toBe('unschedulable');
    queue.add(task('a', { zone: 'x' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('lets one be tried at once for which what it changed was Pending', () => {
    const { queue } = scene();
    queue.add(task('a', { zone: 'x' }));
    queue.failed(pop(queue), { pendingPlugins: ['Zoned'] });
    queue.add(task('a', { zone: 'y' }));
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('does not move one that backs off', () => {
    const { queue } = scene();
    reject(queue);
    queue.event(change({ size: '1' }));
    queue.add(task('a', { size: '2' }, { priority: 3 }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    expect(pop(queue).workload.priority).toBe(3);
  });

  it('of the uid makes another workload', async () => {
    const { queue, clock } = scene();
    reject(queue);
    await clock.advance(5);
    queue.add(task('a', { size: '1', zone: 'x' }, { uid: 'u2' }));
    expect(queue.inspect('ns/a')).toMatchObject({
      place: 'active',
      attempts: 0,
      addedAt: 5,
      since: 5,
      rejectedBy: [],
      backoffUntil: undefined,
    });
  });
});

describe('a gate', () => {
  it('keeps a workload out, until an event that helps', () => {
    const { queue, closed, onReady } = scene();
    closed.add('g');
    queue.add(task('a', { gate: 'g' }));
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'gated', rejectedBy: ['Gated'], attempts: 0 });
    expect([queue.pop(), onReady.mock.calls.length]).toEqual([undefined, 0]);
    closed.clear();
    queue.event(change({ gate: 'other' }));
    expect(queue.inspect('ns/a')?.place).toBe('gated');
    queue.event(change({ gate: 'g' }));
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('is asked again where the workload changes', () => {
    const { queue, closed } = scene();
    closed.add('g').add('h');
    queue.add(task('a', { gate: 'g' }));
    queue.add(task('a', { gate: 'h' }));
    expect(queue.inspect('ns/a')?.place).toBe('gated');
    queue.add(task('a'));
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('is not asked again by time alone', async () => {
    const { queue, clock, closed } = scene();
    closed.add('g');
    queue.add(task('a', { gate: 'g' }));
    expect(clock.timers).toBe(0);
    closed.clear();
    await clock.advance(1_000_000);
    expect(queue.inspect('ns/a')?.place).toBe('gated');
  });

  it('is asked before a workload is tried again, and its backoff counts behind it', () => {
    const { queue, closed } = scene();
    reject(queue, task('a', { size: '1', gate: 'g' }));
    closed.add('g');
    queue.event(change({ size: '1' }));
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'gated', rejectedBy: ['Gated'] });
    closed.clear();
    queue.event(change({ gate: 'g' }));
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
  });

  it('that fails is told, and asked again after a while', async () => {
    const { queue, clock, closed, onError } = scene();
    closed.add('boom');
    queue.add(task('a', { gate: 'boom' }));
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'backoff', error: true, backoffUntil: 1_000 });
    await clock.advance(1_000);
    expect(queue.inspect('ns/a')).toMatchObject({ place: 'backoff', backoffUntil: 3_000 });
    closed.clear();
    await clock.advance(2_000);
    expect(queue.inspect('ns/a')?.place).toBe('active');
    expect(onError.mock.calls.map(([, ...rest]) => rest)).toEqual([
      ['Gated', 'preEnqueue'],
      ['Gated', 'preEnqueue'],
    ]);
  });

  it('is handed the cluster, and asked in the order of the profile until one says no', () => {
    const asked: unknown[] = [];
    const gate = (name: string, open: boolean): TaskPlugin => ({
      name,
      preEnqueue(_workload, cluster) {
        asked.push([name, cluster]);
        return open ? undefined : unschedulable('no');
      },
    });
    const { queue } = scene({ plugins: [gate('A', true), gate('B', false), gate('C', false)] });
    queue.add(task('a'));
    expect(asked).toEqual([
      ['A', NO_CLUSTER],
      ['B', NO_CLUSTER],
    ]);
    expect(queue.inspect('ns/a')?.rejectedBy).toEqual(['B']);
  });
});

describe('activate', () => {
  it('lets workloads be tried at once wherever they wait, and leaves out what is not there', () => {
    const { queue, closed } = scene();
    reject(queue, task('unschedulable', { size: '1' }));
    reject(queue, task('backoff', { size: '2' }));
    queue.event(change({ size: '2' }));
    queue.add(task('failed', {}, { priority: 1 }));
    queue.failed(pop(queue), { error: true });
    closed.add('g');
    queue.add(task('gated', { gate: 'g' }));
    queue.activate(['ns/unschedulable', 'ns/backoff', 'ns/failed', 'ns/gated', 'ns/nobody', '__proto__']);
    expect(queue.counts()).toMatchObject({ active: 3, backoff: 0, unschedulable: 0, gated: 1 });
  });

  it('counts for one in hand where it is rejected, but not where it has failed with an error', () => {
    const { queue } = scene();
    queue.add(task('a'));
    queue.add(task('b'));
    const [a, b] = [pop(queue), pop(queue)];
    queue.activate(['ns/a', 'ns/b']);
    queue.failed(a, { rejectedBy: ['Sized'] });
    queue.failed(b, { error: true });
    expect(queue.inspect('ns/a')?.place).toBe('active');
    expect(queue.inspect('ns/b')?.place).toBe('backoff');
  });
});

describe('the queue', () => {
  it('tells once that there is something to pop', () => {
    const { queue, onReady } = scene();
    queue.add(task('a', { size: '1' }));
    queue.add(task('b'));
    expect(onReady).toHaveBeenCalledTimes(1);
    const first = pop(queue);
    queue.done(pop(queue));
    queue.failed(first, { rejectedBy: ['Sized'] });
    expect(onReady).toHaveBeenCalledTimes(1);
    queue.event(change({ size: '1' }));
    expect(onReady).toHaveBeenCalledTimes(2);
  });

  it('may be called back from onReady', () => {
    const popped: (string | undefined)[] = [];
    const { queue } = scene({ onReady: () => popped.push(queue.pop()?.workload.key) });
    queue.add(task('a'));
    queue.add(task('b'));
    expect(popped).toEqual(['ns/a', 'ns/b']);
  });

  it('sets one timer at most, and none while nothing waits for a time', async () => {
    const { queue, clock } = scene();
    for (const name of ['a', 'b', 'c']) reject(queue, task(name, { size: name }));
    queue.event(change({ size: 'b' }));
    queue.add(task('e', {}, { priority: 1 }));
    queue.failed(pop(queue), { error: true });
    expect(clock.timers).toBe(1);
    for (const name of ['a', 'b', 'c']) queue.delete(`ns/${name}`);
    await clock.advance(1_000);
    expect([clock.timers, queue.counts().active]).toEqual([0, 1]);
  });

  it('keeps on being right where a timer goes off too early', async () => {
    const { queue, clock } = scene();
    reject(queue);
    queue.event(change({ size: '1' }));
    queue.delete('ns/a');
    await clock.advance(500);
    reject(queue);
    queue.event(change({ size: '1' }));
    await clock.advance(500);
    expect(queue.inspect('ns/a')?.place).toBe('backoff');
    await clock.advance(1_000);
    expect(queue.inspect('ns/a')?.place).toBe('active');
  });

  it('knows keys that objects inherit as any other', () => {
    const { queue } = scene({ plugins: [{ name: '__proto__' }] });
    const info = { ...task('a'), key: '__proto__' };
    expect(queue.inspect('__proto__')).toBeUndefined();
    reject(queue, info, ['__proto__']);
    expect(queue.inspect('__proto__')).toMatchObject({ place: 'unschedulable', rejectedBy: ['__proto__'] });
    queue.delete('__proto__');
    expect(queue.counts().unschedulable).toBe(0);
  });

  it('tells when the oldest in each place was added', async () => {
    const { queue, clock } = scene();
    queue.add(task('a', { size: '1' }));
    await clock.advance(3);
    queue.failed(pop(queue), { rejectedBy: ['Sized'] });
    reject(queue, task('b', { size: '1' }));
    queue.add(task('c'));
    expect(queue.oldest()).toEqual(
      new Map([
        ['unschedulable', 0],
        ['active', 3],
      ]),
    );
  });

  it('is empty and silent once it is closed', async () => {
    const { queue, clock, onReady } = scene();
    reject(queue);
    queue.add(task('b'));
    const attempt = pop(queue);
    queue.add(task('c'));
    queue.close();
    queue.failed(attempt, { error: true });
    expect(queue.counts()).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0, 'in hand': 0 });
    expect(clock.timers).toBe(0);
    const told = onReady.mock.calls.length;
    await clock.advance(1_000_000);
    expect(onReady).toHaveBeenCalledTimes(told);
  });

  it.each([
    [{ initialBackoff: 0 }, 'Expected initialBackoff to be a finite number above 0, got 0'],
    [{ maxBackoff: 999 }, 'Expected maxBackoff to be a finite number of at least 1000, got 999'],
    [{ flushAfter: Number.NaN }, 'Expected flushAfter to be a number above 0, got NaN'],
  ])('does not take the durations %o', (options, message) => {
    expect(() => scene(options)).toThrow(new RangeError(message));
  });
});
