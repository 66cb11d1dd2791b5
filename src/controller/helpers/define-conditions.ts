import { type Clock, type Condition, findCondition, preview, setCondition } from '../../core/index.js';
import { isStale } from './is-stale.js';
import type { Observation } from './observation.js';
import { summarize } from './summarize.js';

/** An object that may have conditions in its status. */
export interface Conditioned {
  readonly metadata: { readonly generation?: number | undefined };
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined;
}

/** What was seen of conditions, `T` by name: those that are absent stay as they are. */
export type Observations<T extends string> = { readonly [K in T]?: Observation | undefined };

/** The conditions of a kind, `T` by name; `S` is the one that sums them up. */
export interface Conditions<T extends string, S extends string = never> {
  /**
   * The conditions of an object with those that were observed, at its generation, and the summary of all; the very same list where
   * nothing changes. Conditions of others stay.
   *
   * @throws TypeError for a condition that was not declared, or a reason that is not as Kubernetes wants it.
   */
  set(object: Conditioned, observed: Observations<T>, clock: Clock): readonly Condition[];
  /** The condition of an object, if it was ever set. */
  find(object: Conditioned, type: T | S): Condition | undefined;
  /** Whether a condition is `True` for the object as it is now: a stale one is not. */
  isTrue(object: Conditioned, type: T | S): boolean;
  /** Whether a condition was observed at an older generation than the object has now, so that it may no longer hold. */
  isStale(object: Conditioned, type: T | S): boolean;
}

/**
 * Declares the conditions that a controller keeps in the status of its objects, so that names are checked and none is forgotten.
 *
 * With a `summary`, that condition is `True` while all others are, for the present generation; `False` where one of them is; else
 * `Unknown`. It has reason and message of the first that is `False`, or else of the first that is not `True`.
 *
 * @throws TypeError for names that are given twice, or for none.
 *
 * @example
 * ```ts
 * const conditions = defineConditions(['Dns', 'Certificate'], { summary: 'Ready' });
 * const next = conditions.set(site, { Dns: { status: 'True', reason: 'Resolved' } }, clock);
 * ```
 */
export function defineConditions<const T extends string, const S extends string = never>(
  types: readonly T[],
  options: { readonly summary?: S | undefined } = {},
): Conditions<T, S> {
  const { summary } = options;
  const names: readonly string[] = summary === undefined ? types : [...types, summary];
  if (types.length === 0 || new Set(names).size < names.length) {
    throw new TypeError(
      `defineConditions: expected one name or more, each once, got ${names.map(preview).join(', ')}`,
    );
  }
  const find = ({ status }: Conditioned, type: T | S): Condition | undefined =>
    findCondition(status?.conditions, type);
  return Object.freeze<Conditions<T, S>>({
    set({ metadata: { generation }, status }, observed, clock) {
      checkNames(types, observed);
      let conditions = status?.conditions ?? NONE;
      for (const type of types) {
        const observation: Observation | undefined = observed[type];
        if (observation === undefined) continue;
        conditions = setCondition(
          conditions,
          { ...observation, type, observedGeneration: generation },
          clock,
        );
      }
      if (summary === undefined) return conditions;
      const sum = summarize(types, conditions, generation);
      return setCondition(conditions, { ...sum, type: summary, observedGeneration: generation }, clock);
    },
    find,
    isTrue: (object, type) => {
      const condition = find(object, type);
      return condition?.status === 'True' && !isStale(condition, object.metadata.generation);
    },
    isStale: (object, type) => isStale(find(object, type), object.metadata.generation),
  });
}

const NONE: readonly Condition[] = /* @__PURE__ */ Object.freeze([]);

function checkNames(types: readonly string[], observed: object): void {
  const other = Object.keys(observed).find((name) => !types.includes(name));
  if (other === undefined) return;
  throw new TypeError(`conditions: expected one of ${types.join(', ')}, got ${preview(other)}`);
}
