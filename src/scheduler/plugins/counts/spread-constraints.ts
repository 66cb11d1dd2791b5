import { LabelSelector } from '../../../core/index.js';
import type { PodSpec, TopologySpreadConstraint } from '../../../resources/kinds/index.js';
import type { LabelIdentity } from '../../pods/label-identity.js';
import type { EligibilityRule } from './eligibility.js';
import { type PodMatcher, podsIn } from './pod-matcher.js';
import { SpreadEligibility } from './spread-eligibility.js';

/** What a spread does for the Pod where it cannot be kept: nothing, or makes a node less good. */
export type SpreadAction = 'DoNotSchedule' | 'ScheduleAnyway';

/** A spread of Pods over the domains of a topology, for one Pod that is to be placed. */
export interface Spread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** The Pods that count. */
  readonly matcher: PodMatcher;
  /** 1 if the Pod is of those that it is spread over, or else 0. */
  readonly self: 0 | 1;
  /** The nodes that count. */
  readonly eligible: EligibilityRule;
}

/** The spreads of one action that a Pod is subject to. */
export interface Spreads {
  readonly list: readonly Spread[];
  /** The nodes that have the labels of all of them, where a node without is of no use; undefined where each spread is on its own. */
  readonly labelled: EligibilityRule | undefined;
}

/** Constraints of one action with the nodes that count for them, which turn on the spec of a Pod alone. */
export class SpreadTemplate {
  readonly constraints: readonly TopologySpreadConstraint[];
  readonly #eligible: readonly EligibilityRule[];
  readonly #labelled: EligibilityRule | undefined;

  /** @param allKeys - Whether only nodes count that have the labels of all constraints. */
  constructor(constraints: readonly TopologySpreadConstraint[], spec: PodSpec, allKeys: boolean) {
    this.constraints = constraints;
    const keys = allKeys ? [...new Set(constraints.map(({ topologyKey }) => topologyKey))].sort() : [];
    this.#eligible = constraints.map(
      ({ nodeAffinityPolicy, nodeTaintsPolicy }) =>
        new SpreadEligibility(keys, spec, {
          honorAffinity: nodeAffinityPolicy !== 'Ignore',
          honorTaints: nodeTaintsPolicy === 'Honor',
        }),
    );
    this.#labelled = allKeys
      ? new SpreadEligibility(keys, spec, { honorAffinity: false, honorTaints: false })
      : undefined;
  }

  /** The spreads for Pods with a namespace and labels. @throws ApiError BadRequest where a selector makes no sense. */
  spreads(
    { namespace, labels }: LabelIdentity,
    selectorOf: (constraint: TopologySpreadConstraint) => LabelSelector,
  ): Spreads {
    const list = this.constraints.map((constraint, at) => {
      const selector = selectorOf(constraint);
      const { topologyKey, maxSkew, minDomains = 1 } = constraint;
      return {
        topologyKey,
        maxSkew,
        minDomains,
        // as upstream does it, a selector of everything counts nothing
        matcher: podsIn(namespace, selector.empty ? LabelSelector.nothing : selector),
        self: selector.matches(labels) ? 1 : 0,
        eligible: this.#eligible[at] as EligibilityRule,
      } as const;
    });
    return { list, labelled: this.#labelled };
  }
}

/** The spreads that Pods with the same spec ask for themselves, which turn on their labels and namespace. */
class OwnSpreads {
  /** Whether there are any, of whatever action. */
  readonly any: boolean;
  readonly #templates: Readonly<Record<SpreadAction, SpreadTemplate>>;
  // what was made of the templates
  readonly #known: Readonly<Record<SpreadAction, WeakMap<LabelIdentity, Spreads>>> = {
    DoNotSchedule: new WeakMap(),
    ScheduleAnyway: new WeakMap(),
  };

  constructor(spec: PodSpec) {
    const constraints = spec.topologySpreadConstraints ?? [];
    const template = (action: SpreadAction): SpreadTemplate =>
      new SpreadTemplate(ofAction(constraints, action), spec, true);
    this.any = constraints.length > 0;
    this.#templates = {
      DoNotSchedule: template('DoNotSchedule'),
      ScheduleAnyway: template('ScheduleAnyway'),
    };
  }

  /** @throws ApiError BadRequest where a selector makes no sense. */
  of(identity: LabelIdentity, action: SpreadAction): Spreads {
    const known = this.#known[action];
    let spreads = known.get(identity);
    if (spreads === undefined) {
      spreads = this.#templates[action].spreads(identity, (constraint) =>
        ownSelector(constraint, identity.labels),
      );
      known.set(identity, spreads);
    }
    return spreads;
  }
}

/** The spreads that a spec asks for: for `SpecFacts.of`. */
export function ownSpreadsOf(spec: PodSpec): OwnSpreads {
  return new OwnSpreads(spec);
}

/** The constraints of one action. */
export function ofAction(
  constraints: readonly TopologySpreadConstraint[],
  action: SpreadAction,
): readonly TopologySpreadConstraint[] {
  return constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
}

/** The selector of a constraint, and the Pod's own values of the labels that it names. */
function ownSelector(
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
  labels: Readonly<Record<string, string>>,
): LabelSelector {
  const own = matchLabelKeys.filter((key) => Object.hasOwn(labels, key));
  const selector = LabelSelector.from(labelSelector);
  if (own.length === 0) return selector;
  return selector.and(
    LabelSelector.from({
      matchExpressions: own.map((key) => ({ key, operator: 'In', values: [labels[key] as string] })),
    }),
  );
}
