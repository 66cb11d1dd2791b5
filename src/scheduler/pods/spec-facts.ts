import { RecentMap } from '../../core/index.js';
import { checkContainers, checkSpec } from './check-spec.js';
import type { LabelIdentity } from './label-identity.js';
import type { PodSpec } from '../../resources/kinds/index.js';
import { sameSignature, signatureOf } from './spec-signature.js';

/** How many specs are known at a time; those of workloads that are about stay alive beside it. */
const KNOWN = 10_000;

/** How many namespaces and labels are known of Pods with one spec. */
const KNOWN_PODS = 100;

/** What plugins know of a Pod beside the object itself: one object for Pods that do not differ in it, as a rule. */
export interface PodFacts {
  readonly spec: SpecFacts;
  readonly identity: LabelIdentity;
}

/**
 * What scheduling looks at in the spec of a Pod: one object for all Pods that do not differ in it.
 *
 * Not the name of the node, the priority or the gates, which are no matter of a host.
 */
export class SpecFacts {
  readonly spec: PodSpec;
  // the facts of Pods with this spec, by what selectors see of them
  readonly #pods = new RecentMap<LabelIdentity, PodFacts>(KNOWN_PODS);
  // what was read of the spec, by the function that read it
  readonly #read = new Map<(spec: PodSpec) => unknown, unknown>();

  constructor(spec: PodSpec) {
    this.spec = spec;
  }

  /** What a function reads of the spec: called once for all Pods with such a spec. It must look at nothing but what is listed below. */
  of<T>(read: (spec: PodSpec) => T): T {
    // what is kept under a function is what it answered
    let value = this.#read.get(read) as T | undefined;
    if (value === undefined) {
      value = read(this.spec);
      this.#read.set(read, value);
    }
    return value;
  }

  /** The facts of the Pods that have this spec and this identity. */
  ofPod(identity: LabelIdentity): PodFacts {
    let facts = this.#pods.get(identity);
    if (facts === undefined) {
      facts = Object.freeze({ spec: this, identity });
      this.#pods.set(identity, facts);
    }
    return facts;
  }
}

/** The facts of specs, found again by what scheduling looks at in them. */
export class SpecFactsCache {
  readonly #known = new RecentMap<string, SpecFacts>(KNOWN);
  // the spec that was asked for last, and its facts: the same is asked for several times in a row, and many that do not differ from it
  #last: PodSpec | undefined;
  #lastFacts: SpecFacts | undefined;

  /** @throws TypeError or RangeError naming the field where the spec makes no sense. */
  of(spec: PodSpec): SpecFacts {
    if (this.#lastFacts !== undefined && this.#last === spec) return this.#lastFacts;
    checkContainers(spec);
    const isLike = this.#last !== undefined && sameSignature(this.#last, spec);
    const facts = isLike ? (this.#lastFacts as SpecFacts) : this.#find(spec);
    this.#last = spec;
    this.#lastFacts = facts;
    return facts;
  }

  #find(spec: PodSpec): SpecFacts {
    const text = signatureOf(spec);
    let facts = this.#known.get(text);
    if (facts === undefined) {
      checkSpec(spec);
      facts = new SpecFacts(spec);
      this.#known.set(text, facts);
    }
    return facts;
  }
}
