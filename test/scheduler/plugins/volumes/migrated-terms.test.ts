import { describe, expect, it } from 'vitest';
import type { NodeSelectorTerm } from '../../../../src/resources/kinds/index.js';
import { migratedTerms } from '../../../../src/scheduler/plugins/volumes/migrated-terms.js';
import { volumeOf } from './volume-objects.js';

const KEY = 'topology.gke.io/zone';
const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';

function migrated(
  labels: Record<string, string>,
  ...nodeSelectorTerms: readonly NodeSelectorTerm[]
): readonly NodeSelectorTerm[] | undefined {
  const nodeAffinity =
    nodeSelectorTerms.length === 0 ? {} : { nodeAffinity: { required: { nodeSelectorTerms } } };
  return migratedTerms(volumeOf('v', nodeAffinity, { labels }), KEY);
}

function term(...keys: readonly string[]): NodeSelectorTerm {
  return { matchExpressions: keys.map((key) => ({ key, operator: 'In', values: ['a'] })) };
}

describe('migratedTerms', () => {
  it('puts the label of the driver where the zone was', () => {
    expect(migrated({}, term(ZONE, 'other'), term('third'))).toEqual([term(KEY, 'other'), term('third')]);
    expect(migrated({ [ZONE]: 'ignored' }, term(BETA_ZONE, BETA_REGION))).toEqual([
      term(KEY, 'topology.kubernetes.io/region'),
    ]);
  });

  it('takes the zones of the labels where the terms have none', () => {
    const zones = { key: KEY, operator: 'In', values: ['a', 'b'] };
    expect(migrated({ [ZONE]: 'a__b__a' })).toEqual([{ matchExpressions: [zones] }]);
    expect(migrated({ [BETA_ZONE]: 'a__b' }, term('other'))).toEqual([
      { matchExpressions: [...(term('other').matchExpressions ?? []), zones] },
    ]);
  });

  it('leaves a volume that is in no zone as it is', () => {
    expect(migrated({})).toBeUndefined();
    expect(migrated({}, term('other'))).toEqual([term('other')]);
  });
});
