import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, ObjectStore } from 'keelson';
import { ConfigMap } from 'keelson/kinds';
import { lmdbStorage } from 'keelson/storage/lmdb';
import { open, type RootDatabase } from 'lmdb';
import type { Row } from './harness.js';

const CREATES = 10_000;
const IN_FLIGHT = 1_000;

/** A whole store on LMDB, against LMDB alone with the same bytes. */
export function storageRows(): readonly Row[] {
  const objects = Array.from({ length: CREATES }, (_, index) => ({
    metadata: { name: `config-${index}`, namespace: 'default' },
    data: { index: String(index), text: 'x'.repeat(300) },
  }));
  const system = {
    uid: 'f5a3c1de-0000-4000-8000-000000000000',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const texts = objects.map(({ metadata, data }) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, ...system }, data }),
  );
  let folder = '';
  let db: RootDatabase<string, string>;
  let store: ObjectStore;
  let client: Client;

  /** Runs `each` for all, so many at a time. */
  const all = async (each: (index: number) => Promise<unknown>): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < CREATES) await each(next++);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  };
  const remove = (): void => rmSync(folder, { recursive: true });
  return [
    {
      name: 'raw LMDB: put, 1,000 in flight',
      operations: CREATES,
      before: () => {
        folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
        db = open<string, string>({
          path: folder,
          noSubdir: false,
          encoding: 'string',
          overlappingSync: false,
        });
      },
      run: () => all((index) => db.put(`configmaps/default/config-${index}`, texts[index] as string)),
      after: async () => {
        await db.close();
        remove();
      },
    },
    {
      name: 'store on LMDB: create a ConfigMap, 1,000 in flight',
      operations: CREATES,
      floor: 'raw LMDB: put, 1,000 in flight',
      before: async () => {
        folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
        store = new ObjectStore({ resources: [ConfigMap], storage: lmdbStorage({ path: folder }) });
        await store.open();
        client = store.client();
      },
      run: () => all((index) => client.create(ConfigMap, objects[index] as (typeof objects)[number])),
      after: async () => {
        await store.close();
        remove();
      },
    },
    {
      name: 'store on LMDB: reopen with 10,000 ConfigMaps',
      operations: CREATES,
      beforeAll: async () => {
        folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
        store = new ObjectStore({ resources: [ConfigMap], storage: lmdbStorage({ path: folder }) });
        client = store.client();
        await all((index) => client.create(ConfigMap, objects[index] as (typeof objects)[number]));
        await store.close();
      },
      run: async () => {
        store = new ObjectStore({ resources: [ConfigMap], storage: lmdbStorage({ path: folder }) });
        await store.open();
      },
      after: () => store.close(),
      afterAll: remove,
    },
  ];
}
