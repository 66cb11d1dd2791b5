import type { LoggedChange, LoggedObject } from '../history/logged-change.js';
import { linearizabilityViolations } from '../history/linearizability.js';
import type { Operation } from '../history/operation.js';
import { type WatchHistory, watchViolations } from '../history/watch-rules.js';
import { check } from './conformance-case.js';
import type { Watcher } from './watcher.js';

/** What happened, as a watch of everything told it. */
export function logOf(watcher: Watcher): readonly LoggedChange[] {
  const state = new Map<string, LoggedObject>();
  const log: LoggedChange[] = [];
  for (const event of watcher.events) {
    if (event.type === 'BOOKMARK') continue;
    const { object } = event;
    const place = `${object.namespace}/${object.name}`;
    const before = state.get(place);
    const isDeleted = event.type === 'DELETED';
    log.push({ revision: object.revision, before: before, after: isDeleted ? undefined : object });
    if (isDeleted) state.delete(place);
    else state.set(place, object);
  }
  return log;
}

/** Checks all that was told and answered. @param reference - A watch of everything, which says what happened. */
export function checkHistory(
  reference: Watcher,
  watchers: readonly Watcher[],
  operations: readonly Operation[],
): void {
  const log = logOf(reference);
  const histories = watchers
    .map((watcher) => watcher.history())
    .filter((history): history is WatchHistory => history !== undefined);
  // those of other stores end where the first does
  const until = log.at(-1)?.revision ?? 0;
  const cut = histories.map((history) => ({
    ...history,
    events: history.events.filter((event) => event.type === 'BOOKMARK' || event.object.revision <= until),
  }));
  const broken = watchViolations(log, cut).map(({ message }) => message);
  const own = log.filter(({ before, after }) => (after ?? before)?.namespace === 'default');
  const problems = [...broken, ...linearizabilityViolations(own, operations)];
  check(problems.length === 0, () => problems.slice(0, 20).join('\n'));
}
