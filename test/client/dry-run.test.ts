import { describe, expect, it } from 'vitest';
import { dryRun } from '../../src/client/index.js';
import { edit } from '../../src/core/index.js';
import { at, failure, setUp, Website, website } from '../store/kit.js';
import { recording } from './wrappers.js';

describe('dryRun', () => {
  it('answers as if it had happened, and changes nothing', async () => {
    const { client } = setUp();
    const site = await client.create(Website, website('a'));
    const dry = dryRun(client);
    const before = await client.barrier();
    expect((await dry.create(Website, website('b'))).spec.replicas).toBe(1);
    const next = edit(site, (draft) => {
      draft.spec.replicas = 3;
    });
    expect((await dry.update(Website, next)).spec.replicas).toBe(3);
    const patch = { type: 'merge', patch: { spec: { replicas: 4 } } } as const;
    expect((await dry.patch(Website, at('a'), patch)).spec.replicas).toBe(4);
    expect((await dry.delete(Website, at('a'))).deleted).toBe(true);
    expect((await dry.deleteCollection(Website)).items).toEqual([site]);
    expect((await client.list(Website)).items).toEqual([site]);
    expect(await client.barrier()).toBe(before);
  });

  it('refuses what would be refused', async () => {
    const { client } = setUp();
    await client.create(Website, website('a'));
    const dry = dryRun(client);
    await failure(dry.create(Website, website('a')), 'AlreadyExists');
    await failure(dry.create(Website, website('b', { replicas: -1 })), 'Invalid');
    await failure(dry.delete(Website, at('none')), 'NotFound');
  });

  it('overrules its caller and keeps the other options', async () => {
    const { client: recorded, calls } = recording(setUp().client);
    const dry = dryRun(recorded);
    await dry.create(Website, website('a'), { dryRun: false, fieldManager: 'me' });
    expect(calls[0]?.at(-1)).toEqual({ dryRun: true, fieldManager: 'me' });
  });

  it('reads what is there', async () => {
    const { client } = setUp();
    const dry = dryRun(client);
    await dry.create(Website, website('a'));
    await failure(dry.get(Website, at('a')), 'NotFound');
    const site = await client.create(Website, website('a'));
    expect(await dry.get(Website, at('a'))).toBe(site);
  });
});
