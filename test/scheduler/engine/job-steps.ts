import * as fc from 'fast-check';
import type { Job as JobObject } from './machines.js';

const name = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: count - 1 }).map((at) => `${prefix}${at}`);
/** What a job asks for. */
export const spec = fc.record(
  {
    cpu: fc.integer({ min: 0, max: 6 }),
    rack: name('r', 3),
    // some of them make a sort of its own
    bears: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.nat()),
    apart: name('g', 3),
    near: name('g', 3),
    only: fc.array(name('m', 8), { minLength: 1, maxLength: 3 }),
    priority: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ['cpu'] },
);
/** Something that happens to an engine. */
export type Step =
  | {
      readonly do: 'machine';
      readonly name: string;
      readonly cpu: number;
      readonly dirt: number;
      readonly rack: string;
    }
  | { readonly do: 'unset machine'; readonly name: string }
  | {
      readonly do: 'place' | 'schedule' | 'keep';
      readonly name: string;
      readonly spec: JobObject['spec'];
      readonly on: string;
    }
  | { readonly do: 'unset job'; readonly name: string }
  | { readonly do: 'fork' | 'commit' | 'rollback' };
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('machine' as const),
      name: name('m', 8),
      cpu: fc.integer({ min: 0, max: 12 }),
      dirt: fc.integer({ min: 0, max: 5 }),
      rack: name('r', 4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unset machine' as const), name: name('m', 8) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom('place' as const, 'place' as const, 'schedule' as const, 'keep' as const),
      name: name('j', 12),
      spec: spec as fc.Arbitrary<JobObject['spec']>,
      on: name('m', 8),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unset job' as const), name: name('j', 12) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('fork' as const, 'fork' as const, 'commit' as const, 'rollback' as const),
    }),
  },
);
