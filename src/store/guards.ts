import type { Guard } from '../client/index.js';
import { ApiError } from '../core/index.js';
import type { Kinds } from './kinds.js';
import type { StoredObject } from './stored-object.js';
import { valueAt } from './value-at.js';

/**
 * Checks that every guard holds now; the caller commits in the same go.
 *
 * @throws ApiError Conflict naming the guard and the part that does not hold; BadRequest for a guard on a kind that is not served.
 */
export function checkGuards(guards: readonly Guard[], kinds: Kinds): void {
  for (const guard of guards) {
    const kind = kinds.find(guard);
    const name = `${guard.kind} ${JSON.stringify(guard.namespace === undefined ? guard.name : `${guard.namespace}/${guard.name}`)}`;
    if (kind === undefined) {
      throw ApiError.badRequest(
        `expected a guard on a kind that the store serves, got ${name} in ${guard.apiVersion}`,
        'guards',
      );
    }
    const object = kind.table.get(guard.namespace ?? '', guard.name)?.object;
    const failure = object === undefined ? 'it does not exist' : failureOf(guard, object);
    if (failure !== undefined) {
      throw ApiError.conflict(kind.resource, guard.name, `the write is guarded by ${name}, and ${failure}`);
    }
  }
}

function failureOf(guard: Guard, object: StoredObject): string | undefined {
  const differs = (path: string, wanted: unknown, got: unknown): string | undefined =>
    wanted === undefined || wanted === got
      ? undefined
      : `its ${path} is ${JSON.stringify(got) ?? 'absent'}, not ${JSON.stringify(wanted)}`;
  const fields = guard.fields ?? {};
  return [
    differs('metadata.uid', guard.uid, object.metadata.uid),
    differs('metadata.resourceVersion', guard.resourceVersion, object.metadata.resourceVersion),
    ...Object.keys(fields).map((path) => differs(path, fields[path], valueAt(object, path) ?? null)),
  ].find((failure) => failure !== undefined);
}
