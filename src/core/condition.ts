import { preview } from './preview.js';
import { type Clock, formatTime } from './clock.js';
import { jsonEqual } from './json.js';

/** One observation about an object, as Kubernetes keeps them in `status.conditions`. */
export interface Condition {
  /** Upper camel case, as in `Ready`; one condition a type. */
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** The generation that was observed. */
  readonly observedGeneration?: number | undefined;
  /** When `status` last changed; RFC 3339. */
  readonly lastTransitionTime: string;
  /** Upper camel case, for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** A condition to set: the time is the clock's, and the message may be absent. */
export interface NewCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number | undefined;
  readonly reason: string;
  readonly message?: string | undefined;
}

/** What Kubernetes wants the fields of a condition to be; lengths are in characters. Source: the markers of `metav1.Condition`. */
export const CONDITION_RULES: {
  readonly type: { readonly pattern: RegExp; readonly maxLength: number };
  readonly reason: { readonly pattern: RegExp; readonly maxLength: number };
  readonly message: { readonly maxLength: number };
} = {
  type: {
    pattern: /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
    maxLength: 316,
  },
  reason: { pattern: /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/, maxLength: 1_024 },
  message: { maxLength: 32_768 },
};

/**
 * The conditions with one of them set.
 *
 * `lastTransitionTime` moves only when `status` changes. Where nothing changes, the very same list comes back.
 *
 * @throws TypeError when the type, status or reason is not as Kubernetes wants it.
 * Source: `meta.SetStatusCondition` in k8s.io/apimachinery.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  clock: Clock,
): readonly Condition[] {
  check(condition);
  const list = conditions ?? [];
  const index = list.findIndex((item) => item.type === condition.type);
  const old = list[index];
  const next: Condition = Object.freeze({
    type: condition.type,
    status: condition.status,
    ...(condition.observedGeneration === undefined
      ? {}
      : { observedGeneration: condition.observedGeneration }),
    lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : formatTime(clock.now()),
    reason: condition.reason,
    message: condition.message ?? '',
  });
  if (old === undefined) return Object.freeze([...list, next]);
  if (jsonEqual(old, next)) return list;
  return Object.freeze(list.map((item, at) => (at === index ? next : item)));
}

/** The condition of a type, if it was ever set. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is there and `True`. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

function check({ type, status, reason }: NewCondition): void {
  const expect = (field: string, value: unknown, holds: boolean, expected: string): void => {
    if (!holds) throw new TypeError(`setCondition: ${field}: expected ${expected}, got ${preview(value)}`);
  };
  expect(
    'type',
    type,
    typeof type === 'string' && isOf(type, CONDITION_RULES.type),
    "a name such as 'Ready' or 'example.com/Ready'",
  );
  expect('status', status, ['True', 'False', 'Unknown'].includes(status), "'True', 'False' or 'Unknown'");
  expect(
    'reason',
    reason,
    typeof reason === 'string' && isOf(reason, CONDITION_RULES.reason),
    "upper camel case such as 'MinimumReplicasAvailable'",
  );
}

function isOf(text: string, rule: { readonly pattern: RegExp; readonly maxLength: number }): boolean {
  return text.length <= rule.maxLength && rule.pattern.test(text);
}
