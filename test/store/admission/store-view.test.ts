import { describe, expect, it } from 'vitest';
import type { AdmissionPlugin, AdmissionWriter } from '../../../src/store/admission/admission-plugin.js';
import { at, expectDeeplyFrozen, failure, fieldsOf, Note, Region, setUp, Website, website } from '../kit.js';

/** A store in which something is written beside every write of a Website. */
function setUpBeside(
  beside: (store: AdmissionWriter, object: Website | undefined) => void,
): ReturnType<typeof setUp> {
  const plugin: AdmissionPlugin = {
    name: 'beside',
    handles: ({ resource }) => resource.kind === 'Website',
    accompany: ({ object }, store) => beside(store, object as Website | undefined),
  };
  return setUp({ admission: [plugin] });
}

describe('what a plugin writes beside a write', () => {
  it('happens with it, at one revision', async () => {
    const { client } = setUpBeside((store, object) => {
      const key = at(`note-of-a`);
      if (object === undefined) store.delete(Note, key);
      else if (store.get(Note, key) === undefined)
        store.create(Note, { metadata: key, text: object.spec.image });
      else
        store.update(Note, {
          ...(store.get(Note, key) as NonNullable<ReturnType<typeof store.get<typeof Note>>>),
          text: object.spec.image,
        });
    });
    const created = await client.create(Website, website('a'));
    const note = await client.get(Note, at('note-of-a'));
    expect(note.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    const patch = { spec: { image: 'httpd' } };
    const patched = await client.patch(Website, at('a'), { type: 'merge', patch });
    expect(await client.get(Note, at('note-of-a'))).toMatchObject({
      text: 'httpd',
      metadata: { resourceVersion: patched.metadata.resourceVersion },
    });
    await client.delete(Website, at('a'));
    await failure(client.get(Note, at('note-of-a')), 'NotFound');
  });

  it('happens not at all where it, or the write, fails', async () => {
    const { client } = setUpBeside((store) => {
      store.create(Region, { metadata: { name: 'eu' } });
      store.create(Note, { metadata: at('b') });
    });
    await client.create(Note, { metadata: at('b') });
    await failure(client.create(Website, website('a')), 'AlreadyExists');
    await failure(client.get(Region, { name: 'eu' }), 'NotFound');
    await failure(client.get(Website, at('a')), 'NotFound');
  });

  it('may be the status of the object itself, which is judged like any', async () => {
    const seen: unknown[] = [];
    let phase: unknown = 'new';
    const { client } = setUpBeside((store, object) => {
      if (object === undefined) return;
      const status = phase === undefined ? undefined : { phase };
      const next = { ...object, status } as Website;
      seen.push(store.update(Website, next, { subresource: 'status' }));
    });
    const created = await client.create(Website, website('a'));
    expect(created.status).toEqual({ phase: 'new', readyReplicas: 0 });
    expectDeeplyFrozen(created);
    expect(seen).toEqual([{ ...created, metadata: { ...created.metadata, resourceVersion: '' } }]);
    expectDeeplyFrozen(seen[0]);
    phase = 'changed';
    const patch = { spec: { replicas: 2 } };
    const patched = await client.patch(Website, at('a'), { type: 'merge', patch });
    expect(patched).toMatchObject({ spec: { replicas: 2 }, status: { phase: 'changed' } });
    phase = 7;
    const again = { spec: { replicas: 3 } };
    const error = await failure(client.patch(Website, at('a'), { type: 'merge', patch: again }), 'Invalid');
    expect(fieldsOf(error)).toEqual(['status.phase']);
    phase = undefined;
    const bare = await client.patch(Website, at('a'), { type: 'merge', patch: again });
    expect(bare).not.toHaveProperty('status');
  });

  it.each([
    ['update', (store: AdmissionWriter, object: Website) => store.update(Website, object)],
    ['delete', (store: AdmissionWriter, object: Website) => store.delete(Website, object.metadata)],
  ])('is not another %s of the object itself', async (verb, beside) => {
    const { client } = setUpBeside((store, object) => {
      beside(store, object as Website);
    });
    const error = await failure(client.create(Website, website('a')), 'InternalError');
    expect(error.message).toBe(
      `Internal error occurred: admission plugin "beside": ${verb}: expected another object than the one that is written, or its status, got Website default/a`,
    );
  });
});
