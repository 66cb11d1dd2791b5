import { preview } from '../../../core/index.js';
import type { Node, Pod, PodSpec, TopologySpreadConstraint } from '../../../resources/kinds/index.js';
import type { ClusterView, WorkloadInfo } from '../../framework/index.js';
import { factsOf } from '../../pods/pod-facts.js';
import type { SpecFacts } from '../../pods/spec-facts.js';
import { defaultSpreadSelectors } from './default-spread-selectors.js';
import { ofAction, type SpreadAction, SpreadTemplate, type Spreads } from './spread-constraints.js';

/** The settings of `podTopologySpread`. */
export interface PodTopologySpreadArgs {
  /**
   * `System` spreads Pods that say nothing of it loosely over hosts and zones; `List` as {@link PodTopologySpreadArgs.defaultConstraints}
   * say. `System` unless given.
   */
  readonly defaultingType?: 'System' | 'List' | undefined;
  /** For Pods that have none of their own, with the selectors of their Services and controllers: they must not have one. */
  readonly defaultConstraints?: readonly TopologySpreadConstraint[] | undefined;
}

const SYSTEM: readonly TopologySpreadConstraint[] = /* @__PURE__ */ Object.freeze([
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
]);

/** The spreads of Pods that ask for none themselves. */
export class SpreadDefaults {
  readonly #isSystem: boolean;
  readonly #constraints: readonly TopologySpreadConstraint[];
  // the templates for specs that were seen
  readonly #known: Readonly<Record<SpreadAction, WeakMap<SpecFacts, SpreadTemplate>>> = {
    DoNotSchedule: new WeakMap(),
    ScheduleAnyway: new WeakMap(),
  };

  /** @throws TypeError or RangeError naming the setting, its value and what was expected. */
  constructor({ defaultingType = 'System', defaultConstraints = [] }: PodTopologySpreadArgs) {
    if (defaultingType !== 'System' && defaultingType !== 'List') {
      throw new TypeError(`defaultingType: expected System or List, got ${preview(defaultingType)}`);
    }
    this.#isSystem = defaultingType === 'System';
    if (this.#isSystem && defaultConstraints.length > 0) {
      throw new TypeError('defaultConstraints: expected none unless defaultingType is List');
    }
    for (const [index, constraint] of defaultConstraints.entries()) {
      checkConstraint(constraint, `defaultConstraints[${index}]`);
    }
    this.#constraints = this.#isSystem ? SYSTEM : defaultConstraints;
  }

  /** Whether there are any of an action. */
  has(action: SpreadAction): boolean {
    return ofAction(this.#constraints, action).length > 0;
  }

  /** Those for a Pod; undefined where there are none, as when nobody says to which others it belongs. */
  of(pod: WorkloadInfo<Pod>, cluster: ClusterView<Pod, Node>, action: SpreadAction): Spreads | undefined {
    const { spec, identity } = factsOf(pod);
    const template = this.#templateOf(spec, action);
    if (template.constraints.length === 0) return undefined;
    const selector = cluster.index(defaultSpreadSelectors).of(pod);
    return selector.empty ? undefined : template.spreads(identity, () => selector);
  }

  #templateOf(facts: SpecFacts, action: SpreadAction): SpreadTemplate {
    const known = this.#known[action];
    let template = known.get(facts);
    if (template === undefined) {
      template = this.#make(facts.spec, action);
      known.set(facts, template);
    }
    return template;
  }

  #make(spec: PodSpec, action: SpreadAction): SpreadTemplate {
    // a spread over hosts is of use without zones
    return new SpreadTemplate(ofAction(this.#constraints, action), spec, !this.#isSystem);
  }
}

/** Source: `ValidatePodTopologySpreadArgs` of kube-scheduler. */
function checkConstraint(constraint: TopologySpreadConstraint, field: string): void {
  const { topologyKey, maxSkew, minDomains, whenUnsatisfiable, labelSelector } = constraint;
  if (typeof topologyKey !== 'string' || topologyKey === '') {
    throw new TypeError(`${field}.topologyKey: expected a label key, got ${preview(topologyKey)}`);
  }
  for (const [name, value] of Object.entries({ maxSkew, minDomains: minDomains ?? 1 })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(`${field}.${name}: expected a whole number of at least 1, got ${preview(value)}`);
  }
  if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
    throw new TypeError(
      `${field}.whenUnsatisfiable: expected DoNotSchedule or ScheduleAnyway, got ${preview(whenUnsatisfiable)}`,
    );
  }
  if (labelSelector !== undefined) {
    throw new TypeError(
      `${field}.labelSelector: expected none, as each Pod gets that of its Services and controllers`,
    );
  }
}
