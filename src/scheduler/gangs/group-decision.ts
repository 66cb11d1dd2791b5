import type { ApiObject } from '../../core/index.js';
import type { WorkloadInfo } from '../framework/index.js';

/** What became of a group: it is placed, or would be once others have gone, or goes nowhere. */
export interface GroupDecision<W extends ApiObject> {
  /** Where each member was placed, by key; empty where the group was not placed. */
  readonly placed: ReadonlyMap<string, string>;
  /** Where members are to go once the {@link victims} have gone, by key: none of them is placed, and no room is kept for them. */
  readonly intended: ReadonlyMap<string, string>;
  /** The other members, by key, and why each was left out. */
  readonly left: ReadonlyMap<string, string>;
  /** The domain that was chosen, where one was asked for. */
  readonly domain?: string | undefined;
  /** Those that have to go for the group to be placed, the most important first: they are still where they were. */
  readonly victims: readonly WorkloadInfo<W>[];
  /** Why the group was not placed; undefined where it was. */
  readonly message?: string | undefined;
  /** The plugins that said no to some member: unless one of them says yes one day, the group goes nowhere. */
  readonly unschedulablePlugins: ReadonlySet<string>;
  /** The plugins among them that wait for something that is sure to come. */
  readonly pendingPlugins: ReadonlySet<string>;
}
