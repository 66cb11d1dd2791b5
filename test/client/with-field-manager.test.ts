import { describe, expect, it } from 'vitest';
import { withFieldManager } from '../../src/client/index.js';
import { setUp, at, Website, website } from '../store/kit.js';
import { recording } from './wrappers.js';

describe('withFieldManager', () => {
  it('names the writer of every write, and of nothing else', async () => {
    const { client, calls } = recording(setUp().client);
    const named = withFieldManager(client, 'me');
    const site = await named.create(Website, website('a'));
    await named.update(Website, site);
    await named.patch(Website, at('a'), { type: 'merge', patch: {} });
    await named.subresource(Website, at('a'), 'scale');
    await named.delete(Website, at('a'));
    await named.deleteCollection(Website);
    expect(calls.map(([verb]) => verb)).toEqual([
      'create',
      'update',
      'patch',
      'subresource',
      'delete',
      'deleteCollection',
    ]);
    for (const call of calls) expect(call.at(-1)).toEqual({ fieldManager: 'me' });
    calls.length = 0;
    await named.list(Website);
    named.watch(Website).stop();
    expect(JSON.stringify(calls)).not.toContain('fieldManager');
  });

  it('leaves the name that its caller gives, and the other options', async () => {
    const { client, calls } = recording(setUp().client);
    const named = withFieldManager(client, 'me');
    await named.create(Website, website('a'), { fieldManager: 'you', dryRun: true });
    await named.create(Website, website('a'), { fieldManager: undefined, dryRun: true });
    expect(calls.map((call) => call.at(-1))).toEqual([
      { fieldManager: 'you', dryRun: true },
      { fieldManager: 'me', dryRun: true },
    ]);
  });

  it('lets the outermost name win', async () => {
    const { client, calls } = recording(setUp().client);
    await withFieldManager(withFieldManager(client, 'inner'), 'outer').create(Website, website('a'));
    expect(calls[0]?.at(-1)).toEqual({ fieldManager: 'outer' });
  });

  it.each(['a', 'my controller', 'größe', 'x'.repeat(128)])('takes the name %j', (name) => {
    expect(() => withFieldManager(setUp().client, name)).not.toThrow();
  });

  it.each(['', 'x'.repeat(129), 'a\nb', 'a\u0000', 'a\u200bb', 'a\u2028b', undefined, 7])(
    'refuses the name %j',
    (name) => {
      const attempt = (): unknown => withFieldManager(setUp().client, name as string);
      expect(attempt).toThrow(TypeError);
      expect(attempt).toThrow('withFieldManager: expected a name of 1 to 128 printable characters, got ');
    },
  );
});
