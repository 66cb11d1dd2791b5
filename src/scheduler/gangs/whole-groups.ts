import type { ApiObject } from '../../core/index.js';
import type { WorkloadInfo } from '../framework/index.js';
import type { GangBook } from './gang-book.js';

/** One that has to go. */
export interface Victim<W extends ApiObject> {
  readonly workload: WorkloadInfo<W>;
  /** Why it goes although nobody needs its room; undefined where it was chosen. */
  readonly why?: string | undefined;
}

/** Some that go together, in this order. */
export type Party<W extends ApiObject> = readonly Victim<W>[];

/**
 * Who goes where some were chosen to go: of a group of which fewer than `minCount` would be left, all that are placed.
 *
 * The answer is in the order of those that were chosen. Each that can go alone is a party; a group that goes is one, those that were chosen
 * last: as long as one of the others could not be made to go, the room is not there either, and is asked for again.
 *
 * Nobody goes along of the preemptor's own group, nor of one of which nobody has said what it asks for.
 *
 * @param placed - The workload that is placed under a key.
 */
export function wholeGroups<W extends ApiObject>(
  chosen: readonly WorkloadInfo<W>[],
  preemptor: WorkloadInfo<W>,
  book: GangBook<W>,
  placed: (key: string) => WorkloadInfo<W> | undefined,
): readonly Party<W>[] {
  const own = book.groupOf(preemptor);
  const chosenOf = new Map<string, WorkloadInfo<W>[]>();
  for (const workload of chosen) {
    const group = book.groupOf(workload);
    if (group === undefined || group === own) continue;
    const members = chosenOf.get(group);
    if (members === undefined) chosenOf.set(group, [workload]);
    else members.push(workload);
  }
  const wholes = new Map<WorkloadInfo<W>, Party<W>>();
  for (const [group, members] of chosenOf) {
    const why = `its group ${group} is too small without ${namesOf(members)}`;
    const along = tooFewWithout(members, group, book).flatMap((key) => {
      const workload = placed(key);
      return workload === undefined ? [] : [{ workload, why }];
    });
    const whole = [...along, ...members.map((workload) => ({ workload }))];
    if (along.length > 0) for (const member of members) wholes.set(member, whole);
  }
  return [...new Set(chosen.map((workload) => wholes.get(workload) ?? [{ workload }]))];
}

/** The keys of the placed members that a group is too small for without some of them; none where enough are left, or none of them holds a place. */
function tooFewWithout<W extends ApiObject>(
  members: readonly WorkloadInfo<W>[],
  group: string,
  book: GangBook<W>,
): readonly string[] {
  const minCount = book.gang(group)?.minCount ?? 0;
  const left = new Set(book.placed(group).keys());
  const before = left.size;
  for (const { key } of members) left.delete(key);
  return left.size < before && left.size < minCount ? [...left] : [];
}

function namesOf([first, ...others]: readonly WorkloadInfo[]): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first?.key ?? ''}${more}`;
}
