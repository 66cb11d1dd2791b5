import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lmdbStorage } from '../../../src/store/storage/lmdb/index.js';
import { storageConformance, type StorageUnderTest, storeConformance } from '../../../src/testing/index.js';

/** A storage in a folder of its own, which goes with it. */
async function create(): Promise<StorageUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-conformance-'));
  const path = join(folder, 'store');
  return {
    storage: lmdbStorage({ path }),
    reopen: () => lmdbStorage({ path }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const TIMEOUT = 40_000;

describe('an LMDB storage', () => {
  for (const { name, run } of storageConformance({ create, runs: 20 }))
    it(name, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
});

describe('a store on an LMDB storage', () => {
  for (const { name, run } of storeConformance({ create, durable: true, runs: 20 }))
    it(name, () => expect(run()).resolves.toBeUndefined(), TIMEOUT);
});
