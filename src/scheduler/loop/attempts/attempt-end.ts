import type { ApiObject } from '../../../core/index.js';
import type { Choice } from '../../engine/choice.js';
import { fitMessage, fitMessageForAll, NO_HOSTS, type Verdict } from '../../framework/index.js';
import type { WorkingProfile } from '../profiles.js';

/** Why an attempt came to nothing, by plugin. */
export interface Objections {
  readonly rejectedBy: ReadonlySet<string>;
  readonly pendingPlugins: ReadonlySet<string>;
}

/** The plugins that said no. @param narrowedBy - Those that left hosts out without a word. */
export function objectionsIn(verdicts: Iterable<Verdict>, narrowedBy: Iterable<string> = []): Objections {
  const rejectedBy = new Set(narrowedBy);
  const pendingPlugins = new Set<string>();
  for (const { plugin, code } of verdicts) {
    if (plugin !== '') (code === 'Pending' ? pendingPlugins : rejectedBy).add(plugin);
  }
  return { rejectedBy, pendingPlugins };
}

/** Why a workload fits nowhere. */
export function messageOf<W extends ApiObject, H extends ApiObject>(
  hosts: number,
  choice: Choice<W, H>,
): string {
  if (hosts === 0) return NO_HOSTS;
  return choice.rejection === undefined
    ? fitMessage(hosts, choice.counts)
    : fitMessageForAll(hosts, choice.rejection);
}

/** Where there are no hosts few say no, and whoever looks at hosts can tell whether one that comes will help. */
export function everyFilter<W extends ApiObject, H extends ApiObject>(
  { members }: WorkingProfile<W, H>,
  { rejectedBy, pendingPlugins }: Objections,
): Objections {
  const names = members.filter(({ plugin }) => plugin.filter !== undefined).map(({ name }) => name);
  return { rejectedBy: new Set([...rejectedBy, ...names]), pendingPlugins };
}
