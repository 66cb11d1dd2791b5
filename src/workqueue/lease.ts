/**
 * An item in hand, that ends by itself.
 *
 * It is done when `done()` is called, when a `using` declaration goes out of scope, or when the loop that it came from asks for
 * the next one or is left. It ends its own run alone: however often it is told, a later run of the same item stays in hand.
 */
export interface Lease<T, R = string> extends Disposable {
  readonly item: T;
  /** The priority that the item was handed out with: give it to a retry, to keep it. */
  readonly priority: number;
  /** Why the item was handed out: the first eight reasons. */
  readonly reasons: readonly R[];
  done(): void;
}
