import * as z from 'zod';
import type { Client, Watch, WatchEvent } from '../../src/client/index.js';
import { ApiError, SeededRandom, type StatusReason, VirtualClock } from '../../src/core/index.js';
import { type AnyResource, defineResource, type ObjectOf } from '../../src/resources/index.js';
import { ObjectStore, type ObjectStoreOptions } from '../../src/store/index.js';

export const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({
    image: z.string(),
    replicas: z.number().int().min(0).default(1),
    tags: z.record(z.string(), z.string()).optional(),
    template: z.object({ ports: z.array(z.object({ port: z.number() })) }).optional(),
  }),
  status: z.object({ readyReplicas: z.number().int().default(0), phase: z.string().optional() }),
  selectableFields: ['spec.image', 'spec.replicas'],
  scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.readyReplicas' },
});
export type Website = ObjectOf<typeof Website>;

/** Any JSON, in a namespace. */
export const Note = defineResource<NoteShape>({ group: 'example.com', version: 'v1', kind: 'Note' });
interface NoteShape {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Website['metadata'];
  readonly [field: string]: unknown;
}

/** Any JSON, in the whole cluster. */
export const Region = defineResource<RegionShape>({
  group: 'example.com',
  version: 'v1',
  kind: 'Region',
  scope: 'Cluster',
});
interface RegionShape {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Omit<Website['metadata'], 'namespace'> & { readonly namespace?: undefined };
  readonly [field: string]: unknown;
}

export interface Setup {
  readonly store: ObjectStore;
  readonly client: Client;
  readonly clock: VirtualClock;
}

/** A store of Websites, Notes and Regions (and more), on a clock that stands still. */
export function setUp(options: Partial<ObjectStoreOptions> = {}, ...more: readonly AnyResource[]): Setup {
  const clock = new VirtualClock();
  const resources = [Website, Note, Region, ...more];
  const store = new ObjectStore({ resources, clock, random: new SeededRandom(1), ...options });
  return { store, client: store.client(), clock };
}

/** What a new Website has, with the name and the namespace `default`. */
export function website(
  name: string,
  spec: { readonly image?: string; readonly replicas?: number; readonly tags?: Record<string, string> } = {},
  metadata: Omit<Parameters<Client['create']>[1]['metadata'], 'name'> = {},
): { readonly metadata: { name: string; namespace: string }; readonly spec: { readonly image: string } } {
  return { metadata: { name, namespace: 'default', ...metadata }, spec: { image: 'nginx', ...spec } };
}

/** The key of a name in the namespace `default`. */
export function at(
  name: string,
  namespace = 'default',
): { readonly name: string; readonly namespace: string } {
  return { name, namespace };
}

/** Everything that a watch of `client` tells up to now, without the bookmark that ends it. */
export async function told<O>(client: Client, watch: Watch<O>): Promise<WatchEvent<O>[]> {
  const events: WatchEvent<O>[] = [];
  const now = await client.barrier();
  for (;;) {
    const { value } = await watch.next();
    if (value === undefined) throw new Error('the watch ended');
    if (value.type === 'BOOKMARK' && value.object.metadata.resourceVersion === now) return events;
    events.push(value);
  }
}

/** An event as a line: type, name and revision. */
export function line(event: WatchEvent<unknown>): string {
  const { metadata } = event.object as { metadata: { name?: string; resourceVersion: string } };
  return `${event.type} ${metadata.name === undefined ? '' : `${metadata.name} `}@${metadata.resourceVersion}`;
}

/** The lines of everything that a watch of `client` tells up to now. */
export async function lines(client: Client, watch: Watch<unknown>): Promise<string[]> {
  return (await told(client, watch)).map(line);
}

/** The error of a request that must fail with an ApiError of this reason. */
export async function failure(work: Promise<unknown>, reason: StatusReason): Promise<ApiError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw error;
  if (error.reason !== reason) throw new Error(`expected ${reason}, got ${error.reason}: ${error.message}`);
  return error;
}

/** The fields that an error names. */
export function fieldsOf(error: ApiError): string[] {
  return (error.details.causes ?? []).map((cause) => cause.field ?? '');
}

/** Fails unless a value and all of its parts are frozen. */
export function expectDeeplyFrozen(value: unknown, path = 'object'): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Object.isFrozen(value)) throw new Error(`${path} is not frozen`);
  for (const key of Object.keys(value)) {
    expectDeeplyFrozen((value as Record<string, unknown>)[key], `${path}.${key}`);
  }
}
