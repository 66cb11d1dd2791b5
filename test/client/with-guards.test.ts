import { describe, expect, it } from 'vitest';
import { withGuards } from '../../src/client/index.js';
import { isConflict } from '../../src/core/index.js';
import { at, setUp, Website, website } from '../store/kit.js';
import { recording } from './wrappers.js';

const OPEN = {
  apiVersion: 'example.com/v1',
  kind: 'Website',
  ...at('gate'),
  fields: { 'spec.image': 'open' },
};
const GATE = { ...website('gate'), spec: { image: 'open' } };

describe('withGuards', () => {
  it('lets every write depend on its guards, and nothing else', async () => {
    const { client } = setUp();
    const guarded = withGuards(client, [OPEN]);
    await expect(guarded.create(Website, website('a'))).rejects.toSatisfy(isConflict);
    await client.create(Website, GATE);
    await guarded.create(Website, website('a'));
    await client.patch(Website, at('gate'), { type: 'merge', patch: { spec: { image: 'shut' } } });
    await expect(guarded.delete(Website, at('a'))).rejects.toSatisfy(isConflict);
    await expect(guarded.deleteCollection(Website)).rejects.toSatisfy(isConflict);
    expect((await guarded.list(Website)).items).toHaveLength(2);
  });

  it('adds them to those of its caller, and leaves the other options', async () => {
    const { client, calls } = recording(setUp().client);
    await client.create(Website, GATE);
    const own = { ...OPEN, fields: { 'spec.replicas': 1 } };
    await withGuards(client, [OPEN]).create(Website, website('a'), { guards: [own], dryRun: true });
    expect(calls.at(-1)?.at(-1)).toEqual({ guards: [own, OPEN], dryRun: true });
  });

  it('refuses a server that does not honour guards, and what is no list', () => {
    const { client } = setUp();
    const careless = { ...client, capabilities: { ...client.capabilities, guards: false } };
    expect(() => withGuards(careless, [OPEN])).toThrow(
      'withGuards: expected a client whose server honours guards',
    );
    expect(() => withGuards(client, OPEN as never)).toThrow(TypeError);
  });
});
