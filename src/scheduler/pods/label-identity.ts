import { RecentMap } from '../../core/index.js';
import { sameJson } from './same-json.js';

/** How many identities are known at a time; those of workloads that are about stay alive beside it. */
const KNOWN = 10_000;

/**
 * A namespace and labels: what selectors of other Pods see of a Pod. One object for all Pods that do not differ in them, as a rule: two
 * may also be equal.
 */
export interface LabelIdentity {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The identities of Pods, found again by namespace and labels. */
export class LabelIdentities {
  readonly #known = new RecentMap<string, LabelIdentity>(KNOWN);
  // that which was asked for last: many Pods in a row do not differ in it
  #last: LabelIdentity | undefined;

  of(namespace: string, labels: Readonly<Record<string, string>>): LabelIdentity {
    const last = this.#last;
    if (last !== undefined && last.namespace === namespace && sameJson(last.labels, labels)) return last;
    return (this.#last = this.#find(namespace, labels));
  }

  #find(namespace: string, labels: Readonly<Record<string, string>>): LabelIdentity {
    const text = JSON.stringify([namespace, labels]);
    let identity = this.#known.get(text);
    if (identity === undefined) {
      identity = Object.freeze({ namespace, labels });
      this.#known.set(text, identity);
    }
    return identity;
  }
}
