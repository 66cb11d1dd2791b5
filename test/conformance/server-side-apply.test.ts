import { describe, expect, test } from 'vitest';
import { ApiError, deepFreeze, type JsonObject } from '../../src/core/index.js';
import { applyServerSide, updateManagedFields } from '../../src/patch/index.js';
import { builtinScheme } from '../../src/resources/kinds/index.js';
import { readVectors } from './read-vectors.js';

interface Conflict {
  readonly field: string;
  readonly message: string;
}

interface Step {
  readonly verb: 'apply' | 'update';
  readonly manager: string;
  readonly force?: boolean;
  readonly object: JsonObject;
  readonly expect: {
    readonly result?: JsonObject;
    readonly conflicts?: readonly Conflict[];
    readonly error?: string;
  };
}

interface Case {
  readonly apiVersion: string;
  readonly kind: string;
  readonly steps: readonly Step[];
}

type Answer = Step['expect'];

/** The order of managedFields is not part of the answer, nor is that of conflicts. */
function normal({ result, conflicts, error }: Answer): unknown {
  if (conflicts !== undefined) return conflicts.map(({ field, message }) => `${field} ${message}`).toSorted();
  if (result === undefined) return error === undefined ? undefined : 'error';
  const { managedFields, ...metadata } = result['metadata'] as JsonObject;
  const entries = (managedFields ?? []) as readonly object[];
  return { ...result, metadata, managedFields: new Set(entries) };
}

function answer(work: () => JsonObject): Answer {
  try {
    return { result: work() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason !== 'Conflict') return { error: error.message };
    const causes = error.details.causes ?? [];
    return { conflicts: causes.map(({ field = '', message }) => ({ field, message })) };
  }
}

describe('server-side apply gives what apimachinery gives', () => {
  for (const [index, { apiVersion, kind, steps }] of readVectors<Case>('server-side-apply').entries()) {
    test(`server-side-apply, line ${index + 1}`, () => {
      const schema = builtinScheme.lookup({ apiVersion, kind });
      let live: JsonObject | undefined;
      for (const [number, { verb, manager, force, object, expect: expected }] of steps.entries()) {
        const now = `2026-01-0${number + 1}T00:00:00Z`;
        const inputs = JSON.stringify([live, object]);
        deepFreeze(object);
        const given = answer(() =>
          verb === 'apply'
            ? applyServerSide<JsonObject>({ live, applied: object, manager, force, now }, schema)
            : updateManagedFields({ live, next: object, manager, now }, schema),
        );
        expect(normal(given), `step ${number + 1}`).toEqual(normal(expected));
        expect(JSON.stringify([live, object])).toBe(inputs);
        live = expected.result === undefined ? live : deepFreeze(expected.result);
      }
    });
  }
});
