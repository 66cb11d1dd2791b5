import { ApiError, type StatusCause } from '../../core/index.js';
import { type FieldManager, managerId, sortedBy } from './field-manager.js';
import { type FieldSet, forEachField } from './field-set.js';
import { formatPath } from './path-element.js';

/** The fields of one manager that an apply would change. */
export interface ManagerConflict {
  readonly manager: FieldManager;
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
  for (const { manager, fields } of sortedBy(conflicts, (conflict) => managerId(conflict.manager))) {
    const owner = formatManager(manager);
    texts.push(`conflicts with ${owner}:`);
    forEachField(fields, (path) => {
      const field = formatPath(path);
      texts.push(`- ${field}`);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field });
    });
  }
  const [first, ...others] = causes;
  const message =
    first !== undefined && others.length === 0
      ? `1 conflict: ${first.message}: ${first.field}`
      : `${causes.length} conflicts: ${texts.join('\n')}`;
  return new ApiError({ reason: 'Conflict', message: `Apply failed with ${message}`, details: { causes } });
}

function formatManager({ manager = '', operation, apiVersion, subresource }: FieldManager): string {
  const part = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${part}${version}`;
}
