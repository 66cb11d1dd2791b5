import { describe, expect, it } from 'vitest';
import { STALE_AFTER, type OwnWriteIntent } from '../../../src/controller/own-writes/index.js';
import type { ApiObject } from '../../../src/core/index.js';
import { Thing, World } from './world.js';

const KEY = { name: 'a', namespace: 'default' };
const OBJECT = { metadata: KEY, spec: { q0: 1 } };

function intent(more: Partial<OwnWriteIntent> = {}): OwnWriteIntent {
  return { verb: 'create', resource: Thing, key: KEY, request: 'q0', dryRun: false, body: OBJECT, ...more };
}

/** The revision of a Thing that was written behind the informer's back, and is never shown. */
function unseen(revision: string): ApiObject {
  const metadata = { ...KEY, uid: 'u', resourceVersion: revision, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: Thing.apiVersion, kind: Thing.kind, metadata };
}

describe('OwnWrites', () => {
  it('waits until the cache shows a write, and leaves no timer behind', async () => {
    const world = new World('wait', true);
    await world.start();
    const { timers } = world.clock;
    const written = world.ownWrites.write(intent(), () => world.client.create(Thing, OBJECT));
    expect(world.informer.lister.get(KEY)).toBe(undefined);
    await world.executor.drain();
    const object = await written;
    expect(world.informer.lister.get(KEY)).toBe(object);
    expect([world.clock.timers, world.ownWrites.remembered]).toEqual([timers, 0]);
    await world.close();
  });

  it('gives up after its time, and says so', async () => {
    const world = new World('wait', true);
    await world.start();
    const { timers } = world.clock;
    const state = { done: false };
    const written = world.ownWrites.write(intent(), async () => unseen('1000'));
    void written.then(() => (state.done = true));
    await world.clock.advance(STALE_AFTER - 1);
    expect([state.done, world.stale]).toEqual([false, 0]);
    await world.clock.advance(1);
    expect([state.done, world.stale]).toEqual([true, 1]);
    expect([world.clock.timers, world.ownWrites.remembered]).toEqual([timers, 0]);
    await world.close();
  });

  it('drops what lies over the cache after the same time', async () => {
    const world = new World('overlay', true);
    await world.start();
    const object = await world.ownWrites.write(intent(), async () => unseen('1000'));
    const lister = world.ownWrites.lister(Thing);
    expect(lister.get(KEY)).toBe(object);
    expect(lister.list()).toEqual([object]);
    await world.clock.advance(STALE_AFTER);
    expect([lister.get(KEY), world.stale, world.ownWrites.remembered]).toEqual([undefined, 1, 0]);
    await world.close();
  });

  it('lets everybody go when the signal aborts, and asks for what was undecided', async () => {
    const world = new World('wait', true);
    await world.start();
    const waiting = world.ownWrites.write(intent(), async () => unseen('1000'));
    const never = new Promise<ApiObject>(() => undefined);
    void world.ownWrites.write(intent({ key: { name: 'b', namespace: 'default' } }), () => never);
    const asked: string[] = [];
    const after = { ...unseen('9'), metadata: { ...unseen('9').metadata, name: 'b' } };
    const requests = [{ text: 'q0' }, { text: 'q1' }];
    world.ownWrites.told(Thing, { type: 'add', after, skipped: [] }, requests, ({ text }) =>
      asked.push(text),
    );
    expect([asked, world.ownWrites.undecided]).toEqual([['q1'], 1]);
    world.stop.abort();
    await waiting;
    expect([asked, world.ownWrites.undecided, world.stale, world.ownWrites.remembered]).toEqual([
      ['q1', 'q0'],
      0,
      0,
      0,
    ]);
    await world.close();
  });

  it('holds a change no longer than its time where a write is never answered', async () => {
    const world = new World('wait', true);
    await world.start();
    void world.ownWrites.write(intent(), () => new Promise<ApiObject>(() => undefined));
    const asked: string[] = [];
    const change = { type: 'add', after: unseen('9'), skipped: [] } as const;
    world.ownWrites.told(Thing, change, [{ text: 'q0' }], ({ text }) => asked.push(text));
    await world.clock.advance(STALE_AFTER - 1);
    expect(asked).toEqual([]);
    await world.clock.advance(1);
    expect([asked, world.ownWrites.undecided]).toEqual([['q0'], 0]);
    await world.close();
  });

  it('knows the creation of an object that the server named', async () => {
    const world = new World('wait', true);
    await world.start();
    const object = { metadata: { generateName: 'a-', namespace: 'default' }, spec: {} };
    const written = world.ownWrites.write(intent({ key: undefined }), () =>
      world.client.create(Thing, object),
    );
    await world.executor.drain();
    await written;
    expect(world.told.map(({ asked }) => asked)).toEqual([[false, true]]);
    expect(world.ownWrites.remembered).toBe(0);
    await world.close();
  });

  it('asks for the change of somebody else that left nothing to do, though the write was answered with its revision', async () => {
    const world = new World('wait', true);
    await world.start();
    world.write('', 'create', 'none', KEY, () => world.client.create(Thing, OBJECT));
    await world.executor.drain();
    // the cache does not show this yet when the controller writes what is there already
    const change = { type: 'merge', patch: { spec: { others: 5 } } } as const;
    world.write('', 'patch', 'none', KEY, () => world.client.patch(Thing, KEY, change));
    const patch = { type: 'merge', patch: { spec: { q0: 1 } } } as const;
    const written = world.ownWrites.write(intent({ verb: 'patch', body: patch }), () =>
      world.client.patch(Thing, KEY, patch),
    );
    await world.executor.drain();
    expect((await written).spec).toEqual({ q0: 1, others: 5 });
    expect(world.told.at(-1)?.asked).toEqual([true, true]);
    await world.close();
  });

  it('does nothing for a dry run, a kind without an informer, and in mode off', async () => {
    const world = new World('wait', true);
    await world.start();
    const dry = intent({ dryRun: true });
    expect(await world.ownWrites.write(dry, async () => 'answer')).toBe('answer');
    const other = intent({ resource: { ...Thing, kind: 'Other' } });
    expect(await world.ownWrites.write(other, async () => unseen('1000'))).toEqual(unseen('1000'));
    expect(() => world.ownWrites.lister(other.resource)).toThrow(
      'expected a kind that is watched, got Other in example.com/v1',
    );
    expect(world.ownWrites.remembered).toBe(0);
    await world.close();

    const off = new World('off', true);
    await off.start();
    expect(await off.ownWrites.write(intent(), async () => unseen('1000'))).toEqual(unseen('1000'));
    expect(off.ownWrites.lister(Thing)).toBe(off.informer.lister);
    await off.close();
  });
});
