import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Client } from '../../src/client/index.js';
import { edit, keyOf } from '../../src/core/index.js';
import { defineResource, type ObjectOf } from '../../src/resources/index.js';
import { ObjectStore } from '../../src/store/index.js';
import { SimulatedStorage } from '../../src/testing/index.js';
import { at, failure, fieldsOf } from './kit.js';

const loose = z.object({
  size: z.number(),
  image: z.string(),
  ports: z.array(z.object({ port: z.number(), name: z.string().optional() })).optional(),
});
const strict = z.object({
  size: z.number().max(10),
  image: z.string(),
  ports: z.array(z.object({ port: z.number().max(65_535), name: z.string() })).optional(),
  colour: z.string().default('green'),
});
const names = { group: 'example.com', version: 'v1', kind: 'Box' };
const Old = defineResource({ ...names, spec: loose });
const Box = defineResource({ ...names, spec: strict });

/** A client of a store whose schema has become stricter since an object was stored. */
async function afterTheChange(
  spec: z.input<typeof loose>,
): Promise<{ readonly client: Client; readonly box: ObjectOf<typeof Box> }> {
  const storage = new SimulatedStorage();
  const before = new ObjectStore({ resources: [Old], storage });
  await before.client().create(Old, { metadata: at('a'), spec });
  await before.close();
  const store = new ObjectStore({ resources: [Box], storage });
  const client = store.client();
  return { client, box: await client.get(Box, at('a')) };
}

describe('an object that was stored under an older schema', () => {
  it('is read with the defaults of the newer one', async () => {
    const { box } = await afterTheChange({ size: 5, image: 'i' });
    expect(box.spec).toEqual({ size: 5, image: 'i', colour: 'green' });
  });

  it('is read with them also where it breaks the rules of the newer one, and otherwise as it is', async () => {
    const { box } = await afterTheChange({ size: 50, image: 'i' });
    expect(box.spec).toEqual({ size: 50, image: 'i', colour: 'green' });
  });

  it('can be changed beside what breaks the rules, and not in that', async () => {
    const { client, box } = await afterTheChange({ size: 50, image: 'i', ports: [{ port: 99_999 }] });
    const other = await client.update(
      Box,
      edit(box, (draft) => void (draft.spec.image = 'j')),
    );
    expect(other.spec).toEqual({ size: 50, image: 'j', colour: 'green', ports: [{ port: 99_999 }] });
    const larger = edit(other, (draft) => void (draft.spec.size = 51));
    expect(fieldsOf(await failure(client.update(Box, larger), 'Invalid'))).toEqual(['spec.size']);
    const renumbered = edit(other, (draft) => void ((draft.spec.ports as { port: number }[])[0]!.port = 80));
    // a port that has changed needs the name that it lacks
    expect(fieldsOf(await failure(client.update(Box, renumbered), 'Invalid'))).toEqual([
      'spec.ports[0].name',
    ]);
    const mended = await client.patch(Box, keyOf(box), {
      type: 'merge',
      patch: { spec: { size: 1, ports: null } },
    });
    expect(mended.spec).toEqual({ size: 1, image: 'j', colour: 'green' });
    const again = { type: 'merge', patch: { spec: { size: 11 } } } as const;
    expect(fieldsOf(await failure(client.patch(Box, keyOf(box), again), 'Invalid'))).toEqual(['spec.size']);
  });
});
