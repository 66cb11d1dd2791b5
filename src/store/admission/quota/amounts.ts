import { Quantity } from '../../../core/index.js';

/** Amounts of resources by name. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** A list of resources as objects carry it, such as `requests`. */
export type ResourceList = Readonly<Record<string, string>>;

const ZERO = /* @__PURE__ */ Quantity.parse('0');

/** The amounts of a list; none where there is no list. */
export function amountsOf(list: ResourceList | undefined): Map<string, Quantity> {
  const amounts = new Map<string, Quantity>();
  for (const name of Object.keys(list ?? {}))
    amounts.set(name, Quantity.parse((list as ResourceList)[name] as string));
  return amounts;
}

/** An amount, or nothing. */
export function amountOf(amounts: Amounts, name: string): Quantity {
  return amounts.get(name) ?? ZERO;
}

/** Adds amounts to others. */
export function addTo(sum: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const before = sum.get(name);
    sum.set(name, before === undefined ? amount : before.add(amount));
  }
}

/** Raises amounts to others where these are more. */
export function raiseTo(highest: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const before = highest.get(name);
    if (before === undefined || amount.cmp(before) > 0) highest.set(name, amount);
  }
}

/** `cpu=1,pods=2`: names in order. Source: `prettyPrint` of the ResourceQuota plugin in k8s.io/apiserver. */
export function describe(names: readonly string[], amounts: Amounts): string {
  return [...names]
    .sort()
    .map((name) => `${name}=${amountOf(amounts, name).toString()}`)
    .join(',');
}
