import { ApiError, type StatusCause } from '../../core/index.js';
import { type FieldSet, forEachField } from './field-set.js';
import { compareTexts, managerId, type ManagerIdentity } from './field-manager.js';
import { formatPath } from './path-element.js';

/** The fields of one manager that an apply would change. */
export interface ManagerConflict {
  readonly manager: ManagerIdentity;
  readonly fields: FieldSet;
}

/**
 * The error of an apply that others stand in the way of. Each cause names a field and who owns it.
 *
 * Source: `NewConflictError` in k8s.io/apimachinery; there the order of the causes is random.
 */
export function applyConflict(conflicts: readonly ManagerConflict[]): ApiError {
  const causes: StatusCause[] = [];
  const texts: string[] = [];
  const sorted = conflicts.toSorted((a, b) => compareTexts(managerId(a.manager), managerId(b.manager)));
  for (const { manager, fields } of sorted) {
    const owner = formatManager(manager);
    texts.push(`conflicts with ${owner}:`);
    forEachField(fields, (path) => {
      const field = formatPath(path);
      texts.push(`- ${field}`);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field });
    });
  }
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message}: ${first.field}`
      : `Apply failed with ${causes.length} conflicts: ${texts.join('\n')}`;
  return new ApiError({ reason: 'Conflict', message, details: { causes } });
}

function formatManager({ name, operation, apiVersion, subresource }: ManagerIdentity): string {
  const owner = JSON.stringify(name);
  const full = subresource === undefined ? owner : `${owner} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${full} using ${apiVersion}` : full;
}
