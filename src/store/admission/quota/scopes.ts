import { FieldError, LabelSelector } from '../../../core/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type {
  Pod,
  PodSpec,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../../../resources/kinds/index.js';
import type { StoredObject } from '../../stored-object.js';
import { containerAmounts } from './pod-amounts.js';

const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/**
 * Whether an object counts for a quota: all scopes of the quota must be true of it, and of anything but a Pod no scope is.
 *
 * Source: `podMatchesScopeFunc`, pkg/quota/v1/evaluator/core/pods.go.
 */
export function isInScope(quota: ResourceQuotaSpec, resource: AnyResource, object: StoredObject): boolean {
  const requirements = requirementsOf(quota);
  if (requirements.length === 0) return true;
  if (resource.group !== '' || resource.kind !== 'Pod') return false;
  const { spec } = object as unknown as Pod;
  return requirements.every((requirement) => isMet(requirement, spec));
}

/** What is wrong with the scopes of a quota. Source: `ValidateResourceQuotaSpec`, pkg/apis/core/validation. */
export function scopeErrors(quota: ResourceQuotaSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  quota.scopes?.forEach((scope, index) => {
    if (!SCOPES.includes(scope)) errors.push(FieldError.notSupported(`spec.scopes[${index}]`, scope, SCOPES));
  });
  quota.scopeSelector?.matchExpressions?.forEach(({ scopeName, operator, values = [] }, index) => {
    const at = `spec.scopeSelector.matchExpressions[${index}]`;
    if (!SCOPES.includes(scopeName))
      errors.push(FieldError.notSupported(`${at}.scopeName`, scopeName, SCOPES));
    if (!OPERATORS.includes(operator))
      errors.push(FieldError.notSupported(`${at}.operator`, operator, OPERATORS));
    else if (scopeName !== 'PriorityClass' && operator !== 'Exists') {
      errors.push(
        FieldError.invalid(`${at}.operator`, operator, `expected 'Exists' for the scope ${scopeName}`),
      );
    } else if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(FieldError.required(`${at}.values`, `expected some with ${operator}`));
    } else if (values.length > 0) {
      errors.push(FieldError.invalid(`${at}.values`, values, `expected none with ${operator}`));
    }
  });
  return errors;
}

function requirementsOf({
  scopes,
  scopeSelector,
}: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] {
  if (scopes === undefined) return scopeSelector?.matchExpressions ?? [];
  return [
    ...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
}

function isMet({ scopeName, operator, values }: ScopedResourceSelectorRequirement, spec: PodSpec): boolean {
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass': {
      const { priorityClassName = '' } = spec;
      if (operator === 'Exists') return priorityClassName !== '';
      const selector = LabelSelector.from({ matchExpressions: [{ key: scopeName, operator, values }] });
      return selector.matches(priorityClassName === '' ? {} : { [scopeName]: priorityClassName });
    }
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

/** Whether nothing in a Pod asks for CPU or memory, or is limited in them. Source: `ComputePodQOS`. */
function isBestEffort(spec: PodSpec): boolean {
  return [spec, ...spec.containers, ...(spec.initContainers ?? [])].every((part) =>
    (['requests', 'limits'] as const).every((side) => {
      const amounts = containerAmounts(part, side);
      return ['cpu', 'memory'].every((name) => amounts.get(name)?.isZero !== false);
    }),
  );
}

function crossesNamespaces({ affinity }: PodSpec): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((side) =>
    [
      ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ].some(
      ({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
    ),
  );
}
