import { Quantity } from '../../core/index.js';
import type { Container, PodSpec } from '../../resources/kinds/index.js';
import { isCounted, type QuantityTexts, readQuantity } from './amount.js';

/** Exact amounts by the name of the resource. */
export type Quantities = Map<string, Quantity>;

/** What is counted for scoring where a container requests none, so that Pods without requests spread as well. */
const CPU_FOR_NONE = '100m';
const MEMORY_FOR_NONE = '200Mi';

/** What is taken for the request of a container that makes none of a resource. */
type ForNone = readonly (readonly [resource: string, quantity: Quantity])[];

/** What is counted for containers that request none, as far as it is asked for. */
export function forNone(cpu: boolean, memory: boolean): ForNone {
  const list: [string, Quantity][] = [];
  if (cpu) list.push(['cpu', Quantity.parse(CPU_FOR_NONE)]);
  if (memory) list.push(['memory', Quantity.parse(MEMORY_FOR_NONE)]);
  return list;
}

/**
 * What the containers of a Pod need together: the larger of what they need while they run, and what the start needs at any time.
 *
 * Init containers run one after another, and those that restart always (sidecars) from their turn on along with all that follows.
 *
 * @throws TypeError naming the field where a quantity is none.
 */
export function containerTotals(spec: PodSpec, fillIn: ForNone): Quantities {
  const running: Quantities = new Map();
  for (const [index, container] of spec.containers.entries()) {
    add(running, requestsOfContainer(container, `spec.containers[${index}]`, fillIn));
  }
  const sidecars: Quantities = new Map();
  const starting: Quantities = new Map();
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const requests = requestsOfContainer(container, `spec.initContainers[${index}]`, fillIn);
    if (container.restartPolicy === 'Always') {
      add(running, requests);
      add(sidecars, requests);
      raise(starting, sidecars);
    } else {
      add(requests, sidecars);
      raise(starting, requests);
    }
  }
  raise(running, starting);
  return running;
}

/** The quantities of a list; negative ones count as 0, which gives no room away. @throws TypeError naming the field where one is none. */
export function quantitiesOf(texts: QuantityTexts | undefined, field: string): Quantities {
  const quantities: Quantities = new Map();
  for (const [name, text] of Object.entries(texts ?? {})) {
    if (!isCounted(name)) continue;
    const quantity = readQuantity(text, `${field}.${name}`);
    quantities.set(name, quantity.sign < 0 ? Quantity.parse('0') : quantity);
  }
  return quantities;
}

/** Adds `more` to `total`. */
export function add(total: Quantities, more: Quantities): void {
  for (const [name, quantity] of more) {
    const before = total.get(name);
    total.set(name, before === undefined ? quantity : before.add(quantity));
  }
}

/** Raises `total` to `least` where it is below. */
function raise(total: Quantities, least: Quantities): void {
  for (const [name, quantity] of least) {
    const before = total.get(name);
    if (before === undefined || before.cmp(quantity) < 0) total.set(name, quantity);
  }
}

function requestsOfContainer(container: Container, field: string, fillIn: ForNone): Quantities {
  const quantities = quantitiesOf(container.resources?.requests, `${field}.resources.requests`);
  for (const [name, quantity] of fillIn) if (!quantities.has(name)) quantities.set(name, quantity);
  return quantities;
}
