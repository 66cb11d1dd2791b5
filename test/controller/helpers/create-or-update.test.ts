import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnyResource,
  type Client,
  controllerReference,
  createOrPatch,
  createOrUpdate,
  intercept,
  isConflict,
  isNotFound,
  type MutationDraft,
  type ObjectStore,
} from '../../../src/index.js';
import { makeWorld, Theme, Website } from '../website.js';

const KEY = { name: 'a', namespace: 'default' };

let store: ObjectStore;
let client: Client;
beforeEach(() => {
  ({ store, client } = makeWorld());
});
afterEach(() => store.close());

/** The client, and what it wrote: the verbs, and the patches. */
function counting(): { client: Client; writes: string[]; patches: unknown[] } {
  const writes: string[] = [];
  const patches: unknown[] = [];
  const counted = intercept(client, {
    create: (next, ...args) => {
      writes.push('create');
      return next(...args);
    },
    update: (next, ...args) => {
      writes.push('update');
      return next(...args);
    },
    patch: (next, resource, key, patch, options) => {
      writes.push('patch');
      patches.push(patch.patch);
      return next(resource, key, patch, options);
    },
  });
  return { client: counted, writes, patches };
}

const two = (draft: MutationDraft<typeof Website>): void => {
  draft.spec = { ...draft.spec, pages: 2 };
};

describe.each([
  { name: 'createOrUpdate', change: createOrUpdate, verb: 'update' as const },
  { name: 'createOrPatch', change: createOrPatch, verb: 'patch' as const },
])('$name', ({ change, verb }) => {
  it('creates what is not there, changes what differs, and leaves what does not', async () => {
    const { client: counted, writes } = counting();
    const first = await change(counted, Website, KEY, two);
    expect(first).toMatchObject({ operation: 'created', object: { metadata: KEY, spec: { pages: 2 } } });
    const second = await change(counted, Website, KEY, two);
    expect(second).toEqual({ operation: 'none', object: first.object });
    const third = await change(counted, Website, KEY, (draft) => {
      draft.spec = { ...draft.spec, theme: 'dark' };
      draft.metadata.labels = { tier: 'web' };
    });
    expect(third).toMatchObject({
      operation: 'updated',
      object: { metadata: { labels: { tier: 'web' } }, spec: { pages: 2, theme: 'dark' } },
    });
    expect(writes).toEqual(['create', verb]);
  });

  it('says that nothing happened where defaults of the server fill in what the mutation left out', async () => {
    const forgetful = (draft: MutationDraft<typeof Website>): void => {
      draft.spec = { theme: 'dark' };
    };
    const first = await change(client, Website, KEY, forgetful);
    expect(first.object.spec).toEqual({ pages: 1, theme: 'dark' });
    expect(await change(client, Website, KEY, forgetful)).toEqual({
      operation: 'none',
      object: first.object,
    });
  });

  it('works on objects of the cluster', async () => {
    const { operation } = await change(client, Theme, { name: 't' }, (draft) => {
      draft.spec = { color: 'red' };
    });
    expect(operation).toBe('created');
  });

  it('goes on where somebody else creates the object at the same time', async () => {
    let raced = false;
    const racing = intercept(client, {
      create: async (next, resource, object, options) => {
        if (!raced) {
          raced = true;
          await client.create(Website, { metadata: KEY, spec: { theme: 'theirs' } });
        }
        return next(resource, object, options);
      },
    });
    const { operation, object } = await change(racing, Website, KEY, two);
    expect(operation).toBe('updated');
    expect(object.spec).toEqual({ pages: 2, theme: 'theirs' });
  });

  it('creates the object where somebody else deletes it at the same time', async () => {
    await client.create(Website, { metadata: KEY, spec: {} });
    let raced = false;
    const racing = intercept(client, {
      [verb]: async (next: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => {
        if (!raced) {
          raced = true;
          await client.delete(Website, KEY);
        }
        return next(...args);
      },
    });
    expect(await change(racing, Website, KEY, two)).toMatchObject({
      operation: 'created',
      object: { spec: { pages: 2 } },
    });
  });

  it('gives up after 5 conflicts in a row', async () => {
    await client.create(Website, { metadata: KEY, spec: {} });
    let turns = 0;
    const racing = intercept(client, {
      get: async (next, resource, key, options) => {
        const object = await next(resource, key, options);
        turns += 1;
        const annotations = { turn: String(turns) };
        await client.patch(Website, KEY, { type: 'merge', patch: { metadata: { annotations } } });
        return object;
      },
    });
    const finalizers = ['example.com/a'];
    const failed = change(racing, Website, KEY, (draft) => {
      draft.metadata.finalizers = finalizers;
    });
    await expect(failed).rejects.toSatisfy(isConflict);
    expect(turns).toBe(5);
  });

  it('refuses a mutation that changes what it must not', async () => {
    await client.create(Website, { metadata: KEY, spec: {} });
    await expect(
      change(client, Website, KEY, (draft) => {
        draft.metadata.name = 'b';
      }),
    ).rejects.toThrow('mutation of Website: metadata.name: expected it unchanged, "a", got "b"');
    await expect(
      change(client, Website, { ...KEY, name: 'new' }, (draft) => {
        draft.metadata.namespace = 'other';
      }),
    ).rejects.toThrow(TypeError);
    await expect(
      change(client, Website, KEY, (draft) => {
        (draft as { status?: unknown }).status = { pages: 1 };
      }),
    ).rejects.toThrow('mutation of Website: status: expected it unchanged');
    // oxlint-disable-next-line typescript/no-misused-promises -- what the types let through
    await expect(change(client, Website, KEY, async () => undefined)).rejects.toThrow('an edit cannot wait');
    expect((await client.list(Website)).items).toHaveLength(1);
  });

  it('passes on what no second try could mend, and its options', async () => {
    const bad = change(client, Website, KEY, (draft) => {
      draft.spec = { pages: -1 };
    });
    await expect(bad).rejects.toMatchObject({ reason: 'Invalid' });
    const unknown = { ...Website, kind: 'Nothing', plural: 'nothings' } as AnyResource;
    await expect(change(client, unknown, KEY, () => undefined)).rejects.toSatisfy(isNotFound);
    await change(client, Website, KEY, two, { dryRun: true });
    expect((await client.list(Website)).items).toEqual([]);
  });
});

describe('createOrPatch', () => {
  it('sends what the mutation changes and nothing else, so that others change the rest meanwhile', async () => {
    await client.create(Website, { metadata: KEY, spec: { theme: 'dark' } });
    const { client: counted, patches } = counting();
    const racing = intercept(counted, {
      patch: async (next, resource, key, patch, options) => {
        await client.patch(Website, KEY, { type: 'merge', patch: { spec: { theme: 'light' } } });
        return next(resource, key, patch, options);
      },
    });
    const { object } = await createOrPatch(racing, Website, KEY, two);
    expect(object.spec).toEqual({ pages: 2, theme: 'light' });
    expect(patches).toEqual([{ spec: { pages: 2 } }]);
  });

  it('loses no item of a list that somebody else adds at the same time', async () => {
    const site = await client.create(Website, { metadata: { ...KEY, name: 'site' }, spec: {} });
    await client.create(Website, { metadata: KEY, spec: {} });
    let raced = false;
    const racing = intercept(client, {
      patch: async (next, resource, key, patch, options) => {
        if (!raced) {
          raced = true;
          const finalizers = ['example.com/theirs'];
          const ownerReferences = [controllerReference(site)];
          await client.patch(Website, KEY, {
            type: 'merge',
            patch: { metadata: { finalizers, ownerReferences } },
          });
        }
        return next(resource, key, patch, options);
      },
    });
    const { object } = await createOrPatch(racing, Website, KEY, (draft) => {
      draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), 'example.com/mine'];
    });
    expect(object.metadata.finalizers).toEqual(['example.com/theirs', 'example.com/mine']);
    expect(object.metadata.ownerReferences).toHaveLength(1);
  });

  it('removes what the mutation removes', async () => {
    await client.create(Website, {
      metadata: { ...KEY, labels: { a: '1', b: '2' } },
      spec: { theme: 'dark' },
    });
    const { object } = await createOrPatch(client, Website, KEY, (draft) => {
      delete draft.metadata.labels?.['a'];
      delete draft.spec?.theme;
    });
    expect(object.metadata.labels).toEqual({ b: '2' });
    expect(object.spec).toEqual({ pages: 1 });
  });
});

describe('the types of a mutation', () => {
  it('say that every field beside metadata may be absent, and that there is no status', () => {
    const mutate = (draft: MutationDraft<typeof Website>): void => {
      draft.metadata.labels ??= {};
      // @ts-expect-error: the spec of an object that is still to be created is absent
      draft.spec.pages = 1;
      // @ts-expect-error: pages are a number
      draft.spec = { pages: 'one' };
      // @ts-expect-error: the status has a subresource of its own
      draft.status = { pages: 1 };
    };
    expect(typeof mutate).toBe('function');
  });
});
