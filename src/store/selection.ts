import type { SelectOptions } from '../client/index.js';
import { ApiError, FieldSelector, LabelSelector, preview } from '../core/index.js';
import type { AnyResource } from '../resources/index.js';
import type { StoredObject } from './stored-object.js';
import { valueAt } from './value-at.js';

/** Which objects of a kind a request is about, ready to be asked. */
export interface Selection {
  /** Undefined means all. */
  readonly namespace: string | undefined;
  /** The one name in question, where the field selector pins it. */
  readonly name: string | undefined;
  /** Undefined where every object of the namespace matches. */
  readonly matches: ((object: StoredObject) => boolean) | undefined;
}

/**
 * Parses and checks the selectors of a request.
 *
 * @throws ApiError BadRequest for a selector that does not parse, a field that cannot be selected on, or a namespace on a cluster
 * kind.
 */
export function selectionOf(resource: AnyResource, options: SelectOptions = {}): Selection {
  const { labelSelector, fieldSelector } = options;
  const namespace = options.namespace === '' ? undefined : options.namespace;
  if (namespace !== undefined && typeof namespace !== 'string') {
    throw ApiError.badRequest(`expected a string, got ${preview(namespace)}`, 'metadata.namespace');
  }
  if (namespace !== undefined && resource.scope === 'Cluster') {
    throw ApiError.badRequest(
      `expected no namespace for the cluster kind ${resource.kind}, got ${JSON.stringify(namespace)}`,
      'metadata.namespace',
    );
  }
  const labels = typeof labelSelector === 'string' ? LabelSelector.parse(labelSelector) : labelSelector;
  const fields = typeof fieldSelector === 'string' ? FieldSelector.parse(fieldSelector) : fieldSelector;
  if (labels !== undefined && !(labels instanceof LabelSelector)) {
    const message = `expected a text or a LabelSelector (LabelSelector.from makes one of matchLabels), got ${preview(labels)}`;
    throw ApiError.badRequest(message, 'labelSelector');
  }
  if (fields !== undefined && !(fields instanceof FieldSelector)) {
    throw ApiError.badRequest(`expected a text or a FieldSelector, got ${preview(fields)}`, 'fieldSelector');
  }
  for (const { field } of fields?.requirements ?? []) {
    if (!isSelectable(resource, field)) {
      throw ApiError.badRequest(
        `expected a field that ${resource.kind} can be selected on (${selectable(resource).join(', ')}), got ${JSON.stringify(field)}`,
        'fieldSelector',
      );
    }
  }
  const byLabel = labels === undefined || labels.empty ? undefined : labels;
  const byField = fields === undefined || fields.empty ? undefined : fields;
  if (byLabel === undefined && byField === undefined)
    return { namespace, name: undefined, matches: undefined };
  return {
    namespace,
    name: byField?.requiresExactMatch('metadata.name'),
    matches: (object) =>
      (byLabel === undefined || byLabel.matches(object.metadata.labels)) &&
      (byField === undefined || byField.matches((field) => fieldValue(object, field))),
  };
}

function isSelectable(resource: AnyResource, field: string): boolean {
  return selectable(resource).includes(field);
}

function selectable(resource: AnyResource): readonly string[] {
  const common =
    resource.scope === 'Namespaced' ? ['metadata.name', 'metadata.namespace'] : ['metadata.name'];
  return [...common, ...resource.selectableFields];
}

/** The text of a field, as field selectors compare it: `''` where it is absent. */
function fieldValue(object: StoredObject, path: string): string {
  const value = valueAt(object, path);
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}
