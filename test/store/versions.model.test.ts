import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/client/index.js';
import { ApiError, jsonEqual } from '../../src/core/index.js';
import { at, type Setup, told } from './kit.js';
import { fromWidgetV2, setUpVersions, WidgetV1, WidgetV2 } from './versioned-kit.js';

const seed = 20_260_103;

const name = fc.constantFrom('a', 'b', 'c');
const width = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  fc.record({ do: fc.constant('create1' as const), name, width }),
  fc.record({ do: fc.constant('create2' as const), name, width, color: fc.constantFrom('red', 'blue') }),
  fc.record({ do: fc.constant('update1' as const), name, width, mode: fc.option(fc.constantFrom('m', 'n')) }),
  fc.record({ do: fc.constant('patch1' as const), name, width }),
  fc.record({ do: fc.constant('patch2' as const), name, width, color: fc.constantFrom('red', null) }),
  fc.record({ do: fc.constant('label1' as const), name, label: fc.constantFrom('x', 'y') }),
  fc.record({ do: fc.constant('status1' as const), name, ready: fc.boolean() }),
  fc.record({ do: fc.constant('status2' as const), name, note: fc.constantFrom('n', null) }),
  fc.record({ do: fc.constant('delete1' as const), name }),
  fc.record({ do: fc.constant('delete2' as const), name }),
  fc.record({ do: fc.constant('both' as const), name, width }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What version 1 must show of an object, told by nothing but the author's function. */
function inV1(object: WidgetV2): WidgetV1 {
  const { metadata, ...fields } = fromWidgetV2(object);
  const { annotations: _, ...rest } = object.metadata;
  const own = Object.keys(metadata.annotations).length === 0 ? rest : { ...rest, ...metadata };
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: own, ...fields };
}

async function follow({ client, store }: Setup, now: Step): Promise<unknown> {
  const key = at(now.name);
  switch (now.do) {
    case 'create1':
      return client.create(WidgetV1, { metadata: key, spec: { size: `${now.width}x1` } });
    case 'create2':
      return client.create(WidgetV2, {
        metadata: key,
        spec: { width: now.width, height: 2, color: now.color },
      });
    case 'update1': {
      const { spec, ...old } = await client.get(WidgetV1, key);
      const { mode: _, ...kept } = spec;
      const mode = now.mode === null ? {} : { mode: now.mode };
      return client.update(WidgetV1, { ...old, spec: { ...kept, size: `${now.width}x1`, ...mode } });
    }
    case 'patch1':
      return client.patch(WidgetV1, key, { type: 'merge', patch: { spec: { size: `${now.width}x2` } } });
    case 'patch2': {
      const patch = { spec: { width: now.width, color: now.color } };
      return client.patch(WidgetV2, key, { type: 'merge', patch });
    }
    case 'label1': {
      const patch = { metadata: { labels: { l: now.label } } };
      return client.patch(WidgetV1, key, { type: 'merge', patch });
    }
    case 'status1': {
      const patch = { status: { ready: now.ready, count: 1 } };
      return client.patch(WidgetV1, key, { type: 'merge', patch }, { subresource: 'status' });
    }
    case 'status2': {
      const patch = { status: { state: 'Ready', note: now.note } };
      return client.patch(WidgetV2, key, { type: 'merge', patch }, { subresource: 'status' });
    }
    case 'delete1':
      return client.delete(WidgetV1, key);
    case 'delete2':
      return client.delete(WidgetV2, key);
    case 'both':
      return store.transaction(async (tx) => {
        const patch = { spec: { size: `${now.width}x3` } };
        await tx.patch(WidgetV1, key, { type: 'merge', patch });
        await tx.create(WidgetV1, { metadata: { ...at(`${now.name}-2`) }, spec: { size: '1x1' } });
      });
  }
}

/** The events of a selective watch, told by those of one that selects nothing. */
function selected(
  events: readonly WatchEvent<WidgetV1>[],
  matches: (object: WidgetV1) => boolean,
): WatchEvent<WidgetV1>[] {
  const last = new Map<string, WidgetV1>();
  const result: WatchEvent<WidgetV1>[] = [];
  for (const event of events) {
    if (event.type === 'BOOKMARK') continue;
    const { object } = event;
    const id = object.metadata.name;
    const before = last.get(id);
    const was = before !== undefined && matches(before);
    const is = event.type !== 'DELETED' && matches(object);
    if (event.type === 'DELETED') last.delete(id);
    else last.set(id, object);
    if (is) result.push({ type: was ? 'MODIFIED' : 'ADDED', object });
    else if (was) {
      const { resourceVersion } = object.metadata;
      result.push({
        type: 'DELETED',
        object: { ...before, metadata: { ...before.metadata, resourceVersion } },
      });
    }
  }
  return result;
}

/** Events without what says where a commit ends, which is another matter for those that see a part of it. */
function plain(events: readonly WatchEvent<unknown>[]): unknown[] {
  return events.map(({ type, object }) => ({ type, object }));
}

describe.each([
  ['memory', 150],
  ['storage', 40],
] as const)('a random run on a kind in two versions, in %s', (where, numRuns) => {
  it('shows the same in both, in lists, watches and the past', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const setup = await setUpVersions(where);
        const { client, store } = setup;
        const watch1 = client.watch(WidgetV1, { resourceVersion: '1' });
        const watch2 = client.watch(WidgetV2, { resourceVersion: '1' });
        const small = client.watch(WidgetV1, { resourceVersion: '1', fieldSelector: 'spec.size=1x1' });
        const labelled = client.watch(WidgetV1, { resourceVersion: '1', labelSelector: 'l=x' });
        const pasts: { readonly revision: string; readonly items: readonly WidgetV1[] }[] = [];
        for (const now of steps) {
          const before = await client.list(WidgetV2);
          const answer = await follow(setup, now).catch((error: unknown) => {
            if (error instanceof ApiError && ['NotFound', 'AlreadyExists'].includes(error.reason))
              return error;
            throw error;
          });
          const stored = await client.list(WidgetV2);
          if (answer instanceof ApiError) expect(stored).toEqual(before);
          const shown = await client.list(WidgetV1);
          expect(shown).toEqual({ ...stored, items: stored.items.map(inV1) });
          if (now.do === 'patch1' || now.do === 'update1') {
            // what only the storage version says is still there
            const hidden = ({ items }: typeof stored): unknown =>
              items.map(({ metadata, spec, status }) => [metadata.name, spec.color, status]);
            expect(hidden(stored)).toEqual(hidden(before));
          }
          pasts.push({ revision: stored.resourceVersion, items: shown.items });
        }
        const told2 = await told(client, watch2);
        const told1 = await told(client, watch1);
        expect(told1).toEqual(
          told2.map((event) =>
            event.type === 'BOOKMARK' ? event : { ...event, object: inV1(event.object) },
          ),
        );
        expect(plain(await told(client, small))).toEqual(
          plain(selected(told1, ({ spec }) => spec.size === '1x1')),
        );
        expect(plain(await told(client, labelled))).toEqual(
          plain(selected(told1, ({ metadata }) => metadata.labels?.['l'] === 'x')),
        );
        const middle = pasts[Math.floor(pasts.length / 2)];
        for (const past of pasts) {
          if (past.revision === '1') continue;
          const { items } = await store.listAt(WidgetV1, past.revision);
          expect(jsonEqual(items, past.items)).toBe(true);
        }
        if (middle !== undefined && middle.revision !== '1') {
          const { revision: resourceVersion } = middle;
          const rest = told1.filter(
            ({ object }) => Number(object.metadata.resourceVersion) > Number(resourceVersion),
          );
          expect(await told(client, client.watch(WidgetV1, { resourceVersion }))).toEqual(rest);
        }
        await store.close();
      }),
      { seed, numRuns },
    );
  });
});
