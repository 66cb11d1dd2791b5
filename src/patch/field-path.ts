import { joinPath } from '../core/index.js';

/** One step of a path: the name of a member, or the index of an item. */
export type PathStep = string | number;

/** The path of such steps, as in `spec.containers[0].image`. */
export function fieldPath(steps: readonly PathStep[]): string {
  return steps.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : joinPath(path, step)),
    '',
  );
}
