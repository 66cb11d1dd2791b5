import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import {
  type Condition,
  conditionSchema,
  defineConditions,
  defineResource,
  isInvalid,
  type ObjectOf,
  ObjectStore,
  setCondition,
  VirtualClock,
} from '../../src/index.js';

const READY: Condition = {
  type: 'Ready',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'AllReplicasReady',
  message: '',
};

const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({}),
  status: z.object({ conditions: z.array(conditionSchema()).optional() }),
  merge: { 'status.conditions': { listType: 'map', listMapKeys: ['type'] } },
});

const judge = (condition: object): boolean => z.array(conditionSchema()).safeParse([condition]).success;

describe('conditionSchema', () => {
  it.each<Partial<Condition>>([
    {},
    { type: 'example.com/Ready' },
    { type: 'R'.repeat(316) },
    { status: 'False' },
    { status: 'Unknown' },
    { observedGeneration: 0 },
    { observedGeneration: 12 },
    { lastTransitionTime: '2026-01-01T00:00:00.5+02:00' },
    { reason: 'A' },
    { reason: 'A'.repeat(1_024) },
    { message: 'm'.repeat(32_768) },
  ])('takes %j', (change) => {
    expect(judge({ ...READY, ...change })).toBe(true);
  });

  it.each<object>([
    { type: '' },
    { type: 'not ready' },
    { type: 'R'.repeat(317) },
    { status: 'true' },
    { status: true },
    { observedGeneration: -1 },
    { observedGeneration: 1.5 },
    { lastTransitionTime: 'yesterday' },
    { lastTransitionTime: '2026-02-30T00:00:00Z' },
    { reason: '' },
    { reason: 'not a word' },
    { reason: 'A'.repeat(1_025) },
    { message: 'm'.repeat(32_769) },
    { message: undefined },
    { lastTransitionTime: undefined },
  ])('refuses %j', (change) => {
    expect(judge({ ...READY, ...change })).toBe(false);
  });

  it('drops what a condition does not have', () => {
    expect(z.array(conditionSchema()).parse([{ ...READY, color: 'green' }])).toEqual([READY]);
  });

  it('fits into schemas of zod/mini', () => {
    const status = mini.object({ conditions: mini.optional(mini.array(conditionSchema())) });
    expect(status.parse({ conditions: [READY] })).toEqual({ conditions: [READY] });
  });

  it('says in JSON Schema what it wants', () => {
    expect(z.toJSONSchema(conditionSchema(), { target: 'draft-7' })).toMatchObject({
      properties: {
        type: { type: 'string', maxLength: 316 },
        status: { enum: ['True', 'False', 'Unknown'] },
        observedGeneration: { type: 'integer', minimum: 0 },
        lastTransitionTime: { format: 'date-time' },
        reason: { maxLength: 1_024 },
        message: { maxLength: 32_768 },
      },
      required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    });
  });

  it('judges what a kind stores, takes what setCondition makes, and merges by type', async () => {
    const clock = new VirtualClock();
    const store = new ObjectStore({ resources: [Website], clock });
    const client = store.client();
    const key = { name: 'a', namespace: 'default' };
    const site: ObjectOf<typeof Website> = await client.create(Website, { metadata: key, spec: {} });
    const conditions = setCondition(
      site.status?.conditions,
      { type: 'Ready', status: 'True', reason: 'Fine', observedGeneration: 1 },
      clock,
    );
    const write = (value: readonly object[]): Promise<ObjectOf<typeof Website>> =>
      client.patch(
        Website,
        key,
        { type: 'merge', patch: { status: { conditions: value } } },
        { subresource: 'status' },
      );
    const written = await write(conditions);
    expect(written.status?.conditions).toEqual(conditions);
    const more = defineConditions(['Dns']).set(
      written,
      { Dns: { status: 'False', reason: 'Missing', message: 'no' } },
      clock,
    );
    expect((await write(more)).status?.conditions).toHaveLength(2);
    const refused = write([{ ...READY, reason: 'not a word' }]);
    await expect(refused).rejects.toSatisfy(isInvalid);
    await expect(refused).rejects.toThrow('status.conditions[0].reason');
    await expect(write([READY, READY])).rejects.toThrow('status.conditions[1]');
    await store.close();
  });
});
