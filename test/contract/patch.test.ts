import { describe, expect, it } from 'vitest';
import { Deployment, builtinKinds, builtinScheme } from 'keelson/kinds';
import {
  applyServerSide,
  createJsonMergePatch,
  createJsonPatch,
  createThreeWayJsonMergePatch,
  createThreeWayMergePatch,
  createTwoWayMergePatch,
  jsonMergePatch,
  jsonPatch,
  strategicMergePatch,
  updateManagedFields,
} from 'keelson/patch';
import { type ApiError, deepFreeze } from 'keelson';

function deployment(image: string, replicas: number): object {
  return deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      template: {
        spec: {
          containers: [
            { name: 'web', image },
            { name: 'side', image: 'side:1' },
          ],
        },
      },
    },
  });
}

const original = deployment('web:1', 1);
const modified = deployment('web:2', 1);
const current = deployment('web:1', 3);
const now = '2026-01-01T00:00:00Z';

describe('the contract: patches alone', () => {
  it('knows the built-in kinds', () => {
    expect(builtinScheme.lookup({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(Deployment);
    expect(Object.values(builtinKinds)).toContain(Deployment);
  });

  it('creates and applies strategic merge patches', () => {
    const two = createTwoWayMergePatch(original, modified, Deployment);
    expect(two).toEqual({
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'web' }, { name: 'side' }],
            containers: [{ name: 'web', image: 'web:2' }],
          },
        },
      },
    });
    expect(strategicMergePatch(original, two, Deployment)).toEqual(modified);
    const three = createThreeWayMergePatch({ original, modified, current, overwrite: true }, Deployment);
    expect(strategicMergePatch(current, three, Deployment)).toEqual(deployment('web:2', 1));
    const conflict = (): unknown =>
      createThreeWayMergePatch(
        { original, modified: deployment('web:1', 2), current, overwrite: false },
        Deployment,
      );
    expect(conflict).toThrow(expect.objectContaining({ reason: 'Conflict' }) as ApiError);
  });

  it('creates and applies JSON merge patches', () => {
    const diff = createJsonMergePatch(current, original);
    expect(diff).toEqual({ spec: { replicas: 1 } });
    expect(jsonMergePatch(current, diff)).toEqual(original);
    const diff3 = createThreeWayJsonMergePatch({ original, modified: original, current });
    expect(jsonMergePatch(current, diff3)).toEqual(original);
  });

  it('creates and applies JSON patches', () => {
    const operations = createJsonPatch(original, modified);
    expect(jsonPatch(original, operations)).toEqual(modified);
  });

  it('applies server-side, and keeps the record after a plain update', () => {
    const intent = { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2 } };
    const live = applyServerSide(
      { live: undefined, applied: intent, manager: 'me', force: false, now },
      Deployment,
    );
    expect(live).toMatchObject({ apiVersion: 'apps/v1', spec: { replicas: 2 } });
    const object = { ...live, spec: { replicas: 5 } };
    const written = updateManagedFields({ live, next: object, manager: 'hpa', now }, Deployment);
    expect(written).toMatchObject({ metadata: { managedFields: [{ manager: 'hpa', operation: 'Update' }] } });
    const again = (): unknown =>
      applyServerSide({ live: written, applied: intent, manager: 'me', force: false, now }, Deployment);
    expect(again).toThrow(
      expect.objectContaining({
        reason: 'Conflict',
        details: {
          causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas', message: expect.any(String) }],
        },
      }) as ApiError,
    );
    const forced = applyServerSide(
      { live: written, applied: intent, manager: 'me', force: true, now },
      Deployment,
    );
    expect(forced).toMatchObject({ spec: { replicas: 2 } });
  });
});
