import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineResource } from '../../src/resources/index.js';
import { at, failure, lines, Note, setUp, type Setup } from './kit.js';

const names = { group: 'example.com', version: 'v1' } as const;
const Token = defineResource({ ...names, kind: 'Token', spec: z.object({ use: z.number() }), ttl: 10_000 });
const Session = defineResource({
  ...names,
  kind: 'Session',
  spec: z.object({ ttlSeconds: z.number().optional() }),
  ttl: { secondsIn: 'spec.ttlSeconds' },
});

function start(): Setup {
  return setUp({}, Token, Session);
}

function token(
  name: string,
  use = 0,
): { metadata: { name: string; namespace: string }; spec: { use: number } } {
  return { metadata: at(name), spec: { use } };
}

describe('an object with a time to live', () => {
  it('is deleted that long after its creation, with an event of its own revision', async () => {
    const { client, clock } = start();
    await client.create(Token, token('a'));
    const watch = client.watch(Token, { resourceVersion: '2' });
    await clock.advance(9_999);
    await client.get(Token, at('a'));
    await clock.advance(1);
    await failure(client.get(Token, at('a')), 'NotFound');
    expect(await lines(client, watch)).toEqual(['DELETED a @3']);
    expect(clock.timers).toBe(0);
  });

  it('lives anew with every change, and not with a write that changes nothing', async () => {
    const { client, clock, store } = start();
    await client.create(Token, token('a'));
    await clock.advance(6_000);
    await client.patch(Token, at('a'), { type: 'merge', patch: { spec: { use: 1 } } });
    await clock.advance(6_000);
    await client.patch(Token, at('a'), { type: 'merge', patch: { spec: { use: 1 } } });
    await clock.advance(3_999);
    await client.get(Token, at('a'));
    await clock.advance(1);
    await store.idle();
    await failure(client.get(Token, at('a')), 'NotFound');
  });

  it('lives as long as its own field says, and for ever without one', async () => {
    const { client, clock, store } = start();
    await client.create(Session, { metadata: at('short'), spec: { ttlSeconds: 2 } });
    await client.create(Session, { metadata: at('long'), spec: { ttlSeconds: 3_000_000 } });
    await client.create(Session, { metadata: at('kept'), spec: {} });
    const left = async (): Promise<string[]> => {
      await store.idle();
      return (await client.list(Session)).items.map(({ metadata }) => metadata.name);
    };
    await clock.advance(2_000);
    expect(await left()).toEqual(['kept', 'long']);
    await clock.advance(2_999_998_000);
    expect(await left()).toEqual(['kept']);
    await client.patch(Session, at('kept'), { type: 'merge', patch: { spec: { ttlSeconds: 0 } } });
    await clock.advance(0);
    expect(await left()).toEqual([]);
  });

  it('is marked once where finalizers hold it, and goes with the last of them', async () => {
    const { client, clock, store } = start();
    const { metadata, spec } = token('a');
    await client.create(Token, { metadata: { ...metadata, finalizers: ['example.com/hold'] }, spec });
    await clock.advance(10_000);
    await store.idle();
    const marked = await client.get(Token, at('a'));
    expect(marked.metadata.deletionTimestamp).toBe('2026-01-01T00:00:10Z');
    await clock.advance(60_000);
    expect(await client.get(Token, at('a'))).toBe(marked);
    await client.patch(Token, at('a'), { type: 'merge', patch: { metadata: { finalizers: null } } });
    await failure(client.get(Token, at('a')), 'NotFound');
  });

  it('takes what it owns with it', async () => {
    const { client, clock, store } = start();
    const owner = await client.create(Token, token('a'));
    const { uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Token', name: 'a', uid }];
    await client.create(Note, { metadata: { ...at('n'), ownerReferences } });
    await clock.advance(10_000);
    await store.idle();
    await failure(client.get(Note, at('n')), 'NotFound');
  });

  it('leaves no timer behind', async () => {
    const { client, clock, store } = start();
    await client.create(Token, token('a'));
    await client.create(Token, token('b'));
    expect(clock.timers).toBe(1);
    await client.delete(Token, at('a'));
    expect(clock.timers).toBe(1);
    await client.delete(Token, at('b'));
    expect(clock.timers).toBe(0);
    await client.create(Token, token('c'));
    await client.create(Token, token('d'), { dryRun: true });
    await store.close();
    expect(clock.timers).toBe(0);
  });

  it('is there exactly as long as a plain model says, whatever is written when', async () => {
    const step = fc.record({
      wait: fc.nat(8_000),
      name: fc.constantFrom('a', 'b', 'c'),
      act: fc.constantFrom('apply', 'delete', 'nothing'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { client, clock, store } = start();
        const deadlines = new Map<string, number>();
        let now = 0;
        for (const [index, { wait, name, act }] of steps.entries()) {
          now += wait;
          await clock.advance(wait);
          await store.idle();
          for (const [key, deadline] of deadlines) if (deadline <= now) deadlines.delete(key);
          const { items } = await client.list(Token);
          expect(items.map(({ metadata }) => metadata.name)).toEqual([...deadlines.keys()].sort());
          if (act === 'apply') {
            await client.apply(Token, token(name, index));
            deadlines.set(name, now + 10_000);
          } else if (act === 'delete') {
            await client.delete(Token, at(name)).catch(() => undefined);
            deadlines.delete(name);
          }
        }
      }),
    );
  });
});
