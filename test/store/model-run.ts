import { expect } from 'vitest';
import type { Client, ListOptions, SelectOptions, Watch, WatchEvent } from '../../src/client/index.js';
import { ApiError } from '../../src/core/index.js';
import type { ObjectOf } from '../../src/resources/index.js';
import { at, Note, Region, setUp, type Setup, told } from './kit.js';
import type { Step } from './model-steps.js';
import { type ModelEvent, type ModelObject, type ModelSelection, StoreModel } from './store-model.js';

type Note = ObjectOf<typeof Note>;

/** The options that select what the model's selection selects. */
export function options({ namespace, name, label }: ModelSelection): SelectOptions {
  return {
    namespace,
    fieldSelector: name === undefined ? undefined : `metadata.name=${name}`,
    labelSelector: label === undefined ? undefined : `colour=${label}`,
  };
}

export function modelled(note: Note): ModelObject {
  const { metadata } = note;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    label: metadata.labels?.['colour'] ?? '',
    value: note['value'] as number,
    held: metadata.finalizers !== undefined,
    dying: metadata.deletionTimestamp !== undefined,
    generation: metadata.generation ?? 0,
    revision: Number(metadata.resourceVersion),
  };
}

/** An open watch, and all that it told so far. */
interface Watcher {
  readonly watch: Watch<Note>;
  readonly selection: ModelSelection;
  /** The revision that it began behind; 0 for one that began with what was there. */
  readonly from: number;
  /** The revision at which it began. */
  readonly since: number;
  readonly seen: WatchEvent<Note>[];
}

/** A list that is being read page by page. */
interface Paging {
  readonly selection: ModelSelection;
  readonly revision: number;
  readonly items: ModelObject[];
  readonly limit: number;
  next: string;
}

/** A store and its model, going through the same requests. */
export class ModelRun {
  readonly model = new StoreModel();
  readonly setup: Setup;
  readonly client: Client;
  readonly watchers: Watcher[] = [];
  readonly pagings: Paging[] = [];

  constructor(history?: number) {
    this.setup = setUp(history === undefined ? {} : { history });
    this.client = this.setup.client;
  }

  async follow(now: Step): Promise<void> {
    const { client, model } = this;
    switch (now.do) {
      case 'create': {
        const { namespace, name, label, value, held, dryRun } = now;
        const metadata = {
          ...at(name, namespace),
          labels: { colour: label },
          ...(held ? { finalizers: ['example.com/hold'] } : {}),
        };
        const created = client.create(Note, { metadata, value }, { dryRun });
        if (!dryRun) await this.#same(created, model.create(now));
        else if (model.get(namespace, name) !== undefined) await this.#same(created, 'AlreadyExists');
        else await created;
        break;
      }
      case 'update': {
        const read = await client.get(Note, at(now.name, now.namespace)).catch(() => undefined);
        if (read === undefined) break;
        const { resourceVersion } = read.metadata;
        const seen = now.stale ? Number(resourceVersion) - 1 : Number(resourceVersion);
        const metadata = { ...read.metadata, labels: { colour: now.label }, resourceVersion: String(seen) };
        const updated = client.update(Note, { ...read, metadata, value: now.value });
        await this.#same(updated, model.change(now, { label: now.label, value: now.value }, seen));
        break;
      }
      case 'patch': {
        const patch = { metadata: { labels: { colour: now.label } }, value: now.value };
        const patched = client.patch(
          Note,
          at(now.name, now.namespace),
          { type: 'merge', patch },
          { dryRun: now.dryRun },
        );
        if (now.dryRun) await patched.catch(() => undefined);
        else await this.#same(patched, model.change(now, { label: now.label, value: now.value }));
        break;
      }
      case 'release': {
        const patch = { metadata: { finalizers: null } };
        const released = client.patch(Note, at(now.name, now.namespace), { type: 'merge', patch });
        await this.#same(released, model.change(now, { held: false }));
        break;
      }
      case 'delete': {
        const deleted = client.delete(Note, at(now.name, now.namespace), { dryRun: now.dryRun });
        if (now.dryRun) await deleted.catch(() => undefined);
        else
          await this.#same(
            deleted.then(({ object }) => object),
            model.delete(now),
          );
        break;
      }
      case 'deleteCollection': {
        const expected = model.list(now.selection);
        const { items, resourceVersion } = await client.deleteCollection(Note, options(now.selection));
        expect(items.map(modelled)).toEqual(expected);
        for (const object of expected) model.delete(object);
        expect(resourceVersion).toBe(String(model.revision));
        break;
      }
      case 'other': {
        // another kind takes a revision, and no watch of this one hears of it
        await client.create(Region, { metadata: { generateName: 'r-' } });
        model.revision += 1;
        break;
      }
      case 'list':
        await this.#sameList(now.selection, {}, model.revision);
        break;
      case 'page':
        await this.#page(now);
        break;
      case 'watch': {
        const from = Math.max(0, model.revision - now.back);
        const watch = client.watch(Note, { ...options(now.selection), resourceVersion: String(from) });
        this.watchers.push({ watch, selection: now.selection, from, since: model.revision, seen: [] });
        break;
      }
      case 'read': {
        const watcher = this.watchers[now.which % Math.max(1, this.watchers.length)];
        if (watcher !== undefined) await this.#read(watcher);
        break;
      }
      case 'barrier':
        expect(await client.barrier()).toBe(String(model.revision));
        break;
    }
    expect((await client.list(Note, { limit: 1 })).resourceVersion).toBe(String(model.revision));
  }

  /** Everything that the watches tell to the end, against everything that happened. */
  async check(): Promise<void> {
    const { model } = this;
    for (const watcher of this.watchers) {
      await this.#read(watcher);
      checkBookmarks(watcher);
      const events = watcher.seen.filter((event) => event.type !== 'BOOKMARK');
      const initial = watcher.from === 0 ? model.list(watcher.selection, watcher.since) : [];
      const rest = model.events(watcher.selection, watcher.from === 0 ? watcher.since : watcher.from);
      const expected: ModelEvent[] = [
        ...initial.map((object) => ({ type: 'ADDED' as const, object })),
        ...rest,
      ];
      expect(events.map(({ type, object }) => ({ type, object: modelled(object) }))).toEqual(expected);
      this.#reconstruct(watcher);
    }
    for (const paging of this.pagings) {
      while (paging.next !== '') await this.#nextPage(paging);
      expect(paging.items).toEqual(model.list(paging.selection, paging.revision));
    }
  }

  /** What a list was, and then everything that was told since, is what the list is. */
  #reconstruct({ from, selection, seen }: Watcher): void {
    if (from > this.model.revision) return;
    const state = new Map<string, ModelObject>();
    if (from > 0) {
      for (const object of this.model.list(selection, from))
        state.set(`${object.namespace}/${object.name}`, object);
    }
    for (const event of seen) {
      if (event.type === 'BOOKMARK') continue;
      const object = modelled(event.object);
      const place = `${object.namespace}/${object.name}`;
      expect(state.has(place)).toBe(event.type !== 'ADDED');
      if (event.type === 'DELETED') state.delete(place);
      else state.set(place, object);
    }
    const now = this.model.list(selection);
    expect(state.size).toBe(now.length);
    for (const object of now) expect(state.get(`${object.namespace}/${object.name}`)).toEqual(object);
  }

  async #read({ watch, seen, from }: Watcher): Promise<void> {
    const now = await this.client.barrier();
    // a watch of the future tells no bookmark before its time
    const end = String(Math.max(Number(now), from));
    for (;;) {
      const { value } = await watch.next();
      if (value === undefined) throw new Error('the watch ended');
      seen.push(value);
      if (value.type === 'BOOKMARK' && value.object.metadata.resourceVersion === end) return;
    }
  }

  async #page(now: { readonly selection: ModelSelection; readonly limit: number }): Promise<void> {
    const open = this.pagings.find(({ next }) => next !== '');
    if (open !== undefined) {
      await this.#nextPage(open);
      return;
    }
    const list = await this.client.list(Note, { ...options(now.selection), limit: now.limit });
    const { revision } = this.model;
    this.pagings.push({ ...now, revision, items: list.items.map(modelled), next: list.continue ?? '' });
  }

  async #nextPage(paging: Paging): Promise<void> {
    const { selection, limit, revision, next } = paging;
    const list = await this.client.list(Note, { ...options(selection), limit, continue: next });
    expect(list.resourceVersion).toBe(String(revision));
    paging.items.push(...list.items.map(modelled));
    paging.next = list.continue ?? '';
    if (selection.label === undefined && selection.name === undefined && paging.next !== '') {
      const total = this.model.list(selection, revision).length;
      expect(list.remainingItemCount).toBe(total - paging.items.length);
    }
  }

  async #same(actual: Promise<Note>, expected: ModelObject | string): Promise<void> {
    const result = await actual.then(modelled, (error: unknown) => {
      if (error instanceof ApiError) return error.reason;
      throw error;
    });
    expect(result).toEqual(expected);
  }

  async #sameList(selection: ModelSelection, more: ListOptions, revision: number): Promise<void> {
    const list = await this.client.list(Note, { ...options(selection), ...more });
    expect(list.resourceVersion).toBe(String(revision));
    expect(list.items.map(modelled)).toEqual(this.model.list(selection, revision));
  }

  /** The list of every revision that ever was, and what a watch from there tells. */
  async checkHistory(selection: ModelSelection): Promise<void> {
    for (let revision = 1; revision <= this.model.revision; revision += 1) {
      const resourceVersion = String(revision);
      await this.#sameList(selection, { resourceVersion, resourceVersionMatch: 'Exact' }, revision);
      const watch = this.client.watch(Note, { ...options(selection), resourceVersion });
      const events = (await told(this.client, watch)).filter((event) => event.type !== 'BOOKMARK');
      watch.stop();
      const seen = events.map(({ type, object }) => ({ type, object: modelled(object) }));
      expect(seen).toEqual(this.model.events(selection, revision));
    }
  }
}

/** Ordered, unique, and no event at or below a bookmark that came before it; bookmarks never go back. */
function checkBookmarks({ seen, from }: Watcher): void {
  let last = from;
  let bookmark = 0;
  let initial = from === 0;
  for (const event of seen) {
    const revision = Number(event.object.metadata.resourceVersion);
    if (event.type === 'BOOKMARK') {
      initial = false;
      expect(revision).toBeGreaterThanOrEqual(Math.max(last, bookmark));
      bookmark = revision;
    } else if (!initial) {
      expect(revision).toBeGreaterThan(Math.max(last, bookmark));
      last = revision;
    }
  }
}
