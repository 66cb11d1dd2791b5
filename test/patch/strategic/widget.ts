import type { MergeSchema } from '../../../src/patch/index.js';

const PORT: MergeSchema = { fields: { port: { type: 'integer' }, protocol: { type: 'string' } } };

const PART: MergeSchema = {
  fields: {
    name: { type: 'string' },
    image: { type: 'string' },
    args: { type: 'string', list: true },
    tags: { type: 'string', list: true, patchStrategy: ['merge'] },
    ports: { type: PORT, list: true, patchStrategy: ['merge'], patchMergeKey: 'port' },
    raw: { type: 'any' },
  },
};

const STRATEGY: MergeSchema = {
  fields: {
    type: { type: 'string' },
    limits: { type: 'string', map: true },
    ports: { type: PORT, list: true },
  },
};

/** An object with every kind of field that a strategic merge patch tells apart. */
export const WIDGET: MergeSchema = {
  fields: {
    name: { type: 'string' },
    count: { type: 'integer' },
    labels: { type: 'string', map: true },
    raw: { type: 'any' },
    tags: { type: 'string', list: true, patchStrategy: ['merge'] },
    rules: { type: PORT, list: true },
    parts: { type: PART, list: true, patchStrategy: ['merge'], patchMergeKey: 'name' },
    volumes: { type: STRATEGY, list: true, patchStrategy: ['merge', 'retainKeys'], patchMergeKey: 'type' },
    strategy: { type: STRATEGY, patchStrategy: ['retainKeys'] },
    selector: { type: STRATEGY, patchStrategy: ['replace'] },
    inner: {
      type: {
        fields: { part: { type: PART }, tags: { type: 'string', list: true, patchStrategy: ['merge'] } },
      },
    },
  },
};
