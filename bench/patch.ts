import type { JsonObject } from 'keelson';
import { Deployment } from 'keelson/kinds';
import {
  applyServerSide,
  createJsonMergePatch,
  createThreeWayMergePatch,
  createTwoWayMergePatch,
  jsonMergePatch,
  jsonPatch,
  type JsonPatchOperation,
  strategicMergePatch,
  updateManagedFields,
} from 'keelson/patch';
import { makeDeployment, makeDeploymentPatch } from './deployments.js';
import type { Row } from './harness.js';

const OPERATIONS = 200;

const FLOOR = 'floor: parse and stringify the Deployment';

/**
 * The ways to change a Deployment of 12 KB.
 *
 * Rows named "bytes" start from JSON text and end with it. Their goals are three times what k8s.io/apimachinery 0.36 (for JSON and
 * merge patches: evanphx/json-patch v5) reaches on a 2-core machine from bytes to bytes, and twice that on decoded objects: there it
 * does 2,750 strategic merges from bytes and 11,600 on decoded objects, 1,140 two-way and 640 three-way creations, 250 merge patches,
 * 850 JSON patches and 120 applies a second.
 */
export function patchRows(): readonly Row[] {
  const before = JSON.stringify(makeDeployment());
  const after = JSON.stringify(makeDeployment({ changed: true }));
  const stored = JSON.stringify(makeDeployment({ stored: true }));
  const strategic = JSON.stringify(makeDeploymentPatch());
  const merge = JSON.stringify(createJsonMergePatch(makeDeployment(), makeDeployment({ changed: true })));
  const json = JSON.stringify(makeOperations());
  const original = makeDeployment();
  const modified = makeDeployment({ changed: true });
  const patch = makeDeploymentPatch();

  return [
    bytesRow({ name: FLOOR, inputs: [before], run: ([text]) => text }),
    bytesRow({
      name: 'patch: strategic merge, bytes',
      goal: 8_250,
      inputs: [before, strategic],
      run: ([object, change]) => strategicMergePatch(object, change, Deployment),
    }),
    objectRow({
      name: 'patch: strategic merge, objects',
      goal: 23_200,
      run: () => strategicMergePatch(original, patch, Deployment),
    }),
    bytesRow({
      name: 'patch: create two-way, bytes',
      goal: 3_420,
      inputs: [before, after],
      run: ([from, to]) => createTwoWayMergePatch(from, to, Deployment),
    }),
    objectRow({
      name: 'patch: create two-way, objects',
      run: () => createTwoWayMergePatch(original, modified, Deployment),
    }),
    bytesRow({
      name: 'patch: create three-way, bytes',
      goal: 1_920,
      inputs: [before, after, stored],
      run: ([from, to, current]) =>
        createThreeWayMergePatch({ original: from, modified: to, current, overwrite: true }, Deployment),
    }),
    bytesRow({
      name: 'patch: merge, bytes',
      goal: 750,
      inputs: [before, merge],
      run: ([object, change]) => jsonMergePatch(object, change),
    }),
    bytesRow({
      name: 'patch: create merge, bytes',
      inputs: [before, after],
      run: ([from, to]) => createJsonMergePatch(from, to),
    }),
    bytesRow({
      name: 'patch: JSON patch of 5 operations, bytes',
      goal: 2_550,
      inputs: [before, json],
      run: ([object, operations]) => jsonPatch(object, operations as unknown as JsonPatchOperation[]),
    }),
    ...applyRows(),
  ];
}

/** Server-side apply, on decoded objects, as an API server does it. */
function applyRows(): readonly Row[] {
  const intent = makeDeployment();
  const changed = makeDeployment({ changed: true });
  // made before the first sample, not with the rows: what fails there does not keep other suites from running
  let live: JsonObject = intent;
  let next: JsonObject = intent;
  const beforeAll = (): void => {
    live = applyServerSide({ applied: intent, manager: 'alice', now: 0 }, Deployment);
    next = { ...live, spec: { ...(live['spec'] as JsonObject), replicas: 4 } };
  };
  return [
    objectRow({
      name: 'apply: a changed Deployment, same manager',
      goal: 360,
      beforeAll,
      run: () => applyServerSide({ live, applied: changed, manager: 'alice', now: 1_000 }, Deployment),
    }),
    objectRow({
      name: 'apply: what is there already',
      beforeAll,
      run: () => applyServerSide({ live, applied: intent, manager: 'alice', now: 1_000 }, Deployment),
    }),
    objectRow({
      name: 'apply: track an update of one field',
      beforeAll,
      run: () => updateManagedFields({ live, next, manager: 'bob', now: 1_000 }, Deployment),
    }),
  ];
}

/** The five operations that the reference does. */
function makeOperations(): readonly JsonPatchOperation[] {
  return [
    { op: 'replace', path: '/spec/replicas', value: 5 },
    { op: 'replace', path: '/spec/template/spec/containers/7/image', value: 'x:2' },
    { op: 'add', path: '/spec/template/spec/containers/3/env/-', value: { name: 'N', value: 'x' } },
    { op: 'test', path: '/metadata/name', value: 'web' },
    { op: 'remove', path: '/metadata/annotations/a' },
  ];
}

interface BytesRow<Texts extends readonly string[]> {
  readonly name: string;
  readonly goal?: number;
  readonly inputs: readonly [...Texts];
  readonly run: (inputs: { readonly [Index in keyof Texts]: JsonObject }) => object;
}

/** A row that parses its inputs anew each time, and writes what it came to. */
function bytesRow<Texts extends readonly string[]>({ name, goal, inputs, run }: BytesRow<Texts>): Row {
  return {
    name,
    operations: OPERATIONS,
    ...(name === FLOOR ? {} : { floor: FLOOR }),
    ...(goal === undefined ? {} : { goal }),
    run: () => {
      let length = 0;
      for (let turn = 0; turn < OPERATIONS; turn += 1) {
        const parsed = inputs.map((text) => JSON.parse(text) as JsonObject);
        length += JSON.stringify(run(parsed as { readonly [Index in keyof Texts]: JsonObject })).length;
      }
      if (length === 0) throw new Error(`${name}: nothing was written`);
    },
  };
}

interface ObjectRow {
  readonly name: string;
  readonly goal?: number;
  readonly beforeAll?: () => void;
  readonly run: () => object;
}

/** A row on objects that are parsed already. */
function objectRow({ run, ...row }: ObjectRow): Row {
  return {
    ...row,
    operations: OPERATIONS,
    run: () => {
      let result: object | undefined;
      for (let turn = 0; turn < OPERATIONS; turn += 1) result = run();
      if (result === undefined) throw new Error(`${row.name}: nothing came of it`);
    },
  };
}
