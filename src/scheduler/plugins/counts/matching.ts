import type { LabelIdentity } from '../../pods/label-identity.js';
import type { NamespaceLabels } from './namespace-labels.js';
import type { PodMatcher } from './pod-matcher.js';

/** What is kept for the Pods that a matcher matches. */
interface Matched {
  readonly matcher: PodMatcher;
}

/** What an identity matches among the first `seen` items. */
interface Answer<T> {
  readonly items: T[];
  seen: number;
}

/** Items, each with a matcher, and which of them a Pod matches: found out once for all Pods with such labels. */
export class Matching<T extends Matched> {
  readonly #namespaces: NamespaceLabels;
  #items: T[] = [];
  // answers about #items; thrown away when an item goes or a matcher may answer otherwise
  #answers = new WeakMap<LabelIdentity, Answer<T>>();

  constructor(namespaces: NamespaceLabels) {
    this.#namespaces = namespaces;
  }

  /** The items whose matchers match a Pod; not to be changed. */
  of(identity: LabelIdentity): readonly T[] {
    let answer = this.#answers.get(identity);
    if (answer === undefined) this.#answers.set(identity, (answer = { items: [], seen: 0 }));
    const items = this.#items;
    for (; answer.seen < items.length; answer.seen += 1) {
      const item = items[answer.seen] as T;
      if (item.matcher.matches(identity, this.#namespaces)) answer.items.push(item);
    }
    return answer.items;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** Lets all items go but those that are to be kept. */
  keep(isKept: (item: T) => boolean): void {
    this.#items = this.#items.filter(isKept);
    this.forget();
  }

  /** Has all matchers asked again. */
  forget(): void {
    this.#answers = new WeakMap();
  }
}
