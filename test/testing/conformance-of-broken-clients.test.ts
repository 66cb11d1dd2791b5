import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/index.js';
import { VirtualClock } from '../../src/core/index.js';
import type { ObjectStore } from '../../src/store/index.js';
import { storeConformance } from '../../src/testing/index.js';
import { brokenClient, CLIENT_DEFECTS } from './broken-client.js';

const TIMEOUT = 60_000;

/** Plays the random histories of the suite, with clients that are made this way. */
async function playHistories(connect: (store: ObjectStore) => Client): Promise<void> {
  const create = async () => ({ clock: new VirtualClock(), connect });
  const cases = storeConformance({ create, runs: 30, shrinks: false, patience: 1_000 });
  await cases.find(({ name }) => name.includes('random'))?.run();
}

describe('the random histories of the suite for stores', () => {
  it(
    'find nothing wrong with clients that are right',
    () => expect(playHistories((store) => store.client())).resolves.toBeUndefined(),
    TIMEOUT,
  );

  for (const [name, defect] of Object.entries(CLIENT_DEFECTS)) {
    it(
      `find a client that ${name}`,
      async () => {
        await expect(playHistories((store) => brokenClient(store, defect))).rejects.toThrow(/what happened/);
      },
      TIMEOUT,
    );
  }
});
