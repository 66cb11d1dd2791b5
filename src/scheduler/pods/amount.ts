import { preview, Quantity } from '../../core/index.js';
import type { Amounts } from '../framework/index.js';

/** Quantities by the name of the resource, as a Pod or a Node carries them. */
export type QuantityTexts = Readonly<Record<string, string>>;

/**
 * Whether the scheduler counts a resource: CPU, memory, `ephemeral-storage`, and what has a prefix, such as `example.com/gpu` or
 * `hugepages-2Mi`.
 */
export function isCounted(resource: string): boolean {
  return (
    resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage' || isScalar(resource)
  );
}

/**
 * Whether a resource comes in pieces that a node has or has not: extended resources, huge pages, attachable volumes.
 *
 * Source: `IsScalarResourceName` of kube-scheduler.
 */
export function isScalar(resource: string): boolean {
  if (resource.includes('/')) return !resource.startsWith('requests.');
  return resource.startsWith('hugepages-') || resource.startsWith('attachable-volumes-');
}

/** What a text stands for. @throws TypeError naming the field where it is no quantity. */
export function readQuantity(text: string, field: string): Quantity {
  const quantity = Quantity.tryParse(text);
  if (quantity === undefined) {
    throw new TypeError(`${field}: expected a quantity such as "100m" or "512Mi", got ${preview(text)}`);
  }
  return quantity;
}

/** A quantity as a whole number, rounded up: CPU in thousandths, anything else in whole units; cut to MAX_SAFE_INTEGER. */
export function amountOf(resource: string, quantity: Quantity): number {
  const amount = resource === 'cpu' ? quantity.milliValue() : quantity.value();
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(amount);
}

/** Amounts as people write them: `300m cpu, 512Mi memory`. */
export function describeAmounts(amounts: Amounts): string {
  return Array.from(amounts, ([name, amount]) => `${describe(name, amount)} ${name}`).join(', ');
}

function describe(resource: string, amount: number): string {
  if (resource === 'cpu') return amount % 1000 === 0 ? `${amount / 1000}` : `${amount}m`;
  const isOfBytes =
    resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');
  if (!isOfBytes || amount % 1024 !== 0) return `${amount}`;
  return amount % 1024 ** 2 === 0 ? `${amount / 1024 ** 2}Mi` : `${amount / 1024}Ki`;
}
