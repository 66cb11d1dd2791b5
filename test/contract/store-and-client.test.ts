import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from 'keelson';
import {
  builtinKinds,
  builtinScheme,
  CoreEvent,
  Deployment,
  Event,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
} from 'keelson/kinds';
import { lmdbStorage } from 'keelson/storage/lmdb';
import { SimulatedStorage, type SimulatedStorageOptions } from 'keelson/testing';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/index.js';
import { type Engine, storeAndClientContract } from './store-and-client.js';

describe('the contract of store and client, in memory,', () => {
  storeAndClientContract(async () => ({ clock: new VirtualClock() }));
});

describe('the contract of store and client, on LMDB,', () => {
  storeAndClientContract(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-contract-'));
    const path = join(folder, 'store');
    return {
      clock: systemClock,
      storage: lmdbStorage({ path }),
      reopen: () => lmdbStorage({ path }),
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    };
  });
});

for (const shared of [true, false]) {
  describe(`the contract of store and client, on a simulated storage that is ${shared ? 'shared' : 'exclusive'},`, () => {
    storeAndClientContract(async () => simulated({ shared }));
  });
}

/** A simulated storage, which outlives the stores that have it open. */
function simulated(options: SimulatedStorageOptions): Engine {
  const clock = new VirtualClock();
  const storage = new SimulatedStorage({ clock, ...options });
  return { clock, storage, reopen: () => storage };
}

describe('the contract of kinds', () => {
  it('has every built-in kind under its name, the current API under the plain one', () => {
    expect(
      [Event, CoreEvent, HorizontalPodAutoscaler, HorizontalPodAutoscalerV1].map((kind) => [
        kind.apiVersion,
        kind.kind,
      ]),
    ).toEqual([
      ['events.k8s.io/v1', 'Event'],
      ['v1', 'Event'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
      ['autoscaling/v1', 'HorizontalPodAutoscaler'],
    ]);
    expect(builtinKinds).toContain(Deployment);
    expect(builtinScheme.lookup({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(Deployment);
  });
});
