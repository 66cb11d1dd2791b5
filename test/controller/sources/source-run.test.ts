import { EventEmitter as NodeEmitter, getEventListeners, on } from 'node:events';
import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import type { Source, SourceContext } from '../../../src/controller/sources/index.js';
import { SourceRun } from '../../../src/controller/sources/index.js';
import { sleep } from '../../../src/core/index.js';
import { World } from './world.js';

async function* items(...names: string[]): AsyncGenerator<string> {
  yield* names;
}

/** An iterable whose items never come, and which says what was done with it. */
function stuck(): AsyncIterable<string> & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    [Symbol.asyncIterator]: () => ({
      next: () => {
        calls.push('next');
        return new Promise(() => undefined);
      },
      return: () => {
        calls.push('return');
        return new Promise(() => undefined);
      },
    }),
  };
}

describe('SourceRun', () => {
  it('asks for what each item names, and says which source it was', async () => {
    const world = new World().start(items('a', 'b,c', 'd'));
    await world.over;
    expect(world.asked).toEqual(['a', 'b', 'c', 'd']);
    expect([...world.reasons]).toEqual([{ type: 'source', source: 'machines' }]);
    expect(world.logged).toEqual([]);
  });

  it('leaves out an item whose keys cannot be told, and takes the next', async () => {
    const world = new World().start(
      items('a', 'throws', 'half', 'nameless', 'nothing', 'b'),
      function* (item) {
        if (item === 'throws') throw new Error('no key');
        if (item === 'nameless') yield { name: undefined } as never;
        if (item === 'nothing') yield undefined as never;
        yield { name: item };
        if (item === 'half') throw new Error('no second key');
      },
    );
    await world.over;
    expect(world.asked).toEqual(['a', 'b']);
    expect(world.logged).toHaveLength(4);
    expect(world.logged[0]).toEqual({
      level: 'error',
      message: 'the keys of an item cannot be told, and it is left out',
      error: new Error('no key'),
      source: 'machines',
    });
    expect(String(world.logged[2]?.error)).toContain(
      "expected keys such as { namespace: 'default', name: 'a' }",
    );
  });

  it('refuses what is no source', () => {
    for (const source of [{}, [], new Date(0)]) {
      expect(() => new World().start(source as unknown as Source<string>)).toThrow(
        'source machines: expected an async iterable, a function that makes one, or { emitter, event }, got',
      );
    }
  });

  it('does nothing where the signal has aborted before', async () => {
    const world = new World();
    world.abort();
    const emitter = new NodeEmitter();
    const iterable = stuck();
    for (const source of [() => iterable, iterable, { emitter, event: 'x' }]) await world.start(source).over;
    expect(iterable.calls).toEqual([]);
    expect(emitter.listenerCount('x')).toBe(0);
  });
});

describe('SourceRun of a function', () => {
  it('gives it what it has to work with', async () => {
    let context: SourceContext | undefined;
    const world = new World().start((given) => {
      context = given;
      return items('a');
    });
    await world.over;
    expect(context).toMatchObject({ client: world.client, clock: world.clock });
    context?.log.info({}, 'hello');
    expect(world.logged).toMatchObject([{ level: 'info', message: 'hello', source: 'machines' }]);
  });

  it('makes it anew after 800 ms when it fails, twice as late each time, and 30 s at most', async () => {
    const calls: number[] = [];
    const world = new World();
    world.start(() => {
      calls.push(world.clock.monotonic());
      throw new Error('down');
    });
    await world.clock.advance(120_000);
    const waits = calls.slice(1).map((at, index) => at - (calls[index] as number));
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    expect(world.logged[1]).toMatchObject({
      level: 'error',
      message: 'the source failed, and is made anew in 1.6 s',
      error: new Error('down'),
    });
    await world.stop();
    expect(world.clock.timers).toBe(0);
  });

  it('begins with 800 ms again after an item came', async () => {
    const calls: number[] = [];
    const world = new World();
    world.start(async function* () {
      calls.push(world.clock.monotonic());
      if (calls.length % 4 === 0) yield 'a';
      throw new Error('down');
    });
    await world.clock.advance(20_000);
    const waits = calls.slice(1).map((at, index) => at - (calls[index] as number));
    expect(waits.slice(0, 8)).toEqual([800, 1_600, 3_200, 800, 1_600, 3_200, 6_400, 800]);
    expect(world.asked).toEqual(['a', 'a']);
    await world.stop();
  });

  it('takes its end for the end', async () => {
    let calls = 0;
    const world = new World().start(() => {
      calls += 1;
      return items('a');
    });
    await world.over;
    await world.clock.advance(100_000);
    expect(calls).toBe(1);
    expect(world.logged).toEqual([]);
  });

  it('reports a function that makes no iterable', async () => {
    const world = new World().start((() => ['a']) as unknown as Source<string>);
    await world.settle();
    expect(String(world.logged[0]?.error)).toContain('expected an async iterable, got an array of 1');
    await world.stop();
  });

  it('is waited for when it is told to stop, and what it throws then is no failure', async () => {
    const done: string[] = [];
    const world = new World().start(async function* ({ signal, clock }) {
      try {
        yield 'a';
        await sleep(clock, 1_000_000, signal);
        yield 'b';
      } finally {
        await sleep(clock, 100);
        done.push('cleaned up');
      }
    });
    await world.settle();
    world.abort();
    await world.settle();
    expect(world.isOver).toBe(false);
    await world.clock.advance(100);
    expect(world.isOver).toBe(true);
    expect([world.asked, done, world.clock.timers]).toEqual([['a'], ['cleaned up'], 0]);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('stops while it waits to make it anew', async () => {
    const world = new World().start(() => {
      throw new Error('down');
    });
    await world.clock.advance(500);
    await world.stop();
    expect(world.clock.timers).toBe(0);
    expect(world.logged).toHaveLength(1);
  });
});

describe('SourceRun of an iterable', () => {
  it('ends when it fails, and says that it cannot be made anew', async () => {
    const world = new World().start(
      (async function* () {
        yield 'a';
        throw new Error('broken');
      })(),
    );
    await world.over;
    await world.clock.advance(100_000);
    expect(world.asked).toEqual(['a']);
    expect(world.logged).toMatchObject([
      { level: 'error', message: 'the source failed, and cannot be made anew', error: new Error('broken') },
    ]);
  });

  it('asks it to return when it stops, and does not wait for it', async () => {
    const iterable = stuck();
    const world = new World().start(iterable);
    await world.settle();
    await world.stop();
    expect(iterable.calls).toEqual(['next', 'return']);
    expect(world.clock.timers).toBe(0);
  });

  it('takes one item at a time', async () => {
    let [pulled, most] = [0, 0];
    let give: (() => void) | undefined;
    const iterable: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          pulled += 1;
          most = Math.max(most, pulled);
          return new Promise((resolve) => {
            give = () => {
              pulled -= 1;
              resolve({ done: false, value: 'a' });
            };
          });
        },
      }),
    };
    const world = new World().start(iterable);
    for (let count = 0; count < 5; count += 1) {
      give?.();
      await world.settle();
    }
    await world.stop();
    // an item that comes after the stop is let go
    give?.();
    await world.settle();
    expect([world.asked.length, most]).toEqual([5, 1]);
  });

  it('takes an iterator for each run', async () => {
    let iterators = 0;
    const iterable = {
      [Symbol.asyncIterator]: () => {
        iterators += 1;
        return items('a');
      },
    };
    await Promise.all([new World().start(iterable).over, new World().start(iterable).over]);
    expect(iterators).toBe(2);
  });

  it('works with the events that Node.js makes an iterable of', async () => {
    const emitter = new NodeEmitter();
    const world = new World().start(async function* ({ signal }) {
      for await (const [name] of on(emitter, 'machine', { signal })) yield name as string;
    });
    await world.settle();
    emitter.emit('machine', 'a');
    emitter.emit('machine', 'b');
    await world.settle();
    await world.stop();
    expect(world.asked).toEqual(['a', 'b']);
    expect(emitter.listenerCount('machine')).toBe(0);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('SourceRun of an emitter', () => {
  it('listens to emitters of Node.js and eventemitter3, typed or not, and to anything with on and off', async () => {
    const node = new NodeEmitter();
    const typedNode = new NodeEmitter<{ machine: [string] }>();
    const three = new EventEmitter();
    const typedThree = new EventEmitter<{ machine: [string] }>();
    const listeners = new Set<(name: string) => void>();
    const own = {
      on: (_event: 'machine', listener: (name: string) => void) => void listeners.add(listener),
      off: (_event: 'machine', listener: (name: string) => void) => void listeners.delete(listener),
    };
    const world = new World();
    for (const emitter of [node, typedNode, three, typedThree, own])
      world.start({ emitter, event: 'machine' });
    node.emit('machine', 'a');
    typedNode.emit('machine', 'a');
    three.emit('machine', 'a');
    typedThree.emit('machine', 'a');
    for (const listener of listeners) listener('b');
    expect(world.asked).toEqual(['a', 'a', 'a', 'a', 'b']);
    await world.stop();
    await world.settle();
    for (const emitter of [node, typedNode, three, typedThree]) expect(emitter.eventNames()).toEqual([]);
    expect(listeners.size).toBe(0);
  });

  it('throws nothing into the emitter', async () => {
    const emitter = new NodeEmitter();
    const world = new World().start({ emitter, event: 'machine' }, () => {
      throw new Error('no key');
    });
    expect(emitter.emit('machine', 'a')).toBe(true);
    expect(world.logged).toMatchObject([{ level: 'error', error: new Error('no key') }]);
    await world.stop();
  });

  it('ends loudly with a logger that throws, but not in the emitter', async () => {
    const emitter = new NodeEmitter();
    const world = new World();
    world.log.error = () => {
      throw new Error('disk full');
    };
    world.start({ emitter, event: 'machine' }, () => {
      throw new Error('no key');
    });
    emitter.emit('machine', 'a');
    await expect(world.over).rejects.toThrow('disk full');
    expect(emitter.listenerCount('machine')).toBe(0);
  });

  it('reports an emitter that takes no listener, and ends', async () => {
    const refuse = (): void => {
      throw new Error('closed');
    };
    const world = new World().start({ emitter: { on: refuse, off: () => undefined }, event: 'machine' });
    await world.over;
    expect(world.logged).toMatchObject([
      { message: 'the source takes no listener', error: new Error('closed') },
    ]);
  });
});

describe('SourceRun, whatever the source', () => {
  it('leaves no listener at the signal', async () => {
    const { client, log } = new World();
    const { signal } = new AbortController();
    const options = { name: 'machines', keys: () => [], ask: () => undefined, signal, client, log };
    await new SourceRun({ ...options, source: items('a', 'b') }).run();
    await new SourceRun({ ...options, source: () => items('a', 'b') }).run();
    const refuse = (): void => {
      throw new Error('closed');
    };
    await new SourceRun({
      ...options,
      source: { emitter: { on: refuse, off: () => undefined }, event: 'x' },
    }).run();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
