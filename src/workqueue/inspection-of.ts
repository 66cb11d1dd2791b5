import type { Entry } from './entry.js';
import type { InspectedRun, Inspection } from './inspection.js';
import type { ReasonList } from './reason-list.js';
import type { Wish } from './wish.js';

/** What a run and a wish for one have in common. */
interface Waiting<R> {
  readonly priority: number;
  readonly reasons: ReasonList<R> | undefined;
}

/**
 * A snapshot of what a queue holds.
 *
 * @param entries - Everything that waits or is in hand, by key.
 * @param ready - In the order in which they will be handed out.
 * @param wishes - In the order in which they come due.
 * @param offset - What turns the queue's times into milliseconds since 1970.
 */
export function inspectionOf<T, R>(
  entries: ReadonlyMap<string, Entry<T, R>>,
  ready: Iterable<Entry<T, R>>,
  wishes: readonly Wish<T, R>[],
  offset: number,
): Inspection<T, R> {
  const inspected = (run: Waiting<R>, since: number): InspectedRun<R> => ({
    priority: run.priority,
    since: since + offset,
    reasons: [...(run.reasons?.kept ?? [])],
    droppedReasons: run.reasons?.dropped ?? 0,
  });
  const keys = new Map(Array.from(entries, ([key, entry]) => [entry, key]));
  const identified = (entry: Entry<T, R>): { readonly item: T; readonly key: string } => ({
    item: entry.item,
    key: keys.get(entry) as string,
  });
  const inHand = [...keys.keys()].flatMap((entry) =>
    entry.run === undefined ? [] : [{ entry, run: entry.run }],
  );
  return {
    ready: Array.from(ready, (entry) => ({
      ...identified(entry),
      ...inspected(entry, entry.addedAt as number),
    })),
    delayed: wishes.map((wish) => ({
      item: wish.item,
      key: wish.key,
      ...inspected(wish, wish.madeAt),
      readyAt: wish.readyAt + offset,
    })),
    processing: inHand
      .sort((a, b) => a.run.startedAt - b.run.startedAt)
      .map(({ entry, run }) => ({
        ...identified(entry),
        ...inspected(run, run.startedAt),
        again: entry.addedAt === undefined ? undefined : inspected(entry, entry.addedAt),
      })),
  };
}
