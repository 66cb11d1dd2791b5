import fc from 'fast-check';
import type { ModelSelection } from './store-model.js';

/** The parts of objects, few enough to collide. */
export const some = {
  namespace: fc.constantFrom('a', 'a-b', 'b'),
  name: fc.constantFrom('x', 'y', 'y-z', 'z', 'constructor'),
  label: fc.constantFrom('red', 'blue', ''),
  value: fc.integer({ min: 0, max: 2 }),
};
const key = { namespace: some.namespace, name: some.name };
/** What somebody selects. */
export const anySelection: fc.Arbitrary<ModelSelection> = fc.record({
  namespace: fc.option(some.namespace, { nil: undefined }),
  name: fc.option(some.name, { nil: undefined, freq: 3 }),
  label: fc.option(fc.constantFrom('red', 'blue'), { nil: undefined }),
});
/** One request to a store. */
export const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      ...some,
      held: fc.boolean(),
      dryRun: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('update' as const), ...some, stale: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('patch' as const), ...some, dryRun: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), ...key }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('delete' as const), ...key, dryRun: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('deleteCollection' as const), selection: anySelection }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('other' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list' as const), selection: anySelection }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('page' as const),
      selection: anySelection,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      selection: anySelection,
      back: fc.integer({ min: -3, max: 40 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('barrier' as const) }) },
);
export type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;
