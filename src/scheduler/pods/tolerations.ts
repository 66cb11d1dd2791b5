import type { PodSpec, Taint, Toleration } from '../../resources/kinds/index.js';
import type { TaintList } from './node-taints.js';

/** What a Pod thinks of a list of taints. */
interface Opinion {
  readonly untolerated: Taint | undefined;
  readonly disliked: number;
}

/** The tolerations of a Pod, which remember what they made of lists of taints. */
export class Tolerations {
  readonly #list: readonly Toleration[];
  readonly #opinions = new WeakMap<TaintList, Opinion>();

  constructor(list: readonly Toleration[]) {
    this.#list = list;
  }

  tolerate(taint: Taint): boolean {
    return this.#list.some((toleration) => tolerates(toleration, taint));
  }

  /** The first of the taints that keeps the Pod off. */
  untolerated(taints: TaintList): Taint | undefined {
    return taints.hard.length === 0 ? undefined : this.#opinionOf(taints).untolerated;
  }

  /** How many of the taints that only make a node less good are not tolerated. */
  disliked(taints: TaintList): number {
    return taints.soft.length === 0 ? 0 : this.#opinionOf(taints).disliked;
  }

  #opinionOf(taints: TaintList): Opinion {
    let opinion = this.#opinions.get(taints);
    if (opinion === undefined) {
      opinion = {
        untolerated: taints.hard.find((taint) => !this.tolerate(taint)),
        disliked: taints.soft.filter((taint) => !this.tolerate(taint)).length,
      };
      this.#opinions.set(taints, opinion);
    }
    return opinion;
  }
}

/** The tolerations of a Pod: to be read through the facts of its spec, which keep them. */
export function tolerationsOf(spec: PodSpec): Tolerations {
  return new Tolerations(spec.tolerations ?? []);
}

/**
 * Whether a toleration is meant for a taint: without a key or an effect it is meant for all of them.
 *
 * Source: `Toleration.ToleratesTaint` in k8s.io/api; as there by default, the operators `Gt` and `Lt` tolerate nothing.
 */
function tolerates({ key = '', operator = '', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (operator === '' || operator === 'Equal') && value === (taint.value ?? '');
}
