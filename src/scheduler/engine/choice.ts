import type { ApiObject } from '../../core/index.js';
import type { HostSlot } from '../cluster/index.js';
import type { Verdict } from '../framework/index.js';

/** What was decided. */
export interface Choice<W extends ApiObject, H extends ApiObject> {
  /** The best host; undefined where none will do. */
  readonly host?: HostSlot<W, H> | undefined;
  readonly feasible: number;
  readonly evaluated: number;
  /** How many hosts each verdict is for. */
  readonly counts: ReadonlyMap<Verdict, number>;
  /** The no to all hosts at once. */
  readonly rejection?: Verdict | undefined;
  /** The only hosts in question, by index, in order; undefined where others may be. */
  readonly among?: Int32Array | undefined;
  /** The plugins that named the only hosts in question. */
  readonly narrowedBy?: readonly string[] | undefined;
  /** The verdict of a host, until something changes or is decided. */
  readonly verdictOf: (host: HostSlot<W, H>) => Verdict | undefined;
  /** The plugins that scored, and the normalised scores of the host. */
  readonly plugins: readonly string[];
  readonly scores: readonly number[];
  readonly total: number;
}

const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** No host will do. */
export function nowhere<W extends ApiObject, H extends ApiObject>(
  found: Pick<Choice<W, H>, 'evaluated' | 'counts' | 'rejection' | 'among' | 'narrowedBy' | 'verdictOf'>,
): Choice<W, H> {
  const { evaluated, counts, rejection, among, narrowedBy, verdictOf } = found;
  return {
    feasible: 0,
    evaluated,
    counts,
    rejection,
    among,
    narrowedBy,
    verdictOf,
    plugins: NONE,
    scores: NONE,
    total: 0,
  };
}
