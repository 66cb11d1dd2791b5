import { ApiError, LabelSelector } from '../../../core/index.js';
import {
  type MutatingWebhook,
  type MutatingWebhookConfiguration,
  Namespace,
  type RuleWithOperations,
  type ValidatingWebhook,
  type ValidatingWebhookConfiguration,
} from '../../../resources/kinds/index.js';
import type { AdmissionRequest } from '../admission-plugin.js';
import { namespaceOf } from './admission-review.js';

/** A webhook, and what can be worked out of it once. */
export interface Hook {
  readonly webhook: MutatingWebhook | ValidatingWebhook;
  readonly objectSelector: LabelSelector;
  readonly namespaceSelector: LabelSelector;
  /** Whether it is asked once more where the object changes after it. */
  readonly isReinvoked: boolean;
  /** Whether it lets pass what it cannot be asked about. */
  readonly ignoresFailure: boolean;
}

/** The kinds that decide about admission: no webhook is asked about them, so that none can lock out its own repair. */
const EXEMPT: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

/** Whether no webhook is asked about a request. Source: `IsExemptAdmissionConfigurationResource` in k8s.io/apiserver. */
export function isExempt({ resource }: AdmissionRequest): boolean {
  return resource.group === 'admissionregistration.k8s.io' && EXEMPT.has(resource.kind);
}

/** The webhooks of a configuration, in their order. @throws ApiError InternalError for a selector that cannot be read. */
export function hooksOf({
  metadata,
  webhooks = [],
}: MutatingWebhookConfiguration | ValidatingWebhookConfiguration): readonly Hook[] {
  return webhooks.map((webhook: MutatingWebhook | ValidatingWebhook) => {
    const selector = (field: 'objectSelector' | 'namespaceSelector'): LabelSelector => {
      try {
        return LabelSelector.from(webhook[field] ?? {});
      } catch (error) {
        const where = `webhook ${JSON.stringify(webhook.name)} of ${JSON.stringify(metadata.name)}: ${field}`;
        throw ApiError.internal(`${where}: ${(error as Error).message}`, error);
      }
    };
    return {
      webhook,
      objectSelector: selector('objectSelector'),
      namespaceSelector: selector('namespaceSelector'),
      isReinvoked: 'reinvocationPolicy' in webhook && webhook.reinvocationPolicy === 'IfNeeded',
      ignoresFailure: webhook.failurePolicy === 'Ignore',
    };
  });
}

/** How a webhook asks for a request: as it is written, in another version of the kind alone, or not at all. */
export type Match = 'exact' | 'equivalent' | undefined;

/** Whether the rules of a webhook ask for a request. Source: `rules.Matcher` in k8s.io/apiserver. */
export function ruleMatch({ rules = [], matchPolicy }: Hook['webhook'], request: AdmissionRequest): Match {
  const { resource, store } = request;
  if (rules.some((rule) => asksFor(rule, request, resource.version))) return 'exact';
  if (matchPolicy === 'Exact') return undefined;
  const isOther = store.resources.some(
    ({ group, kind, version }) =>
      group === resource.group &&
      kind === resource.kind &&
      version !== resource.version &&
      rules.some((rule) => asksFor(rule, request, version)),
  );
  return isOther ? 'equivalent' : undefined;
}

function asksFor(rule: RuleWithOperations, request: AdmissionRequest, version: string): boolean {
  const { operation, resource, subresource = '' } = request;
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, resource.group) &&
    includes(rule.apiVersions, version) &&
    (rule.scope === undefined || rule.scope === '*' || rule.scope === resource.scope) &&
    (rule.resources ?? []).some((path) => {
      const slash = path.indexOf('/');
      const [plural, sub] = slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
      return (plural === '*' || plural === resource.plural) && (sub === '*' || sub === subresource);
    })
  );
}

function includes(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

/**
 * Whether a webhook selects the objects of a request.
 *
 * Objects of the whole cluster are in no namespace, and selected by each namespace selector; a Namespace is in itself.
 *
 * @throws ApiError NotFound where the namespace is not there.
 */
export function selects({ objectSelector, namespaceSelector }: Hook, request: AdmissionRequest): boolean {
  const { object, oldObject } = request;
  if (!objectSelector.empty) {
    const isSelected = [object, oldObject].some(
      (each) => each !== undefined && objectSelector.matches(each.metadata.labels),
    );
    if (!isSelected) return false;
  }
  if (namespaceSelector.empty) return true;
  const name = namespaceOf(request);
  return name === undefined || namespaceSelector.matches(labelsOfNamespace(name, request));
}

function labelsOfNamespace(name: string, request: AdmissionRequest): Readonly<Record<string, string>> {
  const { key, object, oldObject, store } = request;
  // every namespace can be selected by its name, whether or not it carries the label
  const own = { 'kubernetes.io/metadata.name': name };
  if (key.namespace === undefined) return { ...own, ...(object ?? oldObject)?.metadata.labels };
  const namespace = store.get(Namespace, { name });
  const isServed = store.resources.some(({ group, kind }) => group === '' && kind === 'Namespace');
  if (namespace === undefined && isServed) throw ApiError.notFound(Namespace, name);
  return { ...own, ...namespace?.metadata.labels };
}
