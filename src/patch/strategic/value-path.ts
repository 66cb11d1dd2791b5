import { ApiError, joinPath } from '../../core/index.js';

/** One step of a path: the name of a member, or the index of an item. */
export type PathStep = string | number;

/** The longest path that a message quotes whole. */
const PATH_LENGTH = 300;

/** The text of a path below `root`, as in `patch.spec.containers[0].image`. */
function formatPath(root: string, steps: readonly PathStep[]): string {
  let path = root;
  for (const step of steps) {
    path = typeof step === 'number' ? `${path}[${step}]` : joinPath(path, step);
    if (path.length > PATH_LENGTH) return `${path.slice(0, PATH_LENGTH)}...`;
  }
  return path;
}

/** A request is malformed at that path. */
export function malformed(root: string, steps: readonly PathStep[], message: string): ApiError {
  return ApiError.badRequest(message, formatPath(root, steps));
}
