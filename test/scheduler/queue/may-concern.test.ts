import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../../../src/core/index.js';
import { Pod, Service } from '../../../src/resources/kinds/index.js';
import type { ClusterEvent, HostInfo, Reads } from '../../../src/scheduler/framework/index.js';
import { mayConcern } from '../../../src/scheduler/queue/may-concern.js';
import { task } from './fixture.js';

const EVENTS: Record<string, ClusterEvent> = {
  host: { type: 'host', host: { name: 'n' } as HostInfo },
  'host gone': { type: 'host gone', name: 'n' },
  placed: { type: 'placed', workload: task('a'), host: 'n' },
  removed: { type: 'removed', workload: task('a'), host: 'n' },
  service: { type: 'object', resource: Service },
  pod: { type: 'object', resource: Pod },
};

function concerns(reads?: Reads<ApiObject, ApiObject>): string[] {
  return Object.keys(EVENTS).filter((name) =>
    mayConcern({ name: 'P', reads }, EVENTS[name] as ClusterEvent<ApiObject>),
  );
}

describe('mayConcern', () => {
  it('says yes to everything for a plugin that says nothing of what it reads', () => {
    expect(concerns()).toEqual(Object.keys(EVENTS));
  });

  it('knows that hosts which are left stay the same for one that looks at each host alone', () => {
    expect(concerns({ part: () => '' })).toEqual(['host', 'placed', 'removed']);
    expect(concerns({ part: () => '', version: () => 0 })).toEqual([
      'host',
      'host gone',
      'placed',
      'removed',
    ]);
    expect(concerns({})).toEqual(['host', 'host gone', 'placed', 'removed']);
  });

  it('leaves out what is placed where a plugin does not count that', () => {
    expect(concerns({ part: () => '', placed: false })).toEqual(['host']);
  });

  it('takes in the kinds that a plugin looks at', () => {
    expect(concerns({ part: () => '', placed: false, kinds: [Service] })).toEqual(['host', 'service']);
  });
});
