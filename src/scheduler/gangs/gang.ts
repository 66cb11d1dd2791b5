import { formatKey, keyOf, preview } from '../../core/index.js';
import type { PodGroup } from './pod-group.js';

/** What a group asks for. */
export interface Gang {
  /** `namespace/name`. */
  readonly key: string;
  /** How many members have to be placed for any of them to be. */
  readonly minCount: number;
  /** How long the group may take to be bound once it was placed, in milliseconds; without end unless given. */
  readonly timeout?: number | undefined;
  /** A label of hosts: all members go to hosts with the same value of it. */
  readonly topologyKey?: string | undefined;
}

/** What a PodGroup asks for. @throws TypeError naming the object, the field and its value where it makes no sense. */
export function gangOf(group: PodGroup): Gang {
  const key = formatKey(keyOf(group));
  // it comes from a server that may not have judged it
  const { minMember, scheduleTimeoutSeconds, topologyKey }: Partial<PodGroup['spec']> = group.spec ?? {};
  if (!Number.isSafeInteger(minMember) || minMember < 1) {
    throw malformed(key, 'minMember', 'a whole number of at least 1', minMember);
  }
  if (scheduleTimeoutSeconds !== undefined && !(scheduleTimeoutSeconds > 0)) {
    throw malformed(key, 'scheduleTimeoutSeconds', 'a number above 0', scheduleTimeoutSeconds);
  }
  if (topologyKey !== undefined && (typeof topologyKey !== 'string' || topologyKey === '')) {
    throw malformed(key, 'topologyKey', 'the name of a label', topologyKey);
  }
  return {
    key,
    minCount: minMember,
    timeout: scheduleTimeoutSeconds === undefined ? undefined : scheduleTimeoutSeconds * 1_000,
    topologyKey,
  };
}

function malformed(key: string, field: string, expected: string, value: unknown): TypeError {
  return new TypeError(
    `PodGroup ${preview(key)}: expected spec.${field} to be ${expected}, got ${preview(value)}`,
  );
}
