import type { SeededRandom } from '../../../src/core/index.js';
import type { LoggedChange, LoggedObject } from '../../../src/testing/history/logged-change.js';
import type { WatchedEvent, WatchHistory } from '../../../src/testing/history/watch-rules.js';

/** A random log: commits of one to three objects, with gaps between the revisions. */
export function randomLog(random: SeededRandom, commits: number): LoggedChange[] {
  const state = new Map<string, LoggedObject>();
  const log: LoggedChange[] = [];
  let revision = 10;
  for (let index = 0; index < commits; index += 1) {
    revision += 1 + (random.next() < 0.2 ? random.integer(3) : 0);
    const names = new Set(Array.from({ length: 1 + random.integer(3) }, () => `n${random.integer(6)}`));
    for (const name of names) {
      const before = state.get(name);
      const isDelete = before !== undefined && random.next() < 0.3;
      const colour = random.next() < 0.5 ? 'red' : 'blue';
      const after = isDelete
        ? undefined
        : { namespace: '', name, revision, labels: { colour }, content: `${colour} ${name} ${revision}` };
      log.push({ revision, before, after });
      if (after === undefined) state.delete(name);
      else state.set(name, after);
    }
  }
  return log;
}

/** What a watch tells that does everything right. */
export function rightWatch(
  log: readonly LoggedChange[],
  from: number,
  colour: string | undefined,
  random: SeededRandom,
): WatchHistory {
  const matches = (object: LoggedObject): boolean =>
    colour === undefined || object.labels['colour'] === colour;
  const events: WatchedEvent[] = [];
  const state = new Map<string, LoggedObject>();
  for (const { revision, before, after } of log) {
    if (revision > from) break;
    const name = (after ?? before)?.name ?? '';
    if (after === undefined) state.delete(name);
    else state.set(name, after);
  }
  for (let index = 0; index < log.length; ) {
    const { revision } = log[index] as LoggedChange;
    const told: WatchedEvent[] = [];
    for (; log[index]?.revision === revision; index += 1) {
      const { before, after } = log[index] as LoggedChange;
      const was = before !== undefined && matches(before);
      if (after !== undefined && matches(after)) {
        told.push({ type: was ? 'MODIFIED' : 'ADDED', object: after, more: true });
      } else if (was) told.push({ type: 'DELETED', object: { ...before, revision }, more: true });
    }
    if (revision <= from) continue;
    events.push(...told.map((event, at) => ({ ...event, more: at < told.length - 1 })));
    if (random.next() < 0.2) events.push({ type: 'BOOKMARK', revision });
  }
  return { name: 'w', from, matches, events, initial: [...state.values()].filter(matches) };
}
