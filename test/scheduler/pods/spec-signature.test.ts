import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/resources/kinds/index.js';
import { sameJson } from '../../../src/scheduler/pods/same-json.js';
import { sameSignature, signatureOf } from '../../../src/scheduler/pods/spec-signature.js';

const SEED = 20_261_127;

const value = fc.constantFrom<unknown[]>(
  undefined,
  null,
  {},
  [],
  'a',
  { a: '1', b: '2' },
  { b: '2', a: '1' },
  [{ a: '1' }],
);
const container = fc.record({
  image: fc.constantFrom(undefined, 'a', 'b'),
  resources: value,
  ports: value,
  restartPolicyRules: value,
  env: value,
});
const spec = fc
  .record(
    {
      containers: fc.array(container, { maxLength: 2 }),
      resources: value,
      overhead: value,
      nodeSelector: value,
      affinity: value,
      tolerations: value,
      topologySpreadConstraints: value,
      volumes: value,
      resourceClaims: value,
      schedulingGroup: value,
      hostNetwork: value,
      hostUsers: value,
      preemptionPolicy: value,
      nodeName: value,
    },
    { requiredKeys: ['containers'] },
  )
  .map((fields) => fields as unknown as PodSpec);
const text = (of: unknown): string => JSON.stringify(of);

describe('sameSignature', () => {
  it(`says yes of what has the same signature only, and of copies (seed ${SEED})`, () => {
    const property = fc.property(spec, spec, fc.gen(), (one, other, gen) => {
      if (sameSignature(one, other)) expect(signatureOf(one)).toBe(signatureOf(other));
      const copy = { ...structuredClone(one), nodeName: 'elsewhere' };
      expect(sameSignature(one, copy)).toBe(isPlainlySame(one));
      // one field less or otherwise
      const field = gen(fc.constantFrom, ...Object.keys(one));
      const changed = { ...copy, [field]: field === 'containers' ? [...copy.containers, {}] : ['changed'] };
      if (sameSignature(one, changed)) {
        expect(signatureOf(one)).toBe(signatureOf(changed));
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 2_000 });
  });

  it('leaves specs with init containers to the text', () => {
    const initContainers = [{ name: 'first', restartPolicy: 'Always' }];
    const one = { containers: [], initContainers };
    expect(sameSignature(one, { containers: [], initContainers })).toBe(true);
    expect(sameSignature(one, { containers: [], initContainers: [...initContainers] })).toBe(false);
    expect(sameSignature(one, { containers: [] })).toBe(false);
  });
});

/** Whether no switch of a spec is an object, which a spec that makes sense has not. */
function isPlainlySame({ hostNetwork, hostUsers, preemptionPolicy }: PodSpec): boolean {
  return [hostNetwork, hostUsers, preemptionPolicy].every(
    (each) => typeof each !== 'object' || each === null,
  );
}

describe('sameJson', () => {
  it(`says yes of what is the same text only, and of copies (seed ${SEED + 1})`, () => {
    const property = fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      if (sameJson(one, other)) expect(text(one)).toBe(text(other));
      expect(sameJson(one, JSON.parse(text(one)))).toBe(true);
    });
    fc.assert(property, { seed: SEED + 1, numRuns: 1_000 });
  });

  it('goes by the order of keys, and takes what is no plain JSON for the same as itself alone', () => {
    expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
    expect(sameJson(new Date(0), new Date(0))).toBe(false);
    expect(sameJson({ a: new Date(0) }, { a: new Date(1) })).toBe(false);
    expect(sameJson([], {})).toBe(false);
    expect(sameJson({}, [])).toBe(false);
    expect(sameJson(null, {})).toBe(false);
    expect(sameJson([1], [1, 2])).toBe(false);
    const date = new Date(0);
    expect(sameJson([date], [date])).toBe(true);
    const own = JSON.parse('{"__proto__":{"a":1}}') as object;
    expect(sameJson(own, {})).toBe(false);
    expect(sameJson(own, JSON.parse('{"__proto__":{"a":2}}'))).toBe(false);
  });
});
