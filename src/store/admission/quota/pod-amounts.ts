import type { Quantity } from '../../../core/index.js';
import type { Container, PodSpec } from '../../../resources/kinds/index.js';
import { type Amounts, addTo, amountsOf, raiseTo } from './amounts.js';

/** What a Pod asks for, or is limited to: which of a container's lists is summed up. */
type Side = 'requests' | 'limits';

/** What the resources of a Pod as a whole may speak of. */
const POD_LEVEL = /^(?:cpu|memory|hugepages-.*)$/;

/**
 * What all containers of a Pod take together.
 *
 * Containers run side by side, with those init containers that go on running (`restartPolicy: Always`); the other init containers run
 * before them, one after another, beside those that were started so far. So it is the sum, or what starting takes where that is more.
 * `resources` of the Pod as a whole replace the sum.
 *
 * Source: `AggregateContainerRequests` and `AggregateContainerLimits` in k8s.io/component-helpers/resource.
 */
export function podAmounts(spec: PodSpec, side: Side): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  for (const container of spec.containers) addTo(sum, containerAmounts(container, side));
  const started = new Map<string, Quantity>();
  const highest = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const amounts = containerAmounts(container, side);
    if (container.restartPolicy === 'Always') {
      addTo(sum, amounts);
      addTo(started, amounts);
      raiseTo(highest, started);
    } else {
      const beside = new Map(started);
      addTo(beside, amounts);
      raiseTo(highest, beside);
    }
  }
  raiseTo(sum, highest);
  for (const [name, amount] of amountsOf(spec.resources?.[side])) {
    if (POD_LEVEL.test(name)) sum.set(name, amount);
  }
  return sum;
}

/** {@link podAmounts}, with what it takes to run a Pod at all; that limits only what is limited. */
export function podAmountsWithOverhead(spec: PodSpec, side: Side): Map<string, Quantity> {
  const sum = podAmounts(spec, side);
  for (const [name, amount] of amountsOf(spec.overhead)) {
    const before = sum.get(name);
    if (before !== undefined && (side === 'requests' || !before.isZero)) sum.set(name, before.add(amount));
    else if (before === undefined && side === 'requests') sum.set(name, amount);
  }
  return sum;
}

/** What a container asks for, or is limited to. */
export function containerAmounts({ resources }: Pick<Container, 'resources'>, side: Side): Amounts {
  return amountsOf(resources?.[side]);
}
