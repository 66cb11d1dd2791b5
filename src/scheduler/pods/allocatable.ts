import { preview } from '../../core/index.js';
import type { Node } from '../../resources/kinds/index.js';
import type { Amounts } from '../framework/index.js';
import { listOf } from './list-of.js';
import { amountOf, isCounted, readQuantity } from './amount.js';

/**
 * What a Node has for Pods, of `status.allocatable`: in the units of the requests, and `pods`, how many Pods it takes.
 *
 * A Node that says nothing has nothing.
 *
 * @throws TypeError naming the Node and the field where a quantity is negative or none, or its taints or images are no list.
 */
export function allocatableOf(node: Node): Amounts {
  const amounts = new Map<string, number>();
  // read for every Pod later on: who makes no sense is refused at once
  listOf(node.spec?.taints, `Node ${preview(node.metadata.name)}: spec.taints`);
  listOf(node.status?.images, `Node ${preview(node.metadata.name)}: status.images`);
  for (const [name, text] of Object.entries(node.status?.allocatable ?? {})) {
    if (name !== 'pods' && !isCounted(name)) continue;
    const field = `Node ${preview(node.metadata.name)}: status.allocatable.${name}`;
    const quantity = readQuantity(text, field);
    if (quantity.sign < 0)
      throw new TypeError(`${field}: expected an amount of at least 0, got ${preview(text)}`);
    amounts.set(name, amountOf(name, quantity));
  }
  return amounts;
}
