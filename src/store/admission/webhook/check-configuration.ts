import { ApiError, FieldError, LabelSelector } from '../../../core/index.js';
import type { AnyResource } from '../../../resources/index.js';
import type { MutatingWebhook, ValidatingWebhook } from '../../../resources/kinds/index.js';
import type { StoredObject } from '../../stored-object.js';

const CHOICES: readonly (readonly [field: keyof MutatingWebhook, values: readonly string[]])[] = [
  ['failurePolicy', ['Fail', 'Ignore']],
  ['matchPolicy', ['Exact', 'Equivalent']],
  ['reinvocationPolicy', ['Never', 'IfNeeded']],
  ['sideEffects', ['None', 'NoneOnDryRun', 'Some', 'Unknown']],
];

/** The longest that a webhook may take, in seconds. */
const MOST_SECONDS = 30;

/**
 * Checks a configuration of webhooks, so that what cannot be understood is refused here and not with every write.
 *
 * @throws ApiError Invalid naming every field at fault.
 * Source: pkg/apis/admissionregistration/validation of k8s.io/kubernetes.
 */
export function checkConfiguration(resource: AnyResource, object: StoredObject): void {
  const errors: FieldError[] = [];
  const webhooks = (object['webhooks'] ?? []) as readonly (MutatingWebhook | ValidatingWebhook)[];
  webhooks.forEach((webhook: MutatingWebhook, index) => {
    const at = `webhooks[${index}]`;
    for (const [field, values] of CHOICES) {
      const value = webhook[field];
      if (value !== undefined && !values.includes(value as string)) {
        errors.push(FieldError.notSupported(`${at}.${field}`, value, values));
      }
    }
    const { clientConfig, timeoutSeconds } = webhook;
    if ((clientConfig.url === undefined) === (clientConfig.service === undefined)) {
      errors.push(FieldError.required(`${at}.clientConfig`, 'exactly one of url or service is required'));
    }
    if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > MOST_SECONDS)) {
      errors.push(
        FieldError.invalid(`${at}.timeoutSeconds`, timeoutSeconds, `expected 1 to ${MOST_SECONDS} seconds`),
      );
    }
    for (const field of ['namespaceSelector', 'objectSelector'] as const) {
      try {
        LabelSelector.from(webhook[field] ?? {});
      } catch (error) {
        errors.push(FieldError.invalid(`${at}.${field}`, webhook[field], (error as Error).message));
      }
    }
  });
  if (errors.length > 0) throw ApiError.invalid(resource, object.metadata.name, errors);
}
