import { jsonEqual, LruMap } from '../../core/index.js';
import { changedFields } from './changed-fields.js';
import { type FieldSteps, formatSteps, valueAt } from './field-steps.js';
import type { LoopingField } from './hot-loop.js';

/** So many writes within so many milliseconds look like a loop. */
export const LOOP_WRITES = 10;
export const LOOP_WINDOW = 10_000;

/** A field that was told of is told of again once it was quiet for so many milliseconds. */
export const QUIET = 60_000;

/** How many fields of an object are remembered as told of. */
const MOST_TOLD = 1_000;

/** How many values a finding shows. */
const MOST_VALUES = 3;

/** A write that changed something: the states before and after, which are frozen, shared and never copied. */
interface Write {
  readonly at: number;
  readonly before: object;
  readonly after: object;
}

/** What a series of writes shows. */
export interface Finding {
  readonly fields: readonly LoopingField[];
  readonly duration: number;
}

/** The writes of one controller to one object, counted first, and compared only when there are 10 within 10 seconds. */
export class WriteSeries {
  // the writes of this series, oldest first: fewer than LOOP_WRITES, and none older than LOOP_WINDOW at the last of them
  #writes: Write[] = [];
  // the fields that were told of, and when each was found last; made with the first
  #told: LruMap<number> | undefined;

  /** Takes a write in, and answers with what the series shows where it is full; then the next one begins. */
  add(write: Write): Finding | undefined {
    const writes = this.#writes;
    const { at } = write;
    while (writes[0] !== undefined && at - writes[0].at > LOOP_WINDOW) writes.shift();
    writes.push(write);
    if (writes.length < LOOP_WRITES) return undefined;
    this.clear();
    const fields = this.#untold(changedByAll(writes), at).map(([path, steps]) =>
      loopingField(writes, path, steps),
    );
    return fields.length === 0 ? undefined : { fields, duration: at - (writes[0] as Write).at };
  }

  clear(): void {
    this.#writes = [];
  }

  /** Whether something was told of, which is not to be told of again too soon. */
  get hasTold(): boolean {
    return this.#told !== undefined;
  }

  /** Those that were not told of, or were quiet since, with their paths; from now on all of them are told of. */
  #untold(fields: readonly FieldSteps[], at: number): readonly (readonly [string, FieldSteps])[] {
    if (fields.length === 0) return [];
    const told = (this.#told ??= new LruMap(MOST_TOLD));
    const named = fields.map((steps) => [formatSteps(steps), steps] as const);
    const untold = named.filter(([path]) => at - (told.get(path) ?? Number.NEGATIVE_INFINITY) > QUIET);
    for (const [path] of named) told.set(path, at);
    return untold;
  }
}

/** The fields that every write changed. */
function changedByAll(writes: readonly Write[]): readonly FieldSteps[] {
  const { before, after } = writes.at(-1) as Write;
  return changedFields(before, after).filter((steps) =>
    writes.every((write) => !jsonEqual(valueAt(write.before, steps), valueAt(write.after, steps))),
  );
}

function loopingField(writes: readonly Write[], path: string, steps: FieldSteps): LoopingField {
  const set = distinct(writes.map(({ after }) => valueAt(after, steps)));
  const seen = distinct(
    writes.flatMap(({ before, after }) => [valueAt(before, steps), valueAt(after, steps)]),
  );
  return {
    path,
    pattern: set.length < writes.length ? 'oscillating' : 'ever new',
    values: seen.slice(-MOST_VALUES),
  };
}

/** The values, each where it is for the last time. */
function distinct(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value, index) => !values.slice(index + 1).some((later) => jsonEqual(later, value)));
}
