/**
 * A condition on an object that must hold when a write commits.
 *
 * It is checked in the transaction of the write, so nothing can come between: this is what fences a deposed leader. JSON, so that it
 * can travel. A guard whose object is absent does not hold.
 */
export interface Guard {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Values that fields must have, by path: `{ 'spec.holderIdentity': 'a', 'spec.leaseTransitions': 3 }`. */
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
}
