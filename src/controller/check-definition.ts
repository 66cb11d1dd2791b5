import { FieldSelector, LabelSelector, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { ControllerOptions } from './controller.js';
import type { WatchedKindOptions } from './watch-options.js';

const STORE_CHOICES: readonly unknown[] = ['home', 'added', 'every', undefined];
const READ_YOUR_WRITES: readonly unknown[] = ['wait', 'overlay', 'off', undefined];

/** @throws TypeError or ApiError BadRequest for a kind that a controller cannot watch in this way. */
export function checkWatched(
  name: string,
  step: string,
  resource: AnyResource | undefined,
  options: WatchedKindOptions<never> = {},
): void {
  if (typeof resource !== 'object' || resource === null || typeof resource.kind !== 'string') {
    throw new TypeError(
      `controller ${name}: ${step}: expected a resource, as defineResource makes, got ${preview(resource)}`,
    );
  }
  const at = `controller ${name}: ${step} ${resource.kind}`;
  const { predicates = [], stores, labelSelector, fieldSelector } = options;
  const list: unknown = predicates;
  if (!Array.isArray(list) || !list.every((predicate) => typeof predicate === 'function')) {
    throw new TypeError(`${at}: predicates: expected a list of functions, got ${preview(list)}`);
  }
  if (!STORE_CHOICES.includes(stores)) {
    throw new TypeError(`${at}: stores: expected 'home', 'added' or 'every', got ${preview(stores)}`);
  }
  if (typeof labelSelector === 'string') LabelSelector.parse(labelSelector);
  if (typeof fieldSelector === 'string') FieldSelector.parse(fieldSelector);
}

/** @throws TypeError or RangeError for an option that makes no sense. */
export function checkOptions(name: string, options: ControllerOptions): void {
  const { concurrency, reconcileTimeout, readYourWrites, flowOf, rateLimiter } = options;
  const at = `controller ${name}`;
  if (concurrency !== undefined && (!Number.isSafeInteger(concurrency) || concurrency < 1)) {
    throw new RangeError(`${at}: concurrency: expected a whole number above 0, got ${preview(concurrency)}`);
  }
  if (reconcileTimeout !== undefined && !(typeof reconcileTimeout === 'number' && reconcileTimeout > 0)) {
    throw new RangeError(
      `${at}: reconcileTimeout: expected more than 0 milliseconds, got ${preview(reconcileTimeout)}`,
    );
  }
  if (!READ_YOUR_WRITES.includes(readYourWrites)) {
    throw new TypeError(
      `${at}: readYourWrites: expected 'wait', 'overlay' or 'off', got ${preview(readYourWrites)}`,
    );
  }
  for (const [option, value] of Object.entries({ flowOf, rateLimiter })) {
    if (value !== undefined && typeof value !== 'function') {
      throw new TypeError(`${at}: ${option}: expected a function, got ${preview(value)}`);
    }
  }
}
