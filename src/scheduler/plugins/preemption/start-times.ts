import { parseTime, preview } from '../../../core/index.js';
import type { Pod } from '../../../resources/kinds/index.js';

/** When Pods were started, read once for each state of a Pod. */
export class StartTimes {
  readonly #known = new WeakMap<Pod, number>();

  /**
   * In milliseconds since 1970; Infinity where a Pod is not started yet.
   *
   * @throws TypeError naming the Pod and the field where the time is none.
   */
  of(pod: Pod): number {
    let start = this.#known.get(pod);
    if (start === undefined) {
      start = read(pod);
      this.#known.set(pod, start);
    }
    return start;
  }
}

function read({ metadata, status }: Pod): number {
  const text = status?.startTime;
  if (text === undefined) return Infinity;
  const start = parseTime(text);
  if (start === undefined) {
    throw new TypeError(
      `Pod ${metadata.namespace}/${metadata.name}: expected status.startTime to be an RFC 3339 time, got ${preview(text)}`,
    );
  }
  return start;
}
