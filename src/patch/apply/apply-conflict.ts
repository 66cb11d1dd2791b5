import type { ApiError, StatusCause } from '../../core/index.js';
import { failure } from '../failure.js';
import { sortedBy } from '../sorted-by.js';
import { type FieldManager, managerId } from './field-manager.js';
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
  const [first] = causes;
  const message =
    first && causes.length === 1
      ? `1 conflict: ${first.message}: ${first.field}`
      : `${causes.length} conflicts: ${texts.join('\n')}`;
  return failure('Conflict', `Apply failed with ${message}`, causes);
}

function formatManager({ manager = '', operation, apiVersion, subresource }: FieldManager): string {
  const part = !subresource ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${part}${version}`;
}
