import * as fc from 'fast-check';
import { deepFreeze, type JsonObject } from '../../../src/core/index.js';
import type { KindWithSchema, MergeSchema } from '../../../src/patch/index.js';
import { ObjectMetaSchema } from '../../../src/resources/kinds/meta-v1.js';

const port: MergeSchema = {
  fields: {
    port: { type: 'integer' },
    protocol: { type: 'string', default: 'TCP' },
    name: { type: 'string' },
    tags: { type: 'string', list: true, listType: 'set' },
  },
};

const point: MergeSchema = { fields: { x: { type: 'integer' }, y: { type: 'integer' } } };

/** A kind with a field of each sort. */
export const Widget: KindWithSchema = deepFreeze({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  mergeSchema: {
    fields: {
      metadata: { type: ObjectMetaSchema },
      spec: {
        type: {
          fields: {
            image: { type: 'string' },
            replicas: { type: 'integer' },
            paused: { type: 'boolean' },
            size: { type: 'quantity' },
            ports: { type: port, list: true, listType: 'map', listMapKeys: ['port', 'protocol'] },
            zones: { type: 'string', list: true, listType: 'set' },
            command: { type: 'string', list: true },
            limits: { type: 'string', map: true },
            point: { type: point, atomic: true },
            free: { type: { fields: {}, open: true } },
          },
        },
      },
      status: { type: { fields: { ready: { type: 'integer' } } } },
    },
  },
} satisfies KindWithSchema);

/** A Widget with that spec. */
export function widget(spec: object, metadata: object = {}): JsonObject {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', ...metadata },
    spec,
  };
}

const text = fc.constantFrom('a', 'b', 'c');
const number = fc.constantFrom(1, 2, 80);

/** Objects with such members, also where Object.prototype is frozen. */
function dictionary<T>(
  names: fc.Arbitrary<string>,
  values: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> {
  return fc.array(fc.tuple(names, values), { maxLength: 4 }).map((members) => Object.fromEntries(members));
}

/** Legal specs that have much in common. */
export const specs: fc.Arbitrary<JsonObject> = fc.record(
  {
    image: fc.option(text),
    replicas: number,
    ports: fc.uniqueArray(
      fc.record(
        {
          port: number,
          protocol: fc.constantFrom('TCP', 'UDP'),
          name: text,
          tags: fc.uniqueArray(text, { maxLength: 3 }),
        },
        { requiredKeys: ['port'] },
      ),
      { maxLength: 4, selector: (item) => `${item.port}/${item.protocol ?? 'TCP'}` },
    ),
    zones: fc.option(fc.uniqueArray(text, { maxLength: 3 })),
    command: fc.array(text, { maxLength: 2 }),
    limits: dictionary(fc.constantFrom('cpu', '__proto__', 'toString'), text),
    point: fc.record({ x: number, y: number }, { requiredKeys: [] }),
    free: dictionary(text, fc.oneof<fc.Arbitrary<unknown>[]>(text, fc.constant({}), dictionary(text, text))),
  },
  { requiredKeys: [] },
);
