import type { LimitRangeItem } from '../../../resources/kinds/index.js';

type Amounts = Readonly<Record<string, string>>;

/**
 * A limit of a LimitRange with its defaults: for containers, what has a maximum is limited to it by default, and what is limited by
 * default or has a minimum is requested by default. Itself where nothing is missing.
 *
 * Source: `SetDefaults_LimitRangeItem`, pkg/apis/core/v1/defaults.go.
 */
export function withItemDefaults(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item;
  const limits = completed(item.default, item.max);
  const requests = completed(completed(item.defaultRequest, limits), item.min);
  if (limits === item.default && requests === item.defaultRequest) return item;
  return {
    ...item,
    ...(limits === undefined ? undefined : { default: limits }),
    ...(requests === undefined ? undefined : { defaultRequest: requests }),
  };
}

/** A map with what it lacks and the other has; itself where it lacks nothing. */
function completed(map: Amounts | undefined, other: Amounts | undefined): Amounts | undefined {
  const missing = Object.keys(other ?? {}).filter((name) => map === undefined || !Object.hasOwn(map, name));
  return missing.length === 0 ? map : { ...other, ...map };
}
