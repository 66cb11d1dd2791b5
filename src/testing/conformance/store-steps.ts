import type * as fc from 'fast-check';
import type { TransactionStep } from './store-recorder.js';
import type { Selection } from './watcher.js';

/** The names of the things that steps are about. */
export const NAMES = ['a', 'b', 'c'] as const;
const COLOURS = ['red', 'blue'] as const;
const MANAGERS = ['left', 'right'] as const;
const PARTS = ['p', 'q'] as const;
const HOLDS = ['conformance.keelson.dev/one', 'conformance.keelson.dev/two'] as const;

/** What every request has. */
interface Sent {
  readonly client: number;
  /** Whether the next step waits for its end. */
  readonly waits: boolean;
}

/** One request of a random history. */
export type StoreRequest = Sent &
  (
    | {
        readonly do: 'create' | 'update' | 'update-stale' | 'paint' | 'touch' | 'report' | 'delete' | 'get';
        readonly name: string;
        readonly colour: string;
      }
    | { readonly do: 'generate'; readonly colour: string }
    | { readonly do: 'hold'; readonly name: string; readonly finalizers: readonly string[] }
    | {
        readonly do: 'apply';
        readonly name: string;
        readonly manager: string;
        readonly parts: readonly string[];
        /** Whether it applies the values that it finds. */
        readonly adopts: boolean;
        readonly force: boolean;
      }
    | { readonly do: 'transaction'; readonly steps: readonly TransactionStep[] }
    | { readonly do: 'delete-all'; readonly selection: Selection }
    | {
        readonly do: 'list' | 'watch';
        readonly selection: Selection;
        /** Pages of so many objects, and how far back, or ahead, in revisions a watch or a list looks; undefined for now. */
        readonly limit: number | undefined;
        readonly back: number | undefined;
      }
    /** Another kind takes a revision. */
    | { readonly do: 'other' }
  );

/** One step of a random history. */
export type StoreStep =
  | StoreRequest
  | { readonly do: 'disturb'; readonly choice: number }
  | { readonly do: 'heal' };

/** Random steps. @param fastCheck - The package, which only those need that use this. */
export function storeSteps(
  fastCheck: typeof fc,
  options: { readonly steps: number; readonly disturbs: boolean },
): fc.Arbitrary<readonly StoreStep[]> {
  const { constant, constantFrom, record, subarray } = fastCheck;
  const name = constantFrom(...NAMES);
  const colour = constantFrom(...COLOURS);
  const sent = { client: fastCheck.nat(5), waits: fastCheck.boolean() };
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fastCheck.option(arbitrary, { nil: undefined });
  const selection: fc.Arbitrary<Selection> = fastCheck.oneof(
    constant({}),
    record({ colour }),
    record({ namespace: constant('default') }),
    record({ name, namespace: constant('default') }),
  );
  const plain = record({
    do: constantFrom(
      ...(['create', 'create', 'create', 'update', 'update', 'update-stale', 'paint', 'paint'] as const),
      ...(['touch', 'report', 'delete', 'delete', 'get'] as const),
    ),
    name,
    colour,
    ...sent,
  });
  const generate = record({ do: constant('generate' as const), colour, ...sent });
  const hold = record({
    do: constant('hold' as const),
    name,
    finalizers: subarray([...HOLDS]),
    ...sent,
  });
  const apply = record({
    do: constant('apply' as const),
    name,
    manager: constantFrom(...MANAGERS),
    // whoever applies no part may still own that there are parts, which is nothing to a history
    parts: subarray([...PARTS], { minLength: 1 }),
    adopts: constantFrom(true, false, false),
    force: fastCheck.boolean(),
    ...sent,
  });
  const transaction = record({
    do: constant('transaction' as const),
    steps: fastCheck.uniqueArray(
      record({ name, do: constantFrom('put' as const, 'put' as const, 'delete' as const), colour }),
      { minLength: 1, maxLength: 3, selector: (step) => step.name },
    ),
    ...sent,
  });
  const deleteAll = record({ do: constant('delete-all' as const), selection, ...sent });
  const look = record({
    do: constantFrom('list' as const, 'watch' as const),
    selection,
    limit: maybe(fastCheck.integer({ min: 1, max: 3 })),
    back: maybe(fastCheck.integer({ min: -10, max: 20 })),
    ...sent,
  });
  const steps: { weight: number; arbitrary: fc.Arbitrary<StoreStep> }[] = [
    { weight: 20, arbitrary: plain },
    { weight: 1, arbitrary: generate },
    { weight: 6, arbitrary: hold },
    { weight: 9, arbitrary: apply },
    { weight: 4, arbitrary: transaction },
    { weight: 1, arbitrary: deleteAll },
    { weight: 8, arbitrary: look },
    { weight: 2, arbitrary: record({ do: constant('other' as const), ...sent }) },
  ];
  if (options.disturbs) {
    const choice = fastCheck.nat(99).map((n) => n / 100);
    steps.push(
      { weight: 5, arbitrary: record({ do: constant('disturb' as const), choice }) },
      { weight: 5, arbitrary: constant<StoreStep>({ do: 'heal' }) },
    );
  }
  return fastCheck.array(fastCheck.oneof(...steps), { minLength: 1, maxLength: options.steps, size: 'max' });
}
