import { ApiError, type ApiObject, type FieldError, formatKey, keyOf } from '../core/index.js';
import { explainDiff } from '../patch/index.js';
import type { AnyResource } from './resource.js';

/** So many differences are told of, and then how many there would be more. */
const MOST_DIFFERENCES = 5;

/** One way between two versions of a kind. */
export interface Direction {
  readonly from: AnyResource;
  readonly to: AnyResource;
}

/** The InternalError of a conversion that cannot be used; `problem` is what is wrong with it, or with which of its fields. */
export function conversionError(
  { from, to }: Direction,
  object: ApiObject,
  problem: string | FieldError,
  cause?: unknown,
): ApiError {
  const { message } = ApiError.internal(
    `the conversion of ${from.kind} ${JSON.stringify(formatKey(keyOf(object)))} from ${from.apiVersion} to ${to.apiVersion}: ${String(problem)}`,
  );
  return new ApiError({
    reason: 'InternalError',
    message,
    details: {
      name: object.metadata.name,
      group: from.group,
      kind: from.plural,
      ...(typeof problem === 'string' ? undefined : { causes: [problem.toCause()] }),
    },
    cause,
  });
}

/** What differs between two objects of a kind, in one line of text: first what is gone or another, then what is new. */
export function differenceText(before: unknown, after: unknown, resource: AnyResource): string {
  const isNew = (line: string): number => (line.startsWith('+ ') ? 1 : 0);
  const lines = explainDiff(before, after, resource).toSorted((a, b) => isNew(a) - isNew(b));
  const more = lines.length - MOST_DIFFERENCES;
  return [...lines.slice(0, MOST_DIFFERENCES), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
