import * as z from 'zod';
import { ApiError, SeededRandom, VirtualClock } from '../../src/core/index.js';
import { defineResource, defineVersions, type ObjectOf } from '../../src/resources/index.js';
import { ObjectStore, type ObjectStoreOptions } from '../../src/store/index.js';
import { SimulatedStorage } from '../../src/testing/index.js';
import type { Setup } from './kit.js';

const names = { group: 'example.com', kind: 'Widget' } as const;

/** The old version: a size in one text, a mode that nothing else knows. */
export const WidgetV1 = defineResource({
  ...names,
  version: 'v1',
  spec: z.object({
    size: z.string().regex(/^(0|[1-9]\d*)x(0|[1-9]\d*)$/),
    count: z.number().int().min(0).default(1),
    mode: z.string().optional(),
  }),
  status: z.object({ ready: z.boolean(), count: z.number().int().default(0) }),
  selectableFields: ['spec.size'],
  scale: { specReplicas: 'spec.count', statusReplicas: 'status.count' },
});
export type WidgetV1 = ObjectOf<typeof WidgetV1>;

/** The version that is stored. */
export const WidgetV2 = defineResource({
  ...names,
  version: 'v2',
  spec: z.object({
    width: z.number().int().max(1_000),
    height: z.number().int(),
    replicas: z.number().int().min(0).default(1),
    color: z.string().optional(),
  }),
  status: z.object({
    state: z.enum(['Ready', 'Waiting']),
    replicas: z.number().int().default(0),
    note: z.string().optional(),
  }),
  selectableFields: ['spec.color'],
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas' },
});
export type WidgetV2 = ObjectOf<typeof WidgetV2>;

/** Where the storage version keeps a mode. */
export const MODE = 'example.com/mode';

/** How often {@link fromWidgetV2} was called. */
export const calls = { fromStorage: 0 };

/** What version 1 shows; one that is 13 wide cannot be shown, and one that is 14 wide must not be. */
export function fromWidgetV2({ spec, status, metadata }: WidgetV2): Pick<WidgetV1, 'spec' | 'status'> & {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
} {
  calls.fromStorage += 1;
  if (spec.width === 13) throw new TypeError('unlucky');
  if (spec.width === 14) throw ApiError.forbidden(WidgetV2, metadata.name, 'too wide');
  const { [MODE]: mode, ...annotations } = metadata.annotations ?? {};
  return {
    spec: {
      size: `${spec.width}x${spec.height}`,
      count: spec.replicas,
      ...(mode === undefined ? {} : { mode }),
    },
    ...(status === undefined ? {} : { status: { ready: status.state === 'Ready', count: status.replicas } }),
    metadata: { annotations },
  };
}

/** Widgets in both versions. */
export const Widgets = defineVersions({
  storage: WidgetV2,
  served: [
    {
      resource: WidgetV1,
      toStorage: ({ spec, status, metadata }, before) => {
        const [width = 0, height = 0] = spec.size.split('x').map(Number);
        const { mode } = spec;
        return {
          spec: { width, height, replicas: spec.count, color: before?.spec.color },
          status: status && {
            state: status.ready ? ('Ready' as const) : ('Waiting' as const),
            replicas: status.count,
            note: before?.status?.note,
          },
          metadata: {
            annotations: { ...metadata.annotations, ...(mode === undefined ? {} : { [MODE]: mode }) },
          },
        };
      },
      fromStorage: fromWidgetV2,
    },
  ],
});

/** A store of Widgets in both versions, on a clock that stands still: in memory, or on a simulated storage. */
export async function setUpVersions(
  where: 'memory' | 'storage',
  { resources = [Widgets], ...options }: Partial<ObjectStoreOptions> = {},
): Promise<Setup> {
  const clock = new VirtualClock();
  const storage = where === 'storage' ? { storage: new SimulatedStorage({ clock }) } : {};
  const store = new ObjectStore({ resources, clock, random: new SeededRandom(1), ...storage, ...options });
  await store.open();
  return { store, client: store.client(), clock };
}
